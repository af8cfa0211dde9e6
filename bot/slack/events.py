"""Reads Slack's events: what people wrote under a card, and what changed about rooms, people and our own standing."""

from dataclasses import dataclass
from enum import StrEnum

from bot.slack.payload import Json, object_of, text_of
from bot.slack.workspace import Bot


class RoomChange(StrEnum):
    """What became of a room."""

    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    RENAMED = "renamed"
    JOINED = "joined"
    LEFT = "left"
    SHARED = "shared"
    UNSHARED = "unshared"


@dataclass(frozen=True, slots=True)
class ThreadWords:
    """Somebody wrote in a thread."""

    place: str
    user: str
    message: Json


@dataclass(frozen=True, slots=True)
class RoomChanged:
    place: str
    what: RoomChange


@dataclass(frozen=True, slots=True)
class PersonChanged:
    user: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """The app was removed or its token taken away."""

    why: str


Event = ThreadWords | RoomChanged | PersonChanged | CutOff

_ROOMS = {
    "channel_archive": RoomChange.ARCHIVED,
    "group_archive": RoomChange.ARCHIVED,
    "channel_unarchive": RoomChange.UNARCHIVED,
    "group_unarchive": RoomChange.UNARCHIVED,
    "channel_deleted": RoomChange.DELETED,
    "group_deleted": RoomChange.DELETED,
    "channel_rename": RoomChange.RENAMED,
    "group_rename": RoomChange.RENAMED,
    "channel_left": RoomChange.LEFT,
    "group_left": RoomChange.LEFT,
    "channel_shared": RoomChange.SHARED,
    "channel_unshared": RoomChange.UNSHARED,
}
_MEMBERSHIP = {"member_joined_channel": RoomChange.JOINED, "member_left_channel": RoomChange.LEFT}
# A plain message, one with files, and one that its author also sent to the room.
_WORDS = frozenset({"", "file_share", "thread_broadcast"})


def read_event(event: Json, bot: Bot | None) -> Event | None:
    """What an event means to us; None when it means nothing."""
    kind = text_of(event, "type")
    if kind == "message":
        thread = text_of(event, "thread_ts")
        if not thread or thread == text_of(event, "ts") or not is_words_of_people(event, bot):
            return None
        return ThreadWords(text_of(event, "channel"), text_of(event, "user"), event)
    if kind in _ROOMS:
        place = text_of(event, "channel") or text_of(object_of(event, "channel"), "id")
        return RoomChanged(place, _ROOMS[kind]) if place else None
    if kind in _MEMBERSHIP and bot and text_of(event, "user") == bot.user:
        return RoomChanged(text_of(event, "channel"), _MEMBERSHIP[kind])
    if kind == "user_change":
        user = text_of(object_of(event, "user"), "id")
        return PersonChanged(user) if user else None
    if kind == "app_uninstalled" or (kind == "tokens_revoked" and object_of(event, "tokens").get("bot")):
        return CutOff(kind)
    return None


def is_words_of_people(message: Json, bot: Bot | None) -> bool:
    """Whether a person wrote this, with words or files in it: no bot's message, no notice of Slack's."""
    if text_of(message, "subtype") not in _WORDS or message.get("hidden"):
        return False
    user = text_of(message, "user")
    if not user or message.get("bot_id") or message.get("bot_profile") or (bot and user == bot.user):
        return False
    return bool(message.get("text") or message.get("files") or message.get("blocks"))
