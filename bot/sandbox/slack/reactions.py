"""Adds and takes back emoji reactions."""

import re

from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.posting import announce_change, emit_in
from bot.sandbox.slack.wire import JsonObject, SlackRefusal


def react(platform: Platform, channel: Channel, message: JsonObject, user: str, name: str) -> None:
    if re.fullmatch(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?", name) is None:
        raise SlackRefusal("invalid_name")
    reactions: list[JsonObject] = message.setdefault("reactions", [])
    found = next((one for one in reactions if one["name"] == name), None)
    if found is None:
        found = {"name": name, "users": [], "count": 0}
        reactions.append(found)
    if user in found["users"]:
        raise SlackRefusal("already_reacted")
    found["users"].append(user)
    found["count"] = len(found["users"])
    _tell(platform, "reaction_added", channel, message, user, name)


def unreact(platform: Platform, channel: Channel, message: JsonObject, user: str, name: str) -> None:
    reactions: list[JsonObject] = message.get("reactions", [])
    found = next((one for one in reactions if one["name"] == name and user in one["users"]), None)
    if found is None:
        raise SlackRefusal("no_reaction")
    found["users"].remove(user)
    found["count"] = len(found["users"])
    if not found["users"]:
        reactions.remove(found)
    if not reactions:
        del message["reactions"]
    _tell(platform, "reaction_removed", channel, message, user, name)


def _tell(platform: Platform, type_: str, channel: Channel, message: JsonObject, user: str, name: str) -> None:
    announce_change(platform, channel, message)
    event = {
        "type": type_,
        "user": user,
        "reaction": name,
        "item_user": message.get("user", ""),
        "item": {"type": "message", "channel": channel.id, "ts": message["ts"]},
        "event_ts": platform.workspace.mint_ts(),
    }
    emit_in(platform, channel, event)
