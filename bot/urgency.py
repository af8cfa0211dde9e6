"""Says how urgent what is being done now is, so that a surface whose budget is short lets it go before the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import IntEnum

from routing.ticket import Priority, Status, Ticket

PATIENCE = timedelta(minutes=2)


class Urgency(IntEnum):
    """Who goes first. `NOW`: a person waits for it, or a customer whose matter is urgent. `SPARE`: what may be late."""

    NOW = 0
    ROUTINE = 1
    SPARE = 2

    def after(self, waited: timedelta) -> "Urgency":
        """One step nearer for every two minutes of waiting: nobody is passed over for ever."""
        return Urgency(max(0, self - int(max(waited, timedelta(0)) / PATIENCE)))


_current: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.NOW)


def current_urgency() -> Urgency:
    """How urgent the calls of this task are. Whoever said nothing answers a person, and they wait."""
    return _current.get()


@contextmanager
def done_with(urgency: Urgency) -> Iterator[None]:
    """Within the block everything this task does towards a surface is that urgent."""
    token = _current.set(urgency)
    try:
        yield
    finally:
        _current.reset(token)


def urgency_of(ticket: Ticket, now: datetime) -> Urgency:
    """A ticket that somebody works on changes because they pressed, or because their customer answered. A new one can
    wait for a moment, unless it is urgent."""
    if ticket.priority is Priority.URGENT or ticket.status is not Status.NEW or ticket.assignee is not None:
        return Urgency.NOW
    return Urgency.ROUTINE.after(now - ticket.updated_at)
