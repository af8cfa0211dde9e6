"""Which tickets somebody wants to see together, and what such a list tells of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from routing.agents import Agent, Role
from routing.ids import AgentId, RoomId
from routing.postings import Posting
from routing.ticket import SETTLED, Priority, Status, Ticket

NEEDS_US = (Status.NEW, Status.OPEN)
AT_WORK = tuple(status for status in Status if status not in SETTLED)


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may see: tickets shown in rooms that they are in, and their own. `everything`: all there are.

    `rooms` are the rooms that they are known to be in: one whose members nobody could read for a day is not among them.
    """

    agent: AgentId
    rooms: frozenset[RoomId] = frozenset()
    everything: bool = False


def reach_of(agent: Agent, rooms: frozenset[RoomId]) -> Reach:
    """Admins see everything; everybody else what stands in their rooms."""
    return Reach(agent.id, rooms, everything=agent.role is Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open tickets are asked for; what is empty is not asked. `rooms`: those shown in any of them."""

    statuses: tuple[Status, ...] = AT_WORK
    assignee: AgentId | None = None
    unassigned: bool = False
    channel: str = ""
    priority: Priority | None = None
    rooms: frozenset[RoomId] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticket in a list: whose it is, who wrote, and where its card stands."""

    ticket: Ticket
    customer: str
    assignee: Agent | None
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some tickets of a list, the most urgent and among these the oldest first. `total`: how many the list has."""

    tickets: tuple[Listed, ...]
    start: int
    total: int


class Whose(StrEnum):
    MINE = "mine"
    NOBODYS = "nobodys"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many open tickets are alike in all that is counted."""

    status: Status
    channel: str
    whose: Whose
    in_my_rooms: bool
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How many tickets of a channel came in and were closed since a moment."""

    came: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The desk in figures, for one person: `tallies` are of now, `flow` is by channel and of today."""

    tallies: tuple[Tally, ...] = ()
    flow: Mapping[str, Flow] = field(default_factory=dict)

    def count(
        self,
        *,
        whose: Whose | None = None,
        statuses: tuple[Status, ...] = AT_WORK,
        channel: str = "",
        in_my_rooms: bool = False,
    ) -> int:
        return sum(
            tally.count
            for tally in self.tallies
            if tally.status in statuses
            and whose in (None, tally.whose)
            and channel in ("", tally.channel)
            and (tally.in_my_rooms or not in_my_rooms)
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel with something to tell of, in the order of their names."""
        return tuple(sorted({tally.channel for tally in self.tallies} | set(self.flow)))
