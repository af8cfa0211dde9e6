"""Takes Web API requests: reads arguments and token, stumbles when told to, answers, and writes everything down."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.stumbles import Stumble
from bot.sandbox.slack.web.call import Call, Caller, Method
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal, compact

RATE_LIMITED: JsonObject = {"ok": False, "error": "ratelimited"}


class WebApi:
    """The doors under /api/."""

    def __init__(self, platform: Platform, methods: Mapping[str, Method]) -> None:
        self._platform = platform
        self._methods = methods

    async def take(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            raw = await read_arguments(request)
        except SlackRefusal as refusal:
            return self._finish(name, {}, 200, refusal.answer())
        token = read_token(request, raw)
        raw.pop("token", None)
        stumble = self._platform.stumbles.for_call(name)
        if stumble is not None:
            early = await self._stumble_before(stumble, name, raw)
            if early is not None:
                return early
        wait = self._platform.stumbles.wait_demanded(name, str(raw.get("channel", "")))
        if wait is not None:
            return self._finish(name, raw, 429, RATE_LIMITED, headers={"Retry-After": str(wait)}, fault="real limit")
        answer, headers = self._answer(name, raw, token)
        if stumble is not None and stumble.mode == "lost":
            return self._lose(request, name, raw, answer)
        return self._finish(name, raw, 200, answer, headers=headers)

    def _answer(self, name: str, raw: JsonObject, token: str | None) -> tuple[JsonObject, dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            method = self._methods.get(name)
            if method is None:
                raise SlackRefusal("unknown_method", req_method=name)
            caller = recognise(self._platform, token)
            headers = {
                "X-OAuth-Scopes": ",".join(sorted(caller.scopes)),
                "X-Accepted-OAuth-Scopes": ",".join(method.scopes),
            }
            method.admit(caller)
            return method.answer(Call(self._platform, caller, Arguments(raw))), headers
        except SlackRefusal as refusal:
            return refusal.answer(), headers

    async def _stumble_before(self, stumble: Stumble, name: str, raw: JsonObject) -> web.Response | None:
        """What goes wrong before any work is done; a lost answer goes wrong after it."""
        match stumble.mode:
            case "429":
                headers = {"Retry-After": str(stumble.retry_after)}
                return self._finish(name, raw, 429, RATE_LIMITED, headers=headers, fault="429")
            case "500":
                self._platform.journal.write("call", method=name, args=raw, status=500, answer=None, fault="500")
                return web.Response(status=500, text="Internal Server Error")
            case "error":
                return self._finish(name, raw, 200, {"ok": False, "error": stumble.error}, fault="error")
            case "slow":
                await self._platform.clock.sleep(stumble.latency)
                return None
            case "lost":
                return None

    def _lose(self, request: web.Request, name: str, raw: JsonObject, answer: JsonObject) -> web.Response:
        """The work is done and written down, but the caller never hears of it."""
        self._platform.journal.write("call", method=name, args=raw, status=None, answer=answer, fault="lost")
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _finish(
        self,
        name: str,
        raw: JsonObject,
        status: int,
        answer: JsonObject,
        *,
        headers: Mapping[str, str] | None = None,
        fault: str | None = None,
    ) -> web.Response:
        self._platform.journal.write(
            "call", method=name, args=raw, status=status, answer=answer, **({"fault": fault} if fault else {})
        )
        return web.Response(
            status=status,
            text=compact(answer),
            content_type="application/json",
            headers={"X-Slack-Req-Id": secrets.token_hex(16), **(headers or {})},
        )


async def read_arguments(request: web.Request) -> dict[str, Any]:
    """Query, then body: form, multipart or JSON."""
    raw: dict[str, Any] = dict(request.query)
    if not request.can_read_body:
        return raw
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise SlackRefusal("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackRefusal("json_not_object")
        return raw | body
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return raw | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    if not await request.read():
        return raw
    raise SlackRefusal("invalid_post_type")


def read_token(request: web.Request, raw: Mapping[str, Any]) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    given = raw.get("token")
    return given if isinstance(given, str) and given else None


def recognise(platform: Platform, token: str | None) -> Caller:
    """The caller behind a token. `xoxp-<user id>` is the token of a person who installed the app."""
    app, workspace = platform.app, platform.workspace
    if token is None:
        raise SlackRefusal("not_authed")
    if secrets.compare_digest(token, app.bot_token):
        return Caller("bot", workspace.bot_user, app.scopes)
    if secrets.compare_digest(token, app.app_token):
        return Caller("app", workspace.bot_user, frozenset({"connections:write"}))
    user = workspace.users.get(token.removeprefix("xoxp-")) if token.startswith("xoxp-") else None
    if user is None:
        raise SlackRefusal("invalid_auth")
    if user["deleted"]:
        raise SlackRefusal("account_inactive")
    return Caller("user", user["id"], app.scopes)
