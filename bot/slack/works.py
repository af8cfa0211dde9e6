"""Keeps hold of work that goes on after its request was answered, so that a stop waits for it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from routing.errors import MadoguchiError

log = logging.getLogger(__name__)


class Works:
    """Tasks that nobody awaits. What they raise is logged once, by name, without what they worked on."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, what: str, work: Coroutine[Any, Any, object]) -> None:
        self.keep(asyncio.create_task(work, name=what))

    def keep(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settled(self) -> None:
        """Returns when nothing is going on."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def finish(self, *, patience: float) -> None:
        """Waits until everything is done; what is not done in so many seconds is cancelled."""
        try:
            async with asyncio.timeout(patience):
                await self.settled()
        except TimeoutError:
            remaining = set(self._running)
            log.warning("slack: work was cut short", extra={"works": sorted(task.get_name() for task in remaining)})
            for task in remaining:
                task.cancel()
            await asyncio.gather(*remaining, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            report(task.get_name(), fault)


def report(what: str, fault: BaseException) -> None:
    """One line for the one on call. Our own errors say what is wrong; of others only a traceback does."""
    if isinstance(fault, MadoguchiError):
        log.warning("slack: work failed", extra={"work": what, "fault": f"{type(fault).__name__}: {fault}"})
    else:
        log.error("slack: work failed unexpectedly", extra={"work": what}, exc_info=fault)
