"""Measures a button press from Slack's request to its acknowledgement, beside a bare Bolt listener.

The bare one only acknowledges. Both are asked over real sockets by the same client, in turns, so that the ratio is one
of the same minute. `python -m tests.bench.button_press --dispatch some.module:make` measures another desk: `make()` is
awaited and gives the `dispatch` to call.
"""

import argparse
import asyncio
import contextlib
import cProfile
import importlib
import json
import logging
import pstats
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.app import open_slack
from bot.slack.blocks import draw_card
from bot.slack.workspace import SlackWorkspace
from bot.surface import Action, Answer, Dispatch, Done, ThreadMessage, Who
from tests.slack.payloads import TEAM, pressed
from tests.slack.samples import SEAL, card, sign
from tests.slack.side import signed

SECRET = "bench"
PATH = "/slack/events"
NOWHERE = "http://127.0.0.1:9/api/"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of answering took: milliseconds for one press after the other, and for ten at once."""

    sequential: list[float]
    together: list[float]


async def sqlite_desk(folder: Path) -> Dispatch:
    """A desk that keeps every action durably, and does nothing else."""
    database = sqlite3.connect(folder / "presses.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE presses (name TEXT, ticket TEXT, version INTEGER, user TEXT)")

    async def dispatch(action: Action) -> Answer:
        row = (action.name, action.ticket, action.version, action.who.user)
        database.execute("INSERT INTO presses VALUES (?, ?, ?, ?)", row)
        return Done()

    return dispatch


async def no_desk() -> Dispatch:
    async def dispatch(_action: Action) -> Answer:
        return Done()

    return dispatch


def presses(count: int) -> list[bytes]:
    """Signed requests as they stand on the wire, each of another press."""
    blocks = draw_card(card("My coffee was cold. " * 20), SEAL).blocks
    found = []
    for number in range(count):
        payload = pressed(blocks, 2)
        payload["message"] = {"ts": "1772443800.000100", "text": "card", "blocks": blocks}
        payload["actions"][0]["action_ts"] = f"{1772443900 + number}.000200"
        body = urlencode({"payload": json.dumps(payload)}).encode()
        headers = signed(body, secret=SECRET, kind="application/x-www-form-urlencoded")
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        found.append(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)
    return found


@contextlib.asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[int]:
    server = web.Application()
    server.router.add_post(PATH, answer)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.5, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def bare_bolt() -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Bolt at its quickest: it verifies, finds the one listener, and acknowledges."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-bench")

    app = AsyncApp(name="bench", signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.action("release")
    async def release(ack: AsyncAck) -> None:
        await ack()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return answer


async def press(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    started = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    took = (time.perf_counter() - started) * 1000
    if b" 200 " not in head[:20]:
        raise RuntimeError(f"answered {head[:60]!r}")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    await reader.readexactly(length)
    return took


async def measure(port: int, requests: list[bytes], *, at_once: int) -> list[float]:
    async def client(own: list[bytes]) -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        took = [await press(reader, writer, request) for request in own]
        writer.close()
        return took

    parts = [requests[number::at_once] for number in range(at_once)]
    return [one for took in await asyncio.gather(*(client(part) for part in parts)) for one in took]


async def _no_talk(_who: Who, _message: ThreadMessage) -> None:
    return None


async def compare(dispatch: Dispatch, *, count: int, rounds: int) -> tuple[Figures, Figures]:
    """Ours and the bare one, in turns."""
    ours, bare = Figures([], []), Figures([], [])
    workspace = SlackWorkspace(TEAM, "xoxb-bench", SECRET, api_base=NOWHERE)
    for _ in range(rounds):
        side = await open_slack([workspace], dispatch, _no_talk, sign=sign)
        async with serving(side.door.answer) as port:
            requests = presses(2 * count + 50)
            await measure(port, requests[:50], at_once=1)
            ours.sequential.extend(await measure(port, requests[50 : 50 + count], at_once=1))
            ours.together.extend(await measure(port, requests[50 + count :], at_once=10))
        await side.close()
        async with serving(bare_bolt()) as port:
            requests = presses(2 * count + 50)
            await measure(port, requests[:50], at_once=1)
            bare.sequential.extend(await measure(port, requests[50 : 50 + count], at_once=1))
            bare.together.extend(await measure(port, requests[50 + count :], at_once=10))
    return ours, bare


async def profile(dispatch: Dispatch, count: int) -> None:
    """Where the time of a press goes."""
    side = await open_slack([SlackWorkspace(TEAM, "x", SECRET, api_base=NOWHERE)], dispatch, _no_talk, sign=sign)
    async with serving(side.door.answer) as port:
        requests = presses(count + 50)
        await measure(port, requests[:50], at_once=1)
        profiler = cProfile.Profile()
        profiler.enable()
        await measure(port, requests[50:], at_once=1)
        profiler.disable()
    await side.close()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


def told(name: str, took: list[float]) -> str:
    quantiles = statistics.quantiles(took, n=100)
    return f"{name:<34} p50 {statistics.median(took):7.3f} ms   p99 {quantiles[98]:7.3f} ms"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="presses of each kind in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--desk", choices=("none", "sqlite"), default="sqlite", help="what a press does")
    parser.add_argument("--dispatch", default="", help="module:function that gives another dispatch")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    logging.getLogger("bot.slack").setLevel(logging.CRITICAL)  # there is no Slack to sign in to here
    with tempfile.TemporaryDirectory() as folder:
        if options.dispatch:
            module, _, name = options.dispatch.partition(":")
            dispatch: Dispatch = await getattr(importlib.import_module(module), name)()
        else:
            dispatch = await (no_desk() if options.desk == "none" else sqlite_desk(Path(folder)))
        if options.profile:
            await profile(dispatch, options.count)
            return
        ours, bare = await compare(dispatch, count=options.count, rounds=options.rounds)
    for name, one, other in (
        ("one after the other", ours.sequential, bare.sequential),
        ("ten at once", ours.together, bare.together),
    ):
        print(told(f"{name}: ours, desk {options.desk}", one))
        print(told(f"{name}: bare Bolt", other))
        print(f"{'':<34} ratio of medians {statistics.median(one) / statistics.median(other):.2f}")


if __name__ == "__main__":
    asyncio.run(main())
