"""The Slack side as it runs, behind a real door, in a stand-in workspace, with a desk that tests teach."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.slack import AppSettings, SlackStandin, running_standin, seed
from bot.slack.app import SlackSide, open_slack
from bot.slack.events import RoomChange
from bot.slack.workspace import SlackWorkspace
from bot.surface import Action, Answer, Done, Room, ThreadMessage, Who
from routing.ids import RoomId
from tests.slack.samples import sign

Handler = Callable[[Action], Awaitable[Answer]]
SUPPORT = Room(RoomId("support"), "slack", seed.TEAM_ID, seed.SUPPORT, "support", "en")
PARTNERS = Room(RoomId("partners"), "slack", seed.TEAM_ID, seed.PARTNERS, "partners", "en")
LOUNGE = Room(RoomId("lounge"), "slack", seed.TEAM_ID, seed.LOUNGE, "lounge", "en")
OLD = Room(RoomId("old"), "slack", seed.TEAM_ID, seed.OLD, "old", "en")


@dataclass(slots=True)
class TaughtDesk:
    """Answers each action as a test taught it, and notes what it was asked and told."""

    answers: dict[str, Answer | Exception | Handler] = field(default_factory=dict)
    asked: list[Action] = field(default_factory=list)
    talk: list[tuple[Who, ThreadMessage]] = field(default_factory=list)
    refuse_talk: list[Exception] = field(default_factory=list)
    rooms: list[tuple[str, str, RoomChange]] = field(default_factory=list)
    people: list[Who] = field(default_factory=list)
    cut_off: list[tuple[str, str]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    counted: asyncio.Event = field(default_factory=asyncio.Event)

    async def dispatch(self, action: Action) -> Answer:
        self.asked.append(action)
        answer = self.answers.get(action.name, Done())
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return await answer(action)
        return answer

    async def thread_talk(self, who: Who, message: ThreadMessage) -> None:
        if self.refuse_talk:
            raise self.refuse_talk.pop(0)
        self.talk.append((who, message))

    async def room_changed(self, workspace: str, place: str, what: RoomChange) -> None:
        self.rooms.append((workspace, place, what))

    async def person_changed(self, who: Who) -> None:
        self.people.append(who)

    async def needs_attention(self, workspace: str, why: str) -> None:
        self.cut_off.append((workspace, why))

    def count(self, outcome: str) -> None:
        self.outcomes[outcome] += 1
        self.counted.set()

    async def until_counted(self, outcome: str) -> None:
        async with asyncio.timeout(5):
            while not self.outcomes[outcome]:
                self.counted.clear()
                await self.counted.wait()


@dataclass(slots=True)
class Running:
    """The stand-in, our side of Slack, and the desk."""

    slack: SlackStandin
    side: SlackSide
    desk: TaughtDesk
    door: str
    http: aiohttp.ClientSession

    async def idle(self) -> None:
        """Returns when nothing goes on in the background any more."""
        async with asyncio.timeout(5):
            await self.slack.settled()
            await self.side.works.settled()

    async def post(self, body: bytes, **headers: str) -> int:
        """Sends bytes to the door, signed as Slack would unless told otherwise; returns the status."""
        async with self.http.post(self.door, data=body, headers={**signed(body), **headers}) as answer:
            return answer.status

    async def event(self, event: dict[str, Any], **more: Any) -> int:
        envelope = {"type": "event_callback", "team_id": seed.TEAM_ID, "event": event, **more}
        return await self.post(json.dumps(envelope).encode())


SECRET = AppSettings().signing_secret


def signed(
    body: bytes, *, secret: str = SECRET, at: float | None = None, kind: str = "application/json"
) -> dict[str, str]:
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{moment}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}


@contextlib.asynccontextmanager
async def running(
    *,
    patience: float = 2.0,
    settings: AppSettings | None = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    language: str = "en",
    over_socket: bool = False,
    watch_seconds: float = 20.0,
) -> AsyncIterator[Running]:
    settings = settings or AppSettings(socket_mode=over_socket)
    desk = TaughtDesk()
    async with running_standin(app=settings) as slack, aiohttp.ClientSession() as http:
        config = SlackWorkspace(
            seed.TEAM_ID, settings.bot_token, settings.signing_secret, settings.app_token, slack.api_url
        )
        side = await open_slack(
            [config],
            desk.dispatch,
            desk.thread_talk,
            sign=sign,
            room_changed=desk.room_changed,
            person_changed=desk.person_changed,
            needs_attention=desk.needs_attention,
            patience=patience,
            clock=clock,
            monotonic=monotonic,
            language=language,
            count=desk.count,
        )
        listener = socket.create_server(("127.0.0.1", 0))
        server = web.Application()
        server.add_routes(side.routes())
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=1.0, auto_decompress=False)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        door = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
        slack.point_at(door)
        if over_socket:
            await side.start_socket_mode(watch_seconds=watch_seconds)
        try:
            yield Running(slack, side, desk, door, http)
        finally:
            await side.close(patience=1.0)
            await runner.cleanup()
