"""Serves what Slack serves of files: upload addresses for the app, and private addresses that want its token."""

from aiohttp import BodyPartReader, web

from bot.sandbox.slack.files import receive_bytes
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.web.dispatch import read_token, recognise
from bot.sandbox.slack.wire import SlackRefusal


class FileDoors:
    """The doors under /upload/ and /files-pri/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def upload(self, request: web.Request) -> web.Response:
        content = await _posted_bytes(request)
        stumble = self._platform.stumbles.for_call("upload")
        if stumble is not None and stumble.mode in ("429", "500"):
            return web.Response(status=int(stumble.mode), headers={"Retry-After": str(stumble.retry_after)})
        try:
            stored = receive_bytes(self._platform, request.match_info["key"], content)
        except SlackRefusal as refusal:
            self._platform.journal.write("upload", status=400, answer=refusal.code, length=len(content))
            return web.Response(status=400, text=refusal.code)
        self._platform.journal.write("upload", status=200, file=stored.id, length=len(content))
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """The bytes for who shows a token; everybody else is sent to a login page, as Slack does."""
        try:
            caller = recognise(self._platform, read_token(request, {}))
            if "files:read" not in caller.scopes:
                raise SlackRefusal("missing_scope")
        except SlackRefusal:
            raise web.HTTPFound("/login") from None
        stored = self._platform.workspace.files.get(request.match_info["id"])
        if stored is None or not stored.complete:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff"}
        if "/download/" in request.path:
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=stored.content, content_type=stored.shown["mimetype"], headers=headers)

    async def login(self, _request: web.Request) -> web.Response:
        return web.Response(
            text="<!DOCTYPE html><title>Sign in</title><p>Sign in to see this file.", content_type="text/html"
        )


async def _posted_bytes(request: web.Request) -> bytes:
    """The whole body, or the one file in a multipart body."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename is not None:
            return bytes(await part.read(decode=True))
    return b""
