"""Takes tickets for spam and takes that back; shuts senders out and lets them in again. Nothing is deleted."""

from dataclasses import replace

from routing.agents import Actor
from routing.contacts import Identity
from routing.desk.records import Scribe
from routing.desk.working import change, locked, worker
from routing.errors import Gone, Refused
from routing.ids import IdentityId, TicketId
from routing.ports import Tx
from routing.replies import Sending
from routing.ticket import Ticket

_LEAVING = (Sending.HELD, Sending.QUEUED, Sending.SENDING)


async def mark(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, *, blocking: IdentityId | None = None
) -> Ticket:
    """Settles the ticket without an answer. `blocking`: this identity of its customer is shut out with it. Raises
    Refused while a reply is about to leave."""
    worker(actor)
    seen = await _ticket(tx, ticket_id)
    identity = await _identity(tx, seen, blocking) if blocking is not None else None
    ticket = await locked(tx, ticket_id)
    if any(one.state in _LEAVING for one in await tx.replies_of(ticket_id)):
        raise Refused("spam.reply_leaving")
    changed = await change(tx, scribe, actor, ticket, ticket.mark_spam(at=scribe.now), "ticket.spam")
    return await _shut(tx, scribe, actor, changed, identity, blocked=True) if identity is not None else changed


async def unmark(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId) -> Ticket:
    worker(actor)
    ticket = await locked(tx, ticket_id)
    return await change(tx, scribe, actor, ticket, ticket.not_spam(at=scribe.now), "ticket.not_spam")


async def block(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, identity_id: IdentityId, *, blocked: bool
) -> Ticket:
    """Whether messages of one identity of the ticket's customer become tickets. Those that do not are kept in the
    ledger, discarded as `blocked`."""
    worker(actor)
    identity = await _identity(tx, await _ticket(tx, ticket_id), identity_id)
    return await _shut(tx, scribe, actor, await locked(tx, ticket_id), identity, blocked=blocked)


async def _shut(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, identity: Identity, *, blocked: bool) -> Ticket:
    if identity.blocked is blocked:
        return ticket
    tx.put(replace(identity, blocked=blocked))
    what = "contact.blocked" if blocked else "contact.unblocked"
    return await change(
        tx, scribe, actor, ticket, ticket.touched(at=scribe.now), what, address=identity.address, identity=identity.id
    )


async def _ticket(tx: Tx, ticket_id: TicketId) -> Ticket:
    """As it stands now, not locked: conversations and identities are locked before tickets."""
    ticket = (await tx.get(Ticket, [ticket_id])).get(ticket_id)
    if ticket is None:
        raise Gone(f"ticket {ticket_id} does not exist")
    return ticket


async def _identity(tx: Tx, ticket: Ticket, identity_id: IdentityId) -> Identity:
    identity = (await tx.lock(Identity, [identity_id])).get(identity_id)
    if identity is None or identity.contact != ticket.contact:
        raise Gone(f"identity {identity_id} is not of this ticket's customer")
    return identity
