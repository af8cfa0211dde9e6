"""Draws the desk's cards and entries in Slack, finds them again, and reads what people wrote under them."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards.home_model import Home
from bot.cards.model import Card, Entry
from bot.slack import directs, files
from bot.slack.blocks import Drawn, draw_card, draw_entry
from bot.slack.events import is_to_bot, is_words_of_people
from bot.slack.faults import Already
from bot.slack.home import draw_home
from bot.slack.payload import Json, object_of, text_of
from bot.slack.people import People
from bot.slack.reader import SURFACE, read_thread_message
from bot.slack.rooms import Rooms
from bot.slack.seal import Seal
from bot.slack.workspace import Workspace
from bot.slack.written import mentioned
from bot.surface import File, Person, Room, ThreadMessage, Who
from routing.errors import Gone, NeedsAttention, Rejected, RoomGone

EVENT_TYPE = "madoguchi_posting"
# Ids of direct messages, and of people: Slack takes a person for the direct messages with them.
DIRECT = ("D", "U", "W")
# Slack's clock and ours may differ, and a message's ts is Slack's.
_CLOCK_SLACK = 60.0
_NAMES_PATIENCE = 5.0


class SlackSurface:
    """Every workspace that is configured. Posts carry their key in the message's metadata, files in their name.

    Nothing is shown in a room that is shared with another company, unless an admin confirmed it: that raises
    NeedsAttention.
    """

    name = SURFACE

    def __init__(self, workspaces: Mapping[str, Workspace], seal: Seal, monotonic: Callable[[], float]) -> None:
        self._workspaces = workspaces
        self._seal = seal
        self.people = People(monotonic)
        self.rooms = Rooms(monotonic)
        self._directs = directs.Directs()
        self._links = directs.Links()

    async def post_card(self, room: Room, card: Card, *, key: str) -> str:
        return await self._post(room, "", draw_card(card, self._seal), key)

    async def edit_card(self, room: Room, reference: str, card: Card, *, key: str) -> None:
        await self._edit(room, reference, draw_card(card, self._seal), key)

    async def post_entry(self, room: Room, card: str, entry: Entry, *, key: str) -> str:
        return await self._post(room, card, draw_entry(entry, self._seal), key)

    async def edit_entry(self, room: Room, reference: str, entry: Entry, *, key: str) -> None:
        await self._edit(room, reference, draw_entry(entry, self._seal), key)

    async def delete_entry(self, room: Room, reference: str) -> None:
        """Deletes an entry, or a file by the reference that `post_file` gave. One that is gone already is as good."""
        workspace = self.workspace(room.workspace)
        try:
            if _is_file(reference):
                await workspace.web.call("files.delete", {"file": reference})
            else:
                await workspace.web.call("chat.delete", {"channel": room.place, "ts": reference})
        except RoomGone:
            raise
        except Gone:
            return

    async def post_file(self, room: Room, card: str, file: File, *, key: str) -> str:
        """Shows a file; the reference is Slack's id of it."""
        workspace = self.workspace(room.workspace)
        await self.rooms.check(workspace, room.place, may_be_shared=room.shared)
        return await files.share(workspace, room.place, card, file, key=key)

    async def find(self, room: Room, card: str, *, key: str, since: float) -> str | None:
        """Only what our own bot posted counts, for anybody may write metadata."""
        workspace = self.workspace(room.workspace)
        bot = await workspace.identity()
        oldest = f"{max(0.0, since - _CLOCK_SLACK):.6f}"
        async for message in self._messages(workspace, room.place, card, oldest=oldest, include_all_metadata=True):
            if text_of(message, "user") != bot.user and text_of(message, "bot_id") != bot.bot:
                continue
            metadata = object_of(message, "metadata")
            payload = object_of(metadata, "event_payload")
            if text_of(metadata, "event_type") == EVENT_TYPE and text_of(payload, "key") == key:
                return text_of(message, "ts")
            if file := files.marked_file(message, key):
                return file
        return None

    async def pin(self, room: Room, reference: str) -> None:
        workspace = self.workspace(room.workspace)
        try:
            await workspace.web.call("pins.add", {"channel": room.place, "timestamp": reference})
        except Already:
            return

    async def check(self, room: Room) -> None:
        self.rooms.forget(room.workspace, room.place)
        await self.rooms.check(self.workspace(room.workspace), room.place, may_be_shared=room.shared)

    async def tell(self, room: Room, card: str, who: Who, entry: Entry) -> None:
        await self.whisper(room.workspace, room.place, card, who.user, entry)

    async def whisper(self, team: str, place: str, thread: str, user: str, entry: Entry) -> None:
        """Shows an entry to one person: in a thread, or in the room when `thread` is empty. In a direct message it is
        said as any other message; a person's id as `place` means the direct messages with them."""
        drawn = draw_entry(entry, self._seal)
        if place.startswith(DIRECT):
            # Nobody else reads there, and what is said to one person alone would be gone with the next reload.
            said = {"channel": place, **_words(drawn), "unfurl_links": False, "unfurl_media": False}
            await self.workspace(team).web.call("chat.postMessage", said | ({"thread_ts": thread} if thread else {}))
            return
        arguments = {"channel": place, "user": user, **_words(drawn)}
        if thread:
            arguments["thread_ts"] = thread
        await self.workspace(team).web.call("chat.postEphemeral", arguments)

    async def direct(self, who: Who, *, language: str) -> Room:
        """Needs no membership, but the app's Messages tab."""
        place = await self._directs.place(self.workspace(who.workspace), who.user)
        return Room(directs.ROOM, SURFACE, who.workspace, place, "", language)

    async def link(self, room: Room, reference: str) -> str:
        return await self._links.link(self.workspace(room.workspace), room.place, reference)

    def posted_at(self, reference: str) -> datetime:
        """Slack names messages by the moment at which it took them, to the microsecond."""
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(float(reference) * 1_000_000))

    async def person(self, who: Who) -> Person:
        return await self.people.person(self.workspace(who.workspace), who.user)

    async def show_home(self, who: Who, home: Home) -> None:
        """Whoever may not have a Home there any more (Gone) has none to be wrong."""
        view = draw_home(home, self._seal)
        try:
            await self.workspace(who.workspace).web.call("views.publish", {"user_id": who.user, "view": view})
        except Gone:
            return

    async def roster(self, room: Room) -> list[str]:
        return await self.workspace(room.workspace).web.listed(
            "conversations.members", {"channel": room.place}, items="members"
        )

    async def file(self, workspace: str, file: str) -> File:
        return await files.fetch(self.workspace(workspace), file)

    async def thread_since(self, room: Room, card: str, reference: str) -> list[tuple[Who, ThreadMessage]]:
        workspace = self.workspace(room.workspace)
        bot = await workspace.identity()
        found: list[tuple[Who, ThreadMessage]] = []
        bounds = {} if not reference or _is_file(reference) else {"oldest": reference}
        async for message in self._messages(workspace, room.place, card, **bounds):
            if text_of(message, "ts") in (card, reference) or not is_words_of_people(message, bot):
                continue
            if is_to_bot(message, bot):
                continue  # asked too long ago to be done now: who asked has seen that nothing came of it
            names = await self.people.names(workspace, mentioned(message), patience=_NAMES_PATIENCE)
            who = Who(SURFACE, room.workspace, text_of(message, "user"))
            found.append((who, read_thread_message(message, room.place, names)))
        return found

    def workspace(self, team: str) -> Workspace:
        try:
            return self._workspaces[team]
        except KeyError:
            raise NeedsAttention(f"the Slack workspace {team} is not configured: add it, or move the room") from None

    async def _post(self, room: Room, card: str, drawn: Drawn, key: str) -> str:
        workspace = self.workspace(room.workspace)
        await self._check(workspace, room)
        arguments = {"channel": room.place, **_words(drawn), "metadata": _metadata(key)}
        arguments |= {"unfurl_links": False, "unfurl_media": False}
        if card:
            arguments["thread_ts"] = card
        answer = await workspace.web.call("chat.postMessage", arguments)
        return text_of(answer, "ts")

    async def _edit(self, room: Room, reference: str, drawn: Drawn, key: str) -> None:
        workspace = self.workspace(room.workspace)
        if _is_file(reference):
            raise Rejected(f"the file {reference} cannot be edited, only deleted")
        await self._check(workspace, room)
        arguments = {"channel": room.place, "ts": reference, **_words(drawn), "metadata": _metadata(key)}
        await workspace.web.call("chat.update", arguments)

    async def _check(self, workspace: Workspace, room: Room) -> None:
        """Whoever is written to directly was looked at as a person; a conversation of two is shared with nobody."""
        if room.id != directs.ROOM:
            await self.rooms.check(workspace, room.place, may_be_shared=room.shared)

    def _messages(self, workspace: Workspace, place: str, card: str, **bounds: Any) -> AsyncIterator[Json]:
        if card:
            arguments = {"channel": place, "ts": card, **bounds}
            return workspace.web.pages("conversations.replies", arguments, items="messages")
        return workspace.web.pages("conversations.history", {"channel": place, **bounds}, items="messages")


def _words(drawn: Drawn) -> dict[str, Any]:
    return {"text": drawn.text, "blocks": drawn.blocks, "link_names": False, "parse": "none"}


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def _is_file(reference: str) -> bool:
    """Messages are named by a number, files by an id that begins with F."""
    return reference.startswith("F")
