"""Puts tags on tickets and takes them off, and knows which are in use."""

from collections.abc import Sequence
from dataclasses import replace

from routing.agents import Actor
from routing.desk.records import Scribe
from routing.desk.working import change, locked, worker
from routing.folding import folded
from routing.ids import TicketId
from routing.ports import Tx
from routing.tags import Tag, tidied, together, without
from routing.ticket import Ticket


async def tag(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, *, add: Sequence[str], remove: Sequence[str]
) -> Ticket:
    """Raises Refused when a tag is too long or there are too many; nothing is changed then."""
    worker(actor)
    ticket = await locked(tx, ticket_id)
    added = [one for text in add if (one := tidied(text))]
    changed = await retag(tx, scribe, ticket, together(without(ticket.tags, remove), added))
    values = {"added": ", ".join(without(changed.tags, ticket.tags)), "removed": ", ".join(_gone(ticket, changed))}
    told = {name: value for name, value in values.items() if value}
    if not told:
        return ticket
    return await change(tx, scribe, actor, ticket, changed, _SENTENCES[tuple(told)], **told)


_SENTENCES = {
    ("added",): "ticket.tags_added",
    ("removed",): "ticket.tags_removed",
    ("added", "removed"): "ticket.tags_both",
}


def _gone(before: Ticket, after: Ticket) -> tuple[str, ...]:
    return without(before.tags, after.tags)


async def retag(tx: Tx, scribe: Scribe, ticket: Ticket, tags: tuple[str, ...]) -> Ticket:
    """The ticket with exactly these tags, each written as it was first written anywhere; how often each is used is
    counted along. The ticket's row must be locked; the caller saves it."""
    fresh, gone = without(tags, ticket.tags), without(ticket.tags, tags)
    known = await tx.lock(Tag, {folded(one) for one in (*fresh, *gone)})
    for one in fresh:
        name = folded(one)
        if name in known:
            tx.put(replace(known[name], uses=known[name].uses + 1))
        else:
            tx.add(Tag(name, scribe.organisation, one, 1))
    for name in {folded(one) for one in gone} & known.keys():
        tx.put(replace(known[name], uses=max(0, known[name].uses - 1)))
    written = {folded(one): one for one in ticket.tags} | {name: one.title for name, one in known.items()}
    return ticket.tagged(tuple(written.get(folded(one), one) for one in tags), at=scribe.now)
