"""Gathers what is shown of a ticket, on one consistent snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing.agents import Agent, AgentIdentity
from routing.contacts import Contact, Conversation, Identity
from routing.desk.moving import answerable
from routing.errors import Gone
from routing.history import HistoryEntry
from routing.ids import AgentId, TicketId
from routing.likeness import Alike
from routing.messages import Attachment, Message
from routing.ports import Reads
from routing.postings import PostedEntry, Posting
from routing.replies import Outbound, Sending
from routing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a reply may go to."""

    conversation: Conversation
    contact: Contact
    identity: Identity


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything its card tells. `nth`: how many tickets this contact has had, this one included.
    `merged_number` and `split_number` are those of the tickets that it was merged into and split from. `addressees` are
    named when there are several, and then `last_wrote` is the conversation of the customer who wrote last. `alike` is
    known only where the card of a new ticket is drawn."""

    ticket: Ticket
    conversation: Conversation
    contact: Contact
    identity: Identity
    nth: int
    assignee: Agent | None
    assignee_users: Mapping[tuple[str, str], str]
    replies: tuple[Outbound, ...]
    merged_number: int = 0
    split_number: int = 0
    addressees: tuple[Addressee, ...] = ()
    last_wrote: str = ""
    alike: tuple[Alike, ...] = ()

    def answering(self, conversation: str) -> "TicketView":
        """The ticket as whoever answers in this conversation sees it; when none is named, in that of the customer who
        wrote last."""
        for one in self.addressees:
            if one.conversation.id == (conversation or self.last_wrote):
                return replace(self, conversation=one.conversation, contact=one.contact, identity=one.identity)
        return self

    @property
    def last_reply(self) -> Outbound | None:
        hidden = (Sending.UNDONE, Sending.DROPPED)
        shown = [one for one in self.replies if one.state not in hidden and not one.waits_for_its_time]
        return shown[-1] if shown else None

    @property
    def scheduled(self) -> tuple[Outbound, ...]:
        """Replies that wait for the time their authors chose, the next one first."""
        waiting = (one for one in self.replies if one.waits_for_its_time)
        return tuple(sorted(waiting, key=lambda one: (one.held_until, one.message)))


@dataclass(frozen=True, slots=True)
class RoomView:
    """What one room has yet to see: entries to post, entries to draw anew, and the people they name. `scheduled`
    are the words of replies that wait for their time, `numbers` those of the tickets to which messages moved."""

    posting: Posting
    timeline: tuple[Message | Attachment, ...]
    posted: Mapping[str, PostedEntry]
    stale: tuple[tuple[PostedEntry, Message], ...]
    replies: Mapping[str, Outbound]
    agents: Mapping[AgentId, Agent]
    users: Mapping[AgentId, Mapping[tuple[str, str], str]]
    attachments: Mapping[str, int]
    scheduled: Mapping[str, Message] = field(default_factory=dict)
    numbers: Mapping[TicketId, int] = field(default_factory=dict)


STEP = 20


async def ticket_view(reads: Reads, ticket_id: TicketId) -> TicketView:
    """Raises Gone when there is no such ticket."""
    ticket = (await reads.get(Ticket, [ticket_id])).get(ticket_id)
    if ticket is None:
        raise Gone(f"ticket {ticket_id} does not exist")
    conversation = (await reads.get(Conversation, [ticket.conversation]))[ticket.conversation]
    contact = (await reads.get(Contact, [ticket.contact]))[ticket.contact]
    identity = (await reads.get(Identity, [conversation.identity]))[conversation.identity]
    assignee = (await reads.get(Agent, [ticket.assignee])).get(ticket.assignee) if ticket.assignee else None
    users = await users_of(reads, assignee.id) if assignee else {}
    return TicketView(
        ticket=ticket,
        conversation=conversation,
        contact=contact,
        identity=identity,
        nth=await reads.tickets_of_contact(ticket.contact),
        assignee=assignee,
        assignee_users=users,
        replies=tuple(await reads.replies_of(ticket_id)),
        merged_number=await _number_of(reads, ticket.merged_into),
        split_number=await _number_of(reads, ticket.split_from),
        addressees=(addressees := await _addressees(reads, ticket)),
        last_wrote=await _last_wrote(reads, ticket) if addressees else "",
    )


async def _number_of(reads: Reads, ticket: TicketId | None) -> int:
    found = (await reads.get(Ticket, [ticket])).get(ticket) if ticket is not None else None
    return found.number if found is not None else 0


async def _addressees(reads: Reads, ticket: Ticket) -> tuple[Addressee, ...]:
    conversations = await answerable(reads, ticket)
    if len(conversations) < 2:
        return ()
    contacts = await reads.get(Contact, {one.contact for one in conversations})
    identities = await reads.get(Identity, {one.identity for one in conversations})
    return tuple(Addressee(one, contacts[one.contact], identities[one.identity]) for one in conversations)


async def _last_wrote(reads: Reads, ticket: Ticket) -> str:
    latest = await reads.latest_inbound(ticket.id, limit=1)
    return latest[0].conversation if latest else ticket.conversation


async def users_of(reads: Reads, agent: AgentId) -> dict[tuple[str, str], str]:
    """The agent's user ids by (surface, workspace)."""
    identities: Sequence[AgentIdentity] = await reads.identities_of_agent(agent)
    return {(one.surface, one.workspace): one.user for one in identities}


async def room_view(reads: Reads, posting_id: str) -> RoomView:
    posting = (await reads.get(Posting, [posting_id]))[posting_id]
    timeline = tuple(await reads.timeline(posting.ticket, after=posting.seq, limit=STEP))
    stale = tuple(await reads.stale_entries(posting_id))
    messages = [one for one in timeline if isinstance(one, Message)] + [message for _, message in stale]
    replies: dict[str, Outbound] = {one.message: one for one in await reads.replies_of(posting.ticket)}
    named = {one.agent for one in messages if one.agent is not None}
    named |= {one.agent for one in replies.values() if one.agent is not None}
    agents = await reads.get(Agent, named) if named else {}
    counts: dict[str, int] = {}
    for file in await reads.attachments_of([one.id for one in messages]) if messages else ():
        counts[file.message] = counts.get(file.message, 0) + 1
    elsewhere = {one.ticket for one in messages if one.ticket != posting.ticket}
    waiting = [one.message for one in replies.values() if one.waits_for_its_time] if messages else []
    return RoomView(
        posting=posting,
        timeline=timeline,
        posted=await reads.entries_of(posting_id, [one.id for one in timeline]) if timeline else {},
        stale=stale,
        replies=replies,
        agents={AgentId(key): agent for key, agent in agents.items()},
        users={agent: await users_of(reads, agent) for agent in named},
        attachments=counts,
        scheduled=await reads.get(Message, waiting) if waiting else {},
        numbers={one.id: one.number for one in (await reads.get(Ticket, elsewhere)).values()} if elsewhere else {},
    )


async def history(reads: Reads, ticket_id: TicketId) -> Sequence[HistoryEntry]:
    return await reads.history_of(ticket_id)
