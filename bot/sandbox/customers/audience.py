"""Tells every browser that watches the customers what just changed."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

# A browser that reads this slowly is not being looked at; it is cut off and gets a fresh snapshot when it comes back.
_MOST_WAITING = 2_000


class Audience:
    def __init__(self) -> None:
        self._seats: set[asyncio.Queue[str | None]] = set()

    def tell(self, frame: Mapping[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False)
        for seat in list(self._seats):
            if seat.qsize() < _MOST_WAITING:
                seat.put_nowait(text)
            else:
                self._seats.discard(seat)
                seat.put_nowait(None)

    async def seat(self, request: web.Request, snapshot: Mapping[str, Any]) -> web.WebSocketResponse:
        """Sends the snapshot, then every frame, until the browser leaves."""
        socket = web.WebSocketResponse(heartbeat=25)
        await socket.prepare(request)
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        # No await stands between the snapshot and taking the seat, so no frame can fall between the two.
        queue.put_nowait(json.dumps(snapshot, ensure_ascii=False))
        self._seats.add(queue)
        sender = asyncio.create_task(_send_all(socket, queue))
        try:
            async for _ in socket:
                pass  # The page only listens here; what it wants done it asks for by POST.
        finally:
            self._seats.discard(queue)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def dismiss(self) -> None:
        """Ends every connection, so that the server can stop."""
        for seat in self._seats:
            seat.put_nowait(None)
        self._seats.clear()


async def _send_all(socket: web.WebSocketResponse, queue: asyncio.Queue[str | None]) -> None:
    while (text := await queue.get()) is not None:
        await socket.send_str(text)
    await socket.close()
