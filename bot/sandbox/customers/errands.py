"""Holds on to work that goes on in the background, so that it is neither forgotten nor left behind at the end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Errands:
    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, errand: Coroutine[Any, Any, Any]) -> Callable[[], object]:
        """Sets it going; gives what cancels it."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task.cancel

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand of the sample customers failed", exc_info=error)

    async def end(self) -> None:
        """Cancels what still runs and waits until it has stopped."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
