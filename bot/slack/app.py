"""Opens the Slack side: one surface, and one way in by HTTP or Socket Mode."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from prometheus_client import Counter

from bot.slack.door import PATH, Door
from bot.slack.events import RoomChange
from bot.slack.gestures import Gestures
from bot.slack.listener import CutOffNews, HomeNews, Listener, Listeners, MemberNews, PersonNews, RoomNews
from bot.slack.receiver import Receiver, bolt_app
from bot.slack.seal import Seal, Sign
from bot.slack.socket_mode import WATCH_SECONDS, Socket
from bot.slack.surface import SlackSurface
from bot.slack.web import client_session
from bot.slack.works import Works, report
from bot.slack.workspace import SlackWorkspace, Workspace
from bot.surface import Dispatch, Surface, ThreadTalk, Who
from routing.errors import MadoguchiError, Misconfigured, NeedsAttention
from routing.rates import LocalRates, Rates

log = logging.getLogger(__name__)

STOP_PATIENCE = 10.0
SIGN_IN_AGAIN = 30.0
REQUESTS = Counter("madoguchi_slack_requests", "What came from Slack, by what became of it", ["outcome"])


@dataclass(frozen=True, slots=True)
class SlackSide:
    """Everything open towards Slack. `surface` draws; `routes` or `start_socket_mode` let presses and words in."""

    surface: SlackSurface
    workspaces: dict[str, Workspace]
    works: Works
    gestures: Gestures
    receiver: Receiver
    session: aiohttp.ClientSession
    door: Door
    signing_in: list[asyncio.Task[None]]
    sockets: list[Socket] = field(default_factory=list)

    @property
    def as_surface(self) -> Surface:
        return self.surface

    def routes(self) -> list[web.RouteDef]:
        """For HTTP: the one address that the app's settings name for events, interactivity and commands."""
        return [web.post(PATH, self.door.answer)]

    async def start_socket_mode(self, *, watch_seconds: float = WATCH_SECONDS) -> None:
        """For Socket Mode: one connection for each app. Raises Misconfigured when a token is missing or wrong."""
        by_token: dict[str, list[Workspace]] = {}
        for workspace in self.workspaces.values():
            if not workspace.config.app_token:
                raise Misconfigured(
                    f"the Slack workspace {workspace.team} has no app_token: Socket Mode needs one (xapp-…)"
                )
            by_token.setdefault(workspace.config.app_token, []).append(workspace)
        for token, workspaces in by_token.items():
            teams = {workspace.team for workspace in workspaces}
            client = workspaces[0].web.client
            socket = Socket(token, client, self.receiver, teams, self.works, watch_seconds=watch_seconds)
            self.sockets.append(socket)
            await socket.start()

    async def close(self, *, patience: float = STOP_PATIENCE) -> None:
        """Takes nothing new, waits for what was begun, then lets go."""
        for task in self.signing_in:
            task.cancel()
        await asyncio.gather(*self.signing_in, return_exceptions=True)
        for socket in self.sockets:
            socket.stop_listening()
        await self.works.finish(patience=patience)
        for socket in self.sockets:
            await socket.close()
        await self.session.close()


async def open_slack(
    workspaces: Iterable[SlackWorkspace],
    dispatch: Dispatch,
    thread_talk: ThreadTalk,
    *,
    sign: Sign,
    older_signs: Iterable[Sign] = (),
    room_changed: RoomNews | None = None,
    person_changed: PersonNews | None = None,
    needs_attention: CutOffNews | None = None,
    home_opened: HomeNews | None = None,
    member_changed: MemberNews | None = None,
    language: str = "en",
    patience: float = 2.0,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    count: Callable[[str], None] | None = None,
    rates: Rates | None = None,
) -> SlackSide:
    """Opens every workspace. Does not wait for Slack: cards catch up when it can be reached.

    `sign` makes the seals of buttons and forms; `older_signs` are those of keys used before. `language` is used where
    the person's own is not known. `patience` is how long a press waits for the desk before it is acknowledged.
    `rates` count our calls where several processes share the work; by default this process counts alone.
    """
    if count is None:
        count = _count
    session = client_session()
    if rates is None:
        rates = LocalRates(lambda: datetime.fromtimestamp(monotonic(), UTC))
    opened = {one.team_id: Workspace(one, session, rates) for one in workspaces}
    if not opened:
        await session.close()
        raise Misconfigured("no Slack workspace is configured")
    seal = Seal(sign, *older_signs)
    works = Works()
    surface = SlackSurface(opened, seal, monotonic)
    listeners = Listeners(
        thread_talk,
        room_changed or _note_room,
        person_changed or _note_person,
        needs_attention or _note_cut_off,
        home_opened or _note_person,
        member_changed or _note_member,
    )
    gestures = Gestures(dispatch, works, patience)
    listener = Listener(surface, seal, gestures, listeners, language, count)
    receiver = Receiver(bolt_app(listener), opened, count)
    secrets = {one.team: one.config.signing_secret for one in opened.values()}
    door = Door(receiver, secrets, clock, count)
    signing_in = [asyncio.create_task(_sign_in(one, listeners.needs_attention)) for one in opened.values()]
    return SlackSide(surface, opened, works, gestures, receiver, session, door, signing_in)


async def _sign_in(workspace: Workspace, needs_attention: CutOffNews) -> None:
    """Learns who we are in the workspace, as soon as Slack can be reached. A wrong token is told once."""
    while workspace.bot is None:
        try:
            await workspace.identity()
        except NeedsAttention as fault:
            report("sign in", fault)
            await needs_attention(workspace.team, str(fault))
            return
        except MadoguchiError as fault:
            report("sign in", fault)
            await asyncio.sleep(SIGN_IN_AGAIN)


def _count(outcome: str) -> None:
    REQUESTS.labels(outcome).inc()


async def _note_room(workspace: str, place: str, what: RoomChange) -> None:
    log.info("slack: a room changed", extra={"workspace": workspace, "place": place, "what": what})


async def _note_person(who: Who) -> None:
    log.debug("slack: news of a person", extra={"workspace": who.workspace})


async def _note_member(who: Who, place: str, what: RoomChange) -> None:
    log.debug("slack: a member came or went", extra={"workspace": who.workspace, "place": place, "what": what})


async def _note_cut_off(workspace: str, why: str) -> None:
    log.error("slack: the app was removed; install it again", extra={"workspace": workspace, "why": why})
