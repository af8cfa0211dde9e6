"""Who is writing a reply to which ticket just now: short leases that only tell colleagues, and hold nobody up."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from routing.ids import AgentId, TicketId

LONGEST = timedelta(minutes=10)
SHOWN_AFTER = timedelta(seconds=4)
MOST_TICKETS = 10_000


@dataclass(frozen=True, slots=True)
class Lease:
    """`agent` has a reply form open since `since`. Past `until` nobody believes it any more: forms get lost."""

    agent: AgentId
    name: str
    since: datetime
    until: datetime


class Leases(Protocol):
    """Kept in one process or, where many share the work, for all of them. Losing them loses no reply."""

    async def take(self, ticket: TicketId, agent: AgentId, name: str) -> Sequence[Lease]:
        """The agent writes a reply, for ten minutes at most from now; taken again, it began when it first did. Returns
        the others who do."""
        ...

    async def drop(self, ticket: TicketId, agent: AgentId) -> None:
        """The agent stopped, or sent. Dropped twice nothing happens."""
        ...

    async def of(self, ticket: TicketId) -> Sequence[Lease]:
        """Everybody who writes a reply to the ticket, who began first before the others."""
        ...


class LocalLeases:
    """For this process, for at most ten thousand tickets: when more come, the one used least recently is forgotten."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tickets: dict[TicketId, dict[AgentId, Lease]] = {}

    async def take(self, ticket: TicketId, agent: AgentId, name: str) -> Sequence[Lease]:
        held = self._tickets.pop(ticket, {})
        self._tickets[ticket] = held
        held[agent] = taken(held.get(agent), agent, name, self._clock())
        if len(self._tickets) > MOST_TICKETS:
            del self._tickets[next(iter(self._tickets))]
        return [one for one in await self.of(ticket) if one.agent != agent]

    async def drop(self, ticket: TicketId, agent: AgentId) -> None:
        held = self._tickets.get(ticket, {})
        held.pop(agent, None)
        if not held:
            self._tickets.pop(ticket, None)

    async def of(self, ticket: TicketId) -> Sequence[Lease]:
        return living(self._tickets.get(ticket, {}).values(), self._clock())


def taken(before: Lease | None, agent: AgentId, name: str, now: datetime) -> Lease:
    """The lease as it stands now; one that still lives goes on."""
    fresh = Lease(agent, name, now, now + LONGEST)
    return replace(fresh, since=before.since) if before is not None and before.until > now else fresh


def living(leases: Iterable[Lease], now: datetime) -> list[Lease]:
    """Those that are believed, in the order in which they began."""
    return sorted((one for one in leases if one.until > now), key=lambda one: (one.since, one.agent))


def written_by(leases: Sequence[Lease], now: datetime) -> tuple[str, ...]:
    """The names that a card shows: who has been writing for a moment, not who only glanced into the form."""
    return tuple(one.name for one in leases if now - one.since >= SHOWN_AFTER)


def next_look(leases: Sequence[Lease], now: datetime) -> datetime | None:
    """When a card would show others than now, though nobody does anything."""
    moments = [one.until if now - one.since >= SHOWN_AFTER else one.since + SHOWN_AFTER for one in leases]
    return min(moments, default=None)


async def others_writing(leases: Leases, tickets: Iterable[TicketId], agent: AgentId) -> dict[TicketId, str]:
    """Which of the tickets somebody but the agent is answering, and the name of who began first."""
    found: dict[TicketId, str] = {}
    for ticket in tickets:
        others = [one.name for one in await leases.of(ticket) if one.agent != agent]
        if others:
            found[ticket] = others[0]
    return found
