"""The bell wakes workers soon; whatever happens to it, they wake a little later."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from routing.jobs import Topic
from storage.bell import LocalBell
from storage.redis_bell import RedisBell
from tests.databases import REDIS

SOON = timedelta(seconds=5)


async def rings(bell: LocalBell | RedisBell, *, within: timedelta = SOON) -> bool:
    """Whether it rings before it is too late; waits no longer than needed."""
    began = time.monotonic()
    await bell.wait(timeout=within)
    return time.monotonic() - began < within.total_seconds() * 0.9


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await what():  # noqa: ASYNC110  Redis has no event for it
            await asyncio.sleep(0.01)


async def test_a_ring_wakes_who_waits() -> None:
    bell = LocalBell()
    waiting = asyncio.ensure_future(rings(bell))
    await asyncio.sleep(0)
    await bell.ring([Topic.SHOW])
    assert await waiting


async def test_a_ring_before_the_wait_is_not_lost_and_heard_once() -> None:
    bell = LocalBell()
    await bell.ring([Topic.SHOW])
    assert await rings(bell)
    assert not await rings(bell, within=timedelta(milliseconds=30))


async def test_ringing_for_nothing_wakes_nobody() -> None:
    bell = LocalBell()
    await bell.ring([])
    assert not await rings(bell, within=timedelta(milliseconds=30))


@pytest.fixture
async def redis_client() -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(REDIS)
    yield client
    await client.aclose()


async def listeners(client: Redis, prefix: str) -> list[str]:
    """Ids of the connections that wait for rings."""
    return [
        one["id"]
        for one in await client.client_list()
        if one["name"].startswith(f"{prefix}:bell") and one["cmd"].startswith("xreadgroup")
    ]


@pytest.fixture
async def worker(redis_prefix: str, redis_client: Redis) -> AsyncIterator[RedisBell]:
    """The bell of a process that listens already."""
    bell = RedisBell(REDIS, prefix=redis_prefix)
    await bell.wait(timeout=timedelta(milliseconds=1))

    async def listens() -> bool:
        group = await redis_client.exists(f"{redis_prefix}:bell")
        return bool(group) and len(await listeners(redis_client, redis_prefix)) == 1

    await until(listens)
    await bell.wait(timeout=timedelta(milliseconds=1))  # it rings once when it makes the group
    yield bell
    await bell.close()


@pytest.mark.redis
async def test_a_ring_in_one_process_wakes_another(worker: RedisBell, redis_prefix: str) -> None:
    web = RedisBell(REDIS, prefix=redis_prefix)
    waiting = asyncio.ensure_future(rings(worker))
    await web.ring([Topic.INGEST, Topic.SHOW])
    assert await waiting
    await web.close()


@pytest.mark.redis
async def test_its_own_rings_need_no_redis(unused_tcp_port: int) -> None:
    bell = RedisBell(f"redis://127.0.0.1:{unused_tcp_port}/0", prefix="nobody")
    waiting = asyncio.ensure_future(rings(bell))
    await bell.ring([Topic.SHOW])
    assert await waiting
    await bell.close()


@pytest.mark.redis
async def test_a_redis_that_never_answers_keeps_nobody_waiting_who_rings() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bell = RedisBell(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", prefix="nobody")
        began = time.monotonic()
        for _ in range(100):
            await bell.ring([Topic.SHOW])
        assert time.monotonic() - began < 0.5
        await bell.close()


@pytest.mark.redis
async def test_an_emptied_redis_is_set_up_again_and_the_loss_made_good(
    worker: RedisBell, redis_prefix: str, redis_client: Redis
) -> None:
    await redis_client.delete(f"{redis_prefix}:bell")
    assert await rings(worker), "whatever was rung is lost, so it must look"
    web = RedisBell(REDIS, prefix=redis_prefix)

    async def works_again() -> bool:
        await web.ring([Topic.SHOW])
        return await rings(worker, within=timedelta(milliseconds=500))

    await until(works_again)
    await web.close()


@pytest.mark.redis
async def test_a_connection_that_breaks_is_made_again(
    worker: RedisBell, redis_prefix: str, redis_client: Redis
) -> None:
    for client in await listeners(redis_client, redis_prefix):
        await redis_client.client_kill_filter(_id=client)
    web = RedisBell(REDIS, prefix=redis_prefix)

    async def works_again() -> bool:
        await web.ring([Topic.SHOW])
        return await rings(worker, within=timedelta(milliseconds=500))

    await until(works_again)
    await web.close()


@pytest.mark.redis
async def test_of_many_workers_one_ring_wakes_one(worker: RedisBell, redis_prefix: str, redis_client: Redis) -> None:
    second = RedisBell(REDIS, prefix=redis_prefix)
    await second.wait(timeout=timedelta(milliseconds=1))

    async def both_listen() -> bool:
        return len(await listeners(redis_client, redis_prefix)) == 2

    await until(both_listen)
    await second.wait(timeout=timedelta(milliseconds=1))
    web = RedisBell(REDIS, prefix=redis_prefix)
    waits = [asyncio.ensure_future(rings(bell, within=timedelta(seconds=1))) for bell in (worker, second)]
    await web.ring([Topic.SHOW])
    assert sorted(await asyncio.gather(*waits)) == [False, True]
    await second.close()
    await web.close()
