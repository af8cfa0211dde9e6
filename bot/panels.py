"""Keeps a message that stands for a whole room as it should be: posted once, pinned, edited only when it changed."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cards.model import Entry
from bot.surface import Room, Surface
from routing.desk.desk import Desk
from routing.errors import Gone, NeedsAttention, Rejected, RoomGone, TryLater
from routing.panels import Panel, PanelKind

log = logging.getLogger(__name__)

PIN_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Panels:
    desk: Desk
    surfaces: Mapping[str, Surface]
    clock: Callable[[], datetime]

    async def show(self, room: Room, kind: PanelKind, entry: Entry, *, pinned: bool = False) -> None:
        """Shows `entry` as the room's panel of that kind: posts it when there is none or somebody deleted it, edits it
        when it shows something else. May be done any number of times, by one worker at a time."""
        panel = await self.desk.panel(room.id, kind)
        try:
            panel = await self._draw(room, panel, entry)
            if pinned:
                await self._pin(room, panel)
        except RoomGone:
            raise
        except Gone:
            panel = await self._remember(panel.lost())
            panel = await self._draw(room, panel, entry)
            if pinned:
                await self._pin(room, panel)

    async def _draw(self, room: Room, panel: Panel, entry: Entry) -> Panel:
        surface, mark = self.surface(room), _mark(entry)
        if not panel.reference:
            return await self._post(room, panel, entry, mark)
        if panel.shown == mark:
            return panel
        try:
            await surface.edit_entry(room, panel.reference, entry, key=panel.id)
        except Gone:
            raise
        except Rejected as fault:
            # This drawing will never be taken; the next change makes another one.
            log.error("panel refused by the surface", extra={"room": room.id, "kind": panel.kind, "fault": str(fault)})
        return await self._remember(replace(panel, shown=mark))

    async def _post(self, room: Room, panel: Panel, entry: Entry, mark: str) -> Panel:
        """The intent is written down first; one found standing is looked for in the room before it is posted again."""
        surface = self.surface(room)
        if panel.posting:
            found = await surface.find(room, "", key=panel.id, since=panel.updated_at.timestamp())
            if found is not None:
                panel = await self._remember(replace(panel, reference=found, shown="", posting=False))
                return await self._draw(room, panel, entry)
        else:
            panel = await self._remember(replace(panel, posting=True))
        try:
            reference = await surface.post_entry(room, "", entry, key=panel.id)
        except (TryLater, Rejected, Gone):
            # Surely not posted: next time there is nothing to look for.
            await self._remember(replace(panel, posting=False))
            raise
        return await self._remember(replace(panel, reference=reference, shown=mark, posting=False))

    async def _pin(self, room: Room, panel: Panel) -> None:
        """Pins it, and looks again now and then: pinning what somebody unpinned pins it anew, and tells whether it
        still stands there. A panel that cannot be pinned is as good, but for its place."""
        now = self.clock()
        if panel.pinned_at is not None and now - panel.pinned_at < PIN_AGAIN:
            return
        try:
            await self.surface(room).pin(room, panel.reference)
        except (Gone, TryLater):
            raise
        except (Rejected, NeedsAttention) as fault:
            log.warning("panel cannot be pinned", extra={"room": room.id, "fault": str(fault)})
            await self.desk.warn(f"pin:{room.id}", "alert.pin", {"room": room.name, "reason": str(fault)})
        await self._remember(replace(panel, pinned_at=now))

    async def _remember(self, panel: Panel) -> Panel:
        """While an intent stands it keeps the moment at which it was written."""
        panel = replace(panel, updated_at=self.clock())
        await self.desk.remember_panel(panel)
        return panel

    def surface(self, room: Room) -> Surface:
        try:
            return self.surfaces[room.surface]
        except KeyError:
            raise NeedsAttention(f"{room.surface} is not set up, so the room cannot be reached") from None


def _mark(entry: Entry) -> str:
    """The same for the same drawing, in every process."""
    return hashlib.sha256(repr(entry).encode("utf-8", "surrogatepass")).hexdigest()[:32]
