"""Puts messages into channels, changes and removes them, and announces it to people and to the app."""

import re
import uuid

from bot.sandbox.slack.model import Channel, Ephemeral, without_metadata
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import JsonObject, copied


def post(platform: Platform, channel: Channel, message: JsonObject) -> JsonObject:
    """Adds a message (everything but `type` and `ts` is given) and returns it as stored."""
    ts = platform.workspace.mint_ts()
    stored = {"type": "message", "ts": ts, "team": platform.workspace.team_id, **message}
    parent = None
    root = stored.get("thread_ts")
    if root is not None:
        parent = channel.messages[root]
        stored["parent_user_id"] = parent.get("user", "")
    channel.messages[ts] = stored
    announce(platform, channel, {"type": "message", "channel": channel.id, "message": without_metadata(stored)})
    if parent is not None:
        recount_replies(platform, channel, parent)
    _emit_message(platform, channel, stored)
    return stored


def spoken(user: str, text: str, **more: object) -> JsonObject:
    """The message that a person's client makes of their words."""
    return {"user": user, "text": text, "client_msg_id": str(uuid.uuid4()), **more}


def recount_replies(platform: Platform, channel: Channel, parent: JsonObject) -> None:
    """Brings the parent's thread figures up to date."""
    ts = parent["ts"]
    replies = [m for m in platform.workspace.in_order(channel) if m.get("thread_ts") == ts and m["ts"] != ts]
    for key in _THREAD_FIGURES:
        parent.pop(key, None)
    if replies:
        users = list(dict.fromkeys(m.get("user", "") for m in replies))
        parent |= {
            "thread_ts": ts,
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "latest_reply": replies[-1]["ts"],
            "reply_users": users,
            "is_locked": False,
            "subscribed": False,
        }
    announce_change(platform, channel, parent)


def change(platform: Platform, channel: Channel, message: JsonObject, changes: JsonObject, *, editor: str) -> None:
    """Edits a message in place; a value of None takes the field away."""
    before = without_metadata(message)
    now = platform.workspace.mint_ts()
    for key, value in changes.items():
        if value is None:
            message.pop(key, None)
        else:
            message[key] = value
    message["edited"] = {"user": editor, "ts": now}
    announce_change(platform, channel, message)
    emit_change(platform, channel, message, before, now)


def emit_change(platform: Platform, channel: Channel, message: JsonObject, before: JsonObject, now: str) -> None:
    event = {
        "type": "message",
        "subtype": "message_changed",
        "message": in_event(channel, without_metadata(message)),
        "previous_message": in_event(channel, before),
        "channel": channel.id,
        "hidden": True,
        "ts": now,
        "event_ts": now,
        "channel_type": channel.kind,
    }
    emit_in(platform, channel, event)


def remove(platform: Platform, channel: Channel, message: JsonObject) -> None:
    """Deletes a message; one that has replies leaves a tombstone, as in Slack."""
    before = without_metadata(message)
    ts = message["ts"]
    now = platform.workspace.mint_ts()
    if message.get("reply_count"):
        for key in [k for k in message if k not in _KEPT_BY_TOMBSTONE]:
            del message[key]
        message |= {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}
        announce(platform, channel, {"type": "message_changed", "channel": channel.id, "message": copied(message)})
        emit_change(platform, channel, message, before, now)
        return
    del channel.messages[ts]
    channel.pins.pop(ts, None)
    announce(platform, channel, {"type": "message_deleted", "channel": channel.id, "ts": ts})
    emit_in(
        platform,
        channel,
        {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": in_event(channel, before),
            "channel": channel.id,
            "hidden": True,
            "deleted_ts": ts,
            "ts": now,
            "event_ts": now,
            "channel_type": channel.kind,
        },
    )
    parent = channel.messages.get(message.get("thread_ts", ""))
    if parent is not None:
        recount_replies(platform, channel, parent)


def whisper(platform: Platform, user: str, channel: str, thread_ts: str | None, message: JsonObject) -> Ephemeral:
    """Shows a message to one person only; nothing of it enters the channel's history."""
    stored = {"type": "message", "ts": platform.workspace.mint_ts(), "is_ephemeral": True, **message}
    if thread_ts is not None:
        stored["thread_ts"] = thread_ts
    ephemeral = Ephemeral(user, channel, thread_ts, stored)
    platform.workspace.keep_ephemeral(ephemeral)
    platform.feed.tell_one(
        user, {"type": "ephemeral", "channel": channel, "thread_ts": thread_ts, "message": without_metadata(stored)}
    )
    return ephemeral


def announce(platform: Platform, channel: Channel, frame: JsonObject) -> None:
    platform.feed.tell(frame, who=channel.is_seen_by)


def announce_change(platform: Platform, channel: Channel, message: JsonObject) -> None:
    frame = {"type": "message_changed", "channel": channel.id, "message": without_metadata(message)}
    announce(platform, channel, frame)


def emit_in(platform: Platform, channel: Channel, event: JsonObject) -> None:
    """Sends a channel's event to the app if the app's bot is in that channel: nobody else's talk reaches it."""
    if platform.workspace.bot_user in channel.members:
        platform.events.emit(event)


def in_event(channel: Channel, message: JsonObject) -> JsonObject:
    """A message as it stands inside an event, which also says where and when."""
    return {**message, "channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}


def _emit_message(platform: Platform, channel: Channel, message: JsonObject) -> None:
    event = in_event(channel, without_metadata(message))
    if event.get("files") and "subtype" not in event:
        event["subtype"] = "file_share"
    if event.get("subtype") == "thread_broadcast":
        event["root"] = in_event(channel, without_metadata(channel.messages[message["thread_ts"]]))
        event.setdefault("client_msg_id", str(uuid.uuid4()))
    emit_in(platform, channel, event)
    mention = f"<@{platform.workspace.bot_user}>"
    mentioned = re.search(re.escape(mention)[:-1] + r"(\|[^>]*)?>", message.get("text", "")) is not None
    if mentioned and message.get("bot_id") != platform.workspace.bot_id and not channel.is_im:
        fields = ("user", "ts", "client_msg_id", "text", "team", "thread_ts", "parent_user_id", "blocks", "files")
        mentioning = {key: event[key] for key in fields if key in event}
        emit_in(
            platform, channel, {"type": "app_mention", **mentioning, "channel": channel.id, "event_ts": message["ts"]}
        )


_THREAD_FIGURES = (
    "thread_ts",
    "reply_count",
    "reply_users_count",
    "latest_reply",
    "reply_users",
    "is_locked",
    "subscribed",
)
_KEPT_BY_TOMBSTONE = frozenset(
    ("type", "ts", "team", "thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply")
)
