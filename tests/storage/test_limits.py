"""A shared limit lets so many through in all processes together, and says to the others how long to wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.rates import LocalRates, Rates
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
