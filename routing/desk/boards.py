"""What the desk does for a whole room: its queue, its panels, and handing out the next ticket."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from routing.agents import SYSTEM, Actor, Agent, Permission
from routing.desk import working
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.errors import Refused
from routing.ids import RoomId, TicketId
from routing.jobs import Alert, Topic
from routing.panels import Panel, PanelKind, panel_id
from routing.ports import Reads, Tx, Urgency
from routing.postings import Posting, PostingState
from routing.queue import DOUBLE_PRESS, Queue, next_look, waits
from routing.rushes import RollUp, Rush
from routing.ticket import SETTLED, Ticket

CANDIDATES = 20
ROUNDS = 5
MENDED_AT_ONCE = 100


class Boards(Core):
    """Use cases of rooms as a whole."""

    __slots__ = ()

    async def queue_of(self, room: RoomId, *, first: int) -> Queue:
        """The room's queue, with the `first` tickets of it."""

        async def work(reads: Reads) -> Queue:
            return Queue(tuple(await reads.queue_counts(room)), tuple(await reads.next_in_queue(room, limit=first)))

        return await self.look(work)

    async def roll_up_of(self, room: RoomId, *, latest: int) -> RollUp:
        """What the room's roll-up tells, with the `latest` of its tickets."""

        async def work(reads: Reads) -> RollUp:
            count = await reads.collected_count(room)
            newest = await reads.latest_collected(room, limit=latest) if count else ()
            return RollUp(count, await reads.urgent_in_queue(room) if count else 0, tuple(newest))

        return await self.look(work)

    async def collected_in(self, room: RoomId, *, after: int, most: int) -> Sequence[Ticket]:
        """The tickets that are collected in the room, by number, from above `after`."""
        return await self.look(lambda reads: reads.collected_tickets(room, after=after, limit=most))

    async def settle_rush(self, room: RoomId) -> bool:
        """Ends the room's rush when it was quiet for long enough. Returns whether it goes on."""
        limit = self.policy.surge.get(room, 0)

        async def work(tx: Tx, scribe: Scribe) -> bool:
            rush = (await tx.lock(Rush, [room])).get(room)
            if rush is None or rush.since is None:
                return False
            looked = rush.look(scribe.now, limit=limit)
            if looked is not rush:
                tx.put(looked)
            return looked.since is not None

        return await self._act(work, urgency=Urgency.WORK)

    async def show_collected(self, room: RoomId, *, most: int, actor: Actor = SYSTEM) -> int:
        """Gives cards of their own to the tickets that are collected in the room, the oldest first. Returns how many
        there were to give. Whoever asks twice gets the next ones."""

        async def work(tx: Tx, scribe: Scribe) -> int:
            found = await tx.collected_postings(room, limit=most)
            return await _show(tx, scribe, actor, room, [one.id for one in found])

        if actor is not SYSTEM:
            working.worker(actor, Permission.WORK)
        return await self._act(work, urgency=Urgency.WORK)

    async def show_one_collected(self, actor: Actor, room: RoomId, ticket: TicketId) -> int:
        """Gives one collected ticket its card; nothing happens when it has one."""
        working.worker(actor, Permission.WORK)

        async def work(tx: Tx, scribe: Scribe) -> int:
            postings = [one.id for one in await tx.postings_of(ticket) if one.room == room]
            return await _show(tx, scribe, actor, room, postings)

        return await self._act(work)

    async def take_next_in(self, actor: Actor, room: RoomId) -> Ticket:
        """Claims the first unassigned ticket of the room: of any number of agents who ask at once each gets another
        one. Asked twice within a few seconds it is the same ticket. Raises Refused when nobody waits."""
        return await self._act(lambda tx, scribe: _take_next(tx, scribe, actor, room))

    async def panel(self, room: RoomId, kind: PanelKind) -> Panel:
        """The room's panel of that kind as last written down; a fresh one when there is none."""
        name = panel_id(room, kind)
        known = (await self.look(lambda reads: reads.get(Panel, [name]))).get(name)
        at = self.clock()
        return known or Panel(
            name, self.policy.organisation, room, kind, "", "", posting=False, pinned_at=None, updated_at=at
        )

    async def remember_panel(self, panel: Panel) -> None:
        """Writes down what a panel now shows. Only the one who holds the room's job does this."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            known = await tx.lock(Panel, [panel.id])
            (tx.put if known else tx.add)(panel)

        await self._act(work, urgency=Urgency.WORK)

    async def ask_boards(self, rooms: Collection[RoomId], *, due: datetime) -> None:
        """Asks for the boards of these rooms to be looked at, at `due`."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            for room in rooms:
                tx.ask(Topic.BOARD, room, due=due)

        if rooms:
            await self._act(work, urgency=Urgency.WORK)

    async def missed_in(self, room: RoomId) -> bool:
        """Whether there are cards that could not be brought up to date because the room was not to be reached."""
        return bool(await self.look(lambda reads: reads.missed_postings(room, limit=1)))

    async def room_is_back(self, room: RoomId, *, name: str) -> bool:
        """The room can be reached again: asks for its next hundred cards to be brought up to date, and tells managers,
        once a day. Returns whether there are more."""

        async def work(tx: Tx, scribe: Scribe) -> bool:
            missed = await tx.missed_postings(room, limit=MENDED_AT_ONCE)
            for posting in missed:
                tx.ask(Topic.SHOW, posting.ticket)
            if missed:
                tx.raise_alert(Alert(f"room_back:{room}:{scribe.now:%Y-%m-%d}", "alert.room_back", {"room": name}))
            return len(missed) == MENDED_AT_ONCE

        return await self._act(work, urgency=Urgency.WORK)


async def _show(tx: Tx, scribe: Scribe, actor: Actor, room: RoomId, postings: Sequence[str]) -> int:
    locked = (await tx.lock(Posting, postings)).values() if postings else ()
    collected = [one for one in locked if one.state is PostingState.COLLECTED]
    tickets = await tx.get(Ticket, [one.ticket for one in collected])
    for one in collected:
        tx.put(replace(one, state=PostingState.SHOWN, updated_at=scribe.now))
        # One that was settled meanwhile needs no card; its next change would post it.
        if tickets[one.ticket].status not in SETTLED:
            tx.ask(Topic.SHOW, one.ticket)
    if collected and actor.agent is not None:
        scribe.audit(actor, "surge.shown", None, {"room": room, "tickets": str(len(collected))})
    if collected:
        tx.ask(Topic.BOARD, room, due=next_look(scribe.now))
    return len(collected)


async def _take_next(tx: Tx, scribe: Scribe, actor: Actor, room: RoomId) -> Ticket:
    agent = working.worker(actor)
    # Locked, so that two presses of one person stand in a row.
    await tx.lock(Agent, [agent.id])
    just = await tx.last_claimed(room, agent.id)
    if just is not None and just.claimed_at is not None and scribe.now - just.claimed_at < DOUBLE_PRESS:
        return just
    for _ in range(ROUNDS):
        candidates = await tx.next_in_queue(room, limit=CANDIDATES)
        for candidate in candidates:
            ticket = await working.locked(tx, candidate.id)
            if waits(ticket):
                claimed = ticket.claim(agent.id, at=scribe.now)
                return await working.change(tx, scribe, actor, ticket, claimed, "ticket.claimed")
        if not candidates:
            break
    raise Refused("board.nobody_waits")
