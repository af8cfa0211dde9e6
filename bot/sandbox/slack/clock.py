"""Tells the stand-in the time, so that tests may move it by hand."""

import asyncio
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """What the stand-in asks of a clock: seconds since 1970, and waiting."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class WallClock:
    """The real time."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class HandClock:
    """Stands still until a test moves it; sleepers wake in the order of their hours."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._fell_asleep = asyncio.Event()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = (self._now + seconds, next(self._order), future)
        self._sleepers.append(sleeper)
        self._fell_asleep.set()
        try:
            await future
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    async def wait_for_sleepers(self, count: int = 1, *, timeout: float = 5.0) -> None:
        """Returns once at least `count` tasks wait for this clock."""
        async with asyncio.timeout(timeout):
            while len(self._sleepers) < count:
                self._fell_asleep.clear()
                await self._fell_asleep.wait()

    def advance(self, seconds: float) -> None:
        """Moves the time and wakes everybody whose hour has come."""
        self._now += seconds
        for sleeper in sorted(self._sleepers):
            hour, _, future = sleeper
            if hour <= self._now:
                self._sleepers.remove(sleeper)
                if not future.done():
                    future.set_result(None)
