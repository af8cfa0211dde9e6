"""Puts files into a card's thread, and fetches those that the team wrote under it."""

import hashlib
from collections.abc import Mapping

import aiohttp
from yarl import URL

from bot.slack.faults import silence, wait_asked
from bot.slack.payload import Json, object_of, objects_of, text_of
from bot.slack.texts import cut, tidy
from bot.slack.workspace import Workspace
from bot.surface import File
from routing.errors import Gone, NeedsAttention, Rejected, TryLater

LARGEST = 40 * 1024 * 1024
PATIENCE = aiohttp.ClientTimeout(total=300, connect=5, sock_read=30)
LONGEST_NAME = 120


async def share(workspace: Workspace, place: str, card: str, file: File, *, key: str) -> str:
    """Shows the file in the thread of `card` and returns its id. Only the last of the three calls shows anything, so
    only there it can be unclear whether it was shown."""
    name = marked_name(file.name, key)
    asked = {"filename": name, "length": len(file.content)}
    ticket = await workspace.web.read("files.getUploadURLExternal", asked)
    await _upload(workspace, text_of(ticket, "upload_url"), file.content)
    shown = {"id": text_of(ticket, "file_id"), "title": cut(tidy(file.name), LONGEST_NAME) or "file"}
    await workspace.web.call("files.completeUploadExternal", {"files": [shown], "channel_id": place, "thread_ts": card})
    return shown["id"]


def marked_name(name: str, key: str) -> str:
    """The file's name with a mark made from `key` before its ending.

    A message that shows a file can carry no metadata, but its file keeps its name: so a file that was shown before a
    crash is found again. People see the title, which is the name unchanged.
    """
    stem, dot, ending = tidy(name).replace("/", "_").replace("\\", "_").rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = stem + dot + ending, ""
    suffix = f".{ending}" if ending else ""
    return f"{cut(stem, LONGEST_NAME) or 'file'}.{_mark(key)}{suffix}"


def marked_file(message: Json, key: str) -> str:
    """The id of the file in this message that was shown under `key`, or nothing."""
    mark = _mark(key)
    return next((text_of(file, "id") for file in objects_of(message, "files") if mark in _marks(file)), "")


async def fetch(workspace: Workspace, file: str) -> File:
    """A file somebody wrote in a thread. Raises Gone, Rejected (too large, or kept outside Slack), TryLater."""
    shown = object_of(await workspace.web.read("files.info", {"file": file}), "file")
    mode, size = text_of(shown, "mode"), shown.get("size")
    if mode in ("tombstone", "hidden_by_limit"):
        raise Gone(f"slack file {file}: {mode}")
    address = URL(text_of(shown, "url_private_download") or text_of(shown, "url_private"))
    if mode == "external" or shown.get("is_external") or not _is_slacks(address, workspace):
        raise Rejected(f"the file {file} is kept outside Slack and cannot be sent along")
    if isinstance(size, int) and size > LARGEST:
        raise Rejected(f"the file {file} has {size} bytes; at most {LARGEST} can be sent along")
    content, served = await _download(workspace, address)
    media_type = text_of(shown, "mimetype") or "application/octet-stream"
    if served == "text/html" and media_type != "text/html":
        # Slack answers with its sign-in page instead of a refusal when the permission is missing.
        raise NeedsAttention("slack file: the permission files:read is missing: install the app again")
    return File(text_of(shown, "name") or file, media_type, content)


async def _upload(workspace: Workspace, address: str, content: bytes) -> None:
    try:
        headers = {"Content-Type": "application/octet-stream"}
        async with workspace.session.post(
            address, data=content, headers=headers, timeout=PATIENCE, allow_redirects=False
        ) as answer:
            _judge("files upload", answer.status, answer.headers)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
        # Bytes without the last call are shown to nobody: sending them once more does no harm.
        raise silence("files upload", failure, posts=False) from failure


async def _download(workspace: Workspace, address: URL) -> tuple[bytes, str]:
    headers = {"Authorization": f"Bearer {workspace.config.bot_token}"}
    try:
        async with workspace.session.get(address, headers=headers, timeout=PATIENCE, allow_redirects=False) as answer:
            _judge("files download", answer.status, answer.headers)
            content = bytearray()
            async for chunk in answer.content.iter_chunked(64 * 1024):
                content += chunk
                if len(content) > LARGEST:
                    raise Rejected(f"the file is larger than {LARGEST} bytes and cannot be sent along")
            return bytes(content), answer.content_type
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        raise silence("files download", failure, posts=False) from failure


def _judge(what: str, status: int, headers: Mapping[str, str]) -> None:
    if status == 200:
        return
    if status == 429 or status >= 500:
        raise TryLater(f"slack {what}: status {status}", after=wait_asked(headers))
    if status in (404, 410):
        raise Gone(f"slack {what}: status {status}")
    raise Rejected(f"slack {what}: status {status}")


def _is_slacks(address: URL, workspace: Workspace) -> bool:
    """Our token goes to Slack only, or to the stand-in that was configured in its place."""
    host = address.host or ""
    if address.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com")):
        return True
    return address.absolute and address.origin() == URL(workspace.config.api_base).origin()


def _mark(key: str) -> str:
    return "m" + hashlib.sha256(key.encode()).hexdigest()[:12]


def _marks(file: Json) -> list[str]:
    return text_of(file, "name").split(".")
