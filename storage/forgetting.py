"""Lets go of the bytes that customers took back, once nothing points at them any more."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, literal_column, select, union_all

from routing.ids import OrganisationId
from routing.ports import Urgency
from storage.blobs import UNUSED_FOR, Blobs
from storage.reads import ours
from storage.statements import Statement
from storage.tables import ATTACHMENTS, DELIVERIES, HAS_BLOB, MASKED_BLOBS
from storage.wire import Database

_ONE = literal_column("1", BigInteger)
_MASKED = Statement(select(MASKED_BLOBS.c.blob).where(ours(MASKED_BLOBS)))
# Whoever's they are: organisations of one house share their blob store.
_POINTED_AT = Statement(
    union_all(
        select(_ONE).where(ATTACHMENTS.c.blob == bindparam("its_blob"), HAS_BLOB),
        select(_ONE).where(DELIVERIES.c.blob == bindparam("its_blob"), HAS_BLOB),
    ).limit(_ONE)
)
_DONE = Statement(
    delete(MASKED_BLOBS).where(ours(MASKED_BLOBS), MASKED_BLOBS.c.blob == bindparam("its_blob")).returning(_ONE)
)


class SqlForgetting:
    def __init__(
        self, database: Database, organisation: OrganisationId, blobs: Blobs, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._organisation = organisation
        self._blobs = blobs
        self._clock = clock

    async def forget(self) -> datetime | None:
        """Removes what it may. Returns when to come back for what is too fresh, or None when nothing is left."""
        left = False
        for (blob,) in await self._database.read_once(_MASKED, organisation=self._organisation):
            pointed_at = await self._database.read_once(_POINTED_AT, its_blob=blob)
            if not pointed_at and not await self._blobs.remove(blob, unused_for=UNUSED_FOR):
                left = True
                continue
            await self._database.write_once(_DONE, urgency=Urgency.WORK, organisation=self._organisation, its_blob=blob)
        return self._clock() + UNUSED_FOR if left else None
