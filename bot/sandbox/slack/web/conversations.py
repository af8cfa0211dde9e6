"""conversations.*: channels, who is in them, and reading what was said there."""

import re

from bot.sandbox.slack.membership import create_channel, direct, invite, join, set_topic
from bot.sandbox.slack.model import Channel, without_metadata
from bot.sandbox.slack.web.call import Call, Method, make_cursor, read_cursor
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal, copied

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")
KINDS = frozenset({"public_channel", "private_channel", "im", "mpim"})


def list_(call: Call) -> JsonObject:
    wanted = set(call.args.words("types") or ["public_channel"])
    if wanted - KINDS:
        raise SlackRefusal("invalid_types")
    channels = [
        channel.shown_to(call.caller.user)
        for channel in call.platform.workspace.channels.values()
        if _kind(channel) in wanted
        and channel.is_seen_by(call.caller.user)
        and not (channel.is_archived and call.args.flag("exclude_archived"))
    ]
    page, cursor = call.page(channels)
    return {"ok": True, "channels": page, "response_metadata": {"next_cursor": cursor}}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def info(call: Call) -> JsonObject:
    channel = call.channel()
    shown = channel.shown_to(call.caller.user)
    if not call.args.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"ok": True, "channel": shown}


def history(call: Call) -> JsonObject:
    channel = call.joined_channel()
    messages = list(reversed(call.platform.workspace.top_level(channel)))
    page, cursor = _page_of_messages(call, _in_span(call.args, messages), newest_first=True, default=100)
    answer: JsonObject = {
        "ok": True,
        "messages": [_shown(call.args, channel, message) for message in page],
        "has_more": bool(cursor),
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def replies(call: Call) -> JsonObject:
    """The parent comes first on every page, then replies from the oldest."""
    channel = call.joined_channel()
    parent, *rest = call.platform.workspace.thread(channel, call.args.text("ts"))
    page, cursor = _page_of_messages(call, _in_span(call.args, rest), newest_first=False, default=1000)
    answer: JsonObject = {
        "ok": True,
        "messages": [_shown(call.args, channel, message) for message in [parent, *page]],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _page_of_messages(
    call: Call, messages: list[JsonObject], *, newest_first: bool, default: int
) -> tuple[list[JsonObject], str]:
    """A page whose cursor names a time, so that what is posted meanwhile does not shift the next page."""
    start = read_cursor(call.args.optional_text("cursor"), "next_ts")
    if start:
        messages = [m for m in messages if (_micros(m["ts"]) <= start if newest_first else _micros(m["ts"]) >= start)]
    limit = call.args.number("limit", default=default, most=1000)
    if len(messages) <= limit:
        return messages, ""
    return messages[:limit], make_cursor(_micros(messages[limit]["ts"]), "next_ts")


def _in_span(args: Arguments, messages: list[JsonObject]) -> list[JsonObject]:
    """Messages between `oldest` and `latest`; the ends themselves count only with `inclusive`."""
    oldest = _read_ts(args, "oldest")
    latest = _read_ts(args, "latest")
    inclusive = args.flag("inclusive")

    def within(message: JsonObject) -> bool:
        ts = _micros(message["ts"])
        if oldest is not None and (ts < oldest or (ts == oldest and not inclusive)):
            return False
        return latest is None or ts < latest or (ts == latest and inclusive)

    return [message for message in messages if within(message)]


def _read_ts(args: Arguments, name: str) -> int | None:
    text = args.optional_text(name)
    if text is None:
        return None
    if re.fullmatch(r"\d+(\.\d{1,6})?", text) is None:
        raise SlackRefusal(f"invalid_ts_{name}")
    return _micros(text)


def _micros(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micros.ljust(6, "0"))


def _shown(args: Arguments, channel: Channel, message: JsonObject) -> JsonObject:
    shown: JsonObject = copied(message) if args.flag("include_all_metadata") else without_metadata(message)
    if message["ts"] in channel.pins:
        shown["pinned_to"] = [channel.id]
    return shown


def members(call: Call) -> JsonObject:
    page, cursor = call.page(call.channel().members)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def open_(call: Call) -> JsonObject:
    """The direct channel with one user; several users at once are not in this stand-in."""
    workspace = call.platform.workspace
    if call.args.optional_text("channel") is not None:
        channel = call.channel()
    else:
        users = call.args.words("users")
        if not users:
            raise SlackRefusal("users_list_not_supplied")
        if len(users) > 1:
            raise SlackRefusal("too_many_users")
        wanted = workspace.user(users[0])
        if wanted["deleted"]:
            raise SlackRefusal("user_disabled")
        if wanted["is_bot"] and call.caller.is_bot:
            raise SlackRefusal("cannot_dm_bot")
        channel = direct(call.platform, call.caller.user, users[0])
    shown = channel.shown_to(call.caller.user) if call.args.flag("return_im") else {"id": channel.id}
    return {"ok": True, "channel": shown}


def join_(call: Call) -> JsonObject:
    channel = call.channel()
    if channel.is_im or channel.is_private:
        raise SlackRefusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    answer: JsonObject = {"ok": True}
    if call.caller.user in channel.members:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    else:
        join(call.platform, channel, call.caller.user)
    return {**answer, "channel": channel.shown_to(call.caller.user)}


def create(call: Call) -> JsonObject:
    name = call.args.optional_text("name")
    if name is None:
        raise SlackRefusal("invalid_name_required")
    if len(name) > 80:
        raise SlackRefusal("invalid_name_maxlength")
    if name != name.lower() or re.search(r"[\s.,!?#@/\\]", name):
        raise SlackRefusal("invalid_name_specials")
    if call.platform.workspace.channel_named(name) is not None:
        raise SlackRefusal("name_taken")
    channel = create_channel(call.platform, name, creator=call.caller.user, is_private=call.args.flag("is_private"))
    return {"ok": True, "channel": channel.shown_to(call.caller.user)}


def invite_(call: Call) -> JsonObject:
    channel = call.joined_channel()
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    users = call.args.words("users")
    if not users:
        raise SlackRefusal("no_user")
    for user in users:
        call.platform.workspace.user(user)
        if user == call.caller.user:
            raise SlackRefusal("cant_invite_self")
        if user in channel.members:
            raise SlackRefusal("already_in_channel")
    for user in users:
        invite(call.platform, channel, user, inviter=call.caller.user)
    return {"ok": True, "channel": channel.shown_to(call.caller.user)}


def set_topic_(call: Call) -> JsonObject:
    channel = call.joined_channel()
    topic = call.args.raw.get("topic")
    if not isinstance(topic, str):
        raise SlackRefusal("invalid_arguments")
    if len(topic) > 250:
        raise SlackRefusal("too_long")
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    set_topic(call.platform, channel, topic, call.caller.user)
    return {"ok": True, "channel": channel.shown_to(call.caller.user), "topic": topic}


METHODS = {
    "conversations.list": Method(list_, _READ),
    "conversations.info": Method(info, _READ),
    "conversations.history": Method(history, _HISTORY),
    "conversations.replies": Method(replies, _HISTORY),
    "conversations.members": Method(members, _READ),
    "conversations.open": Method(open_, ("im:write", "mpim:write", "channels:manage", "groups:write")),
    "conversations.join": Method(join_, ("channels:join",)),
    "conversations.create": Method(create, _WRITE),
    "conversations.invite": Method(invite_, _WRITE),
    "conversations.setTopic": Method(set_topic_, _WRITE),
}
