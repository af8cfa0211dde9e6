"""One transaction as the desk sees it: what it finds, and writes gathered until they go out together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from routing.contacts import Identity, Reference
from routing.ids import ConversationId, DeliveryId, MessageId, OrganisationId
from routing.jobs import Alert, Topic
from routing.ports import Row
from storage import tables, writes
from storage.blobs import UNUSED_FOR
from storage.finders import SqlFinders
from storage.marking import GATHERED_FOR, INDEX, MARK, MARK_THOSE_OF, mark_of, renamed
from storage.shapes import clean, clean_key, micros, moment, write_mapping
from storage.statements import Bulk
from storage.wire import Batch, Wire

_NOTHING: Mapping[Any, str] = {}
FORGET_BLOBS = "blobs"  # the key of the job that lets go of masked bytes
# Rows whose unique keys come from outside go in by those keys: two transactions that bring the same ones then wait
# for each other instead of standing crosswise.
_IN_KEY_ORDER: dict[type, Callable[[Any], Any]] = {
    Reference: lambda row: row.ref,
    Identity: lambda row: (row.scope, row.address),
}


class SqlTx(SqlFinders):
    def __init__(self, wire: Wire, organisation: OrganisationId, now: int, *, asks_index: bool = True) -> None:
        super().__init__(wire, organisation)
        self.now = now
        self._reply_ids: dict[str, str] = {}
        self._asked: dict[tuple[str, str], int] = {}
        self._alerts: dict[str, Alert] = {}
        self._told: set[str] = set()
        self._read: set[DeliveryId] = set()
        self._set_aside: dict[DeliveryId, str] = {}
        self._masked: set[MessageId] = set()
        self._marks: dict[str, int] = {}
        self._renamed: set[str] = set()
        self._asks_index = asks_index
        self.asked_index = False
        self.topics: set[Topic] = set()

    def add(self, *rows: Row) -> None:
        for row in rows:
            gathered = self._added.setdefault(type(row), {})
            identity = self._identity(row)
            self._mark(row, new=True)
            if identity not in gathered:
                gathered[identity] = row
            elif not isinstance(row, writes.KEEP_FIRST):
                raise ValueError(f"added twice: {identity}")

    def put(self, *rows: Row) -> None:
        for row in rows:
            kind, identity = type(row), self._identity(row)
            self._mark(row, new=False)
            added = self._added.get(kind)
            if added is not None and identity in added:
                added[identity] = row
            else:
                self._changed.setdefault(kind, {})[identity] = row

    def _mark(self, row: Row, *, new: bool) -> None:
        """What can be found of a ticket changes with this row."""
        mark = mark_of(row, new=new)
        if mark is not None:
            ticket, what = mark
            self._marks[ticket] = max(what, self._marks.get(ticket, what))
        elif not new and (contact := renamed(row)) is not None:
            self._renamed.add(contact)

    def _identity(self, row: Row) -> Any:
        if row.organisation != self.organisation:
            raise ValueError(f"a row of {row.organisation} in a transaction of {self.organisation}")
        return tables.TABLES[type(row)][1].identity(row)

    def know_reply_as(self, message: MessageId, conversation: ConversationId, refs: Collection[str]) -> None:
        for ref in refs:
            self._reply_ids.setdefault(clean_key(ref), message)
            self.add(Reference(self.organisation, ref, conversation))

    def ask(self, topic: Topic, key: str, *, due: datetime | None = None) -> None:
        wanted = self.now if due is None else micros(due)
        job = (topic.value, key)
        known = self._asked.get(job)
        if known is None or wanted < known:
            self._asked[job] = wanted
        if wanted <= self.now:
            self.topics.add(topic)

    def raise_alert(self, alert: Alert) -> None:
        key = clean_key(alert.key)
        self._alerts.setdefault(key, alert)
        self.ask(Topic.ALERT, key)

    def alert_told(self, key: str) -> None:
        self._told.add(clean_key(key))

    def settle(self, deliveries: Collection[DeliveryId], *, quarantined: Mapping[DeliveryId, str] = _NOTHING) -> None:
        self._read.update(one for one in deliveries if one not in quarantined)
        self._set_aside.update((one, clean(reason)) for one, reason in quarantined.items())

    async def mask(self, message: MessageId) -> None:
        self._masked.add(message)
        self.ask(Topic.FORGET, FORGET_BLOBS, due=moment(self.now) + UNUSED_FOR)

    async def flush(self) -> None:
        if (self._marks or self._renamed) and self._asks_index:
            self.ask(Topic.INDEX, INDEX, due=moment(self.now) + GATHERED_FOR)
            self.asked_index = True
        batches = list(self._gathered())
        self._added, self._changed = {}, {}
        self._reply_ids, self._asked, self._alerts = {}, {}, {}
        self._read, self._set_aside, self._marks = set(), {}, {}
        if batches:
            await self._wire.flush(batches)
        if self._told:
            told, self._told = list(self._told), set()
            await self._wire.write(writes.ALERTS_TOLD, organisation=self.organisation, told=told, now=self.now)

    async def finish(self) -> None:
        """Writes all that is left. Masking comes last, for it also covers what this very transaction wrote."""
        await self.flush()
        if self._renamed:
            contacts = sorted(self._renamed)
            await self._wire.write(MARK_THOSE_OF, organisation=self.organisation, contacts=contacts, now=self.now)
        if self._masked:
            masked = list(self._masked)
            for statement in writes.MASK:
                await self._wire.write(statement, organisation=self.organisation, masked=masked, now=self.now)

    def _gathered(self) -> "list[Batch]":
        batches: list[Batch] = []
        for kind, (_, shape) in tables.TABLES.items():
            added = self._added.get(kind)
            if added:
                rows = list(added.values())
                if kind in _IN_KEY_ORDER:
                    rows.sort(key=_IN_KEY_ORDER[kind])
                batches.append(Batch(writes.INSERT[kind], shape.spread(rows), len(rows)))
            changed = self._changed.get(kind)
            if changed:
                batches.append(Batch(writes.UPDATE[kind], shape.spread(list(changed.values())), len(changed)))
        if self._reply_ids:
            batches.append(self._batch(writes.KNOW_AS, *zip(*sorted(self._reply_ids.items()), strict=True)))
        if self._alerts:
            keys = sorted(self._alerts)
            whats = [clean(self._alerts[key].what) for key in keys]
            values = [write_mapping(self._alerts[key].values) for key in keys]
            untold = [None] * len(keys)
            batches.append(self._batch(writes.RAISE_ALERT, keys, whats, values, [self.now] * len(keys), untold))
        if self._read:
            batches.append(self._batch(writes.SETTLE, sorted(self._read)))
        if self._set_aside:
            batches.append(self._batch(writes.SET_ASIDE, *zip(*sorted(self._set_aside.items()), strict=True)))
        if self._marks:
            tickets = sorted(self._marks)
            parts = [self._marks[ticket] for ticket in tickets]
            batches.append(self._batch(MARK, tickets, parts, [self.now] * len(tickets)))
        if self._asked:
            jobs = sorted(self._asked)
            dues = [self._asked[job] for job in jobs]
            batches.append(self._batch(writes.ASK, *zip(*jobs, strict=True), dues, [self.now] * len(jobs)))
        return batches

    def _batch(self, bulk: Bulk, *columns: Sequence[Any]) -> Batch:
        count = len(columns[0])
        return Batch(bulk, [[self.organisation] * count, *columns], count)
