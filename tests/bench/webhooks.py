"""Measures how many of LINE's webhooks the house accepts durably, beside a handler that only verifies their HMAC.

Each way is a server in a process of its own; the asking one holds 64 connections and sends on each the next webhook
when the last was answered.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from bot.sandbox.demo.plan import LINE, LINE_SECRET
from tests.bench.figures import Figure
from tests.bench.houses import bench_house, bench_plan
from tests.bench.ledger_accept import Caller
from tests.bench.serving import Served, listening, obey, own_process, ready
from tests.bench.stores import Store

CONNECTIONS = 64
CUSTOMERS = 97
PATH = f"/hooks/{LINE}"
_WORDS = "先日注文したコーヒーがまだ届きません。いつごろ届くか教えていただけますか？ よろしくお願いします。"
_numbers = count(1)


async def serve_ours(pipe: Connection, url: str, folder: str) -> None:
    async with bench_house(bench_plan(url, Path(folder))) as house, listening(house.app.web) as port:
        ready(pipe, port)
        await obey(pipe)


async def serve_bare(pipe: Connection) -> None:
    secret = LINE_SECRET.encode()

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        expected = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
        right = hmac.compare_digest(expected, request.headers["X-Line-Signature"])
        return web.Response(status=200 if right else 401)

    app = web.Application()
    app.router.add_post(PATH, hook)
    async with listening(app) as port:
        ready(pipe, port)
        await obey(pipe)


def compare_webhooks(stores: Sequence[Store], *, rounds: int, requests: int) -> list[Figure]:
    """All ways in turns; the first round warms up and does not count."""
    with ExitStack() as stack:
        doors = {"bare": stack.enter_context(own_process(serve_bare))}
        doors |= {store.name: stack.enter_context(_our_door(stack, store)) for store in stores}
        found: dict[str, list[Round]] = {name: [] for name in doors}
        for turn in range(rounds + 1):
            for name in list(doors) if turn % 2 else reversed(list(doors)):
                measured = _one_round(doors[name], requests)
                if turn:
                    found[name].append(measured)
    bare = found.pop("bare")
    figures: list[Figure] = []
    for name, ours in found.items():
        figures += [
            Figure("b", name, "webhooks", "a second", [one[0] for one in ours], [one[0] for one in bare], "≥ 0.5"),
            Figure("b", name, "wait, p99", "ms", [one[1] for one in ours], [one[1] for one in bare]),
            Figure("b", name, "server's CPU", "ms each", [one[2] for one in ours], [one[2] for one in bare]),
        ]
    return figures


def profile_webhooks(store: Store, *, rounds: int, requests: int) -> str:
    with ExitStack() as stack:
        door = stack.enter_context(_our_door(stack, store))
        _one_round(door, requests)
        door.ask("look")
        for _ in range(rounds):
            _one_round(door, requests)
        door.ask("look away")
        return str(door.ask("tell"))


Round = tuple[float, float, float]
"""Webhooks a second, the 99th percentile of their waits in ms, and ms of the server's processor for each."""


def _our_door(stack: ExitStack, store: Store) -> AbstractContextManager[Served]:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="madoguchi-bench-"))
    return own_process(serve_ours, stack.enter_context(store.fresh()), folder)


def _one_round(door: Served, requests: int) -> Round:
    shares = [[webhook() for _ in range(requests // CONNECTIONS)] for _ in range(CONNECTIONS)]
    used = door.ask("cpu")
    took, waits = asyncio.run(_ask(door.port, shares))
    spent = door.ask("cpu") - used
    waits.sort()
    return len(waits) / took, waits[len(waits) * 99 // 100] * 1_000, spent / len(waits) * 1_000


async def _ask(port: int, shares: list[list[bytes]]) -> tuple[float, list[float]]:
    """How long all of it took, and how long each was waited for."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in shares]
    callers = [Caller(share, end, waits) for share, end in zip(shares, ends, strict=True)]
    began = time.perf_counter()
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]  # bound at once
    await asyncio.gather(*ends)
    return time.perf_counter() - began, waits


def webhook() -> bytes:
    """A text message, each with an id of its own, as it stands on the wire."""
    number = next(_numbers)
    event = {
        "type": "message",
        "message": {
            "type": "text",
            "id": f"{468_789_577_898_262_530 + number}",
            "quoteToken": "q3Plxr4AgKd4ZSqjm7yhYqFTGiSSVvRkyRKAXoFqDBPS",
            "markAsReadToken": "30yhdy232gDUxJD7TAcSCY6bF0YSLVUJWVhdPvgpbm",
            "text": _WORDS,
        },
        "webhookEventId": f"01H{number:023X}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": 1_795_000_000_000 + number,
        "source": {"type": "user", "userId": f"U{hashlib.md5(b'%d' % (number % CUSTOMERS)).hexdigest()}"},
        "replyToken": f"{number:032x}",
        "mode": "active",
    }
    body = json.dumps({"destination": f"U{0:032x}", "events": [event]}, ensure_ascii=False).encode()
    signature = base64.b64encode(hmac.digest(LINE_SECRET.encode(), body, hashlib.sha256)).decode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"User-Agent: LineBotWebhook/2.0\r\nX-Line-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
