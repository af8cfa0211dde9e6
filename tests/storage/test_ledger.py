"""What a door hands over is on disk when it has its receipt, once, and comes back whole and in order."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from routing.deliveries import Receipt
from routing.errors import TryLater
from routing.ids import AccountId, DeliveryId
from routing.jobs import Topic
from routing.messages import Outcome
from routing.ports import Tx, Urgency
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.inbox import SqlInbox
from storage.jobs import SqlJobs
from storage.ledger import INLINE, LANES, LedgerWriter, lane_of
from storage.sqlite import SqliteDatabase
from storage.store import SqlStore
from storage.wire import Database
from tests.conftest import ORGANISATION, Clock
from tests.storage.rows import ACCOUNT, NOON, a_delivery, an_item

LANE = lane_of(ACCOUNT, "conversation")


async def settle(store: SqlStore, *ids: DeliveryId, quarantined: dict[DeliveryId, str] | None = None) -> None:
    async def work(tx: Tx) -> None:
        tx.settle(ids, quarantined=quarantined or {})

    await store.transact(work)


async def test_a_delivery_comes_back_as_it_was_handed_over(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    headers = {"x-line-signature": "abc=", "subject": "日本語 \0 \ud800"}
    given = a_delivery("1", headers=headers, body=b"\x00\xff raw bytes")
    assert await ledger.accept(given) is Receipt.KEPT
    (kept,) = await inbox.waiting(LANE, limit=10, size=1_000_000)
    assert (kept.account, kept.headers, kept.body, kept.received_at) == (ACCOUNT, headers, given.body, NOON)


async def test_the_same_delivery_again_is_a_repeat_and_kept_once(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    receipts = [await ledger.accept(a_delivery("1")) for _ in range(3)]
    assert receipts == [Receipt.KEPT, Receipt.REPEAT, Receipt.REPEAT]
    figures = await inbox.figures()
    assert (figures.deliveries, figures.repeats, figures.waiting) == (1, 2, 1)


async def test_of_twenty_simultaneous_copies_one_is_kept(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    receipts = await asyncio.gather(*(ledger.accept(a_delivery("1")) for _ in range(20)))
    assert sorted(receipts) == [Receipt.KEPT] + [Receipt.REPEAT] * 19
    figures = await inbox.figures()
    assert (figures.deliveries, figures.repeats) == (1, 19)


async def test_the_same_id_at_another_account_is_another_delivery(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    await ledger.accept(a_delivery("1"))
    assert await ledger.accept(a_delivery("1", account=AccountId("sales"))) is Receipt.KEPT
    assert (await inbox.figures()).deliveries == 2


async def test_a_lane_is_read_in_the_order_of_arrival(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    await asyncio.gather(*(ledger.accept(a_delivery(str(number), body=b"%d" % number)) for number in range(100)))
    read = await inbox.waiting(LANE, limit=1_000, size=1_000_000)
    assert [one.body for one in read] == [b"%d" % number for number in range(100)]


async def test_every_lane_with_something_to_read_has_its_job(ledger: LedgerWriter, jobs: SqlJobs) -> None:
    deliveries = [a_delivery(str(number), lane=f"customer {number}") for number in range(40)]
    await asyncio.gather(*(ledger.accept(one) for one in deliveries))
    taken = await jobs.take([Topic.INGEST], limit=100, lease=timedelta(minutes=1))
    assert {job.key for job in taken} == {lane_of(one.account, one.lane) for one in deliveries}
    assert len(taken) <= LANES
    assert all(len(job.key) == 2 for job in taken)


async def test_reading_takes_as_much_as_asked_for_but_always_something(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    for number in range(5):
        await ledger.accept(a_delivery(str(number), body=bytes(1_000)))
    assert len(await inbox.waiting(LANE, limit=3, size=1_000_000)) == 3
    assert len(await inbox.waiting(LANE, limit=10, size=2_500)) == 2
    assert len(await inbox.waiting(LANE, limit=10, size=1)) == 1


async def test_a_large_body_stands_in_the_blob_store_and_comes_back(
    ledger: LedgerWriter, inbox: SqlInbox, tmp_path: Path
) -> None:
    body = bytes(range(256)) * (INLINE // 256 + 1)
    await ledger.accept(a_delivery("1", body=body))
    (kept,) = await inbox.waiting(LANE, limit=1, size=1)
    assert kept.body == body
    assert [file.read_bytes() for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == [body]


async def test_a_row_that_no_database_takes_fails_nobody_else(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    good = [a_delivery(str(number)) for number in range(10)]
    bad = a_delivery("bad", account=AccountId("\ud800"))
    receipts = await asyncio.gather(
        *(ledger.accept(one) for one in [*good[:5], bad, *good[5:]]), return_exceptions=True
    )
    assert isinstance(receipts[5], Exception)
    assert receipts[:5] + receipts[6:] == [Receipt.KEPT] * 10
    assert (await inbox.figures()).deliveries == 10


async def test_a_ledger_with_enough_to_do_asks_for_patience(
    database: Database, bell: LocalBell, blobs: DirectoryBlobs, clock: Clock, inbox: SqlInbox
) -> None:
    ledger = LedgerWriter(database, ORGANISATION, bell, blobs, clock=clock, most=3)
    receipts = await asyncio.gather(
        *(ledger.accept(a_delivery(str(number))) for number in range(5)), return_exceptions=True
    )
    assert receipts[:3] == [Receipt.KEPT] * 3
    assert all(isinstance(one, TryLater) for one in receipts[3:])
    assert await ledger.accept(a_delivery("4")) is Receipt.KEPT
    assert (await inbox.figures()).deliveries == 4


async def test_a_body_larger_than_the_memory_for_waiting_is_turned_away(
    database: Database, bell: LocalBell, blobs: DirectoryBlobs, clock: Clock
) -> None:
    ledger = LedgerWriter(database, ORGANISATION, bell, blobs, clock=clock, most_bytes=1_000)
    with pytest.raises(TryLater):
        await ledger.accept(a_delivery("1", body=bytes(1_001)))
    assert await ledger.accept(a_delivery("1", body=bytes(999))) is Receipt.KEPT


async def test_a_blob_store_that_cannot_be_written_keeps_nothing(
    database: Database, bell: LocalBell, clock: Clock, tmp_path: Path, inbox: SqlInbox
) -> None:
    (tmp_path / "occupied").write_text("a file where a directory should be")
    ledger = LedgerWriter(database, ORGANISATION, bell, DirectoryBlobs(tmp_path / "occupied"), clock=clock)
    with pytest.raises(TryLater):
        await ledger.accept(a_delivery("1", body=bytes(INLINE + 1)))
    assert (await inbox.figures()).deliveries == 0


async def test_somebody_who_hung_up_is_not_waited_for(ledger: LedgerWriter, inbox: SqlInbox) -> None:
    gone = asyncio.ensure_future(ledger.accept(a_delivery("1")))
    stays = asyncio.ensure_future(ledger.accept(a_delivery("2")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays is Receipt.KEPT
    assert await ledger.accept(a_delivery("3")) is Receipt.KEPT


async def test_accepting_rings_the_bell(ledger: LedgerWriter, bell: LocalBell) -> None:
    waiting = asyncio.ensure_future(bell.wait(timeout=timedelta(seconds=5)))
    await ledger.accept(a_delivery("1"))
    async with asyncio.timeout(2):
        await waiting


async def test_a_delivery_that_was_read_waits_no_more(ledger: LedgerWriter, inbox: SqlInbox, store: SqlStore) -> None:
    await ledger.accept(a_delivery("1"))
    (kept,) = await inbox.waiting(LANE, limit=1, size=1)
    await settle(store, kept.id)
    assert await inbox.waiting(LANE, limit=1, size=1) == []
    assert (await inbox.figures()).waiting == 0


async def test_what_cannot_be_read_is_set_aside_whole_and_can_be_tried_again(
    ledger: LedgerWriter, inbox: SqlInbox, store: SqlStore, jobs: SqlJobs
) -> None:
    await ledger.accept(a_delivery("1", body=b"odd"))
    (kept,) = await inbox.waiting(LANE, limit=1, size=1)
    (job,) = await jobs.take([Topic.INGEST], limit=1, lease=timedelta(minutes=1))
    await settle(store, kept.id, quarantined={kept.id: "too odd \0"})
    await jobs.finish(job)
    (aside,) = await inbox.quarantine(limit=10)
    assert (aside.id, aside.account, aside.size, aside.reason) == (kept.id, kept.account, 3, "too odd \ufffd")
    assert await inbox.quarantined(kept.id) == kept
    assert await inbox.quarantined(DeliveryId("unknown")) is None
    assert (await inbox.figures()).quarantined_deliveries == 1
    assert await inbox.waiting(LANE, limit=1, size=1) == []

    assert await inbox.retry([kept.id, DeliveryId("unknown")]) == 1
    assert await inbox.waiting(LANE, limit=1, size=1) == [kept]
    assert [job.key for job in await jobs.take([Topic.INGEST], limit=1, lease=timedelta(minutes=1))] == [LANE]
    assert await inbox.quarantine(limit=10) == []
    assert await inbox.quarantined(kept.id) is None
    assert await inbox.retry([kept.id]) == 0, "it is not set aside any more"
    assert await inbox.retry() == 0


async def test_the_figures_say_what_became_of_every_item(inbox: SqlInbox, store: SqlStore) -> None:
    async def work(tx: Tx) -> None:
        for number, outcome in enumerate([Outcome.TICKETED, Outcome.TICKETED, Outcome.APPENDED, Outcome.DUPLICATE]):
            tx.add(an_item(external_id=str(number), outcome=outcome))

    await store.transact(work)
    outcomes = (await inbox.figures()).outcomes
    assert set(outcomes) == set(Outcome)
    assert {outcome: count for outcome, count in outcomes.items() if count} == {
        Outcome.TICKETED: 2,
        Outcome.APPENDED: 1,
        Outcome.DUPLICATE: 1,
    }


async def test_another_organisation_sees_nothing_of_it(
    ledger: LedgerWriter, database: Database, blobs: DirectoryBlobs, clock: Clock
) -> None:
    await ledger.accept(a_delivery("1"))
    stranger = SqlInbox(database, type(ORGANISATION)("stranger"), blobs, clock=clock)
    assert await stranger.waiting(LANE, limit=10, size=1_000) == []
    assert (await stranger.figures()).deliveries == 0


async def test_while_another_process_writes_the_door_asks_for_patience_and_then_goes_on(
    sqlite_url: str, bell: LocalBell, blobs: DirectoryBlobs, clock: Clock, tmp_path: Path
) -> None:
    file = Path(sqlite_url.partition("///")[2])
    database, other = (SqliteDatabase(file, patience=timedelta(milliseconds=30)) for _ in range(2))
    ledger = LedgerWriter(database, ORGANISATION, bell, blobs, clock=clock)
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(_: object) -> None:
        held.set()
        await release.wait()

    holding = asyncio.ensure_future(other.transact(hold, urgency=Urgency.WORK))
    await held.wait()
    with pytest.raises(TryLater):
        await ledger.accept(a_delivery("1"))
    release.set()
    await holding
    assert await ledger.accept(a_delivery("1")) is Receipt.KEPT
    await ledger.close()
    await database.close()
    await other.close()
