"""Says what follows when a room changes in Slack: managers are told, or the room catches up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.slack.events import RoomChange
from bot.surface import Room
from routing.desk.desk import Desk
from routing.ids import RoomId

# What happens to a room so that its cards are seen by nobody, or by the wrong people.
LOST = frozenset({RoomChange.ARCHIVED, RoomChange.DELETED, RoomChange.LEFT, RoomChange.SHARED})
# What brings a room back.
REGAINED = frozenset({RoomChange.UNARCHIVED, RoomChange.JOINED, RoomChange.UNSHARED})

Warn = Callable[[str, str, Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RoomNews:
    """`warn` tells managers, once a day for each room."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    warn: Warn

    async def changed(self, workspace: str, place: str, what: RoomChange) -> None:
        """Returns once what follows is kept; the same news twice changes nothing more."""
        for room in self.rooms.values():
            if (room.workspace, room.place) != (workspace, place):
                continue
            if what in LOST and not (what is RoomChange.SHARED and room.shared):
                await self.warn(f"room:{room.id}", "alert.room", {"room": room.name, "reason": what})
            if what in REGAINED:
                await self.desk.ask_boards([room.id], due=self.desk.clock())
                await self.desk.read_rooms([room.id])
