"""Hands tickets to another team or shows them in another room; the room they leave is told where they went."""

from collections.abc import Sequence
from dataclasses import replace

from routing.agents import Actor
from routing.desk.records import Scribe
from routing.desk.working import change, locked, worker
from routing.ids import RoomId, TicketId, new_id
from routing.ports import Tx
from routing.postings import Posting, PostingState
from routing.teams import Team
from routing.ticket import Ticket


async def to_team(tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, team: Team, *, leaving: bool) -> Ticket:
    """The team's rooms show it, nobody has it. `leaving`: the rooms that showed it so far no longer do."""
    worker(actor)
    ticket = await locked(tx, ticket_id)
    changed = ticket.hand_to(team.id, at=scribe.now)
    moved = await _show_in(tx, scribe, ticket, team.rooms, leaving=leaving)
    if moved and changed is ticket:
        changed = ticket.touched(at=scribe.now)
    return await change(tx, scribe, actor, ticket, changed, "ticket.handed_over", team=team.title)


async def to_room(
    tx: Tx, scribe: Scribe, actor: Actor, ticket_id: TicketId, room: RoomId, name: str, *, leaving: bool
) -> Ticket:
    """The room shows it; whose it is stays as it is. Raises Refused when nobody works at it any more."""
    worker(actor)
    ticket = await locked(tx, ticket_id)
    ticket.refuse_settled()
    moved = await _show_in(tx, scribe, ticket, [room], leaving=leaving)
    changed = ticket.touched(at=scribe.now) if moved else ticket
    what = "ticket.moved" if leaving else "ticket.shown_too"
    return await change(tx, scribe, actor, ticket, changed, what, room=name)


async def _show_in(tx: Tx, scribe: Scribe, ticket: Ticket, rooms: Sequence[RoomId], *, leaving: bool) -> bool:
    """Whether that changed anything. A room that it comes back to goes on where it stopped."""
    known = {one.room: one for one in await tx.postings_of(ticket.id)}
    postings = {one.room: one for one in (await tx.lock(Posting, {one.id for one in known.values()})).values()}
    fresh = [room for room in rooms if room not in postings]
    back = [one for room, one in postings.items() if room in rooms and one.state is PostingState.MOVED]
    gone = [one for room, one in postings.items() if room not in rooms and one.state is not PostingState.MOVED]
    for room in fresh:
        tx.add(Posting(new_id(), scribe.organisation, ticket.id, room, "", 0, 0, "", PostingState.SHOWN, scribe.now))
    tx.put(*(replace(one, state=PostingState.SHOWN, moved_to=None, updated_at=scribe.now) for one in back))
    if leaving:
        tx.put(*(replace(one, state=PostingState.MOVED, moved_to=rooms[0], updated_at=scribe.now) for one in gone))
    return bool(fresh or back or (leaving and gone))
