"""One thread of its own for a blocking library, whose calls an event loop can await and leave behind."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class OwnThread:
    """Does one blocking call after the other. Nobody waits for it when the program ends, so a call that hangs in a
    system call (resolving a name) cannot keep the program alive."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls: queue.SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def start(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """A future of what the call returns or raises."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._calls.put((future, call))
        return future

    def stop(self) -> None:
        """No call after those that are waiting."""
        self._calls.put(None)

    def _work(self) -> None:
        while (waiting := self._calls.get()) is not None:
            future, call = waiting
            try:
                result = call()
            except Exception as failure:  # noqa: BLE001  every failure belongs to whoever awaits the future
                self._tell(future, None, failure)
            else:
                self._tell(future, result, None)

    def _tell(self, future: "asyncio.Future[Any]", result: object, failure: Exception | None) -> None:
        def settle() -> None:
            if future.done():
                return
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(result)

        with contextlib.suppress(RuntimeError):  # The loop was closed meanwhile: nobody is left to be told.
            self._loop.call_soon_threadsafe(settle)
