"""Gathers what is shown of a ticket, on one consistent snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from routing.agents import Agent, AgentIdentity
from routing.contacts import Contact, Conversation, Identity
from routing.errors import Gone
from routing.history import HistoryEntry
from routing.ids import AgentId, TicketId
from routing.messages import Attachment, Message
from routing.ports import Reads
from routing.postings import PostedEntry, Posting
from routing.replies import Outbound, Sending
from routing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything its card tells. `nth`: how many tickets this contact has had, this one included."""

    ticket: Ticket
    conversation: Conversation
    contact: Contact
    identity: Identity
    nth: int
    assignee: Agent | None
    assignee_users: Mapping[tuple[str, str], str]
    replies: tuple[Outbound, ...]

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
    are the words of replies that wait for their time."""

    posting: Posting
    timeline: tuple[Message | Attachment, ...]
    posted: Mapping[str, PostedEntry]
    stale: tuple[tuple[PostedEntry, Message], ...]
    replies: Mapping[str, Outbound]
    agents: Mapping[AgentId, Agent]
    users: Mapping[AgentId, Mapping[tuple[str, str], str]]
    attachments: Mapping[str, int]
    scheduled: Mapping[str, Message] = field(default_factory=dict)


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
    )


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
    )


async def history(reads: Reads, ticket_id: TicketId) -> Sequence[HistoryEntry]:
    return await reads.history_of(ticket_id)
