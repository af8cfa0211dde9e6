"""Keeps files: announced, uploaded, completed and shared, as Slack's three-step upload does it."""

import mimetypes
import secrets

from bot.sandbox.slack.model import Channel, StoredFile
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import JsonObject, SlackRefusal

_NAMES = {"jpeg": "jpg", "plain": "text", "txt": "text", "htm": "html"}


def announce_file(platform: Platform, *, user: str, name: str, length: int, alt_text: str = "") -> StoredFile:
    """A file that is yet to be uploaded; nobody sees it until it is complete."""
    file_id = platform.workspace.mint("F")
    stored = StoredFile(
        shown=_shown(platform, file_id, user=user, name=name, size=length),
        expected_length=length,
        upload_key=secrets.token_urlsafe(24),
        alt_text=alt_text,
    )
    platform.workspace.files[file_id] = stored
    return stored


def upload_address(platform: Platform, stored: StoredFile) -> str:
    return f"{platform.base_url}/upload/v1/{stored.upload_key}"


def receive_bytes(platform: Platform, upload_key: str, content: bytes) -> StoredFile:
    """The bytes posted to an upload address; it works once, and for exactly the announced length."""
    for stored in platform.workspace.files.values():
        if stored.upload_key and secrets.compare_digest(stored.upload_key, upload_key):
            if len(content) != stored.expected_length:
                raise SlackRefusal("length_mismatch")
            stored.content = content
            stored.upload_key = ""
            return stored
    raise SlackRefusal("upload_not_found")


def complete_file(stored: StoredFile, *, title: str | None) -> None:
    if stored.upload_key:
        raise SlackRefusal("file_not_found")
    if title:
        stored.shown["title"] = title
    if stored.alt_text:
        stored.shown["alt_txt"] = stored.alt_text
    stored.complete = True


def keep_file(platform: Platform, *, user: str, name: str, content: bytes) -> StoredFile:
    """A file given all at once, as a person's client does."""
    stored = announce_file(platform, user=user, name=name, length=len(content))
    stored.content, stored.upload_key, stored.complete = content, "", True
    return stored


def find_file(platform: Platform, file_id: str) -> StoredFile:
    stored = platform.workspace.files.get(file_id)
    if stored is None or not stored.complete:
        raise SlackRefusal("file_not_found")
    return stored


def share_in(stored: StoredFile, channel: Channel) -> None:
    """Notes on the file object in which kind of conversation it can be seen."""
    where = "ims" if channel.is_im else "groups" if channel.is_private else "channels"
    if channel.id not in stored.shown[where]:
        stored.shown[where].append(channel.id)


def remember_share(stored: StoredFile, channel: Channel, message: JsonObject) -> None:
    kind = "private" if channel.is_private else "public"
    shares = stored.shown.setdefault("shares", {}).setdefault(kind, {}).setdefault(channel.id, [])
    share = {
        "reply_users": [],
        "reply_users_count": 0,
        "reply_count": 0,
        "ts": message["ts"],
        "channel_name": channel.name,
        "team_id": channel.team_id,
        "share_user_id": stored.shown["user"],
        "source": "UNKNOWN",
        "is_silent_share": False,
    }
    if "thread_ts" in message:
        share["thread_ts"] = message["thread_ts"]
    shares.append(share)


def _shown(platform: Platform, file_id: str, *, user: str, name: str, size: int) -> JsonObject:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    suffix = name.rpartition(".")[2].lower() if "." in name else "binary"
    filetype = _NAMES.get(suffix, suffix)
    base = platform.base_url
    address = f"{base}/files-pri/{platform.workspace.team_id}-{file_id}"
    now = int(platform.clock.now())
    return {
        "id": file_id,
        "created": now,
        "timestamp": now,
        "name": name,
        "title": name,
        "mimetype": mimetype,
        "filetype": filetype,
        "pretty_type": filetype.upper(),
        "user": user,
        "user_team": platform.workspace.team_id,
        "editable": False,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{_in_address(name)}",
        "url_private_download": f"{address}/download/{_in_address(name)}",
        "permalink": f"{base}/files/{user}/{file_id}/{_in_address(name)}",
        "permalink_public": f"{base}/public/{platform.workspace.team_id}-{file_id}",
        "channels": [],
        "groups": [],
        "ims": [],
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }


def _in_address(name: str) -> str:
    """A file's name as it stands in its address: Slack keeps plain letters and writes the rest as underscores."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name).lower()
