"""Sends payloads through Socket Mode: to one of the WebSockets the app holds open, acknowledged by envelope id."""

import asyncio
import contextlib
import itertools
import json
import secrets
import uuid

from aiohttp import WSMsgType, web

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.outgoing.courier import Kind, Reply, Retry, Unanswered, within_patience
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.wire import JsonObject, compact

CONNECTIONS_AT_MOST = 10
TICKET_LIFE = 30.0


class SocketCourier:
    """The Socket Mode side of Slack: tickets for connecting, the open connections, and unanswered envelopes."""

    def __init__(self, app: AppSettings, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._turn = itertools.count()
        self._unanswered: dict[str, asyncio.Future[Reply]] = {}
        self._somebody_came = asyncio.Event()

    @property
    def connections(self) -> int:
        return len(self._sockets)

    def open_ticket(self) -> str:
        """A one-time ticket that `apps.connections.open` puts into its URL."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = self._clock.now() + TICKET_LIFE
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket door: greets, then reads acknowledgements until the app leaves."""
        expires = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if expires < self._clock.now() or len(self._sockets) >= CONNECTIONS_AT_MOST:
            raise web.HTTPForbidden(text="invalid ticket")
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_str(compact(self._hello(request.host)))
        self._somebody_came.set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._take_acknowledgement(frame.data)
        finally:
            self._drop(socket)
        return socket

    async def wait_for_connection(self, *, timeout: float = 5.0) -> None:
        async with asyncio.timeout(timeout):
            while not self._sockets:
                self._somebody_came.clear()
                await self._somebody_came.wait()

    async def disconnect(self, reason: str) -> None:
        """Tells every connection to go: `warning` only announces it, `refresh_requested` and `link_disabled` close."""
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_str(
                    compact({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
                )
            if reason != "warning":
                self._drop(socket)
                await socket.close()

    async def deliver(self, kind: Kind, payload: JsonObject, retry: Retry | None = None) -> Reply:
        if not self._sockets:
            raise Unanswered("connection_failed")
        envelope: JsonObject = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": kind.value,
            "accepts_response_payload": kind is not Kind.EVENT,
        }
        if kind is Kind.EVENT:
            envelope |= {
                "retry_attempt": retry.number if retry else 0,
                "retry_reason": retry.reason if retry else "",
            }
        return await within_patience(self._clock, self._send(envelope))

    async def _send(self, envelope: JsonObject) -> Reply:
        socket = self._sockets[next(self._turn) % len(self._sockets)]
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._unanswered[envelope["envelope_id"]] = answer
        try:
            await socket.send_str(compact(envelope))
            return await answer
        except ConnectionError:
            raise Unanswered("connection_failed") from None
        finally:
            self._unanswered.pop(envelope["envelope_id"], None)

    def _take_acknowledgement(self, text: str) -> None:
        try:
            acknowledgement = json.loads(text)
        except ValueError:
            return
        answer = self._unanswered.get(acknowledgement.get("envelope_id", ""))
        if answer is None or answer.done():
            return
        payload = acknowledgement.get("payload")
        answer.set_result(Reply(200, compact(payload) if payload else ""))

    def _drop(self, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ValueError):
            self._sockets.remove(socket)

    def _hello(self, host: str) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self._sockets),
            "debug_info": {"host": host, "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app.app_id},
        }
