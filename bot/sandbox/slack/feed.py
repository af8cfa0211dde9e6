"""Tells every open client what changed, and wakes those who wait for a change."""

import asyncio
import contextlib
from collections.abc import Callable

from bot.sandbox.slack.wire import JsonObject, copied

FRAMES_WAITING_AT_MOST = 2000


class Subscription:
    """One client's queue of frames; a client that stopped reading is cut off rather than kept in memory."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.frames: asyncio.Queue[JsonObject | None] = asyncio.Queue()

    def push(self, frame: JsonObject) -> None:
        if self.frames.qsize() >= FRAMES_WAITING_AT_MOST:
            self.frames.put_nowait(None)
        else:
            self.frames.put_nowait(copied(frame))


class Feed:
    """Where the workspace's changes are announced."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._waiters: list[asyncio.Future[None]] = []
        self.changes = 0

    def subscribe(self, user: str) -> Subscription:
        subscription = Subscription(user)
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with contextlib.suppress(ValueError):
            self._subscriptions.remove(subscription)

    def tell(self, frame: JsonObject, *, who: Callable[[str], bool] = lambda _user: True) -> None:
        for subscription in self._subscriptions:
            if who(subscription.user):
                subscription.push(frame)
        self.wake()

    def tell_one(self, user: str, frame: JsonObject) -> None:
        self.tell(frame, who=lambda someone: someone == user)

    def wake(self) -> None:
        self.changes += 1
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, predicate: Callable[[], bool], *, timeout: float | None) -> None:
        """Returns as soon as the predicate holds; it is asked again after every change. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not predicate():
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter
