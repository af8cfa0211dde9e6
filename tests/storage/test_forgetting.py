"""What a customer took back is removed from the disk too, but never what somebody else still needs."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from routing.errors import Gone
from routing.ids import MessageId, OrganisationId
from routing.jobs import Topic
from routing.ports import Tx
from storage.blobs import UNUSED_FOR, DirectoryBlobs
from storage.forgetting import SqlForgetting
from storage.inbox import SqlInbox
from storage.jobs import SqlJobs
from storage.ledger import INLINE, LedgerWriter, lane_of
from storage.store import SqlStore
from storage.wire import Database
from tests.conftest import ORGANISATION, Clock
from tests.storage.rows import ACCOUNT, a_delivery, a_message, an_attachment, an_item


@pytest.fixture
def forgetting(database: Database, blobs: DirectoryBlobs, clock: Clock) -> SqlForgetting:
    return SqlForgetting(database, ORGANISATION, blobs, clock=clock)


def grow_old(directory: Path) -> None:
    for file in directory.rglob("*"):
        os.utime(file, (0, 0))


async def mask(store: SqlStore, message: MessageId) -> None:
    async def work(tx: Tx) -> None:
        await tx.mask(message)

    await store.transact(work)


async def attach(store: SqlStore, blob: str, message: MessageId) -> None:
    async def work(tx: Tx) -> None:
        tx.add(an_attachment(message=message, blob=blob))

    await store.transact(work)


async def test_a_file_taken_back_is_removed_when_it_has_rested(
    store: SqlStore, jobs: SqlJobs, blobs: DirectoryBlobs, forgetting: SqlForgetting, clock: Clock, tmp_path: Path
) -> None:
    blob = await blobs.put(b"a picture")
    await attach(store, blob, MessageId("m"))
    await mask(store, MessageId("m"))
    assert await jobs.next_due([Topic.FORGET]) == clock.now + UNUSED_FOR
    assert await forgetting.forget() == clock.now + UNUSED_FOR, "the same bytes may just be coming in again"
    assert await blobs.get(blob) == b"a picture"
    grow_old(tmp_path / "blobs")
    assert await forgetting.forget() is None
    with pytest.raises(Gone):
        await blobs.get(blob)
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == []
    assert await forgetting.forget() is None


async def test_the_same_file_in_another_message_stays(
    store: SqlStore, blobs: DirectoryBlobs, forgetting: SqlForgetting, tmp_path: Path
) -> None:
    blob = await blobs.put(b"a logo")
    await attach(store, blob, MessageId("m"))
    await attach(store, blob, MessageId("other"))
    await mask(store, MessageId("m"))
    grow_old(tmp_path / "blobs")
    assert await forgetting.forget() is None
    assert await blobs.get(blob) == b"a logo"
    await mask(store, MessageId("other"))
    assert await forgetting.forget() is None
    with pytest.raises(Gone):
        await blobs.get(blob)


async def test_a_file_that_another_organisation_has_as_well_stays(
    store: SqlStore, database: Database, blobs: DirectoryBlobs, forgetting: SqlForgetting, clock: Clock, tmp_path: Path
) -> None:
    blob = await blobs.put(b"a logo")
    await attach(store, blob, MessageId("m"))
    theirs = SqlStore(database, OrganisationId("stranger"), store._bell, clock=clock)

    async def work(tx: Tx) -> None:
        tx.add(an_attachment(organisation=theirs.organisation, blob=blob))

    await theirs.transact(work)
    await mask(store, MessageId("m"))
    grow_old(tmp_path / "blobs")
    assert await forgetting.forget() is None
    assert await blobs.get(blob) == b"a logo"


async def test_the_raw_body_of_a_large_message_goes_too(
    store: SqlStore,
    ledger: LedgerWriter,
    inbox: SqlInbox,
    forgetting: SqlForgetting,
    tmp_path: Path,
) -> None:
    await ledger.accept(a_delivery("1", body=b"secret" * INLINE))
    (delivery,) = await inbox.waiting(lane_of(ACCOUNT, "conversation"), limit=1, size=1)
    message = a_message(external_id="m1")

    async def work(tx: Tx) -> None:
        tx.add(message, an_item(delivery=delivery.id, external_id="m1"))
        tx.settle([delivery.id])

    await store.transact(work)
    await mask(store, message.id)
    grow_old(tmp_path / "blobs")
    assert await forgetting.forget() is None
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == []


async def test_bytes_put_again_are_young_again(blobs: DirectoryBlobs, tmp_path: Path) -> None:
    blob = await blobs.put(b"again")
    grow_old(tmp_path / "blobs")
    await blobs.put(b"again")
    assert not await blobs.remove(blob, unused_for=timedelta(minutes=1))
    assert await blobs.get(blob) == b"again"


async def test_what_a_crash_left_aside_is_judged_the_next_time(blobs: DirectoryBlobs, tmp_path: Path) -> None:
    blob = await blobs.put(b"aside")
    path = tmp_path / "blobs" / blob[:2] / blob
    path.rename(path.with_name(f".gone-{blob}"))
    assert not await blobs.remove(blob, unused_for=timedelta(minutes=1))
    assert await blobs.get(blob) == b"aside"
    assert await blobs.remove(blob, unused_for=timedelta(0))
    assert await blobs.remove(blob, unused_for=timedelta(0)), "removed already"
