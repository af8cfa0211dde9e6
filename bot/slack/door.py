"""Lets in only what Slack itself has signed: verifies every request before anything of it is read."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

from bot.slack.receiver import Receiver
from routing.errors import BadSignature, Malformed

CAP = 1024 * 1024
FRESH_SECONDS = 300
BODY_PATIENCE = 10.0
MOST_FORM_FIELDS = 100
PATH = "/slack/events"
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"

Count = Callable[[str], None]


class Door:
    """One address for events, interactions and commands. Whatever comes, it never answers 500, and no body is logged.

    `secrets` are the signing secrets of the workspaces, by workspace; one app's workspaces share theirs.
    """

    def __init__(
        self,
        receiver: Receiver,
        secrets: Mapping[str, str],
        clock: Callable[[], float],
        count: Count,
        *,
        cap: int = CAP,
        body_patience: float = BODY_PATIENCE,
    ) -> None:
        self._receiver = receiver
        self._teams: dict[bytes, frozenset[str]] = {}
        for team, secret in secrets.items():
            if secret:
                key = secret.encode()
                self._teams[key] = self._teams.get(key, frozenset()) | {team}
        self._clock = clock
        self._count = count
        self._cap = cap
        self._body_patience = body_patience

    async def answer(self, request: web.Request) -> web.Response:
        try:
            kind = _kind(request.headers)
            body = await self._body(request)
            teams = self._verified(request.headers, body)
            payload = read_body(body, kind)
        except BadSignature as fault:
            self._count(str(fault))
            return web.Response(status=401)
        except Malformed as fault:
            self._count("too_large" if fault.status == 413 else "malformed")
            return web.Response(status=fault.status)
        return await self._received(payload, teams)

    async def _received(self, payload: Mapping[str, Any], teams: frozenset[str]) -> web.Response:
        if payload.get("type") == "url_verification":
            self._count("accepted")
            challenge = payload.get("challenge")
            return web.json_response({"challenge": challenge if isinstance(challenge, str) else ""})
        if payload.get("ssl_check") == "1":
            self._count("accepted")
            return web.Response()
        status, headers, text = await self._receiver.receive(payload, teams)
        return web.Response(status=status, text=text, headers=headers)

    async def _body(self, request: web.Request) -> bytes:
        """The body as it came, read no further than the cap and no longer than a moment."""
        if request.content_length is not None and request.content_length > self._cap:
            raise Malformed("too large", status=413)
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_patience):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > self._cap:
                        raise Malformed("too large", status=413)
        except TimeoutError:
            raise Malformed("too slow", status=408) from None
        except (web.RequestPayloadError, ConnectionError) as fault:
            raise Malformed("broken off") from fault
        return bytes(body)

    def _verified(self, headers: CIMultiDictProxy[str], body: bytes) -> frozenset[str]:
        """The workspaces that the request can be from: those whose secret signed it, not long ago."""
        timestamp = _only(headers, "X-Slack-Request-Timestamp", _TIMESTAMP)
        signature = _only(headers, "X-Slack-Signature", _SIGNATURE)
        if abs(self._clock() - int(timestamp)) > FRESH_SECONDS:
            raise BadSignature("stale")
        signed = b"v0:" + timestamp.encode() + b":" + body
        for secret, teams in self._teams.items():
            expected = "v0=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
            if hmac.compare_digest(expected.encode(), signature.encode()):
                return teams
        raise BadSignature("forged")


def read_body(body: bytes, kind: str) -> dict[str, Any]:
    """The payload, whichever of Slack's three ways it comes by. Raises Malformed."""
    try:
        text = body.decode("utf-8")
        if kind == _JSON:
            return _object(json.loads(text))
        if text.count("&") >= MOST_FORM_FIELDS:
            raise Malformed("too many fields")
        # The standard library's own reader takes longer over Slack's percent signs than all the rest of a press.
        fields = URL.build(query_string=text, encoded=True).query
        form = dict(fields)
        if len(form) != len(fields):
            raise Malformed("a field comes twice")
        return _object(json.loads(form["payload"])) if "payload" in form else form
    except (ValueError, RecursionError) as fault:
        raise Malformed("not readable") from fault


def _kind(headers: CIMultiDictProxy[str]) -> str:
    """The content type. Nothing compressed is taken: it may unfold to gigabytes before its signature is known."""
    if any(encoding.strip().lower() not in ("", "identity") for encoding in headers.getall("Content-Encoding", [])):
        raise Malformed("compressed", status=415)
    kinds = headers.getall("Content-Type", [])
    kind, _, parameters = (kinds[0] if len(kinds) == 1 else "").partition(";")
    charset = re.sub(r'[\s"]', "", parameters).lower()
    if kind.strip().lower() not in (_JSON, _FORM) or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise Malformed("not a content type of Slack's", status=415)
    return kind.strip().lower()


def _only(headers: CIMultiDictProxy[str], name: str, form: re.Pattern[str]) -> str:
    values = headers.getall(name, [])
    if len(values) != 1 or not form.fullmatch(values[0]):
        raise BadSignature("forged")
    return values[0]


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Malformed("not an object")
    return found
