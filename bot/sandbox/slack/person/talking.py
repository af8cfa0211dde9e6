"""Saying, editing and deleting messages, and reacting to them."""

from typing import Any

from bot.sandbox.slack.files import remember_share, share_in
from bot.sandbox.slack.model import Channel, StoredFile
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.posting import change, post, remove, spoken
from bot.sandbox.slack.reactions import react, unreact
from bot.sandbox.slack.richtext import rich_text_of
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, copied

TEXT_AT_MOST = 12_000


def say(
    platform: Platform,
    user: str,
    channel: Channel,
    text: str,
    *,
    thread_ts: str | None = None,
    files: list[StoredFile] | None = None,
) -> JsonObject:
    """A person's message, in the text Slack stores (mentions as `<@U…>`, `&<>` escaped)."""
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    if user not in channel.members:
        raise SlackRefusal("not_in_channel")
    if not text.strip() and not files:
        raise SlackRefusal("no_text")
    if len(text) > TEXT_AT_MOST:
        raise SlackRefusal("msg_too_long")
    more: dict[str, Any] = {}
    if text:
        more["blocks"] = [rich_text_of(text)]
    if thread_ts is not None:
        parent = channel.messages.get(thread_ts)
        if parent is None:
            raise SlackRefusal("thread_not_found")
        more["thread_ts"] = parent.get("thread_ts", thread_ts)
    if files:
        for file in files:
            share_in(file, channel)
        more |= {"files": [copied(file.shown) for file in files], "upload": False, "display_as_bot": False}
    said = post(platform, channel, spoken(user, text, **more))
    for file in files or []:
        remember_share(file, channel, said)
    return said


def edit(platform: Platform, user: str, channel: Channel, ts: str, text: str) -> None:
    message = platform.workspace.message(channel, ts)
    if message.get("user") != user or "bot_id" in message:
        raise SlackRefusal("cant_update_message")
    change(platform, channel, message, {"text": text, "blocks": [rich_text_of(text)]}, editor=user)


def delete(platform: Platform, user: str, channel: Channel, ts: str) -> None:
    message = platform.workspace.message(channel, ts)
    if message.get("user") != user or "bot_id" in message:
        raise SlackRefusal("cant_delete_message")
    remove(platform, channel, message)


def toggle_reaction(platform: Platform, user: str, channel: Channel, ts: str, name: str) -> None:
    """Adds the reaction, or takes it back if it is the person's own already."""
    message = platform.workspace.message(channel, ts)
    mine = any(r["name"] == name and user in r["users"] for r in message.get("reactions", []))
    (unreact if mine else react)(platform, channel, message, user, name)
