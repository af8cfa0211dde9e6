"""Leases on replying that all processes share: one hash in Redis for each ticket."""

import json
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from routing.ids import AgentId, TicketId
from routing.leases import LONGEST, Lease, Leases, living, taken

log = logging.getLogger(__name__)

_AWAY_SECONDS = 5.0
_OUT_OF_REACH = (RedisError, OSError, TimeoutError)


class RedisLeases:
    """For all processes with the same `prefix`. While Redis is away each process knows its own (`alone`) only."""

    def __init__(self, url: str, *, prefix: str, alone: Leases, clock: Callable[[], datetime]) -> None:
        self._redis: Any = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, decode_responses=True)
        self._prefix = prefix
        self._alone = alone
        self._clock = clock
        self._away_until = -math.inf

    async def take(self, ticket: TicketId, agent: AgentId, name: str) -> Sequence[Lease]:
        """The agent's own lease is written by that agent only, so reading it first is no race."""
        others = await self._alone.take(ticket, agent, name)
        if self._is_away():
            return others
        key, now = self._key(ticket), self._clock()
        try:
            held = _read(await self._redis.hvals(key))
            before = next((one for one in held if one.agent == agent), None)
            await self._redis.hset(key, agent, _write(taken(before, agent, name, now)))
            await self._redis.expire(key, int(LONGEST.total_seconds()) + 1)
        except _OUT_OF_REACH as fault:
            self._note_away(fault)
            return others
        return [one for one in living(held, now) if one.agent != agent]

    async def drop(self, ticket: TicketId, agent: AgentId) -> None:
        await self._alone.drop(ticket, agent)
        if self._is_away():
            return
        try:
            await self._redis.hdel(self._key(ticket), agent)
        except _OUT_OF_REACH as fault:
            self._note_away(fault)

    async def of(self, ticket: TicketId) -> Sequence[Lease]:
        if self._is_away():
            return await self._alone.of(ticket)
        try:
            held = _read(await self._redis.hvals(self._key(ticket)))
        except _OUT_OF_REACH as fault:
            self._note_away(fault)
            return await self._alone.of(ticket)
        return living(held, self._clock())

    def _key(self, ticket: TicketId) -> str:
        return f"{self._prefix}:replying:{ticket}"

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self, fault: Exception) -> None:
        """A dead Redis is asked again once in a while, not by everybody."""
        self._away_until = time.monotonic() + _AWAY_SECONDS
        log.warning("shared leases are out of reach, knowing our own only", extra={"fault": type(fault).__name__})

    async def close(self) -> None:
        await self._redis.aclose()


def _write(lease: Lease) -> str:
    return json.dumps([lease.agent, lease.name, lease.since.isoformat(), lease.until.isoformat()])


def _read(written: Iterable[str]) -> list[Lease]:
    found: list[Lease] = []
    for one in written:
        agent, name, since, until = json.loads(one)
        found.append(Lease(AgentId(agent), name, datetime.fromisoformat(since), datetime.fromisoformat(until)))
    return found
