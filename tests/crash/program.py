"""Is the program under test: starts life after life of the real house, and tells how each one ended.

Importing everything takes longer than living does. So this process imports it once, and every life is a fork of it, a
process of its own.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite as aiosqlite
import asyncpg as asyncpg  # type: ignore[import-untyped]  # it has none

from bot.app import Around, Part
from bot.logs import start_logging
from bot.plan import Plan
from bot.running import run
from bot.sandbox.demo.plan import LINE, Ports, demo_plan
from connectors.catalog import load_catalog
from connectors.contract import Connection, Sends
from routing.replies import Letter, Prepared
from tests.crash.fate import DyingLedger, Fate, but, dying_connection, dying_store, dying_surface
from tests.crash.mutants import planted
from tests.crash.orders import Orders, Place, read_orders

_UNDO = timedelta(milliseconds=200)
_LEASE = timedelta(seconds=5)
_REPLY_TOKENS_ARE_STALE = timedelta(minutes=1)


def main() -> None:
    load_catalog()
    _tell({"ready": os.getpid()})
    for line in sys.stdin:
        orders = read_orders(line)
        child = os.fork()
        if child == 0:
            os._exit(_live(orders))
        _tell({"born": child, "at": time.time()})
        _, status = os.waitpid(child, 0)
        _tell({"ended": os.waitstatus_to_exitcode(status), "at": time.time()})


def _tell(what: dict[str, object]) -> None:
    """One line at a time, whole: the life and its parent share the pipe."""
    os.write(1, json.dumps(what).encode() + b"\n")


def _live(orders: Orders) -> int:
    log = os.open(orders.place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    start_logging(level="warning", as_json=False)
    try:
        asyncio.run(
            run(
                crash_plan(orders.place),
                Part.ALL,
                around=_around(orders),
                opened=lambda _app: _tell({"open": os.getpid(), "at": time.time()}),
            )
        )
    except BaseException:  # noqa: BLE001  a fork must not return into its parent's loop, whatever happened
        traceback.print_exc()
        return 1
    return 0


def crash_plan(place: Place) -> Plan:
    """The demo company, in a hurry: replies leave almost at once, and Slack is not spared:
    every ticket gets its card, however many come in a minute."""
    ports = Ports(place.slack, place.program, place.smtp_door, place.customers_smtp, place.customers_line)
    plan = demo_plan(
        ports,
        Path(place.folder),
        language="en",
        keys=place.keys,
        database_url=place.database_url,
        redis_url=place.redis_url,
    )
    return replace(
        plan,
        policy=replace(plan.policy, undo={"email": _UNDO, "line": _UNDO}, surge={}),
        workspaces=tuple(replace(one, limited=False) for one in plan.workspaces),
        redis_prefix=place.redis_prefix or plan.redis_prefix,
    )


def _around(orders: Orders) -> Around:
    """The bug inside, death outside."""
    fate = Fate(orders.point, orders.passing)
    mutant = planted(orders.mutant, fate)
    return Around(
        ledger=lambda ledger: DyingLedger(mutant.ledger(ledger), fate),
        store=lambda store: dying_store(mutant.store(store), fate),
        surface=lambda surface: dying_surface(mutant.surface(surface), fate),
        connection=lambda connection: dying_connection(mutant.connection(_slow_to_answer(connection)), fate),
        duties=lambda duties: [replace(duty, lease=_LEASE) for duty in duties],
    )


def _slow_to_answer(connection: Connection) -> Connection:
    """LINE's reply tokens live for a minute, so a team that answers later pushes: that operation takes a key."""
    if connection.account != LINE or not isinstance(connection, Sends):
        return connection
    sender: Sends = connection

    def prepare(_self: object, letter: Letter, now: datetime) -> Prepared:
        return sender.prepare(letter, now + _REPLY_TOKENS_ARE_STALE)

    return but(connection, prepare=prepare)


if __name__ == "__main__":
    main()
