"""Splits messages off into a ticket of their own."""

from collections.abc import Collection

from routing.agents import Actor
from routing.contacts import Conversation
from routing.desk.moving import move, quoted_anew
from routing.desk.records import Scribe, event
from routing.desk.working import locked, merged_refusal, worker
from routing.errors import Refused
from routing.ids import MessageId, TicketId, new_id
from routing.jobs import Topic
from routing.messages import Direction, Message
from routing.ports import Tx
from routing.postings import Posting, PostingState
from routing.ticket import Status, Ticket


async def split(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, messages: Collection[MessageId], fresh: TicketId
) -> Ticket:
    """The customer's chosen messages stand in a new ticket with the id `fresh`, shown in the same rooms. What the
    customer writes next goes on arriving in the old one, until somebody answers from the new one. The same `fresh`
    again changes nothing.

    Raises Refused for messages that do not stand in the ticket (any more), that belong to several conversations, or
    that are all the customer's words there are.
    """
    worker(actor)
    ticket = await locked(tx, ticket_id)
    known = (await tx.get(Ticket, [fresh])).get(fresh)
    if known is not None:
        return _again(known, ticket_id)
    if ticket.merged_into is not None:
        raise await merged_refusal(tx, ticket)
    if ticket.status is Status.SPAM:
        raise Refused("ticket.spam")
    chosen = await _chosen(tx, ticket, messages)
    conversation = (await tx.get(Conversation, [chosen[0].conversation]))[chosen[0].conversation]
    number = await tx.take_numbers(1)
    apart = ticket.split_off(
        fresh, number=number, conversation=conversation.id, contact=conversation.contact, at=scribe.now
    ).next_seq()
    left = ticket.next_seq().touched(at=scribe.now)
    tx.add(apart)
    for posting in await tx.postings_of(ticket.id):
        if posting.state is PostingState.MOVED:
            continue
        tx.add(
            Posting(new_id(), scribe.organisation, fresh, posting.room, "", 0, 0, "", PostingState.SHOWN, scribe.now)
        )
    _tell(tx, scribe, actor, left, "ticket.split_to", apart)
    _tell(tx, scribe, actor, apart, "ticket.split_from", left)
    apart = await move(tx, chosen, apart)
    tx.put(await quoted_anew(tx, scribe, left))
    apart = await quoted_anew(tx, scribe, apart)
    tx.put(apart)
    return apart


def _again(known: Ticket, ticket_id: TicketId) -> Ticket:
    if known.split_from != ticket_id:
        raise Refused("not_allowed")
    return known


async def _chosen(tx: Tx, ticket: Ticket, messages: Collection[MessageId]) -> list[Message]:
    """The messages in their order. They move only under the ticket's lock, which is held."""
    if not messages:
        raise Refused("split.which")
    found = (await tx.get(Message, set(messages))).values()
    own = [one for one in found if one.ticket == ticket.id and one.direction is Direction.INBOUND and one.seq]
    if len(own) < len(set(messages)):
        raise Refused("split.moved")
    if len({one.conversation for one in own}) > 1:
        raise Refused("split.several")
    if len(await tx.latest_inbound(ticket.id, limit=len(own) + 1)) == len(own):
        raise Refused("split.everything")
    return sorted(own, key=lambda one: one.seq)


def _tell(tx: Tx, scribe: Scribe, actor: Actor, ticket: Ticket, what: str, other: Ticket) -> None:
    """One line in the thread (at the ticket's present place), the history, and the audit."""
    values = {"number": str(other.number), "other": other.id}
    who = actor.agent.name if actor.agent else ""
    tx.add(event(ticket, what, values | {"who": who}, at=scribe.now, actor=actor))
    scribe.record(actor, ticket.id, what, **values)
    tx.ask(Topic.SHOW, ticket.id)
