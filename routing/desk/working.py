"""What agents do with a ticket beside answering: claim, release, assign, prioritise, close, reopen, note."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing.agents import Actor, Agent, Permission, may
from routing.desk.moving import last_of_chain
from routing.desk.notifying import notify, told_by_surface
from routing.desk.records import Scribe
from routing.errors import Gone, Refused
from routing.ids import AgentId, AttachmentId, MessageId, TicketId, new_id
from routing.jobs import Topic
from routing.messages import Attachment, Direction, Fetching, Kind, Message, NewAttachment
from routing.notices import Occasion
from routing.own_fields import check_closing
from routing.policy import Policy
from routing.ports import Reads, Tx
from routing.postings import PostedEntry
from routing.ticket import Priority, Ticket


async def merged_refusal(reads: Reads, ticket: Ticket) -> Refused:
    """Tells where a merged ticket's matter is looked after."""
    into = await last_of_chain(reads, ticket.id)
    found = (await reads.get(Ticket, [into])).get(into)
    return Refused("ticket.merged", number=str(found.number if found else "?"))


def worker(actor: Actor, permission: Permission = Permission.WORK) -> Agent:
    """The agent who acts; raises Refused when they may not."""
    if actor.agent is None or not may(actor.agent, permission):
        raise Refused("not_allowed")
    return actor.agent


async def locked(tx: Tx, ticket_id: TicketId) -> Ticket:
    ticket = (await tx.lock(Ticket, [ticket_id])).get(ticket_id)
    if ticket is None:
        raise Gone(f"ticket {ticket_id} does not exist")
    return ticket


async def change(
    tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, changed: Ticket, what: str, **values: str
) -> Ticket:
    """Saves a changed ticket with its history and asks for its rooms; an unchanged one writes nothing. Raises Refused
    for a ticket that was merged: it is worked at where it went."""
    if changed is ticket:
        return ticket
    if ticket.merged_into is not None:
        raise await merged_refusal(tx, ticket)
    return save(tx, scribe, actor, changed, what, values)


def save(tx: Tx, scribe: Scribe, actor: Actor, changed: Ticket, what: str, values: Mapping[str, str]) -> Ticket:
    """Saves a changed ticket, merged or not, with its history, and asks for its rooms."""
    tx.put(changed)
    scribe.record(actor, changed.id, what, **values)
    tx.ask(Topic.SHOW, changed.id)
    return changed


async def claim(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId) -> Ticket:
    agent = worker(actor)
    ticket = await locked(tx, ticket_id)
    if ticket.assignee is not None and ticket.assignee != agent.id:
        raise await _taken(tx, ticket)
    return await change(tx, scribe, actor, ticket, ticket.claim(agent.id, at=scribe.now), "ticket.claimed")


async def _taken(tx: Tx, ticket: Ticket) -> Refused:
    """Tells the loser of a claim who has it and since when."""
    assert ticket.assignee is not None  # noqa: S101  the caller has just looked
    owner = (await tx.get(Agent, [ticket.assignee])).get(ticket.assignee)
    since = ticket.claimed_at or ticket.updated_at
    return Refused("claim.taken", who=owner.name if owner else "?", when=since.isoformat())


async def release(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId) -> Ticket:
    agent = worker(actor)
    ticket = await locked(tx, ticket_id)
    if ticket.assignee not in (None, agent.id) and not may(agent, Permission.ASSIGN_OTHERS):
        raise Refused("not_allowed")
    return await change(tx, scribe, actor, ticket, ticket.release(at=scribe.now), "ticket.released")


async def assign(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, to: AgentId) -> Ticket:
    agent = worker(actor)
    if to != agent.id:
        worker(actor, Permission.ASSIGN_OTHERS)
    ticket = await locked(tx, ticket_id)
    receiver = (await tx.get(Agent, [to])).get(to)
    if receiver is None or not may(receiver, Permission.WORK):
        raise Refused("assign.cannot_work", who=receiver.name if receiver else "?")
    changed = ticket.assign(to, at=scribe.now)
    if changed is not ticket:
        event = f"assigned:{ticket.id}:{changed.version}"
        notify(tx, scribe, Occasion.ASSIGNED, to, ticket.id, event=event, actor=actor)
    return await change(tx, scribe, actor, ticket, changed, "ticket.assigned", to=to, name=receiver.name)


async def prioritise(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, priority: Priority) -> Ticket:
    worker(actor)
    ticket = await locked(tx, ticket_id)
    changed = ticket.prioritise(priority, at=scribe.now)
    return await change(
        tx, scribe, actor, ticket, changed, "ticket.prioritised", before=ticket.priority, after=priority
    )


async def close(tx: Tx, scribe: Scribe, policy: Policy, actor: Actor, ticket_id: TicketId) -> Ticket:
    """Raises Refused when a field that must be filled before is empty, and names it."""
    worker(actor)
    ticket = await locked(tx, ticket_id)
    if not ticket.is_settled:
        check_closing(policy.fields, ticket.fields, policy.language)
    return await change(tx, scribe, actor, ticket, ticket.close(at=scribe.now), "ticket.closed")


async def reopen(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId) -> Ticket:
    worker(actor)
    ticket = await locked(tx, ticket_id)
    if ticket.needs_no_answer:
        for said in await tx.timeline(ticket_id, after=ticket.latest_seq - 1, limit=1):
            if isinstance(said, Message) and said.needs_no_answer:
                tx.put(replace(said, needs_no_answer=False, revision=said.revision + 1))
    return await change(tx, scribe, actor, ticket, ticket.reopen(at=scribe.now), "ticket.reopened")


@dataclass(frozen=True, slots=True)
class NewNote:
    """An internal note. `external_id` names the surface's message it was read from (empty: written in a form); the
    same one again changes nothing. `posting` and `reference` say which room's thread shows it already, with its
    `files`. `mentions` are those who should know of it."""

    text: str
    external_id: str = ""
    posting: str = ""
    reference: str = ""
    mentions: tuple[AgentId, ...] = ()
    files: tuple[NewAttachment, ...] = ()


async def note(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, new: NewNote) -> Ticket:
    agent = worker(actor)
    if not new.text.strip() and not new.files:
        raise Refused("note.empty")
    ticket = await locked(tx, ticket_id)
    external = new.external_id or None
    if external and await tx.messages_by_external_id(ticket.account, [external]):
        return ticket
    changed = ticket.next_seq().touched(at=scribe.now)
    message = internal(changed, agent, new.text, at=scribe.now, external_id=external)
    tx.add(message)
    if new.posting:
        tx.add(PostedEntry(scribe.organisation, new.posting, message.id, new.reference, 0))
    changed = _add_files(tx, changed, message, new)
    for mentioned in new.mentions:
        if new.posting and await told_by_surface(tx, new.posting, mentioned):
            continue
        event = f"mentioned:{message.id}"
        notify(tx, scribe, Occasion.MENTIONED, mentioned, ticket.id, event=event, about=message.id, actor=actor)
    # What the team writes below the card of a merged ticket is kept there: words are never turned away.
    return save(tx, scribe, actor, changed, "note.added", {"message": message.id})


def _add_files(tx: Tx, ticket: Ticket, message: Message, new: NewNote) -> Ticket:
    """Each file takes a place of its own in the thread. The room that shows the note shows its files with it."""
    for file in new.files:
        ticket = ticket.next_seq()
        kept = Attachment(
            id=AttachmentId(new_id()),
            organisation=ticket.organisation,
            ticket=ticket.id,
            message=message.id,
            account=ticket.account,
            seq=ticket.seq,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            blob=file.blob,
            source="",
            state=Fetching.STORED if file.blob else Fetching.LOST,
            reason="" if file.blob else file.source,
        )
        tx.add(kept)
        if new.posting:
            tx.add(PostedEntry(ticket.organisation, new.posting, kept.id, "", 0))
    return ticket


def internal(ticket: Ticket, agent: Agent, text: str, *, at: datetime, external_id: str | None = None) -> Message:
    """A note at the ticket's present `seq`."""
    return Message(
        id=MessageId(new_id()),
        organisation=ticket.organisation,
        ticket=ticket.id,
        conversation=ticket.conversation,
        account=ticket.account,
        seq=ticket.seq,
        direction=Direction.NOTE,
        kind=Kind.DM,
        external_id=external_id,
        identity=None,
        agent=agent.id,
        author=agent.name,
        subject="",
        text=text,
        full_text="",
        automatic="",
        verified=True,
        created_at=at,
        sent_at=at,
    )
