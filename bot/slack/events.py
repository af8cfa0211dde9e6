"""Reads Slack's events: what people wrote under a card, and what changed about rooms, people and our own standing."""

import re
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
    """Somebody wrote in a thread, or changed or deleted (`gone`) what they had written."""

    place: str
    user: str
    message: Json
    gone: bool = False


@dataclass(frozen=True, slots=True)
class BotWords:
    """Somebody said something to the bot: `words` in Slack's own notation, without the bot's name."""

    place: str
    user: str
    words: str
    message: Json


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody looks at the app's Home tab."""

    user: str


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Somebody else than we joined a room or left it."""

    place: str
    user: str
    what: RoomChange


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


Event = ThreadWords | BotWords | HomeOpened | RoomChanged | MembersChanged | PersonChanged | CutOff

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
_FIRST_MENTION = re.compile(r"\s*<@(?P<user>[UW][A-Z0-9]+)(?:\|[^<>]*)?>[\s:,、]*")
_MEMBERSHIP = {"member_joined_channel": RoomChange.JOINED, "member_left_channel": RoomChange.LEFT}
# A plain message, one with files, and one that its author also sent to the room.
_WORDS = frozenset({"", "file_share", "thread_broadcast"})


def read_event(event: Json, bot: Bot | None) -> Event | None:
    """What an event means to us; None when it means nothing."""
    kind = text_of(event, "type")
    if kind == "app_mention" or (kind == "message" and event.get("channel_type") == "im"):
        return _words_to_bot(event, bot)
    if kind == "message":
        return _read_message(event, bot)
    if kind == "app_home_opened":
        user = text_of(event, "user")
        return HomeOpened(user) if user and text_of(event, "tab") == "home" else None
    if kind in _ROOMS:
        place = text_of(event, "channel") or text_of(object_of(event, "channel"), "id")
        return RoomChanged(place, _ROOMS[kind]) if place else None
    if kind in _MEMBERSHIP:
        return _membership(event, bot, _MEMBERSHIP[kind])
    if kind == "user_change":
        user = text_of(object_of(event, "user"), "id")
        return PersonChanged(user) if user else None
    if kind == "app_uninstalled" or (kind == "tokens_revoked" and object_of(event, "tokens").get("bot")):
        return CutOff(kind)
    return None


def _membership(event: Json, bot: Bot | None, change: RoomChange) -> RoomChanged | MembersChanged | None:
    place, user = text_of(event, "channel"), text_of(event, "user")
    if not place or not user:
        return None
    ours = bot is not None and user == bot.user
    return RoomChanged(place, change) if ours else MembersChanged(place, user, change)


def _words_to_bot(event: Json, bot: Bot | None) -> BotWords | None:
    """In a direct message everything is said to the bot; in a room only what begins with its name."""
    if not is_words_of_people(event, bot):
        return None
    place, user, text = text_of(event, "channel"), text_of(event, "user"), text_of(event, "text")
    if is_to_bot(event, bot):
        return BotWords(place, user, _FIRST_MENTION.sub("", text, count=1), event)
    return BotWords(place, user, text, event) if place.startswith("D") else None


def is_to_bot(message: Json, bot: Bot | None) -> bool:
    """Whether the message begins with the bot's name: then it is asked for something, and is no talk of the team."""
    match = _FIRST_MENTION.match(text_of(message, "text"))
    return bool(match and bot and match["user"] == bot.user)


def _read_message(event: Json, bot: Bot | None) -> ThreadWords | None:
    """https://docs.slack.dev/reference/events/message/message_changed and message_deleted. Slack also calls it a change
    when it draws a link's preview: only what a person edited carries `edited`. It does not say who deleted a message;
    people delete their own."""
    place, subtype = text_of(event, "channel"), text_of(event, "subtype")
    gone = subtype == "message_deleted"
    if subtype == "message_changed":
        message = object_of(event, "message")
        if not message.get("edited") or message.get("edited") == object_of(event, "previous_message").get("edited"):
            return None
    else:
        message = object_of(event, "previous_message") if gone else event
    thread = text_of(message, "thread_ts")
    if not thread or thread == text_of(message, "ts") or not is_words_of_people(message, bot):
        return None
    # Slack tells of words to the bot a second time, as a mention.
    if is_to_bot(message, bot):
        return None
    return ThreadWords(place, text_of(message, "user"), message, gone)


def is_words_of_people(message: Json, bot: Bot | None) -> bool:
    """Whether a person wrote this, with words or files in it: no bot's message, no notice of Slack's."""
    if text_of(message, "subtype") not in _WORDS or message.get("hidden"):
        return False
    user = text_of(message, "user")
    if not user or message.get("bot_id") or message.get("bot_profile") or (bot and user == bot.user):
        return False
    return bool(message.get("text") or message.get("files") or message.get("blocks"))
