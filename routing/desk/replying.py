"""Takes a reply from an agent, holds it for the undo time, and lets it be undone or decided about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing.agents import Actor
from routing.contacts import Conversation
from routing.desk import scheduling
from routing.desk.blanks import count_use, origin
from routing.desk.checking import check_reply, undo_time
from routing.desk.moving import answerable, answered_from
from routing.desk.notifying import DROPPED, notify
from routing.desk.records import Scribe
from routing.desk.scheduling import NOT_SAID, announce, check_time, take_back
from routing.desk.working import locked, merged_refusal, worker
from routing.errors import Gone, Refused
from routing.ids import AccountId, AgentId, AttachmentId, ConversationId, MessageId, TicketId, new_id
from routing.jobs import Topic
from routing.messages import Attachment, Direction, Fetching, Kind, Message, NewAttachment
from routing.notices import Occasion
from routing.own_fields import check_closing
from routing.policy import Accounts, Policy
from routing.ports import Tx
from routing.postings import PostedEntry
from routing.replies import UNDECIDED, Outbound, SendClass, Sending
from routing.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as submitted. `message` was minted when the form was opened: the same one again is the same reply.

    `seen` is the place of the customer's latest message that the form showed: newer words are asked about first. `at`:
    it leaves then, and not after the undo time. What a colleague answered after `opened` is asked about too.
    `conversation` is whom it answers, where the ticket holds several (empty: the ticket's own). `source` and
    `shown_in`: the thread message that it is made of, and the posting whose thread shows it already. `group` names the
    group reply that it belongs to: whoever answers many at once does not take them all upon themselves.
    """

    message: MessageId
    text: str
    seen: int
    closing: bool = False
    files: tuple[NewAttachment, ...] = ()
    template: str = ""
    at: datetime | None = None
    opened: datetime | None = None
    conversation: str = ""
    source: str = ""
    shown_in: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The reply is kept and leaves at `until` unless it is undone. `scheduled`: its agent chose that time."""

    message: MessageId
    until: datetime
    text: str
    ticket: Ticket
    scheduled: bool = False


async def reply(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, ticket_id: TicketId, draft: Draft
) -> Held:
    """Keeps the reply for the undo time. Raises Refused with the sentence for the form; nothing is kept then."""
    agent = worker(actor)
    seen = (await tx.get(Ticket, [ticket_id])).get(ticket_id)
    if seen is None:
        raise Gone(f"ticket {ticket_id} does not exist")
    chosen = draft.conversation or seen.conversation
    waiting = await tx.queued(ConversationId(chosen))
    ticket = await locked(tx, ticket_id)
    known = next((one for one in waiting if one.message == draft.message), None)
    known = known or (await tx.get(Outbound, [draft.message])).get(draft.message)
    if known is not None:
        return await _again(tx, known, ticket)
    if ticket.status is Status.SPAM:
        raise Refused("ticket.spam")
    if ticket.merged_into is not None:
        raise await merged_refusal(tx, ticket)
    conversation = await _conversation(tx, ticket, chosen, sure=not draft.shown_in or draft.conversation != "")
    through = accounts.answers_through(conversation.account)
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    if draft.closing and not ticket.is_settled:
        check_closing(policy.fields, ticket.fields, policy.language)
    _check_draft(accounts, scribe.now, conversation, through, channel, draft)
    if any(one.state in UNDECIDED for one in waiting):
        raise Refused("reply.undecided_first")
    if ticket.latest_seq > draft.seen:
        raise Refused("reply.customer_wrote", latest=str(ticket.latest_seq))
    # Nobody looks at each ticket of a group reply, so what its own author answered meanwhile counts as well.
    known_to = None if draft.group else agent.id
    answered = await _answered_since(tx, ticket, known_to, draft.opened) if draft.opened is not None else None
    if answered is not None:
        raise Refused("reply.colleague_answered", who=answered.author, message=answered.id)
    until = draft.at or scribe.now + undo_time(policy, accounts, through, channel)
    message = Message(
        id=draft.message,
        organisation=ticket.organisation,
        ticket=ticket.id,
        conversation=conversation.id,
        account=through,
        seq=0,
        direction=Direction.OUTBOUND,
        kind=Kind.MAIL if channel == "email" else Kind.DM,
        external_id=None,
        identity=conversation.identity,
        agent=agent.id,
        author=agent.name,
        subject=conversation.subject,
        text=draft.text,
        full_text="",
        automatic="",
        verified=True,
        created_at=scribe.now,
        sent_at=scribe.now,
    )
    template, share = await origin(tx, policy, agent, ticket, conversation, draft.template, draft.text)
    outbound = Outbound(
        message=draft.message,
        organisation=ticket.organisation,
        account=through,
        conversation=conversation.id,
        ticket=ticket.id,
        agent=agent.id,
        state=Sending.HELD,
        closing=draft.closing,
        held_until=until,
        order=0,
        operation="",
        send_class=SendClass.ASK,
        provider_ids=(),
        fence=0,
        attempts=0,
        first_attempt_at=None,
        fault="",
        delivered="",
        asked_after_seq=ticket.latest_seq,
        updated_at=scribe.now,
        scheduled=draft.at is not None,
        template=template,
        changed=share,
        source=draft.source,
        shown_in=draft.shown_in,
    )
    claims = ticket.assignee is None and not draft.group and _open(ticket)
    changed = ticket.assign(agent.id, at=scribe.now) if claims else ticket
    changed = changed.sending_is("", at=scribe.now).sending_is(Sending.HELD, at=scribe.now)
    if outbound.scheduled:
        changed, outbound = announce(tx, scribe, actor, changed, outbound)
    tx.add(message, outbound)
    leaving = [_leaving(message, file) for file in draft.files]
    tx.add(*leaving)
    if draft.shown_in:
        tx.add(*(PostedEntry(scribe.organisation, draft.shown_in, file.id, "", 0) for file in leaving))
    tx.put(changed)
    scribe.record(
        actor,
        ticket.id,
        "reply.scheduled" if outbound.scheduled else "reply.held",
        message=message.id,
        text=draft.text,
        template=draft.template,
        closing="yes" if draft.closing else "",
        group=draft.group,
        when=until.isoformat(),
    )
    tx.ask(Topic.SEND, conversation.id, due=until)
    tx.ask(Topic.SHOW, ticket.id)
    return Held(message.id, until, draft.text, changed, outbound.scheduled)


def _open(ticket: Ticket) -> bool:
    return ticket.closed_at is None


async def _answered_since(tx: Tx, ticket: Ticket, agent: AgentId | None, since: datetime) -> Message | None:
    """What anybody but `agent` last answered after `since`, sent or about to be."""
    replies = await tx.replies_of(ticket.id)
    replies = [one for one in replies if (agent is None or one.agent != agent) and one.state not in NOT_SAID]
    said = (await tx.get(Message, [one.message for one in replies])).values() if replies else ()
    return max((one for one in said if one.created_at > since), key=lambda one: one.created_at, default=None)


async def _again(tx: Tx, known: Outbound, ticket: Ticket) -> Held:
    if known.ticket != ticket.id:
        raise Refused("not_allowed")
    message = (await tx.get(Message, [known.message]))[known.message]
    if known.state in (Sending.UNDONE, Sending.DROPPED, Sending.RETURNED):
        raise Refused("reply.was_undone")
    return Held(known.message, known.held_until, message.text, ticket, known.scheduled)


async def _conversation(tx: Tx, ticket: Ticket, chosen: str, *, sure: bool) -> Conversation:
    """The chosen one of those that the ticket may answer. Unless its author was shown whom it goes to (`sure`), it must
    be the only one."""
    found = await answerable(tx, ticket)
    if not sure and len(found) > 1:
        raise Refused("talk.several")
    for one in found:
        if one.id == chosen:
            return one
    raise Refused("reply.not_here")


def _check_draft(
    accounts: Accounts, now: datetime, conversation: Conversation, through: AccountId, channel: str, draft: Draft
) -> None:
    """Whether the reply may leave now; one for later is judged by the window of then."""
    if draft.at is not None:
        check_time(now, draft.at)
    try:
        check_reply(
            accounts,
            conversation,
            through=through,
            channel=channel,
            text=draft.text,
            file_sizes=[file.size for file in draft.files],
            at=draft.at or now,
        )
    except Refused as refusal:
        if draft.at is not None and refusal.key == "reply.window_closed":
            raise Refused("schedule.window_closed_then", **refusal.values) from None
        raise


def _leaving(message: Message, file: NewAttachment) -> Attachment:
    return Attachment(
        id=AttachmentId(new_id()),
        organisation=message.organisation,
        ticket=message.ticket,
        message=message.id,
        account=message.account,
        seq=0,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        blob=file.blob,
        source="",
        state=Fetching.STORED,
    )


async def undo(tx: Tx, scribe: Scribe, actor: Actor, message_id: MessageId) -> Message:
    """Takes a held reply back and returns it, to be written anew. Raises Refused when it has left already. A scheduled
    one stands in the thread for everybody at work to see, so any of them may stop it: its author may be away."""
    agent = worker(actor)
    outbound = (await tx.lock(Outbound, [message_id])).get(message_id)
    if outbound is None:
        raise Gone(f"reply {message_id} does not exist")
    message = (await tx.get(Message, [message_id]))[message_id]
    if outbound.agent != agent.id and not outbound.waits_for_its_time:
        raise Refused("undo.not_yours", who=message.author)
    if outbound.state is Sending.UNDONE:
        return message
    if outbound.state is not Sending.HELD:
        raise Refused("undo.too_late")
    ticket = await locked(tx, outbound.ticket)
    if outbound.scheduled:
        ticket = await take_back(tx, scribe, actor, ticket, outbound)
    else:
        await scheduling.announce_again(tx, outbound)
    tx.put(replace(outbound, state=Sending.UNDONE, updated_at=scribe.now))
    tx.put(ticket.sending_is("", at=scribe.now).sending_is(Sending.UNDONE, at=scribe.now))
    scribe.record(actor, ticket.id, "reply.undone", message=message_id)
    tx.ask(Topic.SHOW, ticket.id)
    return message


async def send_now(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, message_id: MessageId
) -> Held:
    """A scheduled reply is held for the undo time only."""
    ticket, outbound = await scheduling.send_now(tx, scribe, policy, accounts, actor, message_id)
    message = (await tx.get(Message, [message_id]))[message_id]
    return Held(message_id, outbound.held_until, message.text, ticket)


async def decide(tx: Tx, scribe: Scribe, actor: Actor, message_id: MessageId, decision: str) -> Ticket:
    """Settles an unknown or failed reply as a person says: `arrived`, `again` or `drop`."""
    worker(actor)
    outbound = (await tx.lock(Outbound, [message_id])).get(message_id)
    if outbound is None:
        raise Gone(f"reply {message_id} does not exist")
    conversation = (await tx.lock(Conversation, [outbound.conversation]))[outbound.conversation]
    ticket = await locked(tx, outbound.ticket)
    if outbound.state not in UNDECIDED:
        raise Refused("decide.settled", state=outbound.state)
    match decision:
        case "arrived":
            settled = replace(outbound, state=Sending.SENT, fault="")
            changed = ticket.reply_sent(place=outbound.order, closing=outbound.closing, at=scribe.now)
            await count_use(tx, outbound, scribe.now)
            tx.put(answered_from(conversation, ticket))
        case "again":
            # A new attempt is a new letter towards the provider: its idempotency key may be older than it lives.
            settled = replace(
                outbound, state=Sending.QUEUED, fault="", first_attempt_at=None, attempts=0, held_until=scribe.now
            )
            changed = ticket
            tx.ask(Topic.SEND, outbound.conversation)
        case "drop":
            settled = replace(outbound, state=Sending.DROPPED)
            changed = ticket
        case _:
            raise Refused("not_allowed")
    changed = changed.sending_is("", at=scribe.now).sending_is(settled.state, at=scribe.now)
    tx.put(replace(settled, updated_at=scribe.now), changed)
    message = (await tx.lock(Message, [message_id]))[message_id]
    tx.put(replace(message, revision=message.revision + 1))
    scribe.record(actor, ticket.id, f"reply.decided_{decision}", message=message_id)
    if decision == "drop":
        event = f"{DROPPED}:{message_id}:{outbound.fence}"
        notify(
            tx,
            scribe,
            Occasion.REPLY_TROUBLED,
            outbound.agent,
            ticket.id,
            event=event,
            about=message_id,
            actor=actor,
        )
    tx.ask(Topic.SEND, outbound.conversation)
    tx.ask(Topic.SHOW, ticket.id)
    return changed


def undecided(replies: Sequence[Outbound]) -> Outbound | None:
    """The first reply that waits for a person's decision."""
    return next((one for one in replies if one.state in UNDECIDED), None)


def letter_key(message: MessageId, first_attempt_at: datetime | None) -> str:
    """The idempotency key of a reply: the same over every automatic attempt, a new one when a person sends again."""
    began = first_attempt_at.isoformat() if first_attempt_at else ""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"madoguchi:{message}:{began}"))
