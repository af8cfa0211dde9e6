"""Keeps every room's view of a ticket up to date: compares what a room has seen with what is true, and catches up."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from prometheus_client import Counter

from bot.cards.entries import alert_entry, file_entry, message_entry, unshown_entry
from bot.cards.parts import Reader
from bot.cards.talking import policy_lines
from bot.cards.ticket_card import ticket_card
from bot.cards.transfer import moved_card
from bot.surface import File, Room, Surface
from bot.urgency import done_with, urgency_of
from routing.desk.desk import Desk
from routing.desk.views import RoomView, TicketView
from routing.errors import Gone, NeedsAttention, Rejected, RoomGone, TryLater, Unclear
from routing.ids import RoomId, TicketId
from routing.leases import Leases, next_look, written_by
from routing.messages import Attachment, Fetching, Message
from routing.postings import PostedEntry, Posting, PostingState
from routing.replies import Window
from routing.rushes import may_be_collected
from routing.ticket import Status

log = logging.getLogger(__name__)

UNCLEAR_AGAIN = timedelta(seconds=2)
MENDED_BY_PEOPLE = timedelta(minutes=5)
ALERT_LOOKED_FOR = timedelta(hours=1)
DRAWN_AS_MOVED = -1  # older than every version: a card that comes back is drawn anew

STEPS = Counter("madoguchi_room_steps_total", "Steps taken to bring rooms up to date", ["step"])


class Blobs(Protocol):
    """Where attachments' bytes are."""

    async def get(self, blob: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Noticeboard:
    desk: Desk
    rooms: Mapping[RoomId, Room]
    surfaces: Mapping[str, Surface]
    blobs: Blobs
    clock: Callable[[], datetime]
    zone: ZoneInfo
    leases: Leases

    def reader(self, room: Room) -> Reader:
        return Reader(room.language, room.surface, room.workspace, self.zone)

    async def show(self, ticket_id: TicketId) -> datetime | None:
        """Brings every room of the ticket up to date. A room that asks for patience does not delay the others; then
        TryLater is raised at the end. May be done any number of times. Returns when to look again though nothing
        happens: somebody who is replying then no longer is."""
        later: list[timedelta] = []
        leases = await self.leases.of(ticket_id)
        writers = written_by(leases, self.clock())
        for posting in await self.desk.rooms_of(ticket_id):
            room = self.rooms.get(posting.room)
            if room is None:
                await self._room_lost(posting, posting.room, "it is no longer configured")
                continue
            try:
                await self._catch_up(ticket_id, posting, room, writers)
            except TryLater as fault:
                later.append(fault.after)
            except Unclear:
                # The step is remembered: next time we look for what we posted before posting it again.
                later.append(UNCLEAR_AGAIN)
            except RoomGone as fault:
                await self._room_lost(posting, room.name, str(fault))
            except Rejected as fault:
                log.error("card refused by the surface", extra={"room": room.id, "ticket": ticket_id})
                await self._warn(room, str(fault))
            except NeedsAttention as fault:
                await self._warn(room, str(fault))
                later.append(MENDED_BY_PEOPLE)
        if later:
            raise TryLater("a room asks for patience", after=min(later))
        return next_look(leases, self.clock())

    async def _room_lost(self, posting: Posting, name: str, reason: str) -> None:
        """The ticket's next change tries the room again, for an archived room may come back."""
        await self.desk.room_lost(posting.id)
        await self.desk.warn(f"room:{posting.room}", "alert.room", {"room": name, "reason": reason})

    async def _warn(self, room: Room, reason: str) -> None:
        await self.desk.warn(f"room:{room.id}", "alert.room", {"room": room.name, "reason": reason})

    def _surface(self, room: Room) -> Surface:
        try:
            return self.surfaces[room.surface]
        except KeyError:
            raise NeedsAttention(f"{room.surface} is not set up, so the room cannot be reached") from None

    async def _catch_up(self, ticket_id: TicketId, posting: Posting, room: Room, writers: tuple[str, ...]) -> None:
        """Card first, so that a press is seen to have worked; then the thread, step by step. A part that must wait does
        not hold back the next one."""
        view = await self.desk.view(ticket_id)
        if posting.state is PostingState.COLLECTED and may_be_collected(view.ticket):
            return  # the room's roll-up tells of it
        with done_with(urgency_of(view.ticket, self.clock())):
            await self._card_and_thread(view, posting, room, writers)

    async def _card_and_thread(self, view: TicketView, posting: Posting, room: Room, writers: tuple[str, ...]) -> None:
        if posting.state is PostingState.MOVED:
            await self._take_leave(view, posting, room)
            return
        later: TryLater | None = None
        try:
            posting = await self._card(view, posting, room, writers)
        except TryLater as fault:
            if not posting.reference:
                raise
            later = fault
        posting = await self._thread(posting, room)
        if later is not None:
            raise later

    async def _take_leave(self, view: TicketView, posting: Posting, room: Room) -> None:
        """The ticket is shown elsewhere now. The card becomes a line that says so; its thread stays as it is, but for
        words that were taken back since."""
        surface, reader = self._surface(room), self.reader(room)
        if posting.step == "card" and not posting.reference:
            since = posting.updated_at.timestamp()
            found = await surface.find(room, "", key=_key(posting, "card"), since=since)
            posting = await self._remember(posting, reference=found or "", step="")
        if posting.reference and posting.card_version != DRAWN_AS_MOVED:
            target = self.rooms.get(posting.moved_to) if posting.moved_to is not None else None
            name = target.name if target is not None else posting.moved_to or ""
            try:
                card = moved_card(view.ticket, name, reader)
                await surface.edit_card(room, posting.reference, card, key=_key(posting, "card"))
                STEPS.labels("edit_card").inc()
            except RoomGone:
                raise
            except (Gone, Rejected) as fault:
                log.info("moved card cannot be redrawn", extra={"posting": posting.id, "fault": str(fault)})
            posting = await self._remember(posting, card_version=DRAWN_AS_MOVED)
        later = await self._redraw_stale(posting, room)
        if later is not None:
            raise later

    # --- the card --------------------------------------------------------------------------------------------------

    async def _card(self, view: TicketView, posting: Posting, room: Room, writers: tuple[str, ...]) -> Posting:
        if view.ticket.status is Status.NEW:
            view = replace(view, alike=tuple(await self.desk.alike(view.ticket, room=room.id)))
        surface = self._surface(room)
        window = self._window(view)
        accounts = self.desk.accounts
        card = ticket_card(
            view,
            self.reader(room),
            account=accounts.title(view.ticket.account),
            look=accounts.look_of(view.ticket.channel),
            window=window,
            writers=writers,
            thread=policy_lines(room, self.rooms.values(), self.reader(room)),
            team=self._team(view),
            own_fields=self.desk.policy.fields,
        )
        version = view.ticket.version
        if not posting.reference:
            posting, reference = await self._step(
                posting, room, "card", lambda key: surface.post_card(room, card, key=key)
            )
            return await self._remember(posting, reference=reference, card_version=version, writers=writers, step="")
        if posting.card_version >= version and posting.writers == writers:
            return posting
        try:
            await surface.edit_card(room, posting.reference, card, key=_key(posting, "card"))
        except RoomGone:
            raise
        except Rejected:
            # This drawing will never be taken; the next change makes another one.
            log.error("card refused by the surface", extra={"posting": posting.id})
        except Gone:
            # Somebody deleted the card: it is posted anew, and its thread goes on below the new one.
            posting = await self._remember(posting, reference="", card_version=0, step="")
            return await self._card(view, posting, room, writers)
        else:
            STEPS.labels("edit_card").inc()
        return await self._remember(posting, card_version=version, writers=writers)

    def _team(self, view: TicketView) -> str:
        """What the ticket's team is called; one that is no longer configured by its id."""
        team = view.ticket.team
        known = self.desk.policy.teams.get(team) if team is not None else None
        return known.title if known is not None else team or ""

    def _window(self, view: TicketView) -> Window:
        return self.desk.accounts.window(view.ticket.account, view.conversation, self.clock())

    async def _remember(self, posting: Posting, *entries: PostedEntry, **changes: object) -> Posting:
        """While an intent stands, the posting keeps the moment at which it was written: what came of it is looked for
        from there on."""
        stands = posting.step and changes.get("step", posting.step) == posting.step
        at = posting.updated_at if stands else self.clock()
        posting = replace(posting, updated_at=at, state=PostingState.SHOWN, **changes)  # type: ignore[arg-type]  # the fields of a posting
        await self.desk.remember(posting, *entries)
        return posting

    async def _step(
        self, posting: Posting, room: Room, step: str, post: Callable[[str], Awaitable[str]]
    ) -> tuple[Posting, str]:
        """Posts one thing so that a crash in between neither loses nor doubles it: the intent is written first, and an
        intent found standing is looked for in the room before it is posted again."""
        key = _key(posting, step)
        if posting.step == step:
            surface = self._surface(room)
            found = await surface.find(room, posting.reference, key=key, since=posting.updated_at.timestamp())
            if found is not None:
                STEPS.labels("found_again").inc()
                return posting, found
        else:
            posting = await self._remember(posting, step=step)
        try:
            reference = await post(key)
        except (TryLater, Rejected):
            # Surely not posted: next time there is nothing to look for.
            await self._remember(posting, step="")
            raise
        STEPS.labels("post").inc()
        return posting, reference

    # --- the thread ------------------------------------------------------------------------------------------------

    async def _thread(self, posting: Posting, room: Room) -> Posting:
        later = await self._redraw_stale(posting, room)
        while (view := await self.desk.room_view(posting.id)).timeline:
            for item in view.timeline:
                posting = await self._show_item(posting, room, view, item)
        if later is not None:
            raise later
        return posting

    async def _redraw_stale(self, posting: Posting, room: Room) -> TryLater | None:
        """Draws changed entries anew. Edits have a budget of their own: one that must wait holds back no new words."""
        view = await self.desk.room_view(posting.id)
        try:
            for entry, message in view.stale:
                await self._redraw(posting, room, view, entry, message)
        except TryLater as fault:
            return fault
        return None

    async def _show_item(self, posting: Posting, room: Room, view: RoomView, item: Message | Attachment) -> Posting:
        if item.id in view.posted:
            return await self._remember(posting, seq=item.seq, step="")
        step = f"seq:{item.seq}"
        revision = item.revision if isinstance(item, Message) else 0
        try:
            posting, reference = await self._step(
                posting, room, step, lambda key: self._post_item(posting, room, view, item, key)
            )
        except Rejected as fault:
            # The surface will never take it: that must not hold back everything after it.
            log.error("entry refused by the surface", extra={"posting": posting.id, "fault": str(fault)})
            return await self._remember(posting, seq=item.seq, step="")
        except RoomGone:
            raise
        except Gone as fault:
            await self._remember(posting, reference="", card_version=0, step="")
            raise TryLater("the card was deleted and is posted anew", after=timedelta(0)) from fault
        posted = PostedEntry(posting.organisation, posting.id, item.id, reference, revision)
        return await self._remember(posting, posted, seq=item.seq, step="")

    async def _post_item(
        self, posting: Posting, room: Room, view: RoomView, item: Message | Attachment, key: str
    ) -> str:
        if isinstance(item, Attachment):
            return await self._post_file(posting, room, item, key)
        surface, reader = self._surface(room), self.reader(room)
        try:
            return await surface.post_entry(room, posting.reference, message_entry(item, view, reader), key=key)
        except Rejected as fault:
            log.warning("entry refused by the surface", extra={"posting": posting.id, "fault": str(fault)})
            return await surface.post_entry(room, posting.reference, unshown_entry(item, reader, str(fault)), key=key)

    async def _post_file(self, posting: Posting, room: Room, file: Attachment, key: str) -> str:
        """A file that is lost, or that the surface will not take, is told of in its place."""
        surface = self._surface(room)
        instead = file_entry(file, self.reader(room))
        if instead is not None:
            return await surface.post_entry(room, posting.reference, instead, key=key)
        try:
            content = await self.blobs.get(file.blob)
            whole = File(file.name, file.media_type, content)
            return await surface.post_file(room, posting.reference, whole, key=key)
        except RoomGone:
            raise
        except (Gone, Rejected) as fault:
            lost = replace(file, state=Fetching.LOST, reason=str(fault))
            return await self._post_file(posting, room, lost, key)

    async def _redraw(self, posting: Posting, room: Room, view: RoomView, entry: PostedEntry, message: Message) -> None:
        surface = self._surface(room)
        drawn = message_entry(message, view, self.reader(room))
        try:
            if message.unsent or message.ticket != posting.ticket:
                await self._take_files_back(posting, room, message)
            await surface.edit_entry(room, entry.reference, drawn, key=_key(posting, f"entry:{message.id}"))
        except RoomGone:
            raise
        except (Gone, Rejected) as fault:
            log.info("entry cannot be redrawn", extra={"posting": posting.id, "fault": str(fault)})
        STEPS.labels("edit_entry").inc()
        await self.desk.entry_redrawn(replace(entry, revision=message.revision))

    async def _take_files_back(self, posting: Posting, room: Room, message: Message) -> None:
        """Files of a message that its customer took back disappear from the room too, and those of one that moved:
        they stand in the other ticket's thread."""
        for file, entry in await self.desk.shown_files(posting.id, message.id):
            # A file that a person shared with their own message goes with that one.
            if entry.reference and (file.state is Fetching.MASKED or file.ticket != posting.ticket):
                try:
                    await self._surface(room).delete_entry(room, entry.reference)
                except RoomGone:
                    raise
                except Gone:
                    continue

    # --- alerts ----------------------------------------------------------------------------------------------------

    async def tell_alert(self, key: str) -> None:
        """Posts an alert into the room for alerts, as a message of its own."""
        alert = await self.desk.look(lambda reads: reads.alert(key))
        room = self.rooms.get(self.desk.policy.alerts_room)
        if alert is None or room is None:
            return
        entry = alert_entry(self.reader(room), alert.what, alert.values)
        surface, name = self._surface(room), f"alert:{key}"
        since = (self.clock() - ALERT_LOOKED_FOR).timestamp()
        try:
            # Alerts are rare and carry no intent: whether an earlier attempt posted this one is asked each time.
            if await surface.find(room, "", key=name, since=since) is None:
                await surface.post_entry(room, "", entry, key=name)
        except RoomGone as fault:
            log.error("the room for alerts is lost", extra={"room": room.id, "alert": alert.what})
            raise TryLater(str(fault), after=MENDED_BY_PEOPLE) from fault
        await self.desk.alert_told(key)


def _key(posting: Posting, step: str) -> str:
    return f"{posting.id}:{step}"
