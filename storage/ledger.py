"""Keeps what doors are handed: deliveries that arrive together are committed together, by one fsync."""

import asyncio
import logging
from asyncio import Future, Task
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from routing.deliveries import NewDelivery, Receipt
from routing.errors import MadoguchiError, TryLater
from routing.ids import AccountId, OrganisationId, new_id
from routing.jobs import Topic
from routing.ports import Bell
from storage.blobs import Blobs
from storage.keeping import COLUMNS, keep
from storage.shapes import clean_key, micros, write_exactly
from storage.wire import Database, Interfered

log = logging.getLogger(__name__)

LANES = 16
INLINE = 64 * 1024
_TRIES = 3
_GROUP = 512
_GROUP_BYTES = 8 * 2**20


def lane_of(account: AccountId, lane: str) -> str:
    """The two digits that deliveries of one conversation share for ever, in every process."""
    return f"{crc32(chr(0).join((account, lane)).encode('utf-8', 'surrogatepass')) % LANES:02d}"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery on its way to disk, as a row, and who waits for its receipt."""

    row: tuple[Any, ...]
    size: int
    receipt: "Future[Receipt]"


class LedgerWriter:
    """While one group is being committed the next one gathers. `most` and `most_bytes` bound what may wait in memory;
    beyond them, and when the database cannot be had, `accept` raises TryLater and nothing was kept."""

    def __init__(
        self,
        database: Database,
        organisation: OrganisationId,
        bell: Bell,
        blobs: Blobs,
        *,
        clock: Callable[[], datetime],
        most: int = 10_000,
        most_bytes: int = 64 * 2**20,
    ) -> None:
        self._database = database
        self._organisation = organisation
        self._bell = bell
        self._blobs = blobs
        self._clock = clock
        self._most = most
        self._most_bytes = most_bytes
        self._line: deque[_Waiting] = deque()
        self._bytes = 0
        self._writing: Task[None] | None = None

    async def accept(self, delivery: NewDelivery) -> Receipt:
        size = len(delivery.body)
        if len(self._line) >= self._most or self._bytes + size > self._most_bytes:
            raise TryLater("the ledger has as much to write as it can", after=timedelta(seconds=1))
        self._bytes += size
        try:
            blob = await self._blobs.put(delivery.body) if size > INLINE else ""
            receipt: Future[Receipt] = asyncio.get_running_loop().create_future()
            self._line.append(_Waiting(_row(delivery, blob), size, receipt))
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write(), name="ledger")
            return await receipt
        except OSError as error:
            raise TryLater(f"the body could not be stored: {error}") from error
        finally:
            self._bytes -= size

    async def close(self) -> None:
        """Returns when everything accepted so far has its receipt."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._line:
            group = self._next_group()
            try:
                kept = await self._keep(group)
            except MadoguchiError as error:
                _fail(group, error)
            except Exception as error:  # noqa: BLE001  whatever it is, the waiting ones must be told
                if len(group) == 1:
                    _fail(group, error)
                    continue
                log.warning(
                    "a group of deliveries was refused, trying one by one", extra={"fault": type(error).__name__}
                )
                await self._write_one_by_one(group)
            else:
                for one in group:
                    if not one.receipt.done():
                        one.receipt.set_result(Receipt.KEPT if one.row[0] in kept else Receipt.REPEAT)
                if kept:
                    await self._bell.ring((Topic.INGEST,))

    async def _write_one_by_one(self, group: Sequence[_Waiting]) -> None:
        """So that a row no database takes fails nobody but itself."""
        for one in group:
            try:
                kept = await self._keep([one])
            except Exception as error:  # noqa: BLE001  whatever it is, the waiting one must be told
                _fail([one], error)
            else:
                if not one.receipt.done():
                    one.receipt.set_result(Receipt.KEPT if kept else Receipt.REPEAT)
        await self._bell.ring((Topic.INGEST,))

    async def _keep(self, group: Sequence[_Waiting]) -> set[str]:
        columns = dict(zip(COLUMNS, zip(*[one.row for one in group], strict=True), strict=True))
        for _ in range(_TRIES):
            try:
                return await keep(self._database, self._organisation, columns, micros(self._clock()))
            except Interfered as interference:
                last = interference
        raise TryLater(f"the ledger could not be written: {last}")

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._line and len(group) < _GROUP and (not group or size + self._line[0].size <= _GROUP_BYTES):
            one = self._line.popleft()
            if one.receipt.cancelled():
                continue  # the other side has gone, nobody would hear the receipt
            group.append(one)
            size += one.size
        return group


def _row(delivery: NewDelivery, blob: str) -> tuple[Any, ...]:
    """In the order of COLUMNS."""
    return (
        new_id(),
        delivery.account,
        clean_key(delivery.provider_id),
        lane_of(delivery.account, delivery.lane),
        micros(delivery.received_at),
        len(delivery.body),
        blob,
        write_exactly(delivery.headers),
        b"" if blob else delivery.body,
    )


def _fail(group: Sequence[_Waiting], error: Exception) -> None:
    for one in group:
        if not one.receipt.done():
            one.receipt.set_exception(error)
