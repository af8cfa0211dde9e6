"""Carries a group reply through: who of those chosen can be answered, and placing their replies one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from routing.agents import Actor, Agent, Permission, may
from routing.contacts import Contact, Conversation, Identity
from routing.desk import replying
from routing.desk.blanks import blanks
from routing.desk.checking import check_reply
from routing.desk.records import Scribe
from routing.desk.working import worker
from routing.errors import Gone, Refused
from routing.group_reply import (
    JUST_NOW,
    MOST_RECIPIENTS,
    GroupReply,
    GroupState,
    Recipient,
    RecipientState,
    message_of,
)
from routing.ids import TicketId
from routing.jobs import Topic
from routing.policy import Accounts, Policy
from routing.ports import Reads, Tx
from routing.replies import UNDECIDED, Outbound
from routing.templates import Template, check_text, fill
from routing.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group reply as somebody wrote it, with the tickets that they chose. `writing` names who has
    the reply form of a ticket open just now."""

    id: str
    tickets: Sequence[TicketId]
    chosen: str
    texts: Mapping[str, str]
    template: str = ""
    closing: bool = False
    workspace: str = ""
    user: str = ""
    writing: Mapping[TicketId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One of those chosen, with the text that they would get (empty where they are excluded) and their name."""

    recipient: Recipient
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Review:
    """What its author sees before confirming."""

    group: GroupReply
    chosen: tuple[Reviewed, ...]

    @property
    def included(self) -> list[Reviewed]:
        return [one for one in self.chosen if one.recipient.state is RecipientState.WAITING]

    @property
    def excluded(self) -> list[Reviewed]:
        return [one for one in self.chosen if one.recipient.state is RecipientState.EXCLUDED]


@dataclass(frozen=True, slots=True)
class _Case:
    """A ticket with what is needed to judge whether it can be answered now."""

    ticket: Ticket
    conversation: Conversation
    contact: Contact
    identity: Identity
    waiting: tuple[Outbound, ...]


async def review(tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, actor: Actor, new: NewGroup) -> Review:
    """Judges every ticket chosen and keeps what was found: what is confirmed later is what was seen. Raises Refused for
    an author who may not answer them all, for a text that is not well written, and for none or too many tickets."""
    agent = worker(actor)
    texts = _checked(new.texts)
    tickets = sorted((await tx.get(Ticket, list(new.tickets))).values(), key=lambda one: one.number)
    if not tickets:
        raise Refused("group.nobody")
    if len(tickets) > MOST_RECIPIENTS:
        raise Refused("group.too_many", count=str(len(tickets)), limit=str(MOST_RECIPIENTS))
    _check_yours(agent, tickets)
    reviewed: list[Reviewed] = []
    answered: set[str] = set()
    for place, case in enumerate(await _cases(tx, tickets)):
        one = _judged(scribe, policy, accounts, agent, new, texts, case, place, answered)
        if one.recipient.state is RecipientState.WAITING:
            answered.add(case.conversation.id)
        reviewed.append(one)
    group = GroupReply(
        id=new.id,
        organisation=scribe.organisation,
        agent=agent.id,
        surface=actor.surface,
        workspace=new.workspace,
        user=new.user,
        chosen=new.chosen,
        template=new.template,
        texts=texts,
        closing=new.closing,
        state=GroupState.REVIEWED,
        count=len(answered),
        reviewed_at=scribe.now,
        held_until=scribe.now,
        updated_at=scribe.now,
    )
    tx.add(group, *(one.recipient for one in reviewed))
    return Review(group, tuple(reviewed))


def _checked(texts: Mapping[str, str]) -> dict[str, str]:
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    if not written:
        raise Refused("group.no_text")
    for language, text in written.items():
        check_text(language, text)
    return written


def _check_yours(agent: Agent, tickets: Sequence[Ticket]) -> None:
    """A manager answers for everybody, an agent only for those that are theirs."""
    others = [one for one in tickets if one.assignee != agent.id]
    if others and not may(agent, Permission.MANAGE):
        raise Refused("group.not_yours", numbers=numbers(others))


def numbers(tickets: Sequence[Ticket], most: int = 10) -> str:
    named = ", ".join(f"#{one.number}" for one in tickets[:most])
    return f"{named} …" if len(tickets) > most else named


async def _cases(reads: Reads, tickets: Sequence[Ticket]) -> list[_Case]:
    conversations = await reads.get(Conversation, {one.conversation for one in tickets})
    contacts = await reads.get(Contact, {one.contact for one in tickets})
    identities = await reads.get(Identity, {one.identity for one in conversations.values()})
    waiting: dict[str, list[Outbound]] = {}
    for outbound in await reads.waiting_in([one.id for one in conversations.values()]):
        waiting.setdefault(outbound.conversation, []).append(outbound)
    return [
        _Case(
            ticket,
            conversation := conversations[ticket.conversation],
            contacts[ticket.contact],
            identities[conversation.identity],
            tuple(waiting.get(ticket.conversation, ())),
        )
        for ticket in tickets
    ]


def _judged(
    scribe: Scribe,
    policy: Policy,
    accounts: Accounts,
    agent: Agent,
    new: NewGroup,
    texts: Mapping[str, str],
    case: _Case,
    place: int,
    answered: set[str],
) -> Reviewed:
    ticket = case.ticket
    recipient = Recipient(
        message=message_of(new.id, ticket.id),
        organisation=scribe.organisation,
        group_reply=new.id,
        place=place,
        ticket=ticket.id,
        number=ticket.number,
        conversation=ticket.conversation,
        channel=accounts.answering_channel(case.conversation.account, case.conversation.channel),
        seen=ticket.latest_seq,
        state=RecipientState.WAITING,
    )
    name = case.contact.name or case.identity.name or case.conversation.address
    text = filled(policy, agent, texts, case)
    try:
        if ticket.conversation in answered:
            raise Refused("group.same_conversation")
        _check(accounts, case, text, new.writing, scribe.now)
    except Refused as refusal:
        return Reviewed(recipient.excluded(refusal), "", name)
    return Reviewed(recipient, text, name)


def filled(policy: Policy, agent: Agent, texts: Mapping[str, str], case: _Case) -> str:
    """The text in the customer's language, with the blanks filled for this ticket."""
    template = Template("", "", texts)
    text = template.text(case.contact.language or policy.language, policy.language)
    return fill(text, blanks(policy, agent, case.ticket, case.conversation, case.contact, case.identity))


def _check(accounts: Accounts, case: _Case, text: str, writing: Mapping[TicketId, str], now: datetime) -> None:
    """Raises Refused where a group reply would do harm, or could not leave. What an agent would decide looking at one
    ticket nobody decides here: such a ticket is left out, and told."""
    ticket = case.ticket
    if ticket.status is Status.SPAM:
        raise Refused("ticket.spam")
    if case.conversation.ticket != ticket.id:
        raise Refused("group.goes_on_elsewhere")
    if any(one.state in UNDECIDED for one in case.waiting):
        raise Refused("reply.undecided_first")
    if case.waiting:
        raise Refused("group.being_answered")
    if ticket.id in writing:
        raise Refused("group.somebody_writes", who=writing[ticket.id])
    if ticket.last_customer_at is not None and now - ticket.last_customer_at < JUST_NOW:
        raise Refused("group.just_wrote")
    through = accounts.answers_through(case.conversation.account)
    channel = accounts.answering_channel(case.conversation.account, case.conversation.channel)
    check_reply(accounts, case.conversation, through=through, channel=channel, text=text, file_sizes=(), at=now)


async def confirm(tx: Tx, scribe: Scribe, actor: Actor, name: str, typed: str) -> GroupReply:
    agent = worker(actor)
    group = await _group(tx, name)
    if group.agent != agent.id:
        raise Refused("not_allowed")
    held = group.hold(typed, at=scribe.now)
    if held is group:
        return group
    tx.put(held)
    tx.ask(Topic.GROUP, held.id, due=held.held_until)
    texts = {f"text.{language}": text for language, text in held.texts.items()}
    waiting = [one for one in await tx.recipients_of(held.id) if one.state is RecipientState.WAITING]
    tickets = ", ".join(f"#{one.number}" for one in waiting)
    told = {
        "group": held.id,
        "tickets": tickets,
        "count": str(held.count),
        "chosen": held.chosen,
        "template": held.template,
        **texts,
    }
    scribe.audit(actor, "group.confirmed", None, told)
    return held


async def take_back(tx: Tx, scribe: Scribe, actor: Actor, name: str) -> GroupReply:
    """Its author takes it back, or a manager."""
    agent = worker(actor)
    group = await _group(tx, name)
    if group.agent != agent.id and not may(agent, Permission.MANAGE):
        raise Refused("not_allowed")
    undone = group.take_back(at=scribe.now)
    if undone is not group:
        tx.put(undone)
        scribe.audit(actor, "group.undone", None, {"group": group.id})
    return undone


async def _group(tx: Tx, name: str) -> GroupReply:
    group = (await tx.lock(GroupReply, [name])).get(name)
    if group is None:
        raise Gone(f"group reply {name} does not exist")
    return group


@dataclass(frozen=True, slots=True)
class Wait:
    """The group reply can still be taken back until then."""

    until: datetime


async def place_next(
    tx: Tx, scribe: Scribe, policy: Policy, accounts: Accounts, name: str, writing: Mapping[TicketId, str]
) -> Recipient | Wait | None:
    """Makes the next recipient's reply, or leaves it out with the reason; None when there is none left.

    A recipient and its reply are written together, so a crash loses none and doubles none.
    """
    group = await _group(tx, name)
    if group.state is GroupState.HELD and scribe.now < group.held_until:
        return Wait(group.held_until)
    if group.state not in (GroupState.HELD, GroupState.LEAVING):
        return None
    leaving = group.leave(at=scribe.now)
    if leaving is not group:
        tx.put(leaving)
    recipient = await tx.next_recipient(name)
    if recipient is None:
        return None
    agent = (await tx.get(Agent, [group.agent]))[group.agent]
    try:
        await _place(tx, scribe, policy, accounts, Actor(agent, group.surface), group, recipient, writing)
        settled = replace(recipient, state=RecipientState.PLACED)
    except Refused as refusal:
        settled = recipient.excluded(refusal)
    except Gone:
        settled = recipient.excluded(Refused("gone"))
    tx.put(settled)
    return settled


async def _place(
    tx: Tx,
    scribe: Scribe,
    policy: Policy,
    accounts: Accounts,
    actor: Actor,
    group: GroupReply,
    recipient: Recipient,
    writing: Mapping[TicketId, str],
) -> None:
    agent = worker(actor)
    ticket = (await tx.get(Ticket, [recipient.ticket])).get(recipient.ticket)
    if ticket is None:
        raise Gone(f"ticket {recipient.ticket} does not exist")
    (case,) = await _cases(tx, [ticket])
    text = filled(policy, agent, group.texts, case)
    _check(accounts, case, text, writing, scribe.now)
    _check_yours(agent, [ticket])
    draft = replying.Draft(
        message=recipient.message,
        text=text,
        seen=recipient.seen,
        closing=group.closing,
        template=group.template,
        opened=group.reviewed_at,
        group=group.id,
    )
    # The time for taking it back was the group's, and is over.
    at_once = replace(policy, undo={recipient.channel: timedelta(0)})
    await replying.reply(tx, scribe, at_once, accounts, actor, ticket.id, draft)


async def finish(tx: Tx, scribe: Scribe, actor: Actor, name: str, counts: Mapping[str, str]) -> None:
    """Its author was told what became of it."""
    group = await _group(tx, name)
    done = group.finish(at=scribe.now)
    if done is not group:
        tx.put(done)
        scribe.audit(actor, "group.done", None, {"group": group.id, **counts})
