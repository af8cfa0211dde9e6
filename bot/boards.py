"""Keeps each room's queue board current, and brings a room's cards up to date when it has come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards.board import NEXT_SHOWN, board_entry
from bot.cards.parts import Reader
from bot.panels import Panels
from bot.surface import Room
from bot.urgency import Urgency, done_with
from routing.desk.desk import Desk
from routing.errors import Gone, RoomGone, TryLater, Unclear
from routing.ids import RoomId, TicketId
from routing.jobs import Job
from routing.panels import PanelKind

EVERY = timedelta(seconds=20)
ROUND = timedelta(minutes=10)
SOON = timedelta(seconds=5)
UNCLEAR_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Boards:
    """`asked` remembers for when each room's board was last asked for, so that a storm of changes asks once;
    `late_since` since when a board waits for room in the budget."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    panels: Panels
    clock: Callable[[], datetime]
    zone: ZoneInfo
    asked: dict[RoomId, datetime] = field(default_factory=dict)
    late_since: dict[RoomId, datetime] = field(default_factory=dict)

    async def changed(self, ticket: TicketId) -> None:
        """A ticket changed: the boards of its rooms are looked at, at the next full twenty seconds."""
        now = self.clock()
        due = next_look(now)
        # Everybody asks for the same moments: whoever asked for one that is still to come need not ask again.
        wanted = {
            one.room
            for one in await self.desk.rooms_of(ticket)
            if one.room in self.rooms and self.asked.get(one.room, now) <= now
        }
        await self.desk.ask_boards(sorted(wanted), due=due)
        self.asked.update(dict.fromkeys(wanted, due))

    async def refresh(self, job: Job) -> datetime:
        """One round of a room. Returns when the next one is due though nothing changed: a board that somebody deleted
        or unpinned, and a room that came back without our hearing of it, are found then."""
        room = self.rooms.get(RoomId(job.key))
        if room is None:
            raise Gone(f"the room {job.key} is no longer configured")
        try:
            more = await self._mend(room)
            if room.board:
                await self._show_board(room)
        except TryLater:
            self.late_since.setdefault(room.id, self.clock())
            raise
        except Unclear as fault:
            # The intent is remembered: next time we look for what we posted before posting it again.
            raise TryLater(str(fault), after=UNCLEAR_AGAIN) from fault
        except RoomGone as fault:
            await self.desk.warn(f"room:{room.id}", "alert.room", {"room": room.name, "reason": str(fault)})
            return self.clock() + ROUND
        self.late_since.pop(room.id, None)
        return self.clock() + (SOON if more else ROUND)

    async def _mend(self, room: Room) -> bool:
        """Asks for the cards that the room missed while it could not be reached. Returns whether there are more."""
        if not await self.desk.missed_in(room.id):
            return False
        with done_with(Urgency.ROUTINE):
            await self.panels.surface(room).check(room)
        return await self.desk.room_is_back(room.id, name=room.name)

    async def _show_board(self, room: Room) -> None:
        queue = await self.desk.queue_of(room.id, first=NEXT_SHOWN)
        panel = await self.desk.panel(room.id, PanelKind.BOARD)
        if not queue.counts and not panel.reference:
            return  # a room that never had a ticket needs no board
        reader = Reader(room.language, room.surface, room.workspace, self.zone)
        now = self.clock()
        with done_with(Urgency.SPARE.after(now - self.late_since.get(room.id, now))):
            await self.panels.show(room, PanelKind.BOARD, board_entry(queue, reader), pinned=True)


def next_look(now: datetime) -> datetime:
    """The next full twenty seconds, the same for every process."""
    past = (now - datetime(2026, 1, 1, tzinfo=UTC)) % EVERY
    return now + (EVERY - past)
