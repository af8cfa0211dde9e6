"""Does the to-do list: takes due jobs, keeps their leases alive while they run, and gives back what must wait."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import Counter, Histogram

from routing.errors import Gone, LeaseLost, NeedsAttention, Rejected, TryLater, Unclear
from routing.jobs import Job, Topic
from routing.ports import Bell, Jobs

log = logging.getLogger(__name__)

JOBS = Counter("madoguchi_jobs_total", "Jobs done, by topic and outcome", ["topic", "outcome"])
JOB_SECONDS = Histogram("madoguchi_job_seconds", "How long jobs take", ["topic"])

SWEEP = timedelta(seconds=3)
LONGEST_BACKOFF = timedelta(minutes=5)
LAST_WORD = timedelta(seconds=5)  # what an interrupted job has for giving itself back

Alive = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Duty:
    """How one topic is worked: `work` returns when to come back, or None when it is done. `at_once` bounds how many
    run together in this process; `lease` is renewed at a third of its length while one runs."""

    topic: Topic
    work: Callable[[Job, Alive], Awaitable[datetime | None]]
    at_once: int = 4
    lease: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class Worker:
    """Runs until `stop`; then what was taken is finished or given back."""

    jobs: Jobs
    bell: Bell
    duties: Sequence[Duty]
    clock: Callable[[], datetime]
    needs_attention: Callable[[Job, str], Awaitable[None]]
    sweep: timedelta = SWEEP
    _running: dict[asyncio.Task[None], Topic] = field(default_factory=dict)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        while not self._stopping.is_set():
            # Before looking, so that a place that becomes free while we look is not waited for in vain.
            self._freed.clear()
            try:
                pause = None if await self._take() else await self._until_next()
            except TryLater as fault:
                log.warning("to-do list is out of reach", extra={"fault": fault.reason})
                pause = fault.after
            if pause is not None:
                await self._wait(pause)

    def stop(self) -> None:
        self._stopping.set()

    async def finish(self, *, grace: timedelta) -> None:
        """After `run` returned: waits for what runs, then interrupts what is left; interrupted jobs are given back."""
        endless = [task for task, topic in self._running.items() if topic is Topic.LISTEN]
        for task in endless:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=grace.total_seconds())
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_WORD.total_seconds())
        for task in self._running:
            log.error("job does not stop, its lease will run out", extra={"job": task.get_name()})

    async def _take(self) -> int:
        room = {duty.topic: duty.at_once - self._load(duty.topic) for duty in self.duties}
        taken = 0
        for lease, topics in self._by_lease(room).items():
            free = min(room[topic] for topic in topics)
            for job in await self.jobs.take(topics, limit=free, lease=lease):
                taken += 1
                task = asyncio.create_task(self._do(job), name=f"{job.topic}:{job.key}")
                self._running[task] = job.topic
                task.add_done_callback(self._done)
        return taken

    def _by_lease(self, room: dict[Topic, int]) -> dict[timedelta, list[Topic]]:
        grouped: dict[timedelta, list[Topic]] = {}
        for duty in self.duties:
            if room[duty.topic] > 0:
                grouped.setdefault(duty.lease, []).append(duty.topic)
        return grouped

    def _load(self, topic: Topic) -> int:
        return sum(1 for running in self._running.values() if running is topic)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._freed.set()
        if not task.cancelled() and (fault := task.exception()) is not None:
            # Its outcome could not be written: the lease runs out by itself, and then the job is taken again.
            log.error("job was left to its lease", extra={"job": task.get_name(), "fault": type(fault).__name__})

    async def _until_next(self) -> timedelta:
        free = [duty.topic for duty in self.duties if self._load(duty.topic) < duty.at_once]
        due = await self.jobs.next_due(free) if free else None
        if due is None:
            return self.sweep
        return max(timedelta(milliseconds=20), min(self.sweep, due - self.clock()))

    async def _wait(self, timeout: timedelta) -> None:
        """Until the bell rings, a place becomes free, we are to stop, or the time is over."""
        waits = [
            asyncio.ensure_future(self.bell.wait(timeout=timeout)),
            asyncio.ensure_future(self._freed.wait()),
            asyncio.ensure_future(self._stopping.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED, timeout=timeout.total_seconds())
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _do(self, job: Job) -> None:
        duty = next(one for one in self.duties if one.topic is job.topic)
        keeper = asyncio.create_task(self._keep_lease(job, duty.lease, asyncio.current_task()))
        try:
            with JOB_SECONDS.labels(job.topic).time():
                await self._once(job, duty)
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def _keep_lease(self, job: Job, lease: timedelta, owner: "asyncio.Task[None] | None") -> None:
        """Renews the lease; when it was lost the work is interrupted, for somebody else does it now."""
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            try:
                await self.jobs.renew(job, lease=lease)
            except LeaseLost:
                log.warning("lease lost", extra={"topic": job.topic, "key": job.key})
                if owner is not None:
                    owner.cancel()
                return
            except TryLater as fault:
                log.warning("lease could not be renewed", extra={"topic": job.topic, "fault": fault.reason})

    async def _once(self, job: Job, duty: Duty) -> None:
        async def alive() -> None:
            await self.jobs.renew(job, lease=duty.lease)

        outcome = "done"
        try:
            again = await duty.work(job, alive)
            if again is None:
                await self.jobs.finish(job)
            else:
                outcome = "again"
                await self.jobs.postpone(job, until=again, fault="", count=False)
        except TryLater as fault:
            outcome = "later"
            await self._give_back(job, fault.after, fault.reason, count=True)
        except LeaseLost:
            outcome = "lost"
        except Gone as fault:
            outcome = "gone"
            log.info("job is pointless now", extra={"topic": job.topic, "fault": str(fault)})
            await self.jobs.finish(job)
        except Rejected as fault:
            outcome = "rejected"
            log.error("job is refused for good", extra={"topic": job.topic, "key": job.key, "fault": str(fault)})
            await self.jobs.finish(job)
        except Unclear as fault:
            outcome = "unclear"
            await self._give_back(job, _backoff(job.attempts), str(fault), count=True)
        except NeedsAttention as fault:
            outcome = "attention"
            await self._give_back(job, LONGEST_BACKOFF, str(fault), count=True)
            await self.needs_attention(job, str(fault))
        except asyncio.CancelledError:
            outcome = "interrupted"
            await asyncio.shield(self._give_back(job, timedelta(0), "interrupted", count=False))
            raise
        except Exception as fault:
            outcome = "failed"
            log.exception("job failed", extra={"topic": job.topic, "key": job.key, "attempts": job.attempts})
            await self._give_back(job, _backoff(job.attempts), type(fault).__name__, count=True)
        finally:
            JOBS.labels(job.topic, outcome).inc()

    async def _give_back(self, job: Job, after: timedelta, fault: str, *, count: bool) -> None:
        try:
            await self.jobs.postpone(job, until=self.clock() + after, fault=fault, count=count)
        except TryLater:
            # The lease runs out by itself, and then the job is taken again.
            log.warning("job could not be given back", extra={"topic": job.topic, "key": job.key})


def _backoff(attempts: int) -> timedelta:
    return min(LONGEST_BACKOFF, timedelta(seconds=2 ** min(attempts, 9)))
