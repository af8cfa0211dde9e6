"""A whole desk with its team in a stand-in Slack: everything real but the customers' provider and the clocks."""

import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.actions.context import House
from bot.actions.dispatch import Router
from bot.boards import Boards
from bot.group_sender import GroupSender
from bot.noticeboard import Noticeboard
from bot.notifier import Notifier
from bot.panels import Panels
from bot.room_news import RoomNews
from bot.rosters import RosterKeeper
from bot.sandbox.slack import SlackStandin, running_standin, seed
from bot.sandbox.slack.clock import HandClock
from bot.sandbox.slack.settings import AppSettings
from bot.slack.app import SlackSide, open_slack
from bot.slack.events import RoomChange
from bot.slack.listener import MemberNews
from bot.slack.workspace import SlackWorkspace
from bot.surface import Action, Answer, Room, Surface, Who
from connectors.outbound import Outgoing
from routing.agents import Actor, Role
from routing.desk.people import Member
from routing.desk.views import TicketView
from routing.errors import TryLater
from routing.ids import AgentId, RoomId, TicketId
from routing.jobs import Job, Topic
from routing.leases import LocalLeases
from routing.policy import Policy
from routing.rules import Rule
from routing.templates import Template
from routing.ticket import Ticket
from tests.desk.mails import a_mail
from tests.desk.provider import ScriptedConnection
from tests.inner import MAIL, ORGANISATION, Inner, Ticking, inner_house


def _room(name: str, place: str, language: str = "en") -> Room:
    """Without a board: most tests look at cards alone."""
    return Room(RoomId(name), "slack", seed.TEAM_ID, place, name, language, board=False)


SUPPORT = _room("support", seed.SUPPORT)
BILLING = _room("billing", seed.BILLING)
JAPAN = _room("japan", seed.JAPAN, "ja")
MANAGERS = _room("managers", seed.MANAGERS)
ROOMS = {room.id: room for room in (SUPPORT, BILLING, JAPAN, MANAGERS)}
_ROUNDS = 60
_TOPICS = [Topic.SHOW, Topic.SEND, Topic.ALERT, Topic.WAKE, Topic.NOTIFY, Topic.BOARD, Topic.GROUP]


def team_policy(*rooms: Room, roles: Mapping[str, Role] | None = None) -> Policy:
    rooms = rooms or (SUPPORT,)
    return Policy(
        ORGANISATION,
        "Sunrise Coffee",
        "en",
        "UTC",
        (Rule("everything", rooms=tuple(room.id for room in rooms)),),
        (SUPPORT.id,),
        MANAGERS.id,
        templates={
            "sorry": Template("sorry", "Sorry", {"en": "Dear {{ contact.name }}, we are sorry.", "ja": "すみません。"})
        },
        roles=roles or {},
    )


def who(user: str) -> Who:
    return Who("slack", seed.TEAM_ID, user)


@dataclass(slots=True)
class Team:
    """The house and its team. `monotonic` is the clock by which Slack's patience is measured."""

    inner: Inner
    slack: SlackStandin
    side: SlackSide
    router: Router
    noticeboard: Noticeboard
    notifier: Notifier
    boards: Boards
    provider: ScriptedConnection
    monotonic: list[float]
    surfaces: dict[str, Surface]
    hand: HandClock | None = None
    given_back: list[tuple[Job, timedelta]] = field(default_factory=list)
    rosters: RosterKeeper = field(kw_only=True)

    # --- customers ---

    async def mail(self, text: str = "My parcel has not come.", *, number: int = 1, **more: str) -> None:
        """The customer's `number`th mail: the first opens the ticket, later ones answer it."""
        if number > 1:
            more = {"message_id": f"<mail{number}@customer.example>", "answers": "<first@customer.example>", **more}
        await self.inner.mail(a_mail(text, **more))
        await self.inner.read_everything()

    async def ticket(self, number: int = 1) -> Ticket:
        found = await self.inner.desk.look(lambda reads: reads.ticket_by_number(number))
        assert found is not None
        return found

    async def view(self, number: int = 1) -> TicketView:
        return await self.inner.desk.view((await self.ticket(number)).id)

    # --- what workers do ---

    async def work_off(self) -> None:
        """Does everything that is due, again and again, until nothing is. What must wait is noted in `given_back`."""
        outgoing = Outgoing(self.inner.desk, self.inner.connections, self.inner.clock)
        for _ in range(_ROUNDS):
            jobs = await self.inner.jobs.take(_TOPICS, limit=50, lease=timedelta(minutes=1))
            if not jobs:
                return
            for job in jobs:
                await self._work(job, outgoing)
        raise AssertionError("the work never ends")

    async def _work(self, job: Job, outgoing: Outgoing) -> None:
        try:
            again = None
            match job.topic:
                case Topic.SHOW:
                    again = await self.noticeboard.show(TicketId(job.key))
                    await self.boards.changed(TicketId(job.key))
                case Topic.BOARD:
                    again = await self.boards.refresh(job)
                case Topic.WAKE:
                    again = await self.noticeboard.desk.wake_due(TicketId(job.key))
                case Topic.ALERT:
                    await self.noticeboard.tell_alert(job.key)
                case Topic.NOTIFY:
                    again = await self.notifier.notify(AgentId(job.key))
                case Topic.GROUP:
                    again = await self.groups.work(job, _nothing)
                case _:
                    again = await outgoing.work(job, _nothing)
            if again is None:
                await self.inner.jobs.finish(job)
            else:
                await self.inner.jobs.postpone(job, until=again, fault="", count=False)
        except TryLater as fault:
            self.given_back.append((job, fault.after))
            until = self.inner.clock() + max(fault.after, timedelta(milliseconds=50))
            await self.inner.jobs.postpone(job, until=until, fault=fault.reason)

    @property
    def groups(self) -> GroupSender:
        return GroupSender(
            self.inner.desk, ROOMS, self.surfaces, self.inner.clock, ZoneInfo("UTC"), self.noticeboard.leases
        )

    async def read_rosters(self) -> None:
        """Who is in which room is read, as it is at every start and once an hour."""
        for room in self.rosters.rooms.values():
            await self.rosters.read(_members_of(room), _nothing)

    async def later(self, seconds: float) -> None:
        """Time passes for us and for our patience with Slack; then what is due is done."""
        self.inner.clock.forward(timedelta(seconds=seconds))
        self.monotonic[0] += seconds
        if self.hand is not None:
            self.hand.advance(seconds)
        await self.work_off()

    async def settle(self) -> None:
        """What people set going has arrived: presses, events, and what follows from them."""
        await self.slack.settled()
        await self.side.works.settled()

    # --- looking ---

    def cards(self, room: Room = SUPPORT) -> list[dict[str, Any]]:
        return [one for one in self.slack.messages(room.place) if one.get("bot_id")]

    def card(self, room: Room = SUPPORT) -> dict[str, Any]:
        (card,) = self.cards(room)
        return card

    def thread(self, room: Room = SUPPORT) -> list[dict[str, Any]]:
        """What stands below the only card of a room."""
        return self.slack.thread(room.place, self.card(room)["ts"])[1:]

    def directs(self, user: str) -> list[dict[str, Any]]:
        """What one person was told directly; answers to what they wrote or pressed there do not count."""
        place = self.slack.workspace.direct_channel(seed.BOT_USER, user)
        return [one for one in self.slack.messages(place.id) if "notice:" in str(one.get("metadata"))]

    def calls(self, method: str, room: Room | None = None) -> list[dict[str, Any]]:
        return [
            one for one in self.slack.journal.calls(method) if room is None or one["args"].get("channel") == room.place
        ]

    # --- people ---

    async def actor(self, user: str = seed.BEN) -> Actor:
        """Somebody of the team, as the desk knows them."""
        person = await self.surfaces["slack"].person(who(user))
        member = Member("slack", seed.TEAM_ID, user, person.name, person.email, "", person.language, person.member)
        return Actor(await self.inner.desk.meet(member), "slack")

    async def act(self, name: str, user: str = seed.BEN, /, **values: str) -> Answer:
        """An action on the first ticket, as the surface hands it over."""
        action = Action(name, who(user), (await self.ticket()).id, values=values, place=SUPPORT.place)
        return await self.router.dispatch(action)

    async def choose(self, label: str, user: str = seed.BEN, *, room: Room = SUPPORT) -> None:
        """Somebody takes an entry of the card's menu."""
        card = self.card(room)
        menus = (one for block in card["blocks"] if block["type"] == "actions" for one in block["elements"])
        menu = next(one for one in menus if one["action_id"] == "menu")
        option = next(one for one in menu["options"] if one["text"]["text"] == label)
        await self.slack.press(user, room.place, card["ts"], "menu", option["value"])
        await self.settle()

    async def say(self, text: str, user: str = seed.BEN, *, room: Room = SUPPORT) -> dict[str, Any]:
        """Somebody writes under the card, and we are told of it."""
        said = self.slack.say(user, room.place, text, thread_ts=self.card(room)["ts"])
        await self.settle()
        return said


def _members_of(room: Room) -> Job:
    return Job(Topic.MEMBERS, room.id, asked=1, attempts=0, fence=1, leased_until=datetime.now(UTC))


def _member_changed(rosters: RosterKeeper) -> MemberNews:
    async def told(who: Who, place: str, what: RoomChange) -> None:
        await rosters.member_changed(who, place, present=what is RoomChange.JOINED)

    return told


async def _nothing() -> None:
    return None


def shown(message: Mapping[str, Any]) -> str:
    """Every word that a message shows."""
    return " ".join(_texts(message.get("blocks", []))) or str(message.get("text", ""))


def _texts(node: Any) -> Sequence[str]:
    if isinstance(node, Mapping):
        own = [str(node["text"])] if isinstance(node.get("text"), str) else []
        return [*own, *(text for value in node.values() if not isinstance(value, str) for text in _texts(value))]
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    return []


@asynccontextmanager
async def working_team(
    database_url: str,
    folder: Path,
    *,
    policy: Policy | None = None,
    limited: bool = False,
    rooms: Mapping[RoomId, Room] = ROOMS,
    rosters_read: bool = True,
) -> AsyncIterator[Team]:
    """`limited`: Slack has its real limits, by the clock that tests move, and we keep them. `rosters_read`: who is in
    which room is known from the start."""
    # Slack's stand-in tells the real time, and what is looked for is looked for from our time on.
    clock = Ticking(datetime.now(UTC))
    monotonic = [1000.0]
    settings = AppSettings(real_limits=limited)
    hand = HandClock() if limited else None
    async with (
        inner_house(database_url, folder, clock=clock, policy=policy or team_policy()) as inner,
        running_standin(app=settings, clock=hand) as slack,
    ):
        provider = ScriptedConnection(MAIL, inner.connections[MAIL])
        inner.connections[MAIL] = provider
        surfaces: dict[str, Surface] = {}
        zone = ZoneInfo("UTC")
        leases = LocalLeases(clock)
        router = Router(House(inner.desk, surfaces, rooms, inner.blobs, clock, zone, leases))
        rosters = RosterKeeper(inner.desk, rooms, surfaces, clock)
        config = SlackWorkspace(
            seed.TEAM_ID, settings.bot_token, settings.signing_secret, "", slack.api_url, limited=limited
        )
        side = await open_slack(
            [config],
            router.dispatch,
            router.thread_talk,
            sign=lambda text: f"seal{hash(text)}",
            room_changed=RoomNews(inner.desk, rooms, inner.desk.warn).changed,
            person_changed=router.person_changed,
            home_opened=router.home_opened,
            member_changed=_member_changed(rosters),
            clock=hand.now if hand else time.time,
            monotonic=lambda: monotonic[0],
        )
        surfaces["slack"] = side.as_surface
        noticeboard = Noticeboard(inner.desk, rooms, surfaces, inner.blobs, clock, zone, leases)
        boards = Boards(inner.desk, rooms, Panels(inner.desk, surfaces, clock), clock, zone)
        server = web.Application()
        server.add_routes(side.routes())
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=1.0, auto_decompress=False)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        slack.point_at(f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events")
        try:
            notifier = Notifier(inner.desk, rooms, surfaces, clock, zone)
            team = Team(
                *(inner, slack, side, router, noticeboard, notifier, boards, provider, monotonic, surfaces, hand),
                rosters=rosters,
            )
            if rosters_read:
                await team.read_rosters()
            yield team
        finally:
            await side.close(patience=1.0)
            await runner.cleanup()
