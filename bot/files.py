"""Serves attachments to vendors and customers by signed links that expire."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from aiohttp import web

from routing.errors import Gone

LIFE = timedelta(days=7)
PURPOSE = "file"
UNNAMED = "file"
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Signer(Protocol):
    def sign(self, purpose: str, text: str) -> str: ...
    def verifies(self, purpose: str, text: str, signature: str) -> bool: ...


class Blobs(Protocol):
    async def get(self, blob: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Makes and serves the links. A link names its blob, type and expiry, and is worth nothing if any is changed."""

    signer: Signer
    blobs: Blobs
    public_url: str
    clock: Callable[[], datetime]

    def link(self, blob: str, name: str, media_type: str) -> str:
        until = int((self.clock() + LIFE).timestamp())
        content = json.dumps([blob, media_type, until], separators=(",", ":")).encode()
        token = base64.urlsafe_b64encode(content).decode().rstrip("=")
        signature = self.signer.sign(PURPOSE, token)
        return f"{self.public_url}/files/{token}.{signature}/{quote(name or UNNAMED, safe='')}"

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{token}/{name}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """404 for anything that is not a valid link, so that nobody learns which files there are."""
        token, _, signature = request.match_info["token"].partition(".")
        if not self.signer.verifies(PURPOSE, token, signature):
            raise web.HTTPNotFound
        try:
            blob, media_type, until = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        except (ValueError, binascii.Error):
            raise web.HTTPNotFound from None
        if self.clock().timestamp() > until:
            raise web.HTTPGone(text="This link has expired.")
        try:
            content = await self.blobs.get(blob)
        except Gone:
            raise web.HTTPNotFound from None
        shown = media_type in SHOWN
        name = quote(request.match_info["name"], safe="")
        return web.Response(
            body=content,
            headers={
                "Content-Type": media_type if shown else "application/octet-stream",
                "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=3600",
            },
        )
