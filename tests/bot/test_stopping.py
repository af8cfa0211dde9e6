"""The whole program is told to stop in the middle of its work, and ends it in peace."""

import asyncio
import os
import signal
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import bindparam, select
from typing_extensions import override

from bot.app import App, Around, Part
from bot.plan import Plan
from bot.running import run
from bot.sandbox.demo.plan import MAIL, Ports, demo_plan
from connectors.contract import Connection
from connectors.mail.arriving import delivery_of
from routing.agents import Actor
from routing.desk.people import Member
from routing.desk.replying import Draft
from routing.ids import MessageId, TicketId, new_id
from routing.replies import Letter, Prepared, Sending, Sent
from storage.engine import open_database
from storage.statements import Statement
from storage.tables import OUTBOUNDS
from tests.desk.mails import a_mail
from tests.desk.provider import ScriptedConnection

DEADLINE = 30
_STATE = Statement(select(OUTBOUNDS.c.state).where(OUTBOUNDS.c.message == bindparam("its_message")))


@dataclass
class _SlowProvider(ScriptedConnection):
    """Takes a letter, and answers when it is let."""

    calling: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        self.calling.set()
        await self.may_answer.wait()
        return await super().send(letter, prepared)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _plan(database_url: str, folder: Path) -> Plan:
    """The demo company, without anybody around it: Slack and the customers' servers cannot be reached."""
    ports = Ports(*[_free_port() for _ in range(5)])
    keys = f"k1:{Fernet.generate_key().decode()}"
    plan = demo_plan(ports, folder, language="en", keys=keys, database_url=database_url)
    return replace(plan, policy=replace(plan.policy, undo={"email": timedelta(milliseconds=50)}))


async def _a_ticket(app: App) -> TicketId:
    await app.ledger.accept(delivery_of(MAIL, a_mail(), datetime.now(UTC), {}))
    while (found := await app.desk.look(lambda reads: reads.ticket_by_number(1))) is None:  # noqa: ASYNC110  the program works by itself, we only watch
        await asyncio.sleep(0.01)
    return found.id


async def _state(url: str, message: MessageId) -> str:
    database = open_database(url)
    try:
        return str((await database.read_once(_STATE, its_message=message))[0][0])
    finally:
        await database.close()


async def test_sigterm_while_a_reply_is_leaving_lets_it_leave_and_writes_it_down(
    database_url: str, tmp_path: Path
) -> None:
    slow: list[_SlowProvider] = []

    def around(connection: Connection) -> Connection:
        if connection.account != MAIL:
            return connection
        slow.append(_SlowProvider(MAIL, connection))
        return slow[0]

    opened: asyncio.Future[App] = asyncio.get_running_loop().create_future()
    plan = _plan(database_url, tmp_path)
    running = asyncio.create_task(run(plan, Part.ALL, around=Around(connection=around), opened=opened.set_result))
    async with asyncio.timeout(DEADLINE):
        app = await opened
        ticket = await _a_ticket(app)
        agent = await app.desk.meet(Member("slack", "T1", "U1", "Aki", "aki@acme.example", "", "en", allowed=True))
        draft = Draft(MessageId(new_id()), "On its way.", seen=99)
        await app.desk.reply(Actor(agent, "slack"), ticket, draft)
        await slow[0].calling.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        asyncio.get_running_loop().call_later(0.1, slow[0].may_answer.set)
        await running
    assert len(slow[0].taken) == 1
    assert await _state(database_url, draft.message) == Sending.SENT
