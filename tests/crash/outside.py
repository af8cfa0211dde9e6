"""Runs the world outside as processes of its own, which live on when the program dies: Slack, and the customers."""

import asyncio
import json
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from bot.sandbox.demo.plan import ADDRESS, LINE, LINE_SECRET, LINE_TOKEN
from tests.crash.orders import Place

# Below the range that the system gives to outgoing connections: one of those might sit on the port of a program that
# is just dead.
_PORTS = range(20_000, 32_000)
_START = 60.0
_ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    """Ports where nobody listens, and that nobody is given by chance."""
    found: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        try:
            with socket.create_server(("127.0.0.1", port)):
                found.append(port)
        except OSError:
            continue
        if len(found) == count:
            return found
    raise OSError("no free ports on this machine")


def place_in(folder: Path, database_url: str, *, redis_url: str = "", redis_prefix: str = "") -> Place:
    """A place for one run: ports and a key of its own."""
    slack, program, smtp_door, customers_smtp, customers_line = free_ports(5)
    return Place(
        folder=str(folder),
        database_url=database_url,
        redis_url=redis_url,
        redis_prefix=redis_prefix,
        keys=f"crash:{Fernet.generate_key().decode()}",
        slack=slack,
        program=program,
        smtp_door=smtp_door,
        customers_smtp=customers_smtp,
        customers_line=customers_line,
    )


@asynccontextmanager
async def process(module: str, *arguments: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python module of ours as a process, stopped at the end."""
    with log.open("ab") as errors:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=_ROOT,
            limit=2**20,
        )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                await started.wait()
        except TimeoutError:
            started.kill()
            await started.wait()


async def first_line(started: asyncio.subprocess.Process) -> dict[str, object]:
    """What it says when it is ready."""
    assert started.stdout is not None
    async with asyncio.timeout(_START):
        line = await started.stdout.readline()
    if not line:
        raise RuntimeError(f"a process of the world outside did not start: {await started.wait()}")
    ready: dict[str, object] = json.loads(line)
    return ready


@asynccontextmanager
async def world_outside(place: Place) -> AsyncIterator[None]:
    """Slack's stand-in and the customers, with their journals in the run's folder."""
    folder = Path(place.folder)
    program = f"http://127.0.0.1:{place.program}"
    async with (
        process(
            "bot.sandbox.slack",
            *("--port", str(place.slack)),
            *("--request-url", f"{program}/slack/events"),
            *("--log", str(slack_journal(place))),
            log=folder / "slack.log",
        ) as slack,
        process(
            "bot.sandbox.customers",
            *("--smtp-port", str(place.customers_smtp)),
            *("--line-port", str(place.customers_line)),
            *("--smtp-door", f"127.0.0.1:{place.smtp_door}"),
            *("--line-webhook", f"{program}/hooks/{LINE}"),
            *("--line-secret", LINE_SECRET),
            *("--line-token", LINE_TOKEN),
            *("--support-address", ADDRESS),
            *("--log", str(customers_journal(place))),
            log=folder / "customers.log",
        ) as customers,
    ):
        await first_line(slack)
        await first_line(customers)
        yield


def slack_journal(place: Place) -> Path:
    return Path(place.folder) / "slack.jsonl"


def customers_journal(place: Place) -> Path:
    return Path(place.folder) / "customers.jsonl"
