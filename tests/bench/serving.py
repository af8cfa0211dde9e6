"""Runs a server in a process of its own, so that whoever asks it does not share its event loop."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

from tests.bench.houses import cpu_seconds
from tests.bench.sampling import Sampler

Orders = Mapping[str, Callable[[], Awaitable[Any]]]
_PATIENCE = 20.0


class Served:
    """A server in another process, which may still be starting: whoever asks it first waits until it is ready."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    @cached_property
    def _ready(self) -> tuple[int, Any]:
        port, told = self._pipe.recv()
        return port, told

    @property
    def port(self) -> int:
        return self._ready[0]

    @property
    def told(self) -> Any:
        """What the server told of itself when it was ready."""
        return self._ready[1]

    def ask(self, order: str) -> Any:
        assert self._ready
        self._pipe.send(order)
        return self._pipe.recv()


@contextmanager
def own_process(serve: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> Iterator[Served]:
    """`serve(pipe, *arguments)` calls `ready` and then `obey`; it ends when the pipe is closed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(serve, theirs, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Served(ours)
    finally:
        ours.close()
        process.join(_PATIENCE)
        if process.is_alive():
            process.kill()


def _run(serve: Callable[..., Coroutine[Any, Any, None]], pipe: Connection, arguments: tuple[Any, ...]) -> None:
    asyncio.run(serve(pipe, *arguments))


def ready(pipe: Connection, port: int, told: Any = None) -> None:
    pipe.send((port, told))


async def obey(pipe: Connection, orders: Orders | None = None) -> None:
    """Does what it is asked until the other side hangs up. Beside `orders` it knows `cpu`, and `look`, `look away` and
    `tell`: where its time went in between."""
    sampler = Sampler()
    looking: Mapping[str, Callable[[], Any]] = {
        "look": sampler.start,
        "look away": sampler.stop,
        "tell": sampler.told,
    }
    while True:
        try:
            order = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        if order == "cpu":
            pipe.send(cpu_seconds())
        elif order in looking:
            pipe.send(looking[order]())
        else:
            pipe.send(await (orders or {})[order]())


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[int]:
    """Serves as `madoguchi run` does, on any free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
