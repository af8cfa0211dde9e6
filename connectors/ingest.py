"""Reads what waits in the ledger and hands it to the desk, one lane at a time, in order."""

import asyncio
import logging
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from prometheus_client import Counter

from connectors.contract import Blobs, Connection, Delivery, Guards
from routing.deliveries import Inbox
from routing.desk.desk import Desk
from routing.desk.receiving import ReadDelivery
from routing.errors import TryLater, Unreadable
from routing.ids import AccountId
from routing.jobs import Job
from routing.messages import Item, ItemRecord, NewAttachment, Received, Report

log = logging.getLogger(__name__)

BATCH = 50
BATCH_BYTES = 32 * 1024 * 1024
BREATH = 0.005  # seconds of reading after which others get their turn: doors share the event loop with it
FILES_AT_ONCE = 8
ITEMS = Counter("madoguchi_items_total", "Items read from deliveries, by outcome", ["outcome"])

Alive = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ingest:
    inbox: Inbox
    desk: Desk
    connections: Mapping[AccountId, Connection]
    blobs: Blobs
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))

    async def work(self, job: Job, alive: Alive) -> None:
        """Empties the lane named by the job's key. May be done twice: what was received is a duplicate by its ids."""
        while waiting := await self.inbox.waiting(job.key, limit=BATCH, size=BATCH_BYTES):
            await self._receive(await self._keep_files(await self._read_all(waiting)))
            await alive()

    async def _read_all(self, waiting: Sequence[Delivery]) -> list[ReadDelivery]:
        """Reads in order."""
        guards = self._guards({delivery.account for delivery in waiting})
        now = asyncio.get_running_loop().time
        read: list[ReadDelivery] = []
        until = now() + BREATH
        for delivery in waiting:
            read.append(await self._read(delivery, guards.get(delivery.account)))
            if now() >= until:
                await asyncio.sleep(0)
                until = now() + BREATH
        return read

    def _guards(self, accounts: Collection[AccountId]) -> dict[AccountId, Guards]:
        """Asked once for a batch: looking for an ability takes as long as reading a short message."""
        connections: dict[AccountId, object] = {account: self.connections.get(account) for account in accounts}
        return {account: one for account, one in connections.items() if isinstance(one, Guards)}

    async def _read(self, delivery: Delivery, guard: Guards | None) -> ReadDelivery:
        if delivery.lost:
            log.error("the body of a delivery is lost", extra={"delivery": delivery.id, "account": delivery.account})
            return _unread(delivery, delivery.lost)
        connection = self.connections.get(delivery.account)
        if connection is None:
            return _unread(delivery, f"the account {delivery.account} is no longer configured")
        try:
            if guard is not None and guard.needs_guard(delivery):
                items = await guard.read_guarded(delivery)
            else:
                items = connection.read(delivery)
        except Unreadable as fault:
            return _unread(delivery, str(fault))
        except TryLater:
            raise
        except Exception as fault:
            log.exception("reader failed", extra={"account": delivery.account, "delivery": delivery.id})
            return _unread(delivery, f"the reader failed: {type(fault).__name__}")
        return ReadDelivery(delivery.id, delivery.account, delivery.received_at, tuple(items))

    async def _keep_files(self, batch: list[ReadDelivery]) -> list[ReadDelivery]:
        """Attachments are stored before they are announced: those of a batch together, for each waits for the disk."""
        holding = [place for place, read in enumerate(batch) if any(_files_of(item) for item in read.items)]
        kept = await asyncio.gather(*(self._with_files_kept(batch[place]) for place in holding))
        for place, read in zip(holding, kept, strict=True):
            batch[place] = read
        return batch

    async def _with_files_kept(self, read: ReadDelivery) -> ReadDelivery:
        return replace(read, items=tuple([await self._with_its_files_kept(item) for item in read.items]))

    async def _with_its_files_kept(self, item: Item) -> Item:
        files = tuple([await self._keep(one) for one in _files_of(item)])
        match item:
            case Received():
                return replace(item, attachments=files)
            case Report(otherwise=Received() as message):
                return replace(item, otherwise=replace(message, attachments=files))
            case _:
                return item

    async def _keep(self, attachment: NewAttachment) -> NewAttachment:
        if attachment.content is None:
            return attachment
        async with self._places:
            blob = await self.blobs.put(attachment.content)
        return replace(attachment, content=None, blob=blob, size=len(attachment.content))

    async def _receive(self, batch: Sequence[ReadDelivery]) -> None:
        """One transaction for all; if that fails, one each, so that a bad one costs nobody else anything."""
        try:
            _count(await self.desk.receive(batch))
        except TryLater:
            raise
        except Exception:
            if len(batch) == 1:
                log.exception("delivery cannot be received", extra={"delivery": batch[0].id})
                _count(await self.desk.receive([replace(batch[0], items=(), fault="it could not be received")]))
                return
            log.warning("batch failed, receiving one by one", extra={"size": len(batch)})
            for delivery in batch:
                await self._receive([delivery])


def _unread(delivery: Delivery, reason: str) -> ReadDelivery:
    return ReadDelivery(delivery.id, delivery.account, delivery.received_at, fault=reason)


def _files_of(item: Item) -> tuple[NewAttachment, ...]:
    match item:
        case Received():
            return item.attachments
        case Report(otherwise=Received() as message):
            return message.attachments
        case _:
            return ()


def _count(records: Sequence[ItemRecord]) -> None:
    for outcome, count in Tally(record.outcome for record in records).items():
        ITEMS.labels(outcome).inc(count)
