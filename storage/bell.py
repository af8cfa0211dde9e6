"""Wakes the workers of this very process."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from routing.jobs import Topic


class LocalBell:
    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def ring(self, topics: Collection[Topic]) -> None:
        if topics:
            self._rung.set()

    async def wait(self, *, timeout: timedelta) -> None:
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()
