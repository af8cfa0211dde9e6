"""Says who is taken next, and what the queue of a room looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from routing.ticket import Priority, Status, Ticket

QUEUED = frozenset({Status.NEW, Status.OPEN})
"""Somebody should take these up, unless somebody has them."""

RANK: Mapping[Priority, int] = {
    rank: place for place, rank in enumerate((Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW))
}
DOUBLE_PRESS = timedelta(seconds=3)
"""Whoever asks for the next ticket twice within this time pressed twice and wants one."""


BOARD_EVERY = timedelta(seconds=20)
"""How often a room's board is looked at, at most."""


def next_look(now: datetime) -> datetime:
    """The next full twenty seconds, the same for every process."""
    past = (now - datetime(2026, 1, 1, tzinfo=UTC)) % BOARD_EVERY
    return now + (BOARD_EVERY - past)


def waits(ticket: Ticket) -> bool:
    """Whether the ticket stands in the queue: to be worked, and nobody's."""
    return ticket.assignee is None and ticket.status in QUEUED


def waiting_since(ticket: Ticket) -> datetime:
    """Since when the customer waits for us: from the start while nobody has answered, else since they last wrote."""
    if ticket.last_agent_at is None:
        return ticket.created_at
    return ticket.last_customer_at or ticket.created_at


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets of a room are in one state; `oldest`: since when the first of them waits."""

    status: Status
    assigned: bool
    tickets: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """A room's tickets that are not settled, counted, and those that are to be taken next, in order."""

    counts: tuple[Count, ...] = ()
    next: Sequence[Ticket] = ()

    def of(self, status: Status) -> int:
        return sum(one.tickets for one in self.counts if one.status is status)

    @property
    def unassigned(self) -> int:
        return sum(one.tickets for one in self._waiting())

    @property
    def oldest(self) -> datetime | None:
        """Since when the one who waits longest has waited; None when nobody waits."""
        return min((one.oldest for one in self._waiting()), default=None)

    def _waiting(self) -> list[Count]:
        return [one for one in self.counts if one.status in QUEUED and not one.assigned]
