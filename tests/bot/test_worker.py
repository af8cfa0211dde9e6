"""The worker: takes what is due, keeps what it holds, and gives back what it cannot finish."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.worker import Alive, Duty, Worker
from routing.errors import Gone, NeedsAttention, Rejected, TryLater, Unclear
from routing.jobs import Job, Topic
from routing.ports import Tx
from storage.bell import LocalBell
from storage.jobs import SqlJobs
from storage.store import SqlStore
from tests.conftest import Clock
from tests.crash.fate import but

Work = Callable[[Job, Alive], Awaitable[datetime | None]]
_NEVER = timedelta(hours=1)


@dataclass(slots=True)
class Bench:
    """A worker with one duty that does as told, on a real to-do list."""

    store: SqlStore
    jobs: SqlJobs
    bell: LocalBell
    clock: Clock
    told: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, key: str = "one", topic: Topic = Topic.SHOW) -> None:
        async def work(tx: Tx) -> None:
            tx.ask(topic, key)

        await self.store.transact(work)

    def worker(self, work: Work, *, lease: timedelta = _NEVER, at_once: int = 4, topic: Topic = Topic.SHOW) -> Worker:
        async def needs_attention(job: Job, reason: str) -> None:
            self.told.append(f"{job.key}: {reason}")

        duty = Duty(topic, work, at_once=at_once, lease=lease)
        return Worker(self.jobs, self.bell, [duty], self.clock, needs_attention, sweep=_NEVER)

    @contextlib.asynccontextmanager
    async def running(self, worker: Worker) -> AsyncIterator[None]:
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            async with asyncio.timeout(5):
                await task
                await worker.finish(grace=timedelta(seconds=5))

    async def due(self) -> datetime | None:
        return await self.jobs.next_due([Topic.SHOW])

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Looks again whenever others had their turn; a deadline bounds it."""
        async with asyncio.timeout(5):
            while not await condition():  # noqa: ASYNC110  the condition stands in the database
                await asyncio.sleep(0)

    async def once(self, fault: Exception) -> datetime | None:
        """Does one job that ends with `fault`; when it is due next."""
        done = asyncio.Event()

        async def work(_job: Job, _alive: Alive) -> None:
            done.set()
            raise fault

        await self.ask()
        worker = self.worker(work)
        async with self.running(worker):
            await asyncio.wait_for(done.wait(), 5)
        return await self.due()


@pytest.fixture
def bench(store: SqlStore, jobs: SqlJobs, bell: LocalBell, clock: Clock) -> Bench:
    return Bench(store, jobs, bell, clock)


async def test_a_ring_wakes_the_worker_at_once(bench: Bench) -> None:
    done: list[str] = []

    async def work(job: Job, _alive: Alive) -> None:
        done.append(job.key)

    async with bench.running(bench.worker(work)):
        for number in range(20):
            await bench.ask(f"job {number}")

            async def is_done(count: int = number + 1) -> bool:
                return len(done) == count

            await bench.until(is_done)
    assert await bench.due() is None


async def test_a_place_that_becomes_free_is_used_at_once(bench: Bench) -> None:
    together, most, done = 0, 0, 0

    async def work(_job: Job, alive: Alive) -> None:
        nonlocal together, most, done
        together += 1
        most = max(most, together)
        await alive()
        together -= 1
        done += 1

    for number in range(12):
        await bench.ask(f"job {number}")

    async def is_done() -> bool:
        return done == 12

    async with bench.running(bench.worker(work, at_once=2)):
        await bench.until(is_done)
    assert most <= 2


async def test_what_runs_at_the_stop_is_finished(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(_job: Job, _alive: Alive) -> None:
        begun.set()
        await go_on.wait()

    await bench.ask()
    worker = bench.worker(work)
    async with bench.running(worker):
        await begun.wait()
        worker.stop()
        asyncio.get_running_loop().call_soon(go_on.set)
    assert await bench.due() is None


async def test_what_does_not_end_in_time_is_given_back_to_whoever_comes_next(bench: Bench) -> None:
    begun = asyncio.Event()

    async def hang(_job: Job, _alive: Alive) -> None:
        begun.set()
        await asyncio.Event().wait()

    await bench.ask()
    worker = bench.worker(hang)
    running = asyncio.create_task(worker.run())
    await begun.wait()
    worker.stop()
    await running
    await worker.finish(grace=timedelta(0))
    (job,) = await bench.jobs.take([Topic.SHOW], limit=1, lease=_NEVER)
    assert (job.key, job.attempts) == ("one", 0)


async def test_a_source_that_listens_for_ever_is_not_waited_for(bench: Bench) -> None:
    begun = asyncio.Event()

    async def listen(_job: Job, _alive: Alive) -> None:
        begun.set()
        await asyncio.Event().wait()

    await bench.ask(topic=Topic.LISTEN)
    async with bench.running(bench.worker(listen, topic=Topic.LISTEN)):
        await begun.wait()
    assert await bench.jobs.next_due([Topic.LISTEN]) == bench.clock()


async def test_a_lost_lease_interrupts_the_work_and_strikes_nothing_out(bench: Bench) -> None:
    begun, interrupted = asyncio.Event(), asyncio.Event()

    async def work(_job: Job, _alive: Alive) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            interrupted.set()

    await bench.ask()
    async with bench.running(bench.worker(work, lease=timedelta(seconds=1.5), at_once=1)):
        await begun.wait()
        bench.clock.advance(timedelta(minutes=1))
        (stolen,) = await bench.jobs.take([Topic.SHOW], limit=1, lease=_NEVER)
        await asyncio.wait_for(interrupted.wait(), 5)
    await bench.jobs.renew(stolen, lease=_NEVER)


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (TryLater("patience", after=timedelta(seconds=42)), timedelta(seconds=42)),
        (Unclear("no answer"), timedelta(seconds=1)),
        (ValueError("a bug"), timedelta(seconds=1)),
        (NeedsAttention("bad password"), timedelta(minutes=5)),
    ],
)
async def test_what_failed_comes_back_when_it_makes_sense(bench: Bench, fault: Exception, after: timedelta) -> None:
    due = await bench.once(fault)
    assert due == bench.clock() + after
    assert bench.told == (["one: bad password"] if isinstance(fault, NeedsAttention) else [])


async def test_a_job_that_fails_again_and_again_is_left_in_peace_for_longer_each_time(bench: Bench) -> None:
    waits = []
    for _ in range(12):
        due = await bench.once(ValueError("a bug"))
        assert due is not None
        waits.append((due - bench.clock()).total_seconds())
        bench.clock.now = due
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@pytest.mark.parametrize("fault", [Gone("no such ticket"), Rejected("never")])
async def test_what_is_pointless_is_struck_out(bench: Bench, fault: Exception) -> None:
    assert await bench.once(fault) is None


async def test_a_job_asked_for_while_it_is_done_goes_round_again(bench: Bench) -> None:
    seen = 0

    async def work(_job: Job, _alive: Alive) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            await bench.ask()

    async def twice() -> bool:
        return seen == 2 and await bench.due() is None

    await bench.ask()
    async with bench.running(bench.worker(work)):
        await bench.until(twice)


async def test_a_worker_outlives_its_database(bench: Bench) -> None:
    done = asyncio.Event()
    away = 3

    async def work(_job: Job, _alive: Alive) -> None:
        done.set()

    async def next_due(_self: object, topics: Collection[Topic]) -> datetime | None:
        nonlocal away
        away -= 1
        if away >= 0:
            raise TryLater("the database is away", after=timedelta(milliseconds=1))
        return await bench.jobs.next_due(topics)

    worker = bench.worker(work)
    worker.jobs = but(bench.jobs, next_due=next_due)
    async with bench.running(worker):

        async def is_back() -> bool:
            return away < 0

        await bench.until(is_back)
        await bench.ask()
        await asyncio.wait_for(done.wait(), 5)
