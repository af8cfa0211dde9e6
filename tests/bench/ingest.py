"""Measures a mail's way from the ledger to its committed ticket, beside a loop that only parses it and commits a row.

Ours is the worker of the house with the one duty that reads the ledger; cards are asked for but not drawn. The bare
loop parses with the standard library's `compat32` and commits one row for each mail, as durably.
"""

import asyncio
import email
import gc
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it has none

from bot.app import wall_clock
from bot.sandbox.demo.plan import MAIL
from bot.worker import Alive, Worker
from connectors.mail.arriving import delivery_of
from routing.jobs import Job
from storage.bell import LocalBell
from storage.ledger import lane_of
from tests.bench.corpus import mails
from tests.bench.figures import Figure
from tests.bench.houses import House, bench_house, bench_plan, cpu_seconds
from tests.bench.sampling import Sampler
from tests.bench.stores import Store, plain_address

_WARM_UP = 64
_PATIENCE = 600.0
_TABLE = "CREATE TABLE bare_mails (id text PRIMARY KEY, sender text, subject text, date text, words text)"


@dataclass(slots=True)
class Watch:
    """Processor and wall time of what happens between `start` and `stop`, in milliseconds a mail."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    _cpu: float = 0.0
    _wall: float = 0.0

    def start(self) -> None:
        gc.collect()
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()

    def stop(self, count: int) -> None:
        self.wall.append((time.perf_counter() - self._wall) / count * 1_000)
        self.cpu.append((cpu_seconds() - self._cpu) / count * 1_000)


def compare_ingest(stores: Sequence[Store], *, rounds: int, count: int) -> list[Figure]:
    """Both ways in turns, on every store; the first round warms up and does not count."""
    corpus, warm_up = mails(count), mails(_WARM_UP, seed=8)
    figures: list[Figure] = []
    for store in stores:
        ours, bare = Watch(), Watch()
        for turn in range(rounds + 1):
            ways = [(our_way, ours), (bare_way, bare)]
            for way, watch in ways if turn % 2 else reversed(ways):
                with store.fresh() as url:
                    asyncio.run(way(url, corpus, warm_up, watch if turn else Watch()))
        about = ("a", store.name)
        figures += [
            Figure(*about, "CPU", "ms a mail", ours.cpu, bare.cpu, "≤ 2, and ours < 0.7"),
            Figure(*about, "wall", "ms a mail", ours.wall, bare.wall, "≤ 2"),
        ]
    return figures


def profile_ingest(store: Store, *, rounds: int, count: int) -> str:
    sampler = Sampler()
    for _ in range(rounds):
        with store.fresh() as url:
            asyncio.run(our_way(url, mails(count), mails(_WARM_UP, seed=8), Watch(), sampler))
    return sampler.told()


# --- ours ----------------------------------------------------------------------------------------------------------


async def our_way(
    url: str, corpus: list[bytes], warm_up: list[bytes], watch: Watch, sampler: Sampler | None = None
) -> None:
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        async with bench_house(bench_plan(url, Path(folder))) as house:
            await read_everything(house, await fill_ledger(house, warm_up))
            lanes = await fill_ledger(house, corpus)
            watch.start()
            if sampler is not None:
                sampler.start()
            await read_everything(house, lanes)
            if sampler is not None:
                sampler.stop()
            watch.stop(len(corpus))
            figures = await house.app.inbox.figures()
            if figures.waiting or sum(figures.outcomes.values()) != len(corpus) + len(warm_up):
                raise RuntimeError(f"not every mail became an item: {figures}")


async def fill_ledger(house: House, corpus: Sequence[bytes]) -> int:
    """Hands the mails to the ledger as doors do; returns in how many lanes they wait."""
    deliveries = [delivery_of(MAIL, raw, wall_clock(), {}) for raw in corpus]
    await asyncio.gather(*(house.app.ledger.accept(one) for one in deliveries))
    return len({lane_of(one.account, one.lane) for one in deliveries})


async def read_everything(house: House, lanes: int) -> None:
    """Runs a worker until it has emptied the lanes, each of which is one job."""
    left = lanes

    async def work(job: Job, alive: Alive) -> datetime | None:
        nonlocal left
        again = await house.ingest.work(job, alive)
        left -= 1
        if not left:
            worker.stop()
        return again

    worker = Worker(house.app.jobs, LocalBell(), [replace(house.ingest, work=work)], wall_clock, _nobody_is_told)
    async with asyncio.timeout(_PATIENCE):
        await worker.run()
        await worker.finish(grace=timedelta(seconds=_PATIENCE))


async def _nobody_is_told(job: Job, reason: str) -> None:
    raise RuntimeError(f"{job.topic} {job.key}: {reason}")


# --- bare ----------------------------------------------------------------------------------------------------------


async def bare_way(url: str, corpus: list[bytes], warm_up: list[bytes], watch: Watch) -> None:
    keep = _bare_sqlite if url.startswith("sqlite") else _bare_postgres
    await keep(plain_address(url), corpus, warm_up, watch)


async def _bare_sqlite(path: str, corpus: list[bytes], warm_up: list[bytes], watch: Watch) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(_TABLE)

    async def keep(raw: bytes) -> None:
        database.execute("INSERT INTO bare_mails VALUES (?, ?, ?, ?, ?)", row_of(email.message_from_bytes(raw)))

    await _one_by_one(keep, corpus, warm_up, watch)
    database.close()


async def _bare_postgres(address: str, corpus: list[bytes], warm_up: list[bytes], watch: Watch) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute(_TABLE)
    insert = await connection.prepare("INSERT INTO bare_mails VALUES ($1, $2, $3, $4, $5)")

    async def keep(raw: bytes) -> None:
        await insert.fetch(*row_of(email.message_from_bytes(raw)))

    await _one_by_one(keep, corpus, warm_up, watch)
    await connection.close()


async def _one_by_one(
    keep: Callable[[bytes], Awaitable[None]], corpus: list[bytes], warm_up: list[bytes], watch: Watch
) -> None:
    for raw in warm_up:
        await keep(raw)
    watch.start()
    for raw in corpus:
        await keep(raw)
    watch.stop(len(corpus))


def row_of(mail: Message) -> tuple[str, ...]:
    """A mail as it was parsed: nothing is decoded, so the floor is as low as it can be."""
    texts = (part.get_payload() for part in mail.walk() if part.get_content_type() == "text/plain")
    return (*(str(mail[name]) for name in ("Message-ID", "From", "Subject", "Date")), str(next(texts, "")))
