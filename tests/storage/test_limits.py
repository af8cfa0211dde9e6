"""A shared limit lets so many through in all processes together, and says to the others how long to wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from routing.rates import LocalRates, Rates, Share
from storage.limits import RedisRates
from tests.conftest import Clock
from tests.databases import REDIS

pytestmark = pytest.mark.redis

HOUR = timedelta(hours=1)


@pytest.fixture
async def shared(redis_prefix: str, clock: Clock) -> AsyncIterator[tuple[Rates, Rates]]:
    """The same limit as two processes have it."""
    one, other = (RedisRates(REDIS, prefix=redis_prefix, alone=LocalRates(clock)) for _ in range(2))
    yield one, other
    await one.close()
    await other.close()


async def test_processes_share_one_allowance(shared: tuple[Rates, Rates]) -> None:
    waits = await asyncio.gather(*(shared[turn % 2].take("form", allowance=5, per=HOUR) for turn in range(12)))
    assert waits.count(timedelta(0)) == 5
    assert all(HOUR / 5 * 0.9 < wait <= HOUR / 5 for wait in waits if wait)


async def test_keys_have_allowances_of_their_own(shared: tuple[Rates, Rates]) -> None:
    assert await shared[0].take("a", allowance=1, per=HOUR) == timedelta(0)
    assert await shared[1].take("b", allowance=1, per=HOUR) == timedelta(0)
    assert await shared[1].take("a", allowance=1, per=HOUR) > timedelta(0)


async def test_permissions_come_back(shared: tuple[Rates, Rates]) -> None:
    second = timedelta(milliseconds=20)
    assert await shared[0].take("form", allowance=1, per=second) == timedelta(0)

    async def again() -> None:
        while await shared[1].take("form", allowance=1, per=second):  # noqa: ASYNC110  it is Redis' clock that runs
            await asyncio.sleep(0)

    await asyncio.wait_for(again(), timeout=5)


async def test_without_redis_each_process_counts_alone(unused_tcp_port: int, clock: Clock) -> None:
    rates = RedisRates(f"redis://127.0.0.1:{unused_tcp_port}/0", prefix="nobody", alone=LocalRates(clock))
    waits = [await rates.take("form", allowance=3, per=HOUR) for _ in range(10)]
    assert waits.count(timedelta(0)) == 3
    await rates.close()


async def test_of_several_buckets_all_are_taken_from_or_none(shared: tuple[Rates, Rates]) -> None:
    room, workspace = Share("room", 1, HOUR), Share("workspace", 3, HOUR)
    assert await shared[0].take_all([room, workspace]) == timedelta(0)
    assert await shared[1].take_all([room, workspace]) > timedelta(0), "the room's is used up"
    waits = [await shared[0].take_all([workspace]) for _ in range(3)]
    assert [wait == timedelta(0) for wait in waits] == [True, True, False], "the refused call took nothing"


async def test_what_may_be_late_leaves_a_reserve_for_what_may_not(shared: tuple[Rates, Rates]) -> None:
    late, now = Share("edits", 4, HOUR, reserve=2), Share("edits", 4, HOUR)
    assert [bool(await shared[0].take_all([late])) for _ in range(3)] == [False, False, True]
    assert [bool(await shared[1].take_all([now])) for _ in range(3)] == [False, False, True]


async def test_a_key_that_one_process_shut_is_shut_for_all(shared: tuple[Rates, Rates]) -> None:
    await shared[0].shut("posts", timedelta(seconds=40))
    await shared[1].shut("posts", timedelta(seconds=5))
    wait = await shared[1].take_all([Share("posts", 100, timedelta(seconds=1))])
    assert timedelta(seconds=38) < wait <= timedelta(seconds=40), "the longer wait stands"
    assert await shared[1].take_all([Share("other", 100, timedelta(seconds=1))]) == timedelta(0)


async def test_a_key_that_was_shut_opens_again(clock: Clock) -> None:
    rates = LocalRates(clock)
    await rates.shut("posts", timedelta(seconds=40))
    assert await rates.take_all([Share("posts", 2, timedelta(seconds=1))]) == timedelta(seconds=40)
    clock.advance(timedelta(seconds=40))
    assert await rates.take_all([Share("posts", 2, timedelta(seconds=1))]) == timedelta(0)


async def test_without_redis_a_shut_key_is_shut_in_this_process(unused_tcp_port: int, clock: Clock) -> None:
    rates = RedisRates(f"redis://127.0.0.1:{unused_tcp_port}/0", prefix="nobody", alone=LocalRates(clock))
    await rates.shut("posts", HOUR)
    assert await rates.take_all([Share("posts", 2, timedelta(seconds=1))]) == HOUR
    await rates.close()
