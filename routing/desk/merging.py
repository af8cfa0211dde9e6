"""Merges a ticket into another, and takes it out again as if it had never been in there."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from routing.agents import Actor
from routing.contacts import Conversation
from routing.desk.moving import EVERYTHING, PENDING, last_of_chain, move, pending_replies, quoted_anew
from routing.desk.records import Scribe, event
from routing.desk.working import merged_refusal, worker
from routing.errors import Gone, Refused
from routing.ids import ConversationId, TicketId, new_id
from routing.jobs import Topic
from routing.merges import Merge
from routing.messages import Direction, Message
from routing.ports import Tx
from routing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Merged:
    """Both tickets as they stand now."""

    source: Ticket
    target: Ticket


async def merge(tx: Tx, scribe: Scribe, actor: Actor, source_id: TicketId, target_id: TicketId) -> Merged:
    """The source is closed, and what its customers write from now on arrives in the target; a target that was merged
    itself is followed to where it went. The messages of the source stay where they are. The same again changes nothing.

    Raises Refused when both are one ticket already, the source was merged into another one, one of them is spam, or a
    reply of the source is leaving or unclear: it would be lost from sight.
    """
    worker(actor)
    moving = {one.id: one for one in await tx.conversations_of(source_id)}
    await tx.lock(Conversation, moving)
    source, target = await _both(tx, source_id, await last_of_chain(tx, target_id))
    if source.merged_into is not None:
        if await last_of_chain(tx, source.merged_into) == target.id:
            return Merged(source, target)
        raise await merged_refusal(tx, source)
    if source.id == target.id:
        raise Refused("merge.itself", number=str(source.number))
    if await pending_replies(tx, source.id):
        raise Refused("merge.reply_pending", number=str(source.number))
    # Pointers move only under the lock of the ticket they lead to, so from here on this is all of them.
    pointing = {one.id for one in await tx.conversations_of(source.id)}
    conversations = await tx.lock(Conversation, pointing)
    merged = source.next_seq().merge(target.id, at=scribe.now)
    taken = target.next_seq().take_in(source, at=scribe.now)
    tx.add(
        Merge(
            id=new_id(),
            organisation=scribe.organisation,
            source=source.id,
            target=target.id,
            agent=actor.agent.id if actor.agent else None,
            at=scribe.now,
            place=target.seq,
            conversation=source.conversation,
            conversations=tuple(sorted(conversations)),
            source_status=source.status,
            source_closed_at=source.closed_at,
            target_status=target.status,
            target_closed_at=target.closed_at,
            target_became=taken.status,
            lent=taken.assignee if taken.assignee != target.assignee else None,
        )
    )
    tx.put(*(replace(one, ticket=target.id) for one in conversations.values()), merged, taken)
    _tell(tx, scribe, actor, merged, "ticket.merged_into", target)
    _tell(tx, scribe, actor, taken, "ticket.merged_from", source)
    return Merged(merged, taken)


async def _both(tx: Tx, source: TicketId, target: TicketId) -> tuple[Ticket, Ticket]:
    """Locks both; a target that was merged in this very moment is followed on."""
    while True:
        tickets = await tx.lock(Ticket, {source, target})
        if source not in tickets or target not in tickets:
            raise Gone(f"ticket {source} or {target} does not exist")
        onwards = tickets[target].merged_into
        if onwards is None or target == source:
            return tickets[source], tickets[target]
        target = await last_of_chain(tx, onwards)


def _tell(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, what: str, other: Ticket) -> None:
    """One line in the thread (at the ticket's present place), the history, and the audit."""
    values = {"number": str(other.number), "other": other.id}
    who = actor.agent.name if actor.agent else ""
    tx.add(event(ticket, what, values | {"who": who}, at=scribe.now, actor=actor))
    scribe.record(actor, ticket.id, what, **values)
    tx.ask(Topic.SHOW, ticket.id)


async def unmerge(tx: Tx, scribe: Scribe, actor: Actor, source_id: TicketId) -> Ticket:
    """The ticket stands by itself again: as open or closed as it was, its customers' next messages arrive in it, and
    what they wrote since the merge (and we answered them) moves back into it. A ticket that is not merged stays so.

    Raises Refused while a reply to those customers is leaving or unclear.
    """
    worker(actor)
    seen = await tx.merge_of(source_id)
    if seen is not None:
        await tx.lock(Conversation, {*seen.conversations, seen.conversation})
    source = (await tx.lock(Ticket, [source_id])).get(source_id)
    if source is None:
        raise Gone(f"ticket {source_id} does not exist")
    record = await tx.merge_of(source_id)
    if record is None or source.merged_into is None:
        return source
    steps = await _steps(tx, record)
    tickets = await tx.lock(Ticket, steps)
    coming = await _coming(tx, record, tickets, home=list(steps)[-1])
    for step in steps:
        if any(one.state in PENDING and one.conversation in coming for one in await tx.replies_of(step)):
            raise Refused("merge.reply_pending", number=str(tickets[step].number))
    said = await _said_since(tx, steps, coming)
    target = await _let_go(tx, scribe, record, tickets[record.target], said)
    back = source.next_seq().unmerge(status=record.source_status, closed_at=record.source_closed_at, at=scribe.now)
    _tell(tx, scribe, actor, back, "ticket.unmerged", target)
    _tell(tx, scribe, actor, target, "ticket.taken_out", source)
    tx.put(replace(record, undone_at=scribe.now, undone_by=actor.agent.id if actor.agent else None))
    tx.put(*(replace(one, ticket=source_id) for one in coming.values()))
    if said:
        answered = said[-1].direction is Direction.OUTBOUND
        back = (await move(tx, said, back)).take_back(answered=answered, at=scribe.now)
        for left in [target, *(tickets[one] for one in steps if one != target.id)]:
            tx.put(await quoted_anew(tx, scribe, left))
            tx.ask(Topic.SHOW, left.id)
        back = await quoted_anew(tx, scribe, back)
    else:
        tx.put(target)
    tx.put(back)
    return back


async def _steps(tx: Tx, record: Merge) -> dict[TicketId, int]:
    """The tickets that messages of the source may have come to since, one after the other, each with the place from
    which on: the target, what that was merged into, and so on."""
    steps = {record.target: record.place}
    while (onwards := await tx.merge_of(list(steps)[-1])) is not None and onwards.target not in steps:
        steps[onwards.target] = onwards.place
    return steps


async def _coming(
    tx: Tx, record: Merge, tickets: Mapping[str, Ticket], *, home: TicketId
) -> dict[ConversationId, Conversation]:
    """The conversations that go back to the source: those that pointed at it and now lead to where it went, and its
    own one, when it was taken up from there and does not belong to a ticket on the way."""
    own = {record.conversation} - {one.conversation for one in tickets.values()}
    found = await tx.lock(Conversation, {*record.conversations, *own})
    return {one.id: one for one in found.values() if one.ticket == home}


async def _said_since(tx: Tx, steps: Mapping[TicketId, int], conversations: Container[ConversationId]) -> list[Message]:
    said = [
        one
        for step, place in steps.items()
        for one in await tx.timeline(step, after=place, limit=EVERYTHING)
        if isinstance(one, Message)
        and one.conversation in conversations
        and one.direction in (Direction.INBOUND, Direction.OUTBOUND)
    ]
    return sorted(said, key=lambda one: (one.created_at, one.seq))


async def _let_go(tx: Tx, scribe: Scribe, record: Merge, target: Ticket, said: Sequence[Message]) -> Ticket:
    """The target as it stood before the merge, unless something happened to it since: rather open than out of sight."""
    latest = next(iter(await tx.latest_inbound(target.id, limit=1)), None)
    quiet = not said and (latest is None or latest.seq <= record.place)
    as_before = quiet and target.status is record.target_became
    return target.next_seq().let_go(
        status=record.target_status if as_before else target.status,
        closed_at=record.target_closed_at if as_before else target.closed_at,
        assignee=None if record.lent is not None and target.assignee == record.lent else target.assignee,
        at=scribe.now,
    )
