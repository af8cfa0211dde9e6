"""Replies that leave at a time their author chose: announced in the thread, judged again when due, sent sooner."""

from dataclasses import replace
from datetime import datetime, timedelta

from routing.agents import Actor
from routing.contacts import Conversation
from routing.desk.checking import check_reply, undo_time
from routing.desk.notifying import RETURNED as RETURNED
from routing.desk.notifying import TAKEN_BACK as TAKEN_BACK
from routing.desk.notifying import notify
from routing.desk.records import Scribe, event
from routing.desk.working import locked, worker
from routing.errors import Gone, Refused
from routing.ids import MessageId
from routing.jobs import Topic
from routing.messages import Message
from routing.notices import Occasion
from routing.policy import Accounts, Policy
from routing.ports import Tx
from routing.replies import Outbound, Sending
from routing.ticket import Ticket

FARTHEST = timedelta(days=180)
SCHEDULED = "reply.scheduled"

# A reply in one of these states told the customer nothing, and does not leave any more unless a person says so.
NOT_SAID = (Sending.UNDONE, Sending.DROPPED, Sending.RETURNED, Sending.FAILED)

# Why a scheduled reply did not leave when its time came; each has its sentence.
REASONS = frozenset({"customer_wrote", "colleague_answered", "window_closed", "limits", "account"})
_WHY = {"reply.window_closed": "window_closed", "reply.cannot_send": "account"}


def check_time(now: datetime, at: datetime) -> None:
    """Raises Refused for a time that is over, or so far away that nobody would remember it."""
    if at <= now:
        raise Refused("schedule.past")
    if at - now > FARTHEST:
        raise Refused("schedule.too_far", days=str(FARTHEST.days))


def announce(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, outbound: Outbound) -> tuple[Ticket, Outbound]:
    """The line in the thread that tells of a scheduled reply, at the ticket's next place."""
    ticket = ticket.next_seq()
    values = {"message": outbound.message, "who": actor.agent.name if actor.agent else ""}
    line = event(ticket, SCHEDULED, values, at=scribe.now, actor=actor)
    tx.add(line)
    return ticket, replace(outbound, announced=line.id)


async def announce_again(tx: Tx, outbound: Outbound) -> None:
    """The line shows what became of the reply."""
    if outbound.announced is None:
        return
    line = (await tx.lock(Message, [outbound.announced]))[outbound.announced]
    tx.put(replace(line, revision=line.revision + 1))


async def reason_to_stay(
    tx: Tx, accounts: Accounts, conversation: Conversation, ticket: Ticket, outbound: Outbound, now: datetime
) -> str:
    """Why the scheduled reply must not leave now, one of REASONS; empty when it may."""
    message = (await tx.get(Message, [outbound.message]))[outbound.message]
    # What a machine wrote since (an absence note) is nothing that the reply should have answered.
    wrote = ticket.last_customer_at is not None and ticket.last_customer_at > message.created_at
    if wrote and ticket.latest_seq > outbound.asked_after_seq:
        return "customer_wrote"
    if await _colleague_answered(tx, outbound, message.created_at):
        return "colleague_answered"
    files = await tx.attachments_of([outbound.message])
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    try:
        check_reply(
            accounts,
            conversation,
            through=outbound.account,
            channel=channel,
            text=message.text,
            file_sizes=[file.size for file in files],
            at=now,
        )
    except Refused as refusal:
        return _WHY.get(refusal.key, "limits")
    return ""


async def _colleague_answered(tx: Tx, outbound: Outbound, since: datetime) -> bool:
    """Whether somebody else answered the same conversation after the reply was written. What its author says besides
    was said with the scheduled reply in mind."""
    others = [
        one.message
        for one in await tx.replies_of(outbound.ticket)
        if one.conversation == outbound.conversation
        and one.message != outbound.message
        and one.agent != outbound.agent
        and one.state not in NOT_SAID
    ]
    said = (await tx.get(Message, others)).values() if others else ()
    return any(one.created_at > since for one in said)


async def give_back(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, outbound: Outbound, why: str) -> None:
    """The reply does not leave: its author gets it back as a draft, and is told so once, as they chose."""
    returned = replace(outbound, state=Sending.RETURNED, fault=why, updated_at=scribe.now)
    ticket = ticket.next_seq().sending_is("", at=scribe.now).sending_is(Sending.RETURNED, at=scribe.now)
    values = {"message": outbound.message, "agent": outbound.agent or "", "reason": why}
    tx.add(event(ticket, RETURNED, values, at=scribe.now, actor=actor))
    tx.put(ticket, returned)
    await announce_again(tx, returned)
    scribe.record(actor, ticket.id, RETURNED, message=outbound.message, reason=why)
    _tell_author(tx, scribe, actor, outbound, RETURNED)
    tx.ask(Topic.SHOW, ticket.id)


async def take_back(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, outbound: Outbound) -> Ticket:
    """Somebody stops a scheduled reply. When it was not its author, they are told by whom, as they chose."""
    agent = worker(actor)
    await announce_again(tx, outbound)
    if outbound.agent == agent.id:
        return ticket
    ticket = ticket.next_seq()
    values = {"message": outbound.message, "agent": outbound.agent or "", "who": agent.name}
    tx.add(event(ticket, TAKEN_BACK, values, at=scribe.now, actor=actor))
    _tell_author(tx, scribe, actor, outbound, TAKEN_BACK)
    return ticket


def _tell_author(tx: Tx, scribe: Scribe, actor: Actor, outbound: Outbound, what: str) -> None:
    event_key = f"{what}:{outbound.message}"
    notify(
        tx,
        scribe,
        Occasion.REPLY_TROUBLED,
        outbound.agent,
        outbound.ticket,
        event=event_key,
        about=outbound.message,
        actor=actor,
    )


async def send_now(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, message_id: MessageId
) -> tuple[Ticket, Outbound]:
    """A scheduled reply need not wait any longer: it is held for the undo time only. Pressed again nothing changes.

    Raises Refused when it must not leave, or is on its way already.
    """
    worker(actor)
    known = (await tx.get(Outbound, [message_id])).get(message_id)
    if known is None:
        raise Gone(f"reply {message_id} does not exist")
    conversation = (await tx.get(Conversation, [known.conversation]))[known.conversation]
    outbound = (await tx.lock(Outbound, [message_id]))[message_id]
    ticket = await locked(tx, outbound.ticket)
    if outbound.state is Sending.HELD and not outbound.scheduled:
        return ticket, outbound
    if outbound.state is not Sending.HELD:
        raise Refused("schedule.settled")
    why = await reason_to_stay(tx, accounts, conversation, ticket, outbound, scribe.now)
    if why:
        raise Refused(f"schedule.{why}")
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    undo = undo_time(policy, accounts, outbound.account, channel)
    outbound = replace(outbound, scheduled=False, held_until=scribe.now + undo, updated_at=scribe.now)
    ticket = ticket.sending_is("", at=scribe.now).sending_is(Sending.HELD, at=scribe.now)
    tx.put(ticket, outbound)
    await announce_again(tx, outbound)
    scribe.record(actor, ticket.id, "reply.sent_now", message=message_id)
    tx.ask(Topic.SEND, outbound.conversation, due=outbound.held_until)
    tx.ask(Topic.SHOW, ticket.id)
    return ticket, outbound
