"""The ledger as those see it who read it: what waits in a lane, what was set aside, and the figures."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from routing.deliveries import Delivery, Figures, Quarantined
from routing.errors import Gone
from routing.ids import AccountId, DeliveryId, OrganisationId
from routing.messages import Outcome
from routing.ports import Urgency
from storage import tables, writes
from storage.blobs import Blobs
from storage.reads import ours
from storage.shapes import micros, moment
from storage.statements import Among, Statement
from storage.tables import DELIVERIES, ITEMS
from storage.wire import Database, Wire

_d = DELIVERIES
_WHOLE = (_d.c.id, _d.c.account, _d.c.headers, _d.c.body, _d.c.blob, _d.c.received_at)
_NEXT = Statement(
    select(_d.c.id, _d.c.size)
    .where(ours(_d), _d.c.lane == bindparam("its_lane"), tables.WAITS)
    .order_by(_d.c.id)
    .limit(bindparam("most"))
)
_BODIES = Statement(select(*_WHOLE).where(ours(_d), Among(_d.c.id, "ids")).order_by(_d.c.id))
_SET_ASIDE = Statement(
    select(_d.c.id, _d.c.account, _d.c.received_at, _d.c.size, _d.c.fault)
    .where(ours(_d), tables.SET_ASIDE)
    .order_by(_d.c.id)
    .limit(bindparam("most"))
)
_ONE_SET_ASIDE = Statement(select(*_WHOLE).where(ours(_d), Among(_d.c.id, "ids"), tables.SET_ASIDE))
_PUT_BACK = (
    update(_d)
    .where(ours(_d), tables.SET_ASIDE)
    .values(state=writes.word(tables.WAITING), fault=writes.word(""))
    .returning(_d.c.lane, _d.c.id)
)
_RETRY_ALL = Statement(_PUT_BACK)
_RETRY = Statement(_PUT_BACK.where(Among(_d.c.id, "ids")))
# What stands for a delivery while it is set aside makes room for its items.
_UNNOTE = Statement(
    delete(ITEMS).where(
        ours(ITEMS), Among(ITEMS.c.delivery, "ids"), ITEMS.c.outcome == writes.word(Outcome.QUARANTINED)
    )
)
_OUTCOMES = Statement(select(ITEMS.c.outcome, func.count()).where(ours(ITEMS)).group_by(ITEMS.c.outcome))
_COUNTS = Statement(
    select(
        select(func.count()).select_from(_d).where(ours(_d)).scalar_subquery(),
        select(func.coalesce(func.sum(_d.c.repeats), 0)).where(ours(_d), tables.CAME_AGAIN).scalar_subquery(),
        select(func.count()).select_from(_d).where(ours(_d), tables.WAITS).scalar_subquery(),
        select(func.count()).select_from(_d).where(ours(_d), tables.SET_ASIDE).scalar_subquery(),
    )
)


class SqlInbox:
    def __init__(
        self, database: Database, organisation: OrganisationId, blobs: Blobs, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._organisation = organisation
        self._blobs = blobs
        self._clock = clock

    async def waiting(self, lane: str, *, limit: int, size: int) -> Sequence[Delivery]:
        async def read(wire: Wire) -> Sequence[Sequence[Any]]:
            waiting = await wire.rows(_NEXT, organisation=self._organisation, its_lane=lane, most=limit)
            # The first one comes however large it is, or it would wait for ever.
            ends = accumulate(row[1] for row in waiting)
            together = enumerate(zip(waiting, ends, strict=True))
            ids = [row[0] for place, (row, end) in together if not place or end <= size]
            return await wire.slow_rows(_BODIES, organisation=self._organisation, ids=ids) if ids else []

        return [await self._delivery(row) for row in await self._database.look(read)]

    async def quarantine(self, *, limit: int) -> Sequence[Quarantined]:
        rows = await self._database.read_once(_SET_ASIDE, organisation=self._organisation, most=limit)
        return [Quarantined(DeliveryId(row[0]), AccountId(row[1]), moment(row[2]), *row[3:]) for row in rows]

    async def quarantined(self, delivery: DeliveryId) -> Delivery | None:
        rows = await self._database.read_once(_ONE_SET_ASIDE, organisation=self._organisation, ids=[delivery])
        return await self._delivery(rows[0]) if rows else None

    async def retry(self, ids: Collection[DeliveryId] | None = None) -> int:
        named = {} if ids is None else {"ids": list(ids)}
        statement = _RETRY_ALL if ids is None else _RETRY

        async def put_back(wire: Wire) -> int:
            back = await wire.rows(statement, organisation=self._organisation, **named)
            lanes = sorted({row[0] for row in back})
            if lanes:
                await wire.write(_UNNOTE, organisation=self._organisation, ids=[row[1] for row in back])
                await wire.flush([writes.asks_to_read(self._organisation, lanes, micros(self._clock()))])
            return len(back)

        return await self._database.transact(put_back, urgency=Urgency.WORK)

    async def figures(self) -> Figures:
        async def count(wire: Wire) -> Figures:
            ((deliveries, repeats, waiting, set_aside),) = await wire.slow_rows(
                _COUNTS, organisation=self._organisation
            )
            outcomes = await wire.slow_rows(_OUTCOMES, organisation=self._organisation)
            counted = {Outcome(row[0]): int(row[1]) for row in outcomes}
            return Figures(
                deliveries=int(deliveries),
                repeats=int(repeats),
                waiting=int(waiting),
                quarantined_deliveries=int(set_aside),
                outcomes={outcome: counted.get(outcome, 0) for outcome in Outcome},
            )

        return await self._database.look(count)

    async def _delivery(self, row: Sequence[Any]) -> Delivery:
        id_, account, headers, body, blob, received_at = tuple(row)[:6]
        lost = ""
        try:
            body = await self._blobs.get(blob) if blob else bytes(body)
        except Gone as fault:
            # The others of its lane are read all the same; this one goes where somebody sees that it is missing.
            body, lost = b"", str(fault)
        return Delivery(
            id=DeliveryId(id_),
            organisation=self._organisation,
            account=AccountId(account),
            headers=json.loads(headers),
            body=body,
            received_at=moment(received_at),
            lost=lost,
        )
