"""Says when so many tickets come into a room at once that their cards would bury it, and when that is over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing.ids import OrganisationId, RoomId
from routing.ticket import SETTLED, Priority, Status, Ticket

MINUTE = timedelta(minutes=1)
QUIET = timedelta(minutes=3)
"""A rush is over when for so long fewer than half as many came as begin one."""


@dataclass(frozen=True, slots=True)
class Rush:
    """How many tickets have come into a room: in the minute that began at `minute`, and in the one before it.

    `since`: from when on new tickets are collected instead of being shown one by one; None when they are not.
    `busy_at`: when last more came than end a rush.
    """

    room: RoomId
    organisation: OrganisationId
    minute: datetime
    arrived: int
    before: int
    since: datetime | None
    busy_at: datetime

    def rate(self, now: datetime) -> float:
        """How many came in the last minute, the minute before counted by the part of it that is still in sight."""
        looked = self.at(now)
        return looked.arrived + looked.before * (1 - (now - looked.minute) / MINUTE)

    def at(self, now: datetime) -> "Rush":
        """The same with its minutes moved on to `now`."""
        passed = int((now - self.minute) / MINUTE)
        if passed < 1:
            return self
        before = self.arrived if passed == 1 else 0
        return replace(self, minute=self.minute + passed * MINUTE, arrived=0, before=before)

    def arrive(self, now: datetime, *, limit: int) -> "Rush":
        """One more ticket. Above `limit` in a minute a rush begins."""
        counted = self.at(now)
        counted = replace(counted, arrived=counted.arrived + 1)
        rate = counted.rate(now)
        return replace(
            counted,
            since=now if counted.since is None and rate > limit else counted.since,
            busy_at=now if rate >= limit / 2 else counted.busy_at,
        )

    def look(self, now: datetime, *, limit: int) -> "Rush":
        """The rush is over when it was quiet for long enough; itself when nothing changed."""
        if self.since is None:
            return self
        if self.rate(now) >= limit / 2:
            return replace(self, busy_at=now)
        return replace(self.at(now), since=None) if now - self.busy_at >= QUIET else self


@dataclass(frozen=True, slots=True)
class RollUp:
    """What a room's roll-up tells: how many are collected, how many urgent ones wait with cards of their own, and the
    newest of those collected."""

    count: int
    urgent: int
    latest: tuple[Ticket, ...]


def calm(room: RoomId, organisation: OrganisationId, now: datetime) -> Rush:
    """A room in which nothing has come yet."""
    return Rush(room, organisation, now, 0, 0, None, now)


def may_be_collected(ticket: Ticket) -> bool:
    """Whether a ticket can go without a card of its own while a rush lasts: nobody works on it and it is not urgent.
    One that is settled needs none either."""
    if ticket.status in SETTLED:
        return True
    return ticket.status is Status.NEW and ticket.assignee is None and ticket.priority is not Priority.URGENT
