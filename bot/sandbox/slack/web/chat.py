"""chat.*: posting, changing and deleting messages."""

from bot.sandbox.slack.content import TEXT_AT_MOST, read_content
from bot.sandbox.slack.membership import direct
from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.posting import change, post, remove, whisper
from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal, copied

UPDATE_TEXT_AT_MOST = 4_000


def post_message(call: Call) -> JsonObject:
    channel = _target(call)
    content, warnings = read_content(call.args)
    content |= author(call)
    thread_ts = call.args.optional_text("thread_ts")
    if thread_ts is not None:
        content["thread_ts"] = thread_root(channel, thread_ts)
        if call.args.flag("reply_broadcast"):
            content["subtype"] = "thread_broadcast"
    stored = post(call.platform, channel, content)
    answer: JsonObject = {"ok": True, "channel": channel.id, "ts": stored["ts"], "message": copied(stored)}
    if warnings:
        answer |= {"warning": ",".join(warnings), "response_metadata": {"warnings": warnings}}
    return answer


def update(call: Call) -> JsonObject:
    channel = call.channel()
    message = call.platform.workspace.message(channel, call.args.text("ts"))
    if not _is_mine(call, message) or message.get("subtype") == "tombstone":
        raise SlackRefusal("cant_update_message")
    if channel.is_archived:
        raise SlackRefusal("is_inactive")
    text = call.args.optional_text("text")
    if text is not None and len(text) > UPDATE_TEXT_AT_MOST:
        raise SlackRefusal("msg_too_long")
    changes = _changed(call.args)
    change(call.platform, channel, message, changes, editor=call.caller.user)
    shown = dict(copied(message))
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "text": message.get("text", ""), "message": shown}


def _changed(args: Arguments) -> JsonObject:
    """What an update changes. Blocks, attachments and metadata that are not mentioned stay; an empty list removes them
    (slackapi/python-slack-sdk#523, slack-go/slack#1214)."""
    content, _ = read_content(args)
    changes: JsonObject = {"text": content["text"]}
    if "blocks" in args.raw:
        changes["blocks"] = content.get("blocks")
    if "attachments" in args.raw:
        changes["attachments"] = content.get("attachments")
    if "metadata" in content:
        changes["metadata"] = content["metadata"] or None
    return changes


def delete(call: Call) -> JsonObject:
    channel = call.channel()
    message = call.platform.workspace.message(channel, call.args.text("ts"))
    if message.get("subtype") == "tombstone":
        raise SlackRefusal("message_not_found")
    if not _is_mine(call, message):
        raise SlackRefusal("cant_delete_message")
    remove(call.platform, channel, message)
    return {"ok": True, "channel": channel.id, "ts": message["ts"]}


def post_ephemeral(call: Call) -> JsonObject:
    channel = _target(call)
    user = call.args.text("user")
    if user not in call.platform.workspace.users:
        raise SlackRefusal("user_not_found")
    if user not in channel.members:
        raise SlackRefusal("user_not_in_channel")
    content, _ = read_content(call.args)
    if len(content["text"]) > TEXT_AT_MOST:
        raise SlackRefusal("msg_too_long")
    thread_ts = call.args.optional_text("thread_ts")
    ephemeral = whisper(call.platform, user, channel.id, thread_ts, content | author(call))
    return {"ok": True, "message_ts": ephemeral.ts}


def get_permalink(call: Call) -> JsonObject:
    channel = call.channel()
    message = call.platform.workspace.message(channel, call.args.text("message_ts"))
    return {"ok": True, "channel": channel.id, "permalink": permalink(call.platform.base_url, channel, message)}


def permalink(base_url: str, channel: Channel, message: JsonObject) -> str:
    ts = message["ts"]
    address = f"{base_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    root = message.get("thread_ts")
    return address if root in (None, ts) else f"{address}?thread_ts={root}&cid={channel.id}"


def _target(call: Call) -> Channel:
    """Where to post: a channel id, a user id (their direct channel), or a channel's name."""
    workspace = call.platform.workspace
    wanted = call.args.text("channel")
    if wanted in workspace.users:
        if workspace.users[wanted]["deleted"] or wanted == call.caller.user:
            raise SlackRefusal("channel_not_found")
        channel = direct(call.platform, call.caller.user, wanted)
    elif wanted in workspace.channels:
        channel = call.channel()
    else:
        named = workspace.channel_named(wanted.removeprefix("#"))
        if named is None or not named.is_seen_by(call.caller.user):
            raise SlackRefusal("channel_not_found")
        channel = named
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    if call.caller.user not in channel.members:
        raise SlackRefusal("not_in_channel")
    if channel.is_im and call.caller.is_bot and not call.platform.app.messages_tab:
        raise SlackRefusal("messages_tab_disabled")
    return channel


def thread_root(channel: Channel, thread_ts: str) -> str:
    parent = channel.messages.get(thread_ts)
    if parent is None:
        raise SlackRefusal("thread_not_found")
    return str(parent.get("thread_ts", thread_ts))


def author(call: Call) -> JsonObject:
    workspace = call.platform.workspace
    if not call.caller.is_bot:
        return {"user": call.caller.user}
    author: JsonObject = {
        "user": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "bot_profile": workspace.bot_profile(),
    }
    username = call.args.optional_text("username")
    if username is not None:
        author["username"] = username
    return author


def _is_mine(call: Call, message: JsonObject) -> bool:
    if call.caller.is_bot:
        return bool(message.get("bot_id") == call.platform.workspace.bot_id)
    return bool(message.get("user") == call.caller.user and "bot_id" not in message)


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}
