"""Keeps our calls within what Slack allows, and says so here instead of asking Slack in vain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from routing.errors import TryLater


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls at once, and then so many a second."""

    burst: float
    per_second: float


# Slack allows about one message a second in a room, with short bursts, and about fifty edits a minute in a workspace.
POSTS = Rate(burst=10, per_second=1.0)
EDITS = Rate(burst=30, per_second=50 / 60)
_MOST_KEYS = 5000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """Token buckets by key; a key can also be closed for a time, when Slack itself asked for patience."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._buckets: dict[str, _Bucket] = {}
        self._closed: dict[str, float] = {}

    def take(self, key: str, rate: Rate) -> None:
        """Counts one call. Raises TryLater when there are none left just now."""
        now = self._now()
        bucket = self._buckets.get(key)
        if bucket is None:
            self._forget_some(now)
            bucket = self._buckets[key] = _Bucket(rate.burst, now)
        bucket.left = min(rate.burst, bucket.left + (now - bucket.at) * rate.per_second)
        bucket.at = now
        if bucket.left < 1:
            wait = (1 - bucket.left) / rate.per_second
            raise TryLater(f"slack {key}: our own pace", after=timedelta(seconds=wait))
        bucket.left -= 1

    def check(self, key: str) -> None:
        """Raises TryLater while the key is closed."""
        left = self._closed.get(key, 0.0) - self._now()
        if left > 0:
            raise TryLater(f"slack {key}: asked for patience", after=timedelta(seconds=left))
        self._closed.pop(key, None)

    def close(self, key: str, wait: timedelta) -> None:
        self._closed[key] = max(self._closed.get(key, 0.0), self._now() + wait.total_seconds())

    def _forget_some(self, now: float) -> None:
        """Rooms come and go; a bucket that stood still for an hour is full again."""
        if len(self._buckets) < _MOST_KEYS:
            return
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket.at < 3600}
