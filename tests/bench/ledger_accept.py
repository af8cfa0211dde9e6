"""Measures how many signed webhooks are accepted durably, beside a handler that only verifies their signature.

`python -m tests.bench.ledger_accept`: each way is a server process of its own, asked in turns over 64 connections.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import multiprocessing
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from typing_extensions import override

from routing.deliveries import NewDelivery
from routing.ids import AccountId, OrganisationId
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.ledger import LedgerWriter
from tests.databases import postgres_database, postgres_template, sqlite_database, sqlite_template

SECRET = b"a secret of sixteen bytes"
ACCOUNT = AccountId("line")


def signature(body: bytes) -> str:
    return base64.b64encode(hmac.digest(SECRET, body, hashlib.sha256)).decode()


async def serve(way: str, directory: str, told: Connection) -> None:
    ledger: LedgerWriter | None = None
    if way != "bare":
        blobs = DirectoryBlobs(Path(directory) / "blobs")
        ledger = LedgerWriter(
            open_database(way), OrganisationId("org"), LocalBell(), blobs, clock=lambda: datetime.now(UTC)
        )

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        if not hmac.compare_digest(signature(body), request.headers["X-Signature"]):
            return web.Response(status=401)
        if ledger is not None:
            delivery = NewDelivery(
                account=ACCOUNT,
                provider_id=request.headers["X-Id"],
                lane=request.headers["X-From"],
                headers={"content-type": request.headers["Content-Type"]},
                body=body,
                received_at=datetime.now(UTC),
            )
            await ledger.accept(delivery)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hooks/line", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.send(runner.addresses[0][1])
    await asyncio.to_thread(told.recv)
    await runner.cleanup()
    if ledger is not None:
        await ledger.close()


def server(way: str, directory: str, told: Connection) -> None:
    asyncio.run(serve(way, directory, told))


class Caller(asyncio.Protocol):
    """One connection that sends its next request when the last was answered."""

    def __init__(self, requests: list[bytes], done: "asyncio.Future[None]", waits: list[float]) -> None:
        self._requests = requests
        self._done = done
        self._waits = waits
        self._sent = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    @override
    def data_received(self, data: bytes) -> None:
        self._waits.append(time.perf_counter() - self._sent)
        if not data.startswith(b"HTTP/1.1 200"):
            self._done.set_exception(RuntimeError(data[:80].decode()))
            return
        self._next()

    def _next(self) -> None:
        if not self._requests:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(self._requests.pop())


def request(number: int, size: int) -> bytes:
    body = json.dumps({"events": [{"id": number, "text": "x" * size}]}).encode()
    head = (
        "POST /hooks/line HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Id: {number}-{time.time_ns()}\r\nX-From: customer-{number % 97}\r\nX-Signature: {signature(body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(port: int, *, total: int, connections: int, size: int) -> tuple[float, float, float]:
    """Requests a second, and the median and 99th percentile of the waits in ms."""
    loop = asyncio.get_running_loop()
    shares = [
        [request(place * total + number, size) for number in range(total // connections)]
        for place in range(connections)
    ]
    waits: list[float] = []
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in shares]
    began = time.perf_counter()
    for share, end in zip(shares, ends, strict=True):
        await loop.create_connection(lambda share=share, end=end: Caller(share, end, waits), "127.0.0.1", port)  # type: ignore[misc]  # bound at once
    await asyncio.gather(*ends)
    took = time.perf_counter() - began
    waits.sort()
    return len(waits) / took, waits[len(waits) // 2] * 1_000, waits[len(waits) * 99 // 100] * 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=8_000, help="of each way in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--size", type=int, default=900, help="bytes of text in each webhook")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    given = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {"bare": "bare"}
        if given.only != "postgres":
            ways["sqlite"] = sqlite_database(sqlite_template(directory), directory)
        if given.only != "sqlite":
            ways["postgres"] = stack.enter_context(postgres_database(stack.enter_context(postgres_template())))
        context = multiprocessing.get_context("spawn")
        doors: dict[str, tuple[Connection, int]] = {}
        processes = []
        for name, way in ways.items():
            ours, theirs = context.Pipe()
            process = context.Process(target=server, args=(way, str(directory), theirs))
            process.start()
            processes.append(process)
            doors[name] = (ours, ours.recv())
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
        for turn in range(given.rounds + 1):
            for name, (_, port) in doors.items():
                figures = asyncio.run(ask(port, total=given.requests, connections=given.connections, size=given.size))
                if turn:  # the first round warms up
                    found[name].append(figures)
        for ours, _ in doors.values():
            ours.send("end")
        for process in processes:
            process.join()
        bare = statistics.median(one[0] for one in found["bare"])
        for name, rounds in found.items():
            rate, middle, slow = (statistics.median(one[place] for one in rounds) for place in range(3))
            print(f"{name:9} {rate:8.0f}/s  ratio {rate / bare:.2f}  p50 {middle:.1f} ms  p99 {slow:.1f} ms")


if __name__ == "__main__":
    main()
