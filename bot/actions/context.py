"""What handlers of actions are given: the desk, the surfaces, and who is asking."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.cards.parts import Reader
from bot.surface import Action, Answer, Person, Room, Surface, Who
from routing.agents import Actor, Agent, Permission
from routing.desk.desk import Desk
from routing.desk.people import Member
from routing.errors import Gone, NeedsAttention, Refused, Rejected, TryLater
from routing.ids import AgentId, RoomId, TicketId
from routing.leases import Leases
from routing.overview import Listed, Reach
from routing.postings import Posting, PostingState

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(minutes=5)
MOST_NAMED = 20


class Blobs(Protocol):
    """Where files that agents send along are put before they leave."""

    async def put(self, content: bytes) -> str: ...


@dataclass(frozen=True, slots=True)
class House:
    """Everything handlers share."""

    desk: Desk
    surfaces: Mapping[str, Surface]
    rooms: Mapping[RoomId, Room]
    blobs: Blobs
    clock: Callable[[], datetime]
    zone: ZoneInfo
    leases: Leases

    def room_at(self, who: Who, place: str) -> Room | None:
        return next(
            (
                room
                for room in self.rooms.values()
                if (room.surface, room.workspace, room.place) == (who.surface, who.workspace, place)
            ),
            None,
        )

    def today(self) -> datetime:
        """When the day began where the house stands."""
        return self.clock().astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)

    async def links(self, reader: Reader, listed: Sequence[Listed]) -> dict[TicketId, str]:
        """Where the tickets' cards are opened, in rooms of the workspace that they are read in. A list is shown without
        what the surface cannot tell just now."""
        found: dict[TicketId, str] = {}
        for one in listed:
            for posting in one.postings:
                room = self.rooms.get(posting.room)
                if room is None or (room.surface, room.workspace) != (reader.surface, reader.workspace):
                    continue
                try:
                    found[one.ticket.id] = await self.surfaces[room.surface].link(room, posting.reference)
                except (TryLater, Gone, Rejected, NeedsAttention):
                    continue
                break
        return found

    async def posting_at(self, who: Who, place: str, card: str) -> Posting | None:
        """The posting whose card stands at `card` in the surface's room `place`."""
        room = self.room_at(who, place)
        if room is None or not card:
            return None
        return await self.desk.look(lambda reads: reads.posting_by_reference(room.id, card))

    async def ticket_at(self, who: Who, place: str, card: str) -> TicketId | None:
        """The ticket that the card at `card` shows. Raises Refused when it was moved to another room: here nobody works
        it any more."""
        posting = await self.posting_at(who, place, card)
        if posting is not None and posting.state is PostingState.MOVED:
            raise Refused("moved_away")
        return posting.ticket if posting is not None else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One action with the person behind it, already known to be a full member."""

    house: House
    action: Action
    actor: Actor
    agent: Agent
    reader: Reader
    house_agent: Callable[[Who], Awaitable[Agent]]

    @property
    def desk(self) -> Desk:
        return self.house.desk

    def value(self, name: str) -> str:
        return self.action.values.get(name, "")

    async def reach(self) -> Reach:
        """What this person may see."""
        return await self.desk.reach(self.agent)


async def known_agents(agent_of: Callable[[Who], Awaitable[Agent]], users: Sequence[Who]) -> tuple[AgentId, ...]:
    """The agents behind users who were named; guests, bots and strangers are left out. Raises TryLater."""
    found: dict[AgentId, None] = {}
    for user in users[:MOST_NAMED]:
        with contextlib.suppress(Refused):
            found[(await agent_of(user)).id] = None
    return tuple(found)


Handler = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Word:
    """How an action is asked for in words: its name is the word. `ticket`: it works the ticket under whose card it is
    said, or whose number follows it. `fills` (a form's action and its field): what follows goes into that field at
    once, without the form; nothing following, or nothing that fits, opens the form. `opens`: it is
    answered with a form. `also` are further names."""

    ticket: bool = False
    fills: tuple[str, str] | None = None
    also: tuple[str, ...] = ()
    opens: bool = False


ON_TICKET = Word(ticket=True)


@dataclass(frozen=True, slots=True)
class Entitled:
    """A handler and what one must be allowed to use it. `form`: it comes out of a form that stands open with somebody's
    words in it, so a refusal is shown in the form and leaves it open. `word`: it can be asked for in words."""

    handler: Handler
    permission: Permission = Permission.WORK
    form: bool = False
    word: Word | None = None


def source_of(who: Who, place: str, reference: str) -> str:
    """The name by which a surface's message is known to the desk, for ever."""
    return f"{who.surface}:{who.workspace}:{place}:{reference}"


class Acquaintance:
    """Finds the agent behind a user, and asks the surface again only now and then."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[Who, tuple[datetime, Person, Agent]] = {}

    async def agent(self, who: Who) -> Agent:
        """Raises Refused for whoever is not a full member; TryLater when the surface cannot tell: nobody acts
        unknown."""
        surface = self._house.surfaces.get(who.surface)
        if surface is None:
            raise Refused("not_a_member")
        person = await surface.person(who)
        now = self._house.clock()
        known = self._known.get(who)
        if known is not None and known[1] == person and now - known[0] < KNOWN_FOR:
            return known[2]
        self._known.pop(who, None)
        agent = await self._house.desk.meet(
            Member(
                surface=who.surface,
                workspace=who.workspace,
                user=who.user,
                name=person.name,
                email=person.email,
                avatar=person.avatar,
                language=person.language,
                allowed=person.member,
            )
        )
        self._known[who] = (now, person, agent)
        return agent

    def forget(self, who: Who) -> None:
        """The surface says something about this person changed."""
        self._known.pop(who, None)
