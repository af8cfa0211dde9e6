"""Limits that all processes share: token buckets in Redis."""

import logging
import math
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from routing.rates import Rates, Share

log = logging.getLogger(__name__)

_AWAY_SECONDS = 5.0

# Redis' own clock counts, so that processes whose clocks differ share one bucket. A bucket that would be full again is
# forgotten: that is the same. Of several buckets all are taken from, or none.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local wait, filled = 0, {}
for place, key in ipairs(KEYS) do
  local first = (place - 1) * 3
  local burst, rate, reserve = tonumber(ARGV[first + 1]), 0, tonumber(ARGV[first + 3])
  rate = burst / tonumber(ARGV[first + 2])
  local kept = redis.call('HMGET', key, 'tokens', 'at', 'shut')
  local tokens, since, shut = tonumber(kept[1]) or burst, tonumber(kept[2]) or now, tonumber(kept[3]) or 0
  tokens = math.min(burst, tokens + math.max(0, now - since) * rate)
  wait = math.max(wait, (math.min(burst, 1 + reserve) - tokens) / rate, shut - now)
  filled[place] = {tokens, rate, burst, shut}
end
for place, key in ipairs(KEYS) do
  local tokens, rate, burst, shut = unpack(filled[place])
  if wait <= 0 then tokens = tokens - 1 end
  redis.call('HSET', key, 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
  local kept_for = math.max((burst - tokens) / rate, shut - now)
  redis.call('PEXPIRE', key, math.ceil(kept_for * 1000) + 1000)
end
return tostring(math.max(0, wait))
"""
_SHUT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local shut = math.max(tonumber(redis.call('HGET', KEYS[1], 'shut')) or 0, now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'shut', string.format('%.6f', shut))
local left = math.max(redis.call('PTTL', KEYS[1]), math.ceil((shut - now) * 1000) + 1000)
redis.call('PEXPIRE', KEYS[1], left)
"""


class RedisRates:
    """For all processes with the same `prefix`. While Redis is away each process counts `alone`; and a shut key is
    remembered there too, so that a Redis that forgets does not make us ask in vain."""

    def __init__(self, url: str, *, prefix: str, alone: Rates) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._take: Any = self._redis.register_script(_TAKE)
        self._shut: Any = self._redis.register_script(_SHUT)
        self._prefix = prefix
        self._alone = alone
        self._away_until = -math.inf

    async def take(self, key: str, *, allowance: int, per: timedelta) -> timedelta:
        return await self.take_all([Share(key, allowance, per)])

    async def take_all(self, shares: Sequence[Share]) -> timedelta:
        """Takes every share or none. Returns how long to wait for them: nothing when they were taken."""
        if time.monotonic() < self._away_until:
            return await self._alone.take_all(shares)
        asked = [value for one in shares for value in (one.allowance, one.per.total_seconds(), one.reserve)]
        try:
            wait = await self._take(keys=[self._key(one.key) for one in shares], args=asked)
        except (RedisError, OSError, TimeoutError) as fault:
            self._note_away(fault)
            return await self._alone.take_all(shares)
        return timedelta(seconds=float(wait))

    async def shut(self, key: str, wait: timedelta) -> None:
        """Nobody gets anything of this key for so long."""
        await self._alone.shut(key, wait)
        if time.monotonic() < self._away_until:
            return
        try:
            await self._shut(keys=[self._key(key)], args=[wait.total_seconds()])
        except (RedisError, OSError, TimeoutError) as fault:
            self._note_away(fault)

    def _key(self, key: str) -> str:
        return f"{self._prefix}:limit:{key}"

    def _note_away(self, fault: Exception) -> None:
        """A dead Redis is asked again once in a while, not by everybody."""
        self._away_until = time.monotonic() + _AWAY_SECONDS
        log.warning("shared limits are out of reach, counting alone", extra={"fault": type(fault).__name__})

    async def close(self) -> None:
        await self._redis.aclose()
