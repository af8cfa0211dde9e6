"""The memory of one organisation: runs works in transactions, again when others got in between."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from routing.errors import TryLater
from routing.ids import OrganisationId
from routing.ports import Bell, Reads, Tx, Urgency
from storage.reads import SqlReads
from storage.shapes import micros
from storage.tx import SqlTx
from storage.wire import Database, Interfered, Wire

T = TypeVar("T")

_TRIES = 5
_PAUSE = 0.005
_ASKS_EVERY = 250_000  # microseconds


class SqlStore:
    def __init__(
        self, database: Database, organisation: OrganisationId, bell: Bell, *, clock: Callable[[], datetime]
    ) -> None:
        self.organisation = organisation
        self._database = database
        self._bell = bell
        self._clock = clock
        self._asked_index: int | None = None

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        for tried in range(_TRIES):
            try:
                return await self._once(work, urgency)
            except Interfered as interference:
                if not interference.again:
                    raise
                last = interference
            # Without chance in it, those who ran into each other would meet again.
            await asyncio.sleep(random.uniform(0, _PAUSE * 2**tried))  # noqa: S311  chance, not secrecy
        if last.key_taken:
            raise last
        raise TryLater("other transactions keep getting in between")

    async def _once(self, work: Callable[[Tx], Awaitable[T]], urgency: Urgency) -> T:
        async def within(wire: Wire) -> tuple[T, SqlTx]:
            now = micros(self._clock())
            tx = SqlTx(wire, self.organisation, now, asks_index=self._asks_index(now))
            result = await work(tx)
            await tx.finish()
            return result, tx

        result, tx = await self._database.transact(within, urgency=urgency)
        if tx.asked_index:
            self._asked_index = tx.now
        if tx.topics:
            await self._bell.ring(tx.topics)
        return result

    def _asks_index(self, now: int) -> bool:
        """All transactions that change tickets would wait for the row of the one job that indexes them, so only now and
        then one asks for it. The job comes again by itself for what was marked meanwhile."""
        return self._asked_index is None or abs(now - self._asked_index) >= _ASKS_EVERY

    async def look(self, work: Callable[[Reads], Awaitable[T]]) -> T:
        return await self._database.look(lambda wire: work(SqlReads(wire, self.organisation)))
