"""A strict LINE: keeps the platform's rules about tokens, retry keys, bubbles and quota, and its log is the truth.

Rules: https://developers.line.biz/en/reference/messaging-api/
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.standins.unwilling import Heard

CHANNEL_ID = "1656789012"
SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BOT = "U8e742f61d673b39c7fff3cecb7536ef0"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Line:
    """The platform with one Official Account. `shown` is what customers' phones show, in order."""

    clock: Callable[[], datetime]
    base: str = ""
    heard: list[Heard] = field(default_factory=list)
    shown: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)
    reply_tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    keys: dict[str, tuple[datetime, list[str]]] = field(default_factory=dict)
    profiles: dict[str, Mapping[str, str]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    transcoding: dict[str, str] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    quota: int | None = 200
    used: int = 0
    endpoint: str = "https://desk.example.com/hooks/acme-line"
    active: bool = True
    tokens_issued: int = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth2/v3/token", self.issue_token),
            web.post("/v2/bot/message/push", self.push),
            web.post("/v2/bot/message/reply", self.reply),
            web.get("/v2/bot/profile/{user}", self.profile),
            web.get("/v2/bot/info", self.bot),
            web.get("/v2/bot/channel/webhook/endpoint", self.webhook),
            web.get("/v2/bot/message/quota", self.total),
            web.get("/v2/bot/message/quota/consumption", self.consumption),
            web.get("/v2/bot/message/{id}/content", self.content),
            web.get("/v2/bot/message/{id}/content/transcoding", self.preparation),
        ]

    async def issue_token(self, request: web.Request) -> web.Response:
        await self._hear(request)
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if form.get("client_id") != CHANNEL_ID or form.get("client_secret") != SECRET:
            return web.json_response({"error": "invalid_client", "error_description": "invalid client"}, status=400)
        self.tokens_issued += 1
        token = f"stateless-{self.tokens_issued}"
        self.tokens[token] = self.clock() + timedelta(seconds=900)
        return web.json_response({"token_type": "Bearer", "access_token": token, "expires_in": 900})

    async def push(self, request: web.Request) -> web.Response:
        body = await self._authorised(request)
        key = request.headers.get("X-Line-Retry-Key", "")
        if key and not UUID.fullmatch(key):
            return _no(400, "Invalid retry key")
        known = self.keys.get(key)
        if known is not None and self.clock() - known[0] < timedelta(hours=24):
            return web.json_response(
                {"message": "The retry key is already accepted", "sentMessages": [{"id": one} for one in known[1]]},
                status=409,
                headers={"X-Line-Accepted-Request-Id": "f46e0d6e-0000-4000-8000-000000000000"},
            )
        if not re.fullmatch(r"[UCR][0-9a-f]{32}", str(body.get("to"))):
            return _no(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        if self.quota is not None and self.used >= self.quota:
            return _no(429, "You have reached your monthly limit.")
        ids = self._show(body["to"], body)
        self.used += 1
        if key:
            self.keys[key] = (self.clock(), ids)
        return web.json_response({"sentMessages": [{"id": one} for one in ids]})

    async def reply(self, request: web.Request) -> web.Response:
        body = await self._authorised(request)
        if "X-Line-Retry-Key" in request.headers:
            return _no(400, "The retry key is not supported")
        to, since = self.reply_tokens.pop(str(body.get("replyToken")), ("", self.clock()))
        if not to or self.clock() - since > timedelta(minutes=1):
            return _no(400, "Invalid reply token")
        return web.json_response({"sentMessages": [{"id": one} for one in self._show(to, body)]})

    async def profile(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        found = self.profiles.get(request.match_info["user"])
        return _no(404, "Not found") if found is None else web.json_response(found)

    async def bot(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        return web.json_response(
            {"userId": BOT, "basicId": "@216ru", "displayName": "Acme", "chatMode": "bot", "markAsReadMode": "auto"}
        )

    async def webhook(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        return web.json_response({"endpoint": self.endpoint, "active": self.active})

    async def total(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        limited = {"type": "limited", "value": self.quota}
        return web.json_response({"type": "none"} if self.quota is None else limited)

    async def consumption(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        return web.json_response({"totalUsage": self.used})

    async def content(self, request: web.Request) -> web.StreamResponse:
        await self._authorised(request)
        name = request.match_info["id"]
        if name in self.gone:
            return _no(self.gone[name], "The content is gone")
        if self.transcoding.get(name, "succeeded") != "succeeded":
            return web.Response(status=202)
        if name not in self.contents:
            return _no(404, "Not found")
        return web.Response(body=self.contents[name], content_type="image/jpeg")

    async def preparation(self, request: web.Request) -> web.Response:
        await self._authorised(request)
        return web.json_response({"status": self.transcoding.get(request.match_info["id"], "succeeded")})

    async def _hear(self, request: web.Request) -> bytes:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.method, request.path, dict(request.query), headers, body))
        return body

    async def _authorised(self, request: web.Request) -> dict[str, Any]:
        raw = await self._hear(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != "long-lived" and self.tokens.get(token, self.clock()) <= self.clock():
            text = json.dumps({"message": "Authentication failed due to the expired access token"})
            raise web.HTTPUnauthorized(text=text, content_type="application/json")
        if request.method == "GET":
            return {}
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        body: dict[str, Any] = json.loads(raw)
        fault = _fault_of(body)
        if fault:
            details = [{"message": fault, "property": "messages[0]"}]
            text = json.dumps({"message": "The request body has 1 error(s)", "details": details})
            raise web.HTTPBadRequest(text=text, content_type="application/json")
        return body

    def _show(self, to: str, body: Mapping[str, Any]) -> list[str]:
        ids = [str(461230966842064897 + len(self.shown) + place) for place, _ in enumerate(body["messages"])]
        self.shown += [(to, message) for message in body["messages"]]
        return ids


def _fault_of(body: Mapping[str, Any]) -> str:
    """What LINE would find wrong with the bubbles."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return "Size must be between 1 and 5"
    for message in messages:
        text = message.get("text", "")
        if message["type"] == "text" and not (text and len(text.encode("utf-16-le")) // 2 <= 5000):
            return "Length must be between 1 and 5000"
        urls = [message.get("originalContentUrl", ""), message.get("previewImageUrl", "")]
        if message["type"] == "image" and not all(re.fullmatch(r"https://\S{1,1990}", url) for url in urls):
            return "Invalid image url"
        if len(message.get("sender", {}).get("name", "x")) not in range(1, 21):
            return "Length must be between 1 and 20"
    return ""


def _no(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


@asynccontextmanager
async def line(clock: Callable[[], datetime]) -> AsyncIterator[Line]:
    """The platform, running."""
    platform = Line(clock)
    app = web.Application()
    app.add_routes(platform.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    platform.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield platform
    finally:
        await runner.cleanup()
