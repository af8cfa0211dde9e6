"""Answers under LINE's own API paths as LINE would: tokens, limits, retry keys, quota, contents."""

import asyncio
import secrets
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

from bot.sandbox.customers.line_account import STATELESS_TOKEN_LIFE, LineAccount
from bot.sandbox.customers.line_messages import Objection
from bot.sandbox.customers.line_refusals import LineRefusal, read_body
from bot.sandbox.customers.line_sending import LineSending
from bot.sandbox.customers.mishaps import Door, Mishap, Mishaps
from bot.sandbox.customers.people import person_on_line
from bot.sandbox.customers.webhooks import Courier

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_SILENCE = 120.0  # longer than any caller waits


class LineApi:
    def __init__(self, account: LineAccount, courier: Courier, sending: LineSending, mishaps: Mishaps) -> None:
        self._account = account
        self._courier = courier
        self._closing = asyncio.Event()
        self._sending = sending
        self._mishaps = mishaps

    def close(self) -> None:
        """Lets go of the callers who are kept waiting."""
        self._closing.set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v2/bot/message/reply", self._guarded(self._sending.reply, Door.LINE_REPLY)),
            web.post("/v2/bot/message/push", self._guarded(self._sending.push, Door.LINE_PUSH)),
            web.post("/v2/bot/message/validate/push", self._guarded(self._sending.validate)),
            web.post("/v2/bot/message/validate/reply", self._guarded(self._sending.validate)),
            web.get("/v2/bot/profile/{user_id}", self._guarded(self._profile, Door.LINE_PROFILE)),
            web.get("/v2/bot/info", self._guarded(self._info)),
            web.get("/v2/bot/message/quota", self._guarded(self._quota)),
            web.get("/v2/bot/message/quota/consumption", self._guarded(self._consumption)),
            web.get("/v2/bot/channel/webhook/endpoint", self._guarded(self._endpoint)),
            web.put("/v2/bot/channel/webhook/endpoint", self._guarded(self._set_endpoint)),
            web.post("/v2/bot/channel/webhook/test", self._guarded(self._test_webhook)),
            web.get("/v2/bot/message/{id}/content", self._guarded(self._content, Door.LINE_CONTENT)),
            web.get("/v2/bot/message/{id}/content/preview", self._guarded(self._content, Door.LINE_CONTENT)),
            web.get("/v2/bot/message/{id}/content/transcoding", self._guarded(self._transcoding)),
            web.post("/v2/bot/chat/loading/start", self._guarded(self._start_loading)),
            web.post("/v2/bot/chat/markAsRead", self._guarded(self._mark_as_read)),
            web.post("/oauth2/v3/token", self._issue_token),
        ]

    def _guarded(self, answer: _Handler, door: Door | None = None) -> _Handler:
        """Puts the token check, LINE's error body, the request id and the mishaps around an answer."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            mishap = self._mishaps.strike(door) if door else None
            try:
                self._check_token(request)
                if mishap is Mishap.ERROR:
                    raise LineRefusal(500, "Internal Server Error")
                if mishap is Mishap.THROTTLED:
                    raise LineRefusal(429, "The API rate limit has been exceeded. Try again later.")
                response = await answer(request)
            except LineRefusal as refusal:
                response = web.json_response(refusal.body, status=refusal.status)
            if mishap is Mishap.LOST and request.transport is not None:
                request.transport.abort()
            if mishap is Mishap.SILENT:
                await self._say_nothing()
            if not response.prepared:
                response.headers.setdefault("X-Line-Request-Id", str(uuid.uuid4()))
            return response

        return guarded

    async def _say_nothing(self) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), _SILENCE)
        except TimeoutError:
            return

    def _check_token(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._account.knows_token(token.strip()):
            raise LineRefusal(
                401,
                "Authentication failed. Confirm that the access token in the authorization header is valid.",
            )

    async def _profile(self, request: web.Request) -> web.Response:
        person = person_on_line(request.match_info["user_id"])
        if person is None or person.key in self._account.blocked:
            raise LineRefusal(404, "Not found")
        return web.json_response(
            {"userId": person.line_user_id, "displayName": person.name, "language": person.language}
        )

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "userId": self._account.bot_user_id,
                "basicId": "@000mado",
                "displayName": self._account.display_name,
                "chatMode": "chat",
                "markAsReadMode": "manual",
            }
        )

    async def _quota(self, _request: web.Request) -> web.Response:
        limit = self._account.monthly_limit
        return web.json_response({"type": "none"} if limit is None else {"type": "limited", "value": limit})

    async def _consumption(self, _request: web.Request) -> web.Response:
        return web.json_response({"totalUsage": self._account.used_this_month})

    async def _endpoint(self, _request: web.Request) -> web.Response:
        if not self._courier.url:
            raise LineRefusal(404, "Webhook endpoint not found")
        return web.json_response({"endpoint": self._courier.url, "active": True})

    async def _set_endpoint(self, request: web.Request) -> web.Response:
        endpoint = (await read_body(request)).get("endpoint")
        if not isinstance(endpoint, str) or not 0 < len(endpoint) <= 500:
            raise LineRefusal(400, "Invalid webhook endpoint URL")
        self._courier.url = endpoint
        return web.json_response({})

    async def _test_webhook(self, _request: web.Request) -> web.Response:
        status, reason = await self._courier.post([])
        return web.json_response(
            {
                "success": 200 <= status < 300,
                "timestamp": datetime.fromtimestamp(self._account.clock(), UTC).isoformat(timespec="milliseconds"),
                "statusCode": status,
                "reason": "OK" if 200 <= status < 300 else reason,
                "detail": str(status) if status else reason,
            }
        )

    async def _content(self, request: web.Request) -> web.Response:
        bubble = self._account.bubbles.get(request.match_info["id"])
        if bubble is None or bubble.outgoing or (not bubble.unsent and bubble.id not in self._account.contents):
            raise LineRefusal(404, "Not found")
        if bubble.unsent:
            raise LineRefusal(410, "Gone")
        content_type, content = self._account.contents[bubble.id]
        return web.Response(body=content, content_type=content_type)

    async def _transcoding(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self._account.contents:
            raise LineRefusal(404, "Not found")
        return web.json_response({"status": "succeeded"})

    async def _start_loading(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        person = person_on_line(str(body.get("chatId", "")))
        seconds = body.get("loadingSeconds", 20)
        if person is None:
            raise LineRefusal(400, "The property, 'chatId', in the request body is invalid (line: -, column: -)")
        if not isinstance(seconds, int) or not 5 <= seconds <= 60 or seconds % 5:
            objection = Objection("Must be a multiple of 5 between 5 and 60", "loadingSeconds")
            raise LineRefusal(400, "The request body has 1 error(s)", [objection])
        self._account.announce({"type": "loading", "person": person.key, "seconds": seconds})
        return web.json_response({}, status=202)

    async def _mark_as_read(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if not self._account.mark_read(str(body.get("markAsReadToken", ""))):
            raise LineRefusal(400, "Invalid markAsReadToken")
        return web.json_response({})

    async def _issue_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response(
                {"error": "unsupported_grant_type", "error_description": "grant_type is invalid"}, status=400
            )
        if (
            form.get("client_id") != self._account.channel_id
            or not isinstance(given := form.get("client_secret"), str)
            or not secrets.compare_digest(given.encode(), self._account.secret.encode())
        ):
            return web.json_response(
                {"error": "invalid_client", "error_description": "invalid client_secret"}, status=400
            )
        return web.json_response(
            {"token_type": "Bearer", "access_token": self._account.issue_token(), "expires_in": STATELESS_TOKEN_LIFE}
        )
