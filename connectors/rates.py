"""Limits how often something may be done: one bucket of permissions per key, refilled steadily."""

import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

MOST_KEYS = 10_000


class Rates(Protocol):
    """Counts for one process or, where many share the work, for all of them."""

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        """Takes one of `allowance` permissions that come back evenly over `per`. Returns how long to wait for the next
        one: nothing when there was one to take."""
        ...


class LocalRates:
    """Counts for this process, for at most ten thousand keys: when more come, those unused for longest start anew."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, datetime]] = {}

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        now = self._clock()
        left, at = self._buckets.pop(key, (float(allowance), now))
        left = min(float(allowance), left + allowance * (max(timedelta(0), now - at) / per))
        wait = timedelta(0) if left >= 1 else (1 - left) * per / allowance
        self._buckets[key] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > MOST_KEYS:
            del self._buckets[next(iter(self._buckets))]
        return wait


def neighbourhood(remote: str) -> str:
    """Whom to count as one: an IPv4 address, or the /64 that an IPv6 connection is given as a whole."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
