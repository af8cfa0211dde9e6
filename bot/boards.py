"""Keeps each room's queue board and roll-up current, and brings a room's cards up to date when it has come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards.board import NEXT_SHOWN, board_entry
from bot.cards.model import Entry
from bot.cards.parts import Reader
from bot.cards.surge import LATEST_SHOWN, over_entry, roll_up_entry
from bot.panels import Panels
from bot.surface import Room
from bot.urgency import Urgency, done_with
from routing.desk.desk import Desk
from routing.errors import Gone, Rejected, RoomGone, TryLater, Unclear
from routing.ids import RoomId, TicketId
from routing.jobs import Job
from routing.panels import PanelKind
from routing.queue import BOARD_EVERY, next_look

ROUND = timedelta(minutes=10)
SOON = timedelta(seconds=5)
UNCLEAR_AGAIN = timedelta(seconds=2)
# A card and the words below it are two messages, and a room takes about one a second.
EBB = 2


@dataclass(frozen=True, slots=True)
class Boards:
    """`late_since` remembers since when a room's board waits for room in the budget."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    panels: Panels
    clock: Callable[[], datetime]
    zone: ZoneInfo
    late_since: dict[RoomId, datetime] = field(default_factory=dict)

    async def changed(self, ticket: TicketId) -> None:
        """A ticket changed: the boards of its rooms are looked at, at the next full twenty seconds."""
        # Asked for each time: whoever remembered having asked could not know that the look they asked for was joined
        # with an earlier one that was just beginning.
        rooms = {one.room for one in await self.desk.rooms_of(ticket)} & self.rooms.keys()
        await self.desk.ask_boards(sorted(rooms), due=next_look(self.clock()))

    async def refresh(self, job: Job) -> datetime:
        """One round of a room. Returns when the next one is due though nothing changed: a board that somebody deleted
        or unpinned, and a room that came back without our hearing of it, are found then."""
        room = self.rooms.get(RoomId(job.key))
        if room is None:
            raise Gone(f"the room {job.key} is no longer configured")
        try:
            more = await self._mend(room)
            again = await self._roll_up(room)
            if room.board:
                await self._show_board(room)
        except TryLater:
            self.late_since.setdefault(room.id, self.clock())
            raise
        except Unclear as fault:
            # The intent is remembered: next time we look for what we posted before posting it again.
            raise TryLater(str(fault), after=UNCLEAR_AGAIN) from fault
        except (RoomGone, Rejected) as fault:
            await self.desk.warn(f"room:{room.id}", "alert.room", {"room": room.name, "reason": str(fault)})
            return self.clock() + ROUND
        self.late_since.pop(room.id, None)
        return self.clock() + min(again, SOON if more else ROUND)

    async def _mend(self, room: Room) -> bool:
        """Asks for the cards that the room missed while it could not be reached. Returns whether there are more."""
        if not await self.desk.missed_in(room.id):
            return False
        with done_with(Urgency.ROUTINE):
            await self.panels.surface(room).check(room)
        return await self.desk.room_is_back(room.id, name=room.name)

    async def _roll_up(self, room: Room) -> timedelta:
        """Shows what a rush has collected, and when it is over gives those tickets cards at the pace that Slack allows.
        Returns when to look again."""
        surging = await self.desk.settle_rush(room.id)
        if not surging:
            await self.desk.show_collected(room.id, most=EBB)
        roll_up = await self.desk.roll_up_of(room.id, latest=LATEST_SHOWN)
        panel = await self.desk.panel(room.id, PanelKind.ROLL_UP)
        if roll_up.count:
            await self._show(room, PanelKind.ROLL_UP, roll_up_entry(roll_up, self._reader(room), surging=surging))
            return BOARD_EVERY if surging else SOON
        if panel.reference and not surging:
            await self._show(room, PanelKind.ROLL_UP, over_entry(self._reader(room)))
            # The next rush has a roll-up of its own, where people look then.
            await self.desk.remember_panel((await self.desk.panel(room.id, PanelKind.ROLL_UP)).lost())
        return BOARD_EVERY if surging else ROUND

    async def _show(self, room: Room, kind: PanelKind, entry: Entry, *, pinned: bool = False) -> None:
        now = self.clock()
        # What had to wait for long becomes as urgent as anything else.
        with done_with(Urgency.SPARE.after(now - self.late_since.get(room.id, now))):
            await self.panels.show(room, kind, entry, pinned=pinned)

    def _reader(self, room: Room) -> Reader:
        return Reader(room.language, room.surface, room.workspace, self.zone)

    async def _show_board(self, room: Room) -> None:
        queue = await self.desk.queue_of(room.id, first=NEXT_SHOWN)
        panel = await self.desk.panel(room.id, PanelKind.BOARD)
        if not queue.counts and not panel.reference:
            return  # a room that never had a ticket needs no board
        await self._show(room, PanelKind.BOARD, board_entry(queue, self._reader(room)), pinned=True)
