"""A server that fails in the ways providers fail, on demand, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import unused_port


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Trouble:
    """What the server does to requests: answers with a status, says nothing (`hang`), or hangs up (`reset`). Paths in
    `willing` are answered well, so that a failure can be aimed at one call among several."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "no"}'
    hang: bool = False
    reset: bool = False
    willing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Unwilling:
    """The running server: `base` is its address."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.heard: list[Heard] = []
        self.base = ""
        self._released = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path in self.trouble.willing:
            return web.json_response(self.trouble.willing[request.path])
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.method, request.path, dict(request.query), headers, body))
        if self.trouble.hang:
            await self._released.wait()
        if self.trouble.reset and request.transport is not None:
            request.transport.abort()
        return web.Response(status=self.trouble.status, headers=self.trouble.headers, body=self.trouble.body)

    def release(self) -> None:
        """Lets those go who were left without an answer."""
        self._released.set()


@asynccontextmanager
async def unwilling(trouble: Trouble) -> AsyncIterator[Unwilling]:
    server = Unwilling(trouble)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.release()
        await runner.cleanup()


def nobody_there() -> str:
    """An address at which nothing listens."""
    return f"http://127.0.0.1:{unused_port()}"
