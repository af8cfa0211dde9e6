"""files.*: the three-step upload, looking files up, deleting them."""

from typing import Any

from bot.sandbox.slack.completion import completed_blocks
from bot.sandbox.slack.content import read_blocks
from bot.sandbox.slack.files import announce_file, complete_file, find_file, remember_share, share_in, upload_address
from bot.sandbox.slack.model import Channel, StoredFile
from bot.sandbox.slack.posting import change, post
from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.web.chat import author, thread_root
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, copied, refuse_arguments

ALT_TEXT_AT_MOST = 1000


def get_upload_url(call: Call) -> JsonObject:
    name = call.args.text("filename")
    try:
        length = int(call.args.text("length"))
    except ValueError:
        raise refuse_arguments("length must be an integer") from None
    if length <= 0:
        raise refuse_arguments("length must be greater than 0")
    alt_text = call.args.optional_text("alt_txt") or ""
    if len(alt_text) > ALT_TEXT_AT_MOST:
        raise SlackRefusal("alt_txt_too_large")
    stored = announce_file(call.platform, user=call.caller.user, name=name, length=length, alt_text=alt_text)
    return {"ok": True, "upload_url": upload_address(call.platform, stored), "file_id": stored.id}


def complete_upload(call: Call) -> JsonObject:
    """Makes uploaded files visible and shares them where asked. As in Slack the answer does not yet say where."""
    given = call.args.structure("files", malformed="invalid_arguments")
    if not isinstance(given, list) or not given:
        raise refuse_arguments("missing required field: files")
    blocks = read_blocks(call.args)
    channels = _channels(call)
    wanted = [(_uploaded(call, one), one.get("title")) for one in given]
    for stored, title in wanted:
        complete_file(stored, title=title)
    files = [stored for stored, _ in wanted]
    answer: JsonObject = {"ok": True, "files": [copied(stored.shown) for stored in files]}
    for channel in channels:
        _share(call, channel, files, blocks)
    return answer


def _uploaded(call: Call, one: Any) -> StoredFile:
    stored = call.platform.workspace.files.get(one.get("id", "")) if isinstance(one, dict) else None
    if stored is None or stored.upload_key or stored.shown["user"] != call.caller.user:
        raise SlackRefusal("file_not_found")
    return stored


def _channels(call: Call) -> list[Channel]:
    wanted = call.args.words("channels") or call.args.words("channel_id")
    channels = []
    for channel_id in wanted:
        channel = call.platform.workspace.channel(channel_id)
        if not channel.is_seen_by(call.caller.user):
            raise SlackRefusal("channel_not_found")
        if call.caller.user not in channel.members:
            raise SlackRefusal("not_in_channel")
        if channel.is_archived:
            raise SlackRefusal("posting_to_channel_denied")
        channels.append(channel)
    return channels


def _share(call: Call, channel: Channel, files: list[StoredFile], blocks: list[JsonObject]) -> None:
    thread_ts = call.args.optional_text("thread_ts")
    message: JsonObject = {
        "text": call.args.optional_text("initial_comment") or "",
        "files": [],
        "upload": False,
        "display_as_bot": False,
        **author(call),
    }
    if blocks:
        message["blocks"] = completed_blocks(blocks)
    if thread_ts is not None:
        message["thread_ts"] = thread_root(channel, thread_ts)
    for stored in files:
        share_in(stored, channel)
    message["files"] = [copied(stored.shown) for stored in files]
    shared = post(call.platform, channel, message)
    for stored in files:
        remember_share(stored, channel, shared)


def info(call: Call) -> JsonObject:
    stored = find_file(call.platform, call.args.text("file"))
    return {
        "ok": True,
        "file": stored.shown,
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def list_(call: Call) -> JsonObject:
    channel = call.args.optional_text("channel")
    user = call.args.optional_text("user")
    found = [
        stored.shown
        for stored in call.platform.workspace.files.values()
        if stored.complete
        and channel in (None, *stored.shown["channels"], *stored.shown["groups"], *stored.shown["ims"])
        and user in (None, stored.shown["user"])
    ]
    count = call.args.number("count", default=100, most=1000)
    page = call.args.number("page", default=1, most=100)
    return {
        "ok": True,
        "files": found[(page - 1) * count : page * count],
        "paging": {"count": count, "total": len(found), "page": page, "pages": -(-len(found) // count)},
    }


def delete(call: Call) -> JsonObject:
    stored = find_file(call.platform, call.args.text("file"))
    if stored.shown["user"] != call.caller.user:
        raise SlackRefusal("cant_delete_file")
    del call.platform.workspace.files[stored.id]
    for channel in call.platform.workspace.channels.values():
        for message in list(channel.messages.values()):
            if any(file["id"] == stored.id for file in message.get("files", [])):
                files = [
                    {"id": stored.id, "mode": "tombstone"} if file["id"] == stored.id else file
                    for file in message["files"]
                ]
                change(call.platform, channel, message, {"files": files}, editor=call.caller.user)
    return {"ok": True}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
    "files.info": Method(info, ("files:read",)),
    "files.list": Method(list_, ("files:read",)),
    "files.delete": Method(delete, ("files:write",)),
}
