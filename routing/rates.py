"""Limits how often something may be done: buckets of permissions that refill steadily, one for each key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

MOST_KEYS = 10_000
NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Share:
    """One permission out of a bucket of `allowance`, which come back evenly over `per`. It is only given while at least
    `reserve` others would be left, for those who are more urgent."""

    key: str
    allowance: int
    per: timedelta
    reserve: int = 0

    def wait(self, left: float) -> timedelta:
        """How long until this share can be had when `left` permissions are in the bucket."""
        missing = min(self.allowance, 1 + self.reserve) - left
        return missing * self.per / self.allowance if missing > 0 else NO_WAIT


class Rates(Protocol):
    """Counts for one process or, where many share the work, for all of them."""

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        """Takes one of `allowance` permissions that come back evenly over `per`. Returns how long to wait for the next
        one: nothing when there was one to take."""
        ...

    async def take_all(self, shares: Sequence[Share]) -> timedelta:
        """Takes every share, or none of them. Returns how long to wait until all could be had: nothing when they were
        taken."""
        ...

    async def shut(self, key: str, wait: timedelta) -> None:
        """Nobody gets anything of this key for so long: the other side asked for patience. A longer wait stands."""
        ...


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime
    shut_until: datetime | None = None


class LocalRates:
    """Counts for this process, for at most ten thousand keys: when more come, those unused for longest start anew."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        return await self.take_all([Share(key, allowance, per)])

    async def take_all(self, shares: Sequence[Share]) -> timedelta:
        now = self._clock()
        buckets = [self._filled(share, now) for share in shares]
        wait = max((_wait(share, one, now) for share, one in zip(shares, buckets, strict=True)), default=NO_WAIT)
        if not wait:
            for one in buckets:
                one.left -= 1
        return wait

    async def shut(self, key: str, wait: timedelta) -> None:
        now = self._clock()
        bucket = self._bucket(key, _Bucket(0.0, now))
        bucket.shut_until = max(bucket.shut_until or now, now + wait)

    def _filled(self, share: Share, now: datetime) -> _Bucket:
        bucket = self._bucket(share.key, _Bucket(float(share.allowance), now))
        back = share.allowance * (max(NO_WAIT, now - bucket.at) / share.per)
        bucket.left, bucket.at = min(float(share.allowance), bucket.left + back), now
        return bucket

    def _bucket(self, key: str, new: _Bucket) -> _Bucket:
        bucket = self._buckets[key] = self._buckets.pop(key, new)
        if len(self._buckets) > MOST_KEYS:
            del self._buckets[next(iter(self._buckets))]
        return bucket


def _wait(share: Share, bucket: _Bucket, now: datetime) -> timedelta:
    shut = bucket.shut_until - now if bucket.shut_until is not None else NO_WAIT
    return max(share.wait(bucket.left), shut, NO_WAIT)
