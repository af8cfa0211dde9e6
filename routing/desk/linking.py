"""Says that an identity belongs to another contact, shows what speaks for it, and takes it back exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.agents import Actor
from routing.contacts import Contact, Conversation, Identity
from routing.desk.moving import EVERYTHING
from routing.desk.records import Scribe
from routing.desk.working import worker
from routing.errors import Gone, Refused
from routing.ids import ContactId, IdentityId, TicketId, new_id
from routing.jobs import Topic
from routing.links import Link
from routing.messages import Kind, Message
from routing.overview import Reach
from routing.ports import Reads, Tx
from routing.ticket import Ticket

LOOKED_AT = 10
MOST_FIGURES = 19


class Evidence(StrEnum):
    """How we know that the one who wrote is who they say."""

    PROVED = "proved"  # their mail server vouched for it (DMARC), as ours found
    ACCOUNT = "account"  # the provider knows the account they wrote from
    FROM_LINE = "from_line"  # only the mail says so; anybody can write that
    FORM = "form"  # somebody typed it into a form


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """An identity, what was seen of it in the contact's last tickets, and the link by which it came to its contact."""

    identity: Identity
    evidence: tuple[Evidence, ...]
    link: Link | None


def evidence_of(messages: Sequence[Message]) -> tuple[Evidence, ...]:
    """What the messages of one identity show, the strongest first."""
    found = {_evidence(one) for one in messages}
    return tuple(one for one in Evidence if one in found)


def _evidence(message: Message) -> Evidence:
    match message.kind:
        case Kind.FORM:
            return Evidence.FORM
        case Kind.MAIL:
            return Evidence.PROVED if message.verified else Evidence.FROM_LINE
        case Kind.DM:
            return Evidence.ACCOUNT


async def known_identities(reads: Reads, contact: ContactId) -> list[KnownIdentity]:
    """The contact's identities, those known longest first."""
    said: dict[IdentityId, list[Message]] = {}
    for ticket in await reads.contact_tickets(contact, skip=0, limit=LOOKED_AT):
        for message in await reads.latest_inbound(ticket.id, limit=LOOKED_AT):
            if message.identity is not None:
                said.setdefault(message.identity, []).append(message)
    return [
        KnownIdentity(one, evidence_of(said.get(one.id, ())), await reads.link_of(one.id))
        for one in await reads.identities_of(contact)
    ]


async def meets(reads: Reads, reach: Reach, contact: ContactId) -> bool:
    """Whether somebody may see any of the contact's last tickets: of others' customers they learn nothing here."""
    for ticket in await reads.contact_tickets(contact, skip=0, limit=LOOKED_AT):
        if await reads.may_see(reach, ticket.id):
            return True
    return False


async def meant(tx: Tx, reach: Reach, which: str) -> KnownIdentity | None:
    """The identity behind a ticket's number or at a mail address, when the asker may see any ticket of its contact."""
    if which.isascii() and which.isdigit():
        ticket = await tx.ticket_by_number(int(which)) if len(which) < MOST_FIGURES else None
        if ticket is None or not await tx.may_see(reach, ticket.id):
            return None
        conversation = (await tx.get(Conversation, [ticket.conversation]))[ticket.conversation]
        identity = (await tx.get(Identity, [conversation.identity]))[conversation.identity]
    else:
        found = (await tx.identities([("email", which)])).get(("email", which))
        if found is None or not await meets(tx, reach, found.contact):
            return None
        identity = found
    return next((one for one in await known_identities(tx, identity.contact) if one.identity.id == identity.id), None)


async def link(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, identity_id: IdentityId, reason: str
) -> Contact:
    """The identity, with its conversations and tickets, belongs to the contact of the ticket from now on. The same
    again changes nothing. Raises Refused for one that was linked to somebody else: that is undone first."""
    agent = worker(actor)
    identity = (await tx.lock(Identity, [identity_id])).get(identity_id)
    ticket = (await tx.get(Ticket, [ticket_id])).get(ticket_id)
    if identity is None or ticket is None:
        raise Gone(f"identity {identity_id} or ticket {ticket_id} does not exist")
    contact = (await tx.get(Contact, [ticket.contact]))[ticket.contact]
    if identity.contact == contact.id:
        return contact
    if await tx.link_of(identity_id) is not None:
        raise Refused("link.linked_already")
    tx.add(
        Link(
            id=new_id(),
            organisation=scribe.organisation,
            identity=identity_id,
            before=identity.contact,
            after=contact.id,
            agent=agent.id,
            reason=reason,
            at=scribe.now,
        )
    )
    await _belongs(tx, scribe, identity, contact.id)
    scribe.record(actor, ticket_id, "contact.linked", address=identity.address, reason=reason, identity=identity_id)
    return contact


async def unlink(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, identity_id: IdentityId) -> Identity:
    """The identity belongs to whom it belonged before, with all that came from it, since then too. Who linked it, when
    and why stays in the audit. One that is not linked stays as it is."""
    agent = worker(actor)
    identity = (await tx.lock(Identity, [identity_id])).get(identity_id)
    if identity is None:
        raise Gone(f"identity {identity_id} does not exist")
    known = await tx.link_of(identity_id)
    if known is None:
        return identity
    tx.put(replace(known, undone_at=scribe.now, undone_by=agent.id))
    scribe.record(actor, ticket_id, "contact.unlinked", address=identity.address, identity=identity_id)
    return await _belongs(tx, scribe, identity, known.before)


async def _belongs(tx: Tx, scribe: Scribe, identity: Identity, contact: ContactId) -> Identity:
    """Conversations and tickets follow their identity; only those of the contact it leaves can be meant."""
    belonging = replace(identity, contact=contact)
    tx.put(belonging)
    wanted = {one.id for one in await tx.conversations_with(identity.id)}
    conversations = await tx.lock(Conversation, wanted)
    tx.put(*(replace(one, contact=contact) for one in conversations.values()))
    known = await tx.contact_tickets(identity.contact, skip=0, limit=EVERYTHING)
    tickets = await tx.lock(Ticket, {one.id for one in known if one.conversation in wanted})
    for ticket in tickets.values():
        tx.put(ticket.belong_to(contact, at=scribe.now))
        tx.ask(Topic.SHOW, ticket.id)
    return belonging
