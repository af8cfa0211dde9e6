"""Keeps the desk's knowledge of who reads which room current: read whole every hour, and as people come and go."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.surface import Room, Surface, Who
from bot.worker import Alive
from routing.desk.desk import Desk
from routing.errors import Gone, Rejected
from routing.ids import RoomId
from routing.jobs import Job

log = logging.getLogger(__name__)

READ_EVERY = timedelta(hours=1)
READ_AGAIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class RosterKeeper:
    """For every room of every surface."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    surfaces: Mapping[str, Surface]
    clock: Callable[[], datetime]

    async def read(self, job: Job, _alive: Alive) -> datetime | None:
        """Reads a room's members; returns when to read them again. Of a room that cannot be read what was known grows
        old, until it counts for nobody."""
        room = self.rooms.get(RoomId(job.key))
        if room is None or room.surface not in self.surfaces:
            return None
        before = await self.desk.roster(room.id)
        try:
            users = await self.surfaces[room.surface].roster(room)
        except (Gone, Rejected) as fault:
            log.warning("members of a room cannot be read", extra={"room": room.id, "fault": str(fault)})
            return self.clock() + READ_EVERY
        counts = await self.desk.room_read(
            room.id, surface=room.surface, workspace=room.workspace, users=users, before=before
        )
        return self.clock() + (READ_EVERY if counts else READ_AGAIN)

    async def member_changed(self, who: Who, place: str, *, present: bool) -> None:
        """Somebody came into a room or left it."""
        for room in self.rooms.values():
            if (room.surface, room.workspace, room.place) == (who.surface, who.workspace, place):
                await self.desk.member_told(
                    room.id, surface=who.surface, workspace=who.workspace, user=who.user, present=present
                )
