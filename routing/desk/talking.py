"""What people write in a card's thread: a note, or a reply where the room says so, and what changing it changes."""

from dataclasses import dataclass, replace
from datetime import datetime

from routing.agents import Actor
from routing.contacts import Conversation
from routing.desk import replying, scheduling
from routing.desk.checking import check_reply, undo_time
from routing.desk.records import Scribe
from routing.desk.working import NewNote, locked, note, save, worker
from routing.errors import Refused
from routing.ids import AgentId, MessageId, TicketId, id_of
from routing.jobs import Topic
from routing.messages import Direction, Fetching, Message, NewAttachment, Version
from routing.policy import Accounts, Policy
from routing.ports import Tx
from routing.postings import PostedEntry
from routing.replies import Outbound, Sending
from routing.ticket import Ticket

_STOPPED = (Sending.UNDONE, Sending.DROPPED, Sending.RETURNED)


@dataclass(frozen=True, slots=True)
class Said:
    """A message that somebody wrote in a card's thread. `source` is the surface's own name of it, `posting` and
    `reference` say where it stands. `seen` is the place of the customer's latest words that stood there before it.
    `inside`: its author says that it is not for the customer. `mentions`: the agents whom it names."""

    source: str
    posting: str
    reference: str
    text: str
    at: datetime
    seen: int = 0
    files: tuple[NewAttachment, ...] = ()
    inside: bool = False
    mentions: tuple[AgentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of it. `held`: it leaves as a reply. `refused`: it was to, and is a note instead. `message` is the
    note's or the reply's. `known`: it was heard before, and nothing was done."""

    message: MessageId
    held: replying.Held | None = None
    refused: Refused | None = None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of a thread message changed. `held`: its reply leaves with the new words. `stopped`: the reply was
    taken back, because of `why` when the new words could not be sent. `state`: the reply keeps the older words."""

    held: replying.Held | None = None
    stopped: Message | None = None
    why: Refused | None = None
    state: Sending | None = None


NOTHING = Changed()


async def hear_note(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, said: Said) -> Heard:
    """Keeps it as an internal note."""
    worker(actor)
    await locked(tx, ticket_id)  # before looking: of two who bring the same message the second must find it
    known = await _known(tx, ticket_id, said.source)
    if known is not None:
        return Heard(known, known=True)
    new = NewNote(said.text, said.source, said.posting, said.reference, mentions=said.mentions, files=said.files)
    await note(tx, scribe, actor, ticket_id, new)
    await tx.flush()
    kept = await _known(tx, ticket_id, said.source)
    return Heard(kept or MessageId(""))


async def hear_reply(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, ticket_id: TicketId, said: Said
) -> Heard:
    """Holds it as a reply to the customer. What cannot be sent stays a note, so that nothing written is lost."""
    worker(actor)
    message = MessageId(id_of(said.source, said.at))
    if (await tx.get(Outbound, [message])).get(message) is not None:
        return Heard(message, known=True)
    known = await _known(tx, ticket_id, said.source)
    if known is not None:
        return Heard(known, known=True)
    draft = replying.Draft(message, said.text, said.seen, files=said.files, source=said.source, shown_in=said.posting)
    try:
        held = await replying.reply(tx, scribe, policy, accounts, actor, ticket_id, draft)
    except Refused as refusal:
        if not said.text.strip() and not said.files:
            raise
        heard = await hear_note(tx, scribe, actor, ticket_id, said)
        return replace(heard, refused=refusal)
    return Heard(message, held=held)


async def stay_note(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, said: Said, why: Refused) -> Heard:
    """A message that was to be a reply and must not, for a reason that the surface knows."""
    message = MessageId(id_of(said.source, said.at))
    if (await tx.get(Outbound, [message])).get(message) is not None:
        return Heard(message, known=True)
    heard = await hear_note(tx, scribe, actor, ticket_id, said)
    return heard if heard.known else replace(heard, refused=why)


async def has_heard(tx: Tx, ticket_id: TicketId, said: Said) -> bool:
    """Whether anything was made of it: the news of a change may overtake the message itself."""
    if await _known(tx, ticket_id, said.source) is not None:
        return True
    return any(one.source == said.source for one in await tx.replies_of(ticket_id))


async def _known(tx: Tx, ticket_id: TicketId, source: str) -> MessageId | None:
    ticket = (await tx.get(Ticket, [ticket_id])).get(ticket_id)
    found = await tx.messages_by_external_id(ticket.account, [source]) if ticket is not None else {}
    return found[source].id if source in found else None


async def reword(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, ticket_id: TicketId, said: Said
) -> Changed:
    """The author changed the words of a thread message: its note follows, and so does its reply while it is held. A
    reply that left keeps its words, and its entry says that they are the older ones. The same again changes nothing."""
    agent = worker(actor)
    reply, ticket = await _of(tx, ticket_id, said.source)
    former = await _reword_note(tx, scribe, actor, ticket, said)
    if reply is None or reply.state in _STOPPED:
        return NOTHING
    message = (await tx.lock(Message, [reply.message]))[reply.message]
    # A reply made in the form is its sender's own: it follows only where it says what the thread message said.
    follows = reply.shown_in != "" or (reply.agent == agent.id and former == message.text)
    if reply.state is Sending.HELD and follows and said.inside:
        return await _stop(tx, scribe, actor, reply, message)
    if message.text == said.text:
        return NOTHING
    if reply.state is not Sending.HELD or not follows:
        return await _keep_older(tx, scribe, actor, reply, message)
    conversation = (await tx.get(Conversation, [reply.conversation]))[reply.conversation]
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    files = await tx.attachments_of([reply.message])
    until = reply.held_until if reply.scheduled else scribe.now + undo_time(policy, accounts, reply.account, channel)
    try:
        check_reply(
            accounts,
            conversation,
            through=reply.account,
            channel=channel,
            text=said.text,
            file_sizes=[file.size for file in files],
            at=until if reply.scheduled else scribe.now,
        )
    except Refused as refusal:
        return replace(await _stop(tx, scribe, actor, reply, message), why=refusal)
    tx.add(_version(message, scribe.now))
    message = replace(message, text=said.text, revision=message.revision + 1)
    reply = replace(reply, held_until=until, updated_at=scribe.now)
    ticket = (await locked(tx, ticket_id)).touched(at=scribe.now)
    tx.put(message, reply, ticket)
    if reply.scheduled:
        await scheduling.announce_again(tx, reply)
    scribe.record(actor, ticket.id, "reply.reworded", message=message.id, text=said.text)
    tx.ask(Topic.SEND, reply.conversation, due=until)
    tx.ask(Topic.SHOW, ticket.id)
    return Changed(held=replying.Held(message.id, until, message.text, ticket, reply.scheduled))


async def retract(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, said: Said) -> Changed:
    """The author deleted a thread message: its note goes, a held reply made of it is undone; one that left stays, and
    its entry says so."""
    agent = worker(actor)
    reply, ticket = await _of(tx, ticket_id, said.source)
    await _retract_note(tx, scribe, actor, ticket, said)
    if reply is None or reply.state in _STOPPED:
        return NOTHING
    message = (await tx.lock(Message, [reply.message]))[reply.message]
    if reply.state is Sending.HELD and reply.agent == agent.id:
        return await _stop(tx, scribe, actor, reply, message)
    return await _keep_older(tx, scribe, actor, reply, message)


async def _of(tx: Tx, ticket_id: TicketId, source: str) -> tuple[Outbound | None, Ticket]:
    """The reply made of a thread message, if there is one, and the ticket; both locked."""
    made = [one.message for one in await tx.replies_of(ticket_id) if one.source == source]
    locked_replies = await tx.lock(Outbound, made[-1:]) if made else {}
    return next(iter(locked_replies.values()), None), await locked(tx, ticket_id)


async def _note_of(tx: Tx, ticket: Ticket, source: str) -> Message | None:
    found = (await tx.messages_by_external_id(ticket.account, [source])).get(source)
    if found is None or found.direction is not Direction.NOTE:
        return None
    return (await tx.lock(Message, [found.id]))[found.id]


async def _reword_note(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, said: Said) -> str:
    """Returns the note's former words; empty when there is none."""
    kept = await _note_of(tx, ticket, said.source)
    if kept is None:
        return ""
    if kept.text == said.text or kept.unsent:
        return kept.text
    tx.add(_version(kept, scribe.now))
    await _put_note(tx, said, replace(kept, text=said.text, edited=True, revision=kept.revision + 1))
    # It may have been split off since; and what stands below a merged ticket's card can be changed like any other.
    at_home = ticket if kept.ticket == ticket.id else await locked(tx, kept.ticket)
    save(tx, scribe, actor, at_home.touched(at=scribe.now), "note.edited", {"message": kept.id})
    return kept.text


async def _retract_note(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, said: Said) -> None:
    """The words are kept as a version, for the audit; no room shows them any more."""
    kept = await _note_of(tx, ticket, said.source)
    if kept is None or kept.unsent:
        return
    tx.add(_version(kept, scribe.now))
    await _put_note(tx, said, replace(kept, text="", unsent=True, revision=kept.revision + 1))
    tx.put(*(replace(file, state=Fetching.MASKED) for file in await tx.attachments_of([kept.id])))
    # It may have been split off since; and what stands below a merged ticket's card can be changed like any other.
    at_home = ticket if kept.ticket == ticket.id else await locked(tx, kept.ticket)
    save(tx, scribe, actor, at_home.touched(at=scribe.now), "note.deleted", {"message": kept.id})


async def _put_note(tx: Tx, said: Said, changed: Message) -> None:
    """The room it was written in shows the person's own message, which is changed already: only others draw anew."""
    tx.put(changed, PostedEntry(changed.organisation, said.posting, changed.id, said.reference, changed.revision))


def _version(message: Message, at: datetime) -> Version:
    return Version(message.id, message.revision, message.organisation, message.text, at)


async def _stop(tx: Tx, scribe: Scribe, actor: Actor, reply: Outbound, message: Message) -> Changed:
    await replying.undo(tx, scribe, actor, reply.message)
    return Changed(stopped=message)


async def _keep_older(tx: Tx, scribe: Scribe, actor: Actor, reply: Outbound, message: Message) -> Changed:
    """The reply keeps its words; its entry says that the message it was made of says something else now."""
    if reply.outdated:
        return NOTHING
    ticket = (await locked(tx, reply.ticket)).touched(at=scribe.now)
    tx.put(replace(reply, outdated=True), replace(message, revision=message.revision + 1), ticket)
    scribe.record(actor, ticket.id, "reply.outdated", message=message.id)
    tx.ask(Topic.SHOW, ticket.id)
    return Changed(state=reply.state)
