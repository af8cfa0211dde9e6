"""What handlers of actions are given: the desk, the surfaces, and who is asking."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.cards.parts import Reader
from bot.surface import Action, Answer, Person, Room, Surface, Who
from routing.agents import Actor, Agent, Permission
from routing.desk.desk import Desk
from routing.desk.people import Member
from routing.errors import Refused
from routing.ids import RoomId
from routing.leases import Leases
from routing.postings import Posting

KNOWN_FOR = timedelta(minutes=5)


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

    async def posting_at(self, who: Who, place: str, card: str) -> Posting | None:
        """The posting whose card stands at `card` in the surface's room `place`."""
        room = self.room_at(who, place)
        if room is None or not card:
            return None
        return await self.desk.look(lambda reads: reads.posting_by_reference(room.id, card))


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


Handler = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Entitled:
    """A handler and what one must be allowed to use it. `form`: it comes out of a form that stands open with somebody's
    words in it, so a refusal is shown in the form and leaves it open."""

    handler: Handler
    permission: Permission = Permission.WORK
    form: bool = False


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
