"""Moves messages from one ticket to another: they take new places there, and both tickets quote what is theirs."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from routing.contacts import Conversation
from routing.desk.records import Scribe
from routing.ids import TicketId
from routing.messages import Attachment, Direction, Message
from routing.ports import Reads, Tx
from routing.replies import Outbound, Sending
from routing.ticket import Ticket

EVERYTHING = 1_000_000
PENDING = frozenset({Sending.HELD, Sending.QUEUED, Sending.SENDING, Sending.UNKNOWN, Sending.FAILED})
"""A reply in one of these states may still leave, or waits for a person's word."""


async def last_of_chain(reads: Reads, ticket: TicketId) -> TicketId:
    """Where the ticket's matter is looked after now: itself, or what it was merged into, and that into."""
    seen: set[TicketId] = set()
    while ticket not in seen:
        seen.add(ticket)
        found = (await reads.get(Ticket, [ticket])).get(ticket)
        if found is None or found.merged_into is None:
            return ticket
        ticket = found.merged_into
    return ticket


async def locked_with_ends(tx: Tx, wanted: Collection[TicketId]) -> dict[TicketId, Ticket]:
    """Locks the tickets, and with those that were merged also the ones they were merged into."""
    found: dict[TicketId, Ticket] = {}
    missing = set(wanted)
    while missing:
        found |= {one.id: one for one in (await tx.lock(Ticket, missing)).values()}
        ends = {one.merged_into for one in found.values() if one.merged_into is not None}
        missing = ends - found.keys()
    return found


async def answerable(reads: Reads, ticket: Ticket) -> list[Conversation]:
    """Whom a reply from this ticket may go to: those whose next message arrives in it, and the own conversations of
    the ticket and of what was merged into it. The ticket's own one comes first."""
    found = {one.id: one for one in await reads.conversations_of(ticket.id)}
    named = {ticket.conversation, *(one.conversation for one in await reads.merges_into(ticket.id))} - found.keys()
    found |= {one.id: one for one in (await reads.get(Conversation, named)).values()}
    return sorted(found.values(), key=lambda one: (one.id != ticket.conversation, one.id))


def answered_from(conversation: Conversation, ticket: Ticket) -> Conversation:
    """A reply left from the ticket: what the customer writes next belongs to it, for a ticket that was split off gets
    no conversation before somebody answers in it."""
    if ticket.merged_into is not None or conversation.ticket == ticket.id:
        return conversation
    return replace(conversation, ticket=ticket.id)


async def pending_replies(reads: Reads, ticket: TicketId) -> bool:
    return any(one.state in PENDING for one in await reads.replies_of(ticket))


async def move(tx: Tx, messages: Sequence[Message], to: Ticket) -> Ticket:
    """The messages, with their files and the sending lives of replies, stand at the end of `to` in the given order.
    Both tickets' rows must be locked; the caller saves `to`, and quotes both anew."""
    files: dict[str, list[Attachment]] = {}
    for file in await tx.attachments_of([one.id for one in messages]):
        files.setdefault(file.message, []).append(file)
    replies = await tx.lock(Outbound, [one.id for one in messages if one.direction is Direction.OUTBOUND])
    for message in messages:
        to = to.next_seq()
        tx.put(replace(message, ticket=to.id, seq=to.seq, revision=message.revision + 1))
        if message.id in replies:
            tx.put(replace(replies[message.id], ticket=to.id, order=to.seq))
        for file in files.get(message.id, ()):
            if file.seq:
                to = to.next_seq()
            tx.put(replace(file, ticket=to.id, seq=to.seq if file.seq else 0))
    return to


async def quoted_anew(tx: Tx, scribe: Scribe, ticket: Ticket) -> Ticket:
    """The ticket with the latest words that still stand in it."""
    await tx.flush()
    latest = next(iter(await tx.latest_inbound(ticket.id, limit=1)), None)
    if latest is None:
        return ticket.quote(text="", author="", seq=0, masked=False, automatic=False, said_at=None, at=scribe.now)
    return ticket.quote(
        text=latest.text,
        author=latest.author,
        seq=latest.seq,
        masked=latest.unsent,
        automatic=bool(latest.automatic),
        said_at=latest.created_at,
        at=scribe.now,
    )
