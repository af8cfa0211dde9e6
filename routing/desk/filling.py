"""Fills the organisation's own fields of a ticket."""

from collections.abc import Mapping, Sequence

from routing.agents import Actor
from routing.desk.records import Scribe
from routing.desk.working import change, locked, worker
from routing.errors import Refused
from routing.ids import TicketId
from routing.own_fields import OwnField
from routing.policy import Policy
from routing.ports import Tx
from routing.ticket import Ticket


async def fill(
    tx: Tx, scribe: Scribe, policy: Policy, actor: Actor, ticket_id: TicketId, values: Mapping[str, str]
) -> Ticket:
    """Changes the fields named in `values`, and no others; an empty value empties its field. Raises Refused when one
    does not take its value, or is none of ours; nothing is changed then."""
    worker(actor)
    known = {one.id: one for one in policy.fields}
    if not values.keys() <= known.keys():
        raise Refused("fields.unknown")
    checked = {name: known[name].checked(value) for name, value in values.items()}
    ticket = await locked(tx, ticket_id)
    changed = ticket.filled({**ticket.fields, **checked}, at=scribe.now)
    told = _told(policy.fields, ticket, changed, policy.language)
    return await change(tx, scribe, actor, ticket, changed, "ticket.filled", values=told)


def _told(fields: Sequence[OwnField], before: Ticket, after: Ticket, language: str) -> str:
    """What changed, for the history."""
    return ", ".join(
        f"{one.title_in(language)}: {after.fields.get(one.id) or '–'}"
        for one in fields
        if before.fields.get(one.id) != after.fields.get(one.id)
    )
