"""Keeps one person's open client up to date."""

import asyncio
import contextlib

from aiohttp import WSMsgType, web

from bot.sandbox.slack.client.snapshot import snapshot
from bot.sandbox.slack.feed import Subscription
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import compact


class ClientSocket:
    """The WebSocket door of the page: a snapshot first, then every change this person may see."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._open: set[web.WebSocketResponse] = set()

    async def take(self, request: web.Request) -> web.StreamResponse:
        user = request.query.get("user", "")
        if user not in self._platform.workspace.users:
            raise web.HTTPNotFound(text="no such user")
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        self._open.add(socket)
        subscription = self._platform.feed.subscribe(user)
        subscription.push(snapshot(self._platform, user))
        sending = asyncio.ensure_future(_send_frames(socket, subscription))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            self._platform.feed.unsubscribe(subscription)
            self._open.discard(socket)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close(code=1001)


async def _send_frames(socket: web.WebSocketResponse, subscription: Subscription) -> None:
    """Sends until the client leaves; a client too far behind is cut off and takes a new snapshot."""
    while (frame := await subscription.frames.get()) is not None:
        await socket.send_str(compact(frame))
    await socket.close(code=1013)
