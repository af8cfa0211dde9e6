"""Limits that all processes share: token buckets in Redis."""

import logging
import math
import time
from datetime import timedelta
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_AWAY_SECONDS = 5.0

# Redis' own clock counts, so that processes whose clocks differ share one bucket. A bucket that would be full again is
# forgotten: that is the same.
_TAKE = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[1]) / tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, since = tonumber(kept[1]) or burst, tonumber(kept[2]) or at
tokens = math.min(burst, tokens + math.max(0, at - since) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return tostring(wait)
"""


class Alone(Protocol):
    """How a process counts by itself."""

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta: ...


class RedisRates:
    """For all processes with the same `prefix`. While Redis is away each process counts `alone`."""

    def __init__(self, url: str, *, prefix: str, alone: Alone) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._take: Any = self._redis.register_script(_TAKE)
        self._prefix = prefix
        self._alone = alone
        self._away_until = -math.inf

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        """Takes one of `allowance` permissions that come back evenly over `per`. Returns how long to wait for the next
        one: nothing when there was one to take."""
        if time.monotonic() < self._away_until:
            return await self._alone.take(key, allowance=allowance, per=per)
        try:
            wait = await self._take(keys=[f"{self._prefix}:limit:{key}"], args=[allowance, per.total_seconds()])
        except (RedisError, OSError, TimeoutError) as fault:
            # A dead Redis is asked again once in a while, not by everybody.
            self._away_until = time.monotonic() + _AWAY_SECONDS
            log.warning("shared limits are out of reach, counting alone", extra={"fault": type(fault).__name__})
            return await self._alone.take(key, allowance=allowance, per=per)
        return timedelta(seconds=float(wait))

    async def close(self) -> None:
        await self._redis.aclose()
