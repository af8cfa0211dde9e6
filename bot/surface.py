"""What the team's side needs of a surface, and what a surface reads from it: presses, submits, commands as actions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.cards.home_model import Home
from bot.cards.model import Card, Entry, Form
from routing.ids import RoomId, TicketId


class ThreadPolicy(StrEnum):
    """What a message is that somebody writes under a card in this room."""

    NOTES = "notes"
    CUSTOMER = "customer"


class Spoken(StrEnum):
    """What somebody did with a message in a thread."""

    WRITTEN = "written"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Room:
    """A room where cards are posted. `place` is the surface's id of it, in `workspace`.

    `board`: its queue board is pinned there. `shared`: an admin confirmed that cards may be shown there though people
    of other companies can read it. `surge`: above so many new tickets a minute they are collected (0: never).
    """

    id: RoomId
    surface: str
    workspace: str
    place: str
    name: str
    language: str
    board: bool = True
    shared: bool = False
    surge: int = 20
    thread_messages: ThreadPolicy = ThreadPolicy.NOTES


@dataclass(frozen=True, slots=True)
class Who:
    """The user behind an action, as the surface names them."""

    surface: str
    workspace: str
    user: str


@dataclass(frozen=True, slots=True)
class Person:
    """What a surface knows of a user. `member`: a full member of that very workspace (no guest, stranger, bot, and not
    deactivated). `zone`: the time zone they live in, as far as the surface knows."""

    user: str
    name: str
    email: str
    avatar: str
    language: str
    member: bool
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message somebody wrote in a thread under a card (or that a shortcut was used on). Edited or deleted it comes
    again, as it is now. `mentions` are the users whom it calls by name."""

    place: str
    card: str
    reference: str
    text: str
    files: tuple[str, ...] = ()
    spoken: Spoken = Spoken.WRITTEN
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person of the team asked for, whichever surface and gesture it came by.

    `values` are the button's or the form's values together with what the form kept. `opens_forms` is false where the
    surface has no way to answer with a form: words in a thread.
    """

    name: str
    who: Who
    ticket: TicketId
    version: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    message: ThreadMessage | None = None
    opens_forms: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """The action is carried out (or refused). `tell` is shown only to the person who acted."""

    tell: Entry | None = None


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """A submit cannot be taken: each text is shown beside its field, what was written stays."""

    errors: Mapping[str, str]


HOME = "home"
"""The place of an action that was asked for on a person's own page."""

COMMAND = "command"
"""The action of words to the bot: the value `text` holds them, `people` the users named in them (joined by commas),
`key` what is the same only for a repetition. `message` says where they were written, if that was a message."""

Answer = Done | Form | FieldErrors
Dispatch = Callable[[Action], Awaitable[Answer]]
"""Never raises for a refusal: that is a Done that tells why, or FieldErrors. Raises TryLater when the desk cannot be
had, and then nothing was changed."""

ThreadTalk = Callable[[Who, ThreadMessage], Awaitable[None]]
"""Takes a message that somebody wrote under a card. Returns only once it is kept; raises TryLater."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to put in a thread, or one read from it."""

    name: str
    media_type: str
    content: bytes


class Surface(Protocol):
    """Draws in rooms. All of it raises TryLater, Gone (room or card deleted), Rejected, NeedsAttention, Unclear.

    `key` names what is posted (ticket and step): it travels with the post where the surface can carry it, so that
    `find` discovers after a crash whether it was posted.
    """

    name: str

    async def post_card(self, room: Room, card: Card, *, key: str) -> str: ...
    async def edit_card(self, room: Room, reference: str, card: Card, *, key: str) -> None: ...
    async def post_entry(self, room: Room, card: str, entry: Entry, *, key: str) -> str: ...
    async def edit_entry(self, room: Room, reference: str, entry: Entry, *, key: str) -> None: ...
    async def delete_entry(self, room: Room, reference: str) -> None: ...
    async def post_file(self, room: Room, card: str, file: File, *, key: str) -> str: ...
    async def find(self, room: Room, card: str, *, key: str, since: float) -> str | None:
        """The reference of what was posted under `key` (in the thread of `card`, or in the room when empty)."""
        ...

    async def pin(self, room: Room, reference: str) -> None:
        """Pins what stands at `reference`; pinned already is as good."""
        ...

    async def check(self, room: Room) -> None:
        """Asks anew whether the room can be written to; raises RoomGone when it cannot."""
        ...

    async def tell(self, room: Room, card: str, who: Who, entry: Entry) -> None:
        """Shows `entry` to one person only, in the card's thread."""
        ...

    async def direct(self, who: Who, *, language: str) -> Room:
        """The direct conversation with one person, as a room that only they see: entries are posted into it, and found
        again in it, as in any other. Raises Rejected for whoever cannot be written to."""
        ...

    async def link(self, room: Room, reference: str) -> str:
        """The address at which a posted card or entry is opened."""
        ...

    def posted_at(self, reference: str) -> datetime:
        """When the message of this reference was posted, by the surface's own clock."""
        ...

    async def person(self, who: Who) -> Person: ...
    async def show_home(self, who: Who, home: Home) -> None:
        """Draws somebody's own page, in the place of what stood there."""
        ...

    async def roster(self, room: Room) -> list[str]:
        """Everybody who is in the room at this moment; raises Rejected rather than tell only some of them."""
        ...

    async def file(self, workspace: str, file: str) -> File: ...
    async def thread_since(self, room: Room, card: str, reference: str) -> list[tuple[Who, ThreadMessage]]:
        """What people wrote under a card after `reference` ('' = ever): for finding what events missed."""
        ...
