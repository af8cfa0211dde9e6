"""The life of a reply on its way out: it leaves in order, each step is written before and after the call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing.agents import SYSTEM
from routing.contacts import Conversation, Identity, with_refs
from routing.desk.blanks import count_use
from routing.desk.moving import answered_from
from routing.desk.notifying import notify
from routing.desk.records import Scribe, event
from routing.desk.replying import letter_key
from routing.desk.scheduling import announce_again, give_back, reason_to_stay
from routing.desk.working import locked
from routing.errors import LeaseLost
from routing.ids import ConversationId, MessageId
from routing.jobs import Topic
from routing.messages import Attachment, Message
from routing.notices import Occasion
from routing.policy import Accounts
from routing.ports import Tx
from routing.replies import UNDECIDED, Letter, Outbound, Prepared, Sending, Sent, SentAttachment
from routing.ticket import Ticket

Prepare = Callable[[Letter], Prepared]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A reply that was marked `sending` and may now be handed to its connection. `fence` must come back with the
    outcome. `interrupted`: the outcome of an attempt that was marked at `marked` was never written. `began` is when the
    first attempt was: from there on an idempotency key ages."""

    letter: Letter
    prepared: Prepared
    fence: int
    interrupted: bool
    began: datetime
    marked: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing may leave before `due`."""

    due: datetime


async def begin(
    tx: Tx, scribe: Scribe, accounts: Accounts, conversation_id: ConversationId, prepare: Callable[[str], Prepare]
) -> Leaving | Later | None:
    """Marks the conversation's next reply as `sending` and returns it. None: nothing to send, or a person must decide
    first. Only the holder of the conversation's job calls this, so a reply found `sending` was interrupted."""
    waiting = await tx.queued(conversation_id)
    if not waiting or any(one.state in UNDECIDED for one in waiting):
        return None
    conversation = (await tx.lock(Conversation, [conversation_id]))[conversation_id]
    interrupted = next((one for one in waiting if one.state is Sending.SENDING), None)
    if interrupted is not None:
        return await _resume(tx, accounts, conversation, interrupted)
    queued = await _queue_due(tx, scribe, accounts, conversation, waiting)
    if not queued:
        held = [one.held_until for one in waiting if one.state is Sending.HELD and one.held_until > scribe.now]
        return Later(min(held)) if held else None
    outbound = min(queued, key=lambda one: (one.order, one.message))
    if outbound.held_until > scribe.now:
        return Later(outbound.held_until)
    window = accounts.window(outbound.account, conversation, scribe.now)
    if not window.open:
        await _fail(tx, scribe, outbound, "window_closed", window.note)
        return None
    outbound = replace(outbound, first_attempt_at=outbound.first_attempt_at or scribe.now)
    letter = await _letter(tx, accounts, conversation, outbound)
    prepared = prepare(outbound.account)(letter)
    outbound = replace(
        outbound,
        state=Sending.SENDING,
        operation=prepared.operation,
        send_class=prepared.send_class,
        provider_ids=prepared.ids,
        fence=outbound.fence + 1,
        attempts=outbound.attempts + 1,
        updated_at=scribe.now,
    )
    tx.put(outbound)
    tx.know_reply_as(outbound.message, conversation_id, prepared.ids)
    return _leaving(letter, prepared, outbound, interrupted=False)


async def _resume(tx: Tx, accounts: Accounts, conversation: Conversation, outbound: Outbound) -> Leaving:
    """The same letter as before, under a new fence; whoever sent it first can no longer write its outcome. It goes on
    telling when the attempt was marked, for looking back must wait from there."""
    outbound = replace(outbound, fence=outbound.fence + 1, attempts=outbound.attempts + 1)
    tx.put(outbound)
    letter = await _letter(tx, accounts, conversation, outbound)
    prepared = Prepared(outbound.operation, outbound.send_class, outbound.provider_ids)
    return _leaving(letter, prepared, outbound, interrupted=True)


def _leaving(letter: Letter, prepared: Prepared, outbound: Outbound, *, interrupted: bool) -> Leaving:
    marked = outbound.updated_at
    began = outbound.first_attempt_at or marked
    return Leaving(letter, prepared, outbound.fence, interrupted, began, marked, outbound.attempts)


async def _queue_due(
    tx: Tx, scribe: Scribe, accounts: Accounts, conversation: Conversation, replies: Sequence[Outbound]
) -> list[Outbound]:
    """Held replies whose time has come take their place in the conversation and in the ticket's thread. A scheduled one
    is judged first, for much may have happened since."""
    queued = [one for one in replies if one.state is Sending.QUEUED]
    due = [one for one in replies if one.state is Sending.HELD and one.held_until <= scribe.now]
    for outbound in sorted(due, key=lambda one: (one.held_until, one.message)):
        ticket = await locked(tx, outbound.ticket)
        if outbound.scheduled:
            why = await reason_to_stay(tx, accounts, conversation, ticket, outbound, scribe.now)
            if why:
                await give_back(tx, scribe, SYSTEM, ticket, outbound, why)
                continue
        await announce_again(tx, outbound)
        message = (await tx.lock(Message, [outbound.message]))[outbound.message]
        ticket = ticket.next_seq().sending_is(Sending.QUEUED, at=scribe.now)
        placed = replace(message, seq=ticket.seq)
        files = [one for one in await tx.attachments_of([message.id]) if not one.seq]
        for file in files:
            ticket = ticket.next_seq()
            tx.put(replace(file, seq=ticket.seq))
        outbound = replace(outbound, state=Sending.QUEUED, order=placed.seq, updated_at=scribe.now)
        tx.put(ticket, placed, outbound)
        await tx.flush()
        queued.append(outbound)
        tx.ask(Topic.SHOW, outbound.ticket)
    return queued


async def _letter(tx: Tx, accounts: Accounts, conversation: Conversation, outbound: Outbound) -> Letter:
    message = (await tx.get(Message, [outbound.message]))[outbound.message]
    ticket = (await tx.get(Ticket, [outbound.ticket]))[outbound.ticket]
    identity = (await tx.get(Identity, [conversation.identity])).get(conversation.identity)
    files = await tx.attachments_of([outbound.message])
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    return Letter(
        message=outbound.message,
        key=letter_key(outbound.message, outbound.first_attempt_at),
        account=outbound.account,
        conversation=conversation.id,
        channel=channel,
        address=conversation.address,
        address_name=identity.name if identity else "",
        subject=conversation.subject,
        text=message.text,
        refs=conversation.refs,
        ticket_number=ticket.number,
        agent_name=message.author,
        created_at=message.created_at,
        copies=tuple(one for one in conversation.participants if one != conversation.address.casefold()),
        attachments=tuple(_sent_file(file) for file in files),
        handle=conversation.handle,
        handle_at=conversation.handle_at,
    )


def _sent_file(file: Attachment) -> SentAttachment:
    return SentAttachment(file.id, file.name, file.media_type, file.blob, file.size)


async def _held_by_us(tx: Tx, message_id: MessageId, fence: int) -> Outbound:
    outbound = (await tx.lock(Outbound, [message_id]))[message_id]
    if outbound.fence != fence or outbound.state is not Sending.SENDING:
        raise LeaseLost(f"reply {message_id} is in other hands")
    return outbound


async def _show_state(tx: Tx, scribe: Scribe, outbound: Outbound) -> None:
    """The entry of the reply and the card show its new state."""
    message = (await tx.lock(Message, [outbound.message]))[outbound.message]
    tx.put(outbound, replace(message, revision=message.revision + 1, sent_at=scribe.now))
    tx.ask(Topic.SHOW, outbound.ticket)


async def sent(tx: Tx, scribe: Scribe, message_id: MessageId, fence: int, outcome: Sent) -> None:
    """The provider has it."""
    outbound = await _held_by_us(tx, message_id, fence)
    conversation = (await tx.lock(Conversation, [outbound.conversation]))[outbound.conversation]
    ticket = await locked(tx, outbound.ticket)
    ids = tuple(dict.fromkeys((*outbound.provider_ids, *outcome.ids)))
    outbound = replace(outbound, state=Sending.SENT, provider_ids=ids, fault="", updated_at=scribe.now)
    tx.know_reply_as(message_id, outbound.conversation, outcome.ids)
    tx.put(replace(answered_from(conversation, ticket), refs=with_refs(conversation.refs, ids[:1])))
    ticket = ticket.reply_sent(place=outbound.order, closing=outbound.closing, at=scribe.now)
    ticket = ticket.sending_is(Sending.SENT, at=scribe.now)
    if outcome.note:
        ticket = ticket.next_seq()
        values = {"message": message_id, "reason": outcome.note, "agent": outbound.agent or ""}
        tx.add(event(ticket, "reply.partly", values, at=scribe.now, actor=SYSTEM))
    tx.put(ticket)
    scribe.record(SYSTEM, ticket.id, "reply.sent", message=message_id)
    await count_use(tx, outbound, scribe.now)
    await _show_state(tx, scribe, outbound)
    tx.ask(Topic.SEND, outbound.conversation)


async def not_sent(tx: Tx, scribe: Scribe, message_id: MessageId, fence: int, reason: str, again: datetime) -> None:
    """Surely not sent: it stands in the queue again, first in line, and does not leave before `again`."""
    outbound = await _held_by_us(tx, message_id, fence)
    tx.put(replace(outbound, state=Sending.QUEUED, fault=reason, held_until=again, updated_at=scribe.now))


async def failed(tx: Tx, scribe: Scribe, message_id: MessageId, fence: int, reason: str) -> None:
    """The provider refused it; the agent is told and decides."""
    outbound = await _held_by_us(tx, message_id, fence)
    await _fail(tx, scribe, outbound, "rejected", reason)


async def unknown(tx: Tx, scribe: Scribe, message_id: MessageId, fence: int, reason: str) -> None:
    """It may have arrived: a person is asked."""
    outbound = await _held_by_us(tx, message_id, fence)
    outbound = replace(outbound, state=Sending.UNKNOWN, fault=reason, updated_at=scribe.now)
    await _ask_person(tx, scribe, outbound, "reply.unknown", reason)


async def _fail(tx: Tx, scribe: Scribe, outbound: Outbound, why: str, reason: str) -> None:
    outbound = replace(outbound, state=Sending.FAILED, fault=reason, updated_at=scribe.now)
    await _ask_person(tx, scribe, outbound, f"reply.failed_{why}", reason)


async def _ask_person(tx: Tx, scribe: Scribe, outbound: Outbound, sentence: str, reason: str) -> None:
    ticket = (await locked(tx, outbound.ticket)).next_seq().sending_is(outbound.state, at=scribe.now)
    values = {"message": outbound.message, "reason": reason, "agent": outbound.agent or ""}
    tx.add(event(ticket, sentence, values, at=scribe.now, actor=SYSTEM))
    tx.put(ticket)
    scribe.record(SYSTEM, ticket.id, sentence, message=outbound.message, reason=reason)
    event_key = f"{sentence}:{outbound.message}:{outbound.fence}"
    notify(tx, scribe, Occasion.REPLY_TROUBLED, outbound.agent, ticket.id, event=event_key, about=outbound.message)
    await _show_state(tx, scribe, outbound)
