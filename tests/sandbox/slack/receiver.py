"""A bare HTTP receiver in the place of an app: it keeps what came and answers as the test says."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """One request of the stand-in."""

    headers: dict[str, str]
    body: str

    @property
    def payload(self) -> Json:
        if self.headers["Content-Type"] == "application/json":
            parsed: Json = json.loads(self.body)
            return parsed
        fields = {key: values[0] for key, values in parse_qs(self.body, keep_blank_values=True).items()}
        interaction: Json = json.loads(fields["payload"]) if "payload" in fields else fields
        return interaction


Answer = Callable[[Received], Awaitable[web.Response]]


async def accept(_received: Received) -> web.Response:
    return web.Response()


@dataclass(slots=True)
class Receiver:
    url: str = ""
    answer: Answer = accept
    received: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        got = Received(dict(request.headers), await request.text())
        self.received.append(got)
        self.came.set()
        return await self.answer(got)

    async def wait_for(self, count: int, *, timeout: float = 5.0) -> list[Received]:
        async with asyncio.timeout(timeout):
            while len(self.received) < count:
                self.came.clear()
                await self.came.wait()
        return self.received

    def answers(self, status: int = 200, text: str = "", **headers: str) -> None:
        async def answer(_received: Received) -> web.Response:
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            return web.Response(status=status, text=text, headers=named)

        self.answer = answer


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    listener = socket.create_server(("127.0.0.1", 0))
    receiving = Receiver(url=f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events")
    server = web.Application()
    server.router.add_post("/slack/events", receiving.take)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield receiving
    finally:
        await runner.cleanup()
