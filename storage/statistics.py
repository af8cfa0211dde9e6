"""Tells PostgreSQL early what our tables look like, while they grow from nothing.

Without statistics it guesses that one organisation owns one row in two hundred, plans for that, and keeps the plan. Its
own autovacuum comes by once a minute: too late for a house that starts with a full mailbox.
"""

import asyncio
import logging
from asyncio import Task
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has none; what leaves this module is typed

from storage.tables import METADATA

log = logging.getLogger(__name__)

_AFTER_ROWS = (200, 2_000, 20_000)
_GROWN = 100_000
_LARGEST = "SELECT coalesce(max(reltuples), 0) FROM pg_class WHERE oid = ANY($1::regclass[])"


class Statistics:
    """Counts the rows that this process writes, and has them looked at when they became many more."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._connect = connect
        self._written = 0
        self._left = list(_AFTER_ROWS)
        self._looking: Task[None] | None = None

    def wrote(self, rows: int) -> None:
        self._written += rows
        if self._left and self._written >= self._left[0] and (self._looking is None or self._looking.done()):
            self._left = [more for more in self._left if more > self._written]
            self._looking = asyncio.create_task(self._look(), name="statistics")

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def _look(self) -> None:
        names = list(METADATA.tables)
        try:
            async with self._connect() as connection:
                if await connection.fetchval(_LARGEST, names) >= _GROWN:
                    self._left = []  # grown long ago: its statistics are there
                    return
                await connection.execute(f"ANALYZE {', '.join(names)}")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("statistics could not be gathered", extra={"fault": repr(error)})
