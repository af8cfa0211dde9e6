"""Wakes workers of other processes through a Redis stream; when Redis is away, they only wake a little later."""

import asyncio
import contextlib
import logging
import os
import socket
from asyncio import Task
from collections.abc import Collection
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from routing.jobs import Topic

log = logging.getLogger(__name__)

_GROUP = "workers"
_KEPT = 1_000
_BLOCK_MS = 2_000
_PAUSE = 1.0


class RedisBell:
    """One ring wakes one of the processes that wait; a lost one costs no more than the time to the next sweep. The
    rings of this very process wake it at once, with or without Redis.

    Whoever rings does not wait for Redis: several rings go out as one, as soon as the last has gone.
    """

    def __init__(self, url: str, *, prefix: str) -> None:
        self._stream = f"{prefix}:bell"
        self._me = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=10, socket_connect_timeout=3, client_name=f"{self._stream}:{os.getpid()}"
        )
        self._rung = asyncio.Event()
        self._to_tell: set[Topic] = set()
        self._telling: Task[None] | None = None
        self._listening: Task[None] | None = None
        self._silent = False

    async def ring(self, topics: Collection[Topic]) -> None:
        if not topics:
            return
        self._rung.set()
        self._to_tell.update(topics)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(), name="redis ring")

    async def wait(self, *, timeout: timedelta) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="redis bell")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._rung.wait()
        self._rung.clear()

    async def close(self) -> None:
        """What was rung is still told, as far as Redis is there."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=_PAUSE)
        ours = [task for task in (self._telling, self._listening) if task is not None]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)
        if self._listening is not None:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._redis.xgroup_delconsumer(self._stream, _GROUP, self._me)
        await self._redis.aclose()

    async def _tell(self) -> None:
        while self._to_tell:
            topics, self._to_tell = self._to_tell, set()
            try:
                await self._redis.xadd(
                    self._stream, {"topics": ",".join(sorted(topics))}, maxlen=_KEPT, approximate=True
                )
            except (RedisError, OSError, TimeoutError) as fault:
                self._say_once(fault)

    async def _listen(self) -> None:
        while True:
            try:
                if await self._heard():
                    self._rung.set()
                self._silent = False
            except ResponseError as fault:
                if not str(fault).startswith("NOGROUP"):
                    self._say_once(fault)
                    await asyncio.sleep(_PAUSE)
                    continue
                # Redis was emptied or restarted: whatever was rung is lost, so look at the to-do list.
                await self._make_group()
                self._rung.set()
            except (RedisError, OSError, TimeoutError) as fault:
                self._say_once(fault)
                await asyncio.sleep(_PAUSE)

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(self._stream, _GROUP, id="$", mkstream=True)
        except (RedisError, OSError, TimeoutError) as fault:
            if not str(fault).startswith("BUSYGROUP"):  # else another process made it just now
                self._say_once(fault)
                await asyncio.sleep(_PAUSE)  # Redis may be full, and would be asked without end

    async def _heard(self) -> bool:
        """Whether it rang. The client answers with a list or, speaking RESP3, with a dict; both are empty for silence.
        Without acknowledgements: a ring that is lost with its process is made good by the sweep."""
        answer: object = await self._redis.xreadgroup(
            _GROUP, self._me, {self._stream: ">"}, count=100, block=_BLOCK_MS, noack=True
        )
        return bool(answer)

    def _say_once(self, fault: BaseException) -> None:
        """One line when Redis goes silent, not one for every ring."""
        if not self._silent:
            log.warning("bell is silent, the sweep goes on", extra={"fault": type(fault).__name__})
        self._silent = True
