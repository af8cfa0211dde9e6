"""Keeps what the desk knows of who reads which room."""

from collections.abc import Collection
from dataclasses import replace

from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.ids import RoomId
from routing.jobs import Topic
from routing.ports import Tx, Urgency
from routing.rosters import RoomMember, Roster


class Rosters(Core):
    """Use cases of those who watch a surface's rooms."""

    __slots__ = ()

    async def roster(self, room: RoomId) -> Roster | None:
        """How fresh the knowledge of a room is; to be asked before its members are read."""
        return (await self.look(lambda reads: reads.get(Roster, [room]))).get(room)

    async def room_read(
        self, room: RoomId, *, surface: str, workspace: str, users: Collection[str], before: Roster | None
    ) -> bool:
        """All members of a room, as read from the surface after `before` was the roster. Says whether they count: not
        if single members came or went meanwhile, for then nobody knows which of the two is newer; read them again."""

        async def work(tx: Tx, scribe: Scribe) -> bool:
            roster = (await tx.lock(Roster, [room])).get(room)
            if (roster.changes if roster else 0) != (before.changes if before else 0):
                return False
            fresh = Roster(room, scribe.organisation, scribe.now, roster.changes if roster else 0)
            tx.put(fresh) if roster else tx.add(fresh)
            known = {(one.surface, one.workspace, one.user): one for one in await tx.members_of(room)}
            present = {(surface, workspace, user) for user in users}
            tx.add(*(_member(scribe, room, *one) for one in sorted(present - known.keys())))
            tx.put(
                *(
                    replace(one, present=key in present)
                    for key, one in known.items()
                    if one.present is not (key in present)
                )
            )
            return True

        return await self._act(work, urgency=Urgency.WORK)

    async def read_rooms(self, rooms: Collection[RoomId]) -> None:
        """Asks for the members of these rooms to be read now, and from then on every hour."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            for room in rooms:
                tx.ask(Topic.MEMBERS, room)

        await self._act(work, urgency=Urgency.WORK)

    async def member_told(self, room: RoomId, *, surface: str, workspace: str, user: str, present: bool) -> None:
        """Somebody came into a room or left it. A room that was never read stays unknown: one member is no roster."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            roster = (await tx.lock(Roster, [room])).get(room)
            if roster is None:
                return
            tx.put(replace(roster, changes=roster.changes + 1))
            member = replace(_member(scribe, room, surface, workspace, user), present=present)
            known = {(one.surface, one.workspace, one.user) for one in await tx.members_of(room)}
            tx.put(member) if (surface, workspace, user) in known else tx.add(member)

        await self._act(work)


def _member(scribe: Scribe, room: RoomId, surface: str, workspace: str, user: str) -> RoomMember:
    return RoomMember(room, surface, workspace, user, scribe.organisation, present=True)
