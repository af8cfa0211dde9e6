"""reactions.* and pins.*: marks on messages."""

import re

from bot.sandbox.slack.model import Channel, without_metadata
from bot.sandbox.slack.posting import announce_change
from bot.sandbox.slack.reactions import react, unreact
from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.web.chat import permalink
from bot.sandbox.slack.wire import JsonObject, SlackRefusal


def _message(call: Call, *, joined: bool = False) -> tuple[Channel, JsonObject]:
    if call.args.optional_text("channel") is None or call.args.optional_text("timestamp") is None:
        raise SlackRefusal("no_item_specified")
    channel = call.joined_channel() if joined else call.channel()
    timestamp = call.args.text("timestamp")
    if re.fullmatch(r"\d+\.\d{6}", timestamp) is None:
        raise SlackRefusal("bad_timestamp")
    return channel, call.platform.workspace.message(channel, timestamp)


def add_reaction(call: Call) -> JsonObject:
    channel, message = _message(call)
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    react(call.platform, channel, message, call.caller.user, call.args.text("name").strip(":"))
    return {"ok": True}


def remove_reaction(call: Call) -> JsonObject:
    channel, message = _message(call)
    unreact(call.platform, channel, message, call.caller.user, call.args.text("name").strip(":"))
    return {"ok": True}


def get_reactions(call: Call) -> JsonObject:
    channel, message = _message(call)
    shown = without_metadata(message) | {"permalink": permalink(call.platform.base_url, channel, message)}
    return {"ok": True, "type": "message", "channel": channel.id, "message": shown}


def add_pin(call: Call) -> JsonObject:
    channel, message = _message(call, joined=True)
    if message["ts"] in channel.pins:
        raise SlackRefusal("already_pinned")
    channel.pins[message["ts"]] = {"created": int(call.platform.clock.now()), "created_by": call.caller.user}
    message["pinned_to"] = [channel.id]
    announce_change(call.platform, channel, message)
    return {"ok": True}


def remove_pin(call: Call) -> JsonObject:
    channel, message = _message(call, joined=True)
    if channel.pins.pop(message["ts"], None) is None:
        raise SlackRefusal("no_pin")
    message.pop("pinned_to", None)
    announce_change(call.platform, channel, message)
    return {"ok": True}


def list_pins(call: Call) -> JsonObject:
    channel = call.channel()
    items = [
        {
            "type": "message",
            "channel": channel.id,
            **pin,
            "message": without_metadata(channel.messages[ts])
            | {
                "pinned_to": [channel.id],
                "permalink": permalink(call.platform.base_url, channel, channel.messages[ts]),
            },
        }
        for ts, pin in sorted(channel.pins.items(), reverse=True)
    ]
    return {"ok": True, "items": items}


METHODS = {
    "reactions.add": Method(add_reaction, ("reactions:write",)),
    "reactions.remove": Method(remove_reaction, ("reactions:write",)),
    "reactions.get": Method(get_reactions, ("reactions:read",)),
    "pins.add": Method(add_pin, ("pins:write",)),
    "pins.remove": Method(remove_pin, ("pins:write",)),
    "pins.list": Method(list_pins, ("pins:read",)),
}
