"""A job is done by one worker at a time, never forgotten, and never given back by somebody who lost it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from routing.errors import LeaseLost
from routing.jobs import Job, Topic
from routing.ports import Tx
from storage.bell import LocalBell
from storage.jobs import SqlJobs
from storage.store import SqlStore
from tests.conftest import Clock

MINUTE = timedelta(minutes=1)


async def ask(store: SqlStore, *keys: str, topic: Topic = Topic.SHOW, due: datetime | None = None) -> None:
    async def work(tx: Tx) -> None:
        for key in keys:
            tx.ask(topic, key, due=due)

    await store.transact(work)


async def take(jobs: SqlJobs, *, topic: Topic = Topic.SHOW, limit: int = 10) -> list[Job]:
    return list(await jobs.take([topic], limit=limit, lease=MINUTE))


async def test_what_was_asked_for_is_taken_once(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    assert (job.topic, job.key, job.attempts, job.leased_until) == (Topic.SHOW, "ticket", 0, clock.now + MINUTE)
    assert await take(jobs) == []


async def test_only_the_topics_asked_for_are_taken(store: SqlStore, jobs: SqlJobs) -> None:
    await ask(store, "conversation", topic=Topic.SEND)
    assert await take(jobs, topic=Topic.SHOW) == []
    assert await jobs.take([], limit=5, lease=MINUTE) == []
    assert [job.key for job in await jobs.take([Topic.SHOW, Topic.SEND], limit=5, lease=MINUTE)] == ["conversation"]


async def test_a_struck_out_job_is_gone(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    await jobs.finish(job)
    clock.advance(timedelta(days=1))
    assert await take(jobs) == []
    assert await jobs.next_due([Topic.SHOW]) is None


async def test_a_job_for_later_waits(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket", due=clock.now + MINUTE)
    assert await take(jobs) == []
    assert await jobs.next_due([Topic.SHOW]) == clock.now + MINUTE
    clock.advance(MINUTE)
    assert len(await take(jobs)) == 1


async def test_asked_again_while_it_waits_the_earlier_time_holds(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket", due=clock.now + MINUTE)
    await ask(store, "ticket", due=clock.now + 2 * MINUTE)
    assert await jobs.next_due([Topic.SHOW]) == clock.now + MINUTE
    await ask(store, "ticket")
    assert len(await take(jobs)) == 1


async def test_asked_while_being_done_it_goes_round_again(
    store: SqlStore, jobs: SqlJobs, bell: LocalBell, clock: Clock
) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    await ask(store, "ticket")
    assert await take(jobs) == [], "it is still being done"
    await bell.wait(timeout=timedelta(0))
    await jobs.finish(job)
    async with asyncio.timeout(2):
        await bell.wait(timeout=MINUTE)
    (again,) = await take(jobs)
    assert again.fence > job.fence
    await jobs.finish(again)
    assert await take(jobs) == []


async def test_asked_for_later_while_being_done_it_comes_back_then(
    store: SqlStore, jobs: SqlJobs, clock: Clock
) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    await ask(store, "ticket", due=clock.now + 3 * MINUTE)
    await ask(store, "ticket", due=clock.now + 2 * MINUTE)
    await jobs.finish(job)
    assert await take(jobs) == []
    assert await jobs.next_due([Topic.SHOW]) == clock.now + 2 * MINUTE


async def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_can_do_nothing_more(
    store: SqlStore, jobs: SqlJobs, clock: Clock
) -> None:
    await ask(store, "ticket")
    (slow,) = await take(jobs)
    clock.advance(MINUTE)
    (quick,) = await take(jobs)
    assert quick.fence > slow.fence
    await jobs.finish(slow)
    await jobs.postpone(slow, until=clock.now, fault="")
    with pytest.raises(LeaseLost):
        await jobs.renew(slow, lease=MINUTE)
    assert await take(jobs) == []
    await jobs.renew(quick, lease=MINUTE)
    await jobs.finish(quick)
    assert await jobs.next_due([Topic.SHOW]) is None


async def test_a_renewed_lease_holds_longer(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    clock.advance(MINUTE / 2)
    await jobs.renew(job, lease=MINUTE)
    clock.advance(MINUTE * 0.9)
    assert await take(jobs) == []
    clock.advance(MINUTE)
    assert len(await take(jobs)) == 1


async def test_a_failed_attempt_is_counted_and_waits_whatever_is_asked_meanwhile(
    store: SqlStore, jobs: SqlJobs, clock: Clock
) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    await ask(store, "ticket")
    await jobs.postpone(job, until=clock.now + MINUTE, fault="slack said 429 \0")
    assert await take(jobs) == []
    clock.advance(MINUTE)
    (again,) = await take(jobs)
    assert again.attempts == 1
    await jobs.finish(again)
    assert await jobs.next_due([Topic.SHOW]) is None


async def test_given_back_without_a_failure_an_earlier_wish_holds(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    await ask(store, "ticket", due=clock.now + MINUTE)
    await jobs.postpone(job, until=clock.now + 5 * MINUTE, fault="", count=False)
    clock.advance(MINUTE)
    (again,) = await take(jobs)
    assert again.attempts == 0
    await jobs.postpone(again, until=clock.now + 5 * MINUTE, fault="", count=False)
    assert await jobs.next_due([Topic.SHOW]) == clock.now + 5 * MINUTE


async def test_the_oldest_jobs_come_first(store: SqlStore, jobs: SqlJobs, clock: Clock) -> None:
    for number in (3, 1, 4, 2, 5):
        await ask(store, f"ticket {number}", due=clock.now + number * MINUTE)
    clock.advance(10 * MINUTE)
    assert [job.key for job in await take(jobs, limit=3)] == ["ticket 1", "ticket 2", "ticket 3"]


async def test_workers_who_take_at_once_never_share_a_job(store: SqlStore, jobs: SqlJobs) -> None:
    await ask(store, *(f"ticket {number}" for number in range(50)))
    shares = await asyncio.gather(*(take(jobs, limit=7) for _ in range(10)))
    keys = [job.key for share in shares for job in share]
    assert len(keys) == len(set(keys))
    assert all(len(share) <= 7 for share in shares)
    rest = await take(jobs, limit=50)
    assert len(keys) + len(rest) == 50


async def test_a_job_struck_out_and_asked_anew_does_not_give_its_old_fence_out_again(
    store: SqlStore, jobs: SqlJobs, clock: Clock
) -> None:
    await ask(store, "ticket")
    (first,) = await take(jobs)
    clock.advance(MINUTE)
    (second,) = await take(jobs)
    await jobs.finish(second)
    await ask(store, "ticket")
    (third,) = await take(jobs)
    assert len({first.fence, second.fence, third.fence}) == 3
    await jobs.finish(first)
    assert await jobs.next_due([Topic.SHOW]) is not None, "the first holder struck out somebody else's job"


async def test_an_only_process_ends_the_leases_of_the_dead_one_before_it(store: SqlStore, jobs: SqlJobs) -> None:
    await ask(store, "ticket")
    (job,) = await take(jobs)
    assert await jobs.end_leases() == 1
    (again,) = await take(jobs)
    assert again.fence > job.fence
    await jobs.finish(job)
    assert await jobs.next_due([Topic.SHOW]) is not None


async def test_asking_rings_the_bell_after_the_commit_but_not_for_later(
    store: SqlStore, bell: LocalBell, clock: Clock
) -> None:
    await ask(store, "ticket", due=clock.now + MINUTE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bell.wait(timeout=MINUTE)
    await ask(store, "ticket")
    async with asyncio.timeout(2):
        await bell.wait(timeout=MINUTE)


async def test_a_rolled_back_wish_was_never_made(store: SqlStore, jobs: SqlJobs) -> None:
    async def work(tx: Tx) -> None:
        tx.ask(Topic.SHOW, "ticket")
        await tx.flush()
        raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        await store.transact(work)
    assert await take(jobs) == []
