"""Puts tickets aside until a time, and takes them up again: when it has come, or sooner."""

from datetime import datetime

from routing.agents import SYSTEM, Actor
from routing.desk.records import Scribe, event
from routing.desk.working import change, locked, worker
from routing.ids import TicketId
from routing.jobs import Topic
from routing.ports import Tx
from routing.snoozing import check_far
from routing.ticket import Ticket


async def snooze(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, until: datetime) -> Ticket:
    """Raises Refused when the time is past or too far, or nobody works at the ticket any more."""
    worker(actor)
    ticket = await locked(tx, ticket_id)
    check_far(until, scribe.now)
    changed = ticket.snooze(until, at=scribe.now)
    if changed is not ticket:
        tx.ask(Topic.WAKE, ticket.id, due=until)
    return await change(tx, scribe, actor, ticket, changed, "ticket.snoozed", until=until.isoformat())


async def unsnooze(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId) -> Ticket:
    agent = worker(actor)
    ticket = await locked(tx, ticket_id)
    return await _wake(tx, scribe, actor, ticket, "ticket.unsnoozed", who=agent.name)


async def wake_due(tx: Tx, scribe: Scribe, ticket_id: TicketId) -> datetime | None:
    """Wakes the ticket if its time has come; returns when to look again. Whoever changed their mind meanwhile counts:
    a ticket that is no longer snoozed stays as it is."""
    ticket = (await tx.lock(Ticket, [ticket_id])).get(ticket_id)
    if ticket is None or ticket.snoozed_until is None:
        return None
    if ticket.snoozed_until > scribe.now:
        return ticket.snoozed_until
    await _wake(tx, scribe, SYSTEM, ticket, "ticket.woken")
    return None


async def _wake(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, what: str, **values: str) -> Ticket:
    changed = ticket.wake(at=scribe.now)
    if changed is ticket:
        return ticket
    changed = changed.next_seq()
    tx.add(event(changed, what, values, at=scribe.now, actor=actor))
    return await change(tx, scribe, actor, ticket, changed, what)
