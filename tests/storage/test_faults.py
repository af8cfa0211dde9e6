"""When the database cannot be had all are told to try later, nothing is half-written, and it comes back by itself."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from routing.errors import TryLater
from routing.ids import TicketId
from routing.ports import Reads, Tx, Urgency
from routing.ticket import Ticket
from storage.bell import LocalBell
from storage.engine import open_database
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.store import SqlStore
from storage.wire import Wire
from storage.writes import TAKE_NUMBERS
from tests.conftest import ORGANISATION, Clock
from tests.databases import DISCONNECT_OTHERS, run_sql
from tests.storage.rows import a_ticket


async def add(store: SqlStore, ticket: Ticket) -> None:
    async def work(tx: Tx) -> None:
        tx.add(ticket)

    await store.transact(work)


async def there(store: SqlStore, ticket: TicketId) -> bool:
    return bool(await store.look(lambda reads: reads.get(Ticket, [ticket])))


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture
async def postgres_store(postgres_url: str, clock: Clock) -> AsyncIterator[SqlStore]:
    database = open_database(postgres_url)
    yield SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    await database.close()


@pytest.mark.postgres
async def test_a_connection_killed_in_mid_transaction_means_later_and_the_next_one_works(
    postgres_store: SqlStore, postgres_url: str
) -> None:
    ticket = a_ticket()

    async def work(tx: Tx) -> None:
        tx.add(ticket)
        await tx.flush()
        await run_sql(DISCONNECT_OTHERS, database=name_of(postgres_url))
        await tx.lock(Ticket, [ticket.id])

    with pytest.raises(TryLater):
        await postgres_store.transact(work)
    assert not await there(postgres_store, ticket.id)
    await add(postgres_store, ticket)
    assert await there(postgres_store, ticket.id)


@pytest.mark.postgres
async def test_connections_that_died_while_idle_are_replaced_unseen(
    postgres_store: SqlStore, postgres_url: str
) -> None:
    await asyncio.gather(*(there(postgres_store, TicketId("x")) for _ in range(5)))
    await run_sql(DISCONNECT_OTHERS, database=name_of(postgres_url))
    ticket = a_ticket()
    await add(postgres_store, ticket)
    assert all(await asyncio.gather(*(there(postgres_store, ticket.id) for _ in range(5))))


@pytest.mark.postgres
async def test_a_connection_killed_at_the_commit_means_later(postgres_store: SqlStore, postgres_url: str) -> None:
    async def work(tx: Tx) -> None:
        tx.add(a_ticket())
        await tx.flush()
        await run_sql(DISCONNECT_OTHERS, database=name_of(postgres_url))

    with pytest.raises(TryLater):
        await postgres_store.transact(work)
    await add(postgres_store, a_ticket())


@pytest.mark.postgres
async def test_tables_that_are_migrated_under_a_running_process_do_not_stop_it(
    postgres_store: SqlStore, postgres_url: str
) -> None:
    ticket = a_ticket()
    await add(postgres_store, ticket)

    async def lock(tx: Tx) -> None:
        assert (await tx.lock(Ticket, [ticket.id]))[ticket.id] == ticket

    await postgres_store.transact(lock)
    change = "ALTER TABLE tickets ALTER COLUMN subject TYPE"
    await run_sql(f"{change} varchar(500)", database=name_of(postgres_url))
    await postgres_store.transact(lock)
    await run_sql(f"{change} text", database=name_of(postgres_url))


@pytest.mark.postgres
async def test_a_server_that_is_not_there_means_later(unused_tcp_port: int, clock: Clock) -> None:
    database = open_database(f"postgresql+asyncpg://postgres@127.0.0.1:{unused_tcp_port}/x")
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    with pytest.raises(TryLater):
        await add(store, a_ticket())
    with pytest.raises(TryLater):
        await there(store, TicketId("x"))
    await database.close()


@pytest.mark.postgres
async def test_more_transactions_than_connections_wait_their_turn(postgres_url: str, clock: Clock) -> None:
    database = open_database(postgres_url, connections=2)
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    await asyncio.gather(*(add(store, a_ticket(number=number)) for number in range(20)))
    await database.close()


@pytest.mark.postgres
async def test_a_work_that_was_cancelled_leaves_its_connection_clean(postgres_url: str, clock: Clock) -> None:
    database = open_database(postgres_url, connections=1)
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    ticket, begun = a_ticket(), asyncio.Event()

    async def work(tx: Tx) -> None:
        tx.add(ticket)
        await tx.flush()
        begun.set()
        await asyncio.Event().wait()

    running = asyncio.ensure_future(store.transact(work))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not await there(store, ticket.id)
    await add(store, ticket)
    await database.close()


@pytest.mark.postgres
async def test_a_work_that_hides_a_refused_statement_is_found_out(postgres_store: SqlStore, postgres_url: str) -> None:
    ticket = a_ticket()
    await add(postgres_store, ticket)

    async def work(tx: Tx) -> None:
        tx.add(ticket)
        try:
            await tx.flush()
        except Exception:  # noqa: BLE001  as a careless work would
            return

    with pytest.raises(RuntimeError):
        await postgres_store.transact(work)


async def test_postgres_has_rows_locked_but_lets_others_point_at_them(postgres_url: str, clock: Clock) -> None:
    """A press on one ticket must not wait for a batch that is writing to another."""
    database = open_database(postgres_url)
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    one, other = a_ticket(number=1), a_ticket(number=2)
    await add(store, one)
    await add(store, other)
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(tx: Tx) -> None:
        await tx.lock(Ticket, [one.id])
        held.set()
        await release.wait()

    async def press(tx: Tx) -> None:
        tx.put((await tx.lock(Ticket, [other.id]))[other.id])

    holding = asyncio.ensure_future(store.transact(hold))
    await held.wait()
    async with asyncio.timeout(5):
        await store.transact(press)
    release.set()
    await holding
    await database.close()


# --- SQLite ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(Path(sqlite_url.partition("///")[2]), patience=timedelta(milliseconds=30))
    yield database
    await database.close()


async def test_presses_go_before_batches(sqlite: SqliteDatabase) -> None:
    done: list[str] = []
    begun, release = asyncio.Event(), asyncio.Event()

    async def first(_: Wire) -> None:
        begun.set()
        await release.wait()

    def noting(name: str) -> object:
        async def work(_: Wire) -> None:
            done.append(name)

        return work

    running = [asyncio.ensure_future(sqlite.transact(first, urgency=Urgency.BATCH))]
    await begun.wait()
    for name, urgency in [
        ("batch", Urgency.BATCH),
        ("work", Urgency.WORK),
        ("ledger", Urgency.LEDGER),
        ("press", Urgency.PRESS),
        ("second press", Urgency.PRESS),
    ]:
        running.append(asyncio.ensure_future(sqlite.transact(noting(name), urgency=urgency)))  # type: ignore[arg-type]  # a work
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*running)
    assert done == ["press", "second press", "ledger", "work", "batch"]


async def test_one_work_that_fails_takes_nothing_from_those_it_shares_a_commit_with(
    sqlite: SqliteDatabase, clock: Clock
) -> None:
    store = SqlStore(sqlite, ORGANISATION, LocalBell(), clock=clock)
    tickets = [a_ticket(number=number) for number in range(9)]

    async def broken(tx: Tx) -> None:
        tx.add(a_ticket(number=99))
        await tx.flush()
        raise RuntimeError("no")

    works = [add(store, ticket) for ticket in tickets]
    works.insert(4, store.transact(broken))
    ends = await asyncio.gather(*works, return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [RuntimeError]
    kept = await store.look(lambda reads: reads.get(Ticket, [ticket.id for ticket in tickets]))
    assert len(kept) == 9
    assert await store.look(lambda reads: reads.ticket_by_number(99)) is None


async def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_itself(
    sqlite: SqliteDatabase, clock: Clock
) -> None:
    store = SqlStore(sqlite, ORGANISATION, LocalBell(), clock=clock)

    async def work(_: Tx) -> None:
        await store.transact(work)

    with pytest.raises(RuntimeError, match="inside"):
        await store.transact(work)
    await add(store, a_ticket())


async def test_a_look_cannot_write(sqlite: SqliteDatabase, clock: Clock) -> None:
    store = SqlStore(sqlite, ORGANISATION, LocalBell(), clock=clock)

    async def write(reads: Reads) -> None:
        tx = reads  # as if somebody had mistaken one for the other
        await tx._wire.write(TAKE_NUMBERS, organisation="o", named="n", more=1)  # type: ignore[attr-defined]  # on purpose

    with pytest.raises(TryLater):
        await store.look(write)


async def test_readers_are_not_kept_waiting_by_a_writer(sqlite: SqliteDatabase, clock: Clock) -> None:
    store = SqlStore(sqlite, ORGANISATION, LocalBell(), clock=clock)
    begun, release = asyncio.Event(), asyncio.Event()

    async def write(tx: Tx) -> None:
        tx.add(a_ticket())
        await tx.flush()
        begun.set()
        await release.wait()

    writing = asyncio.ensure_future(store.transact(write))
    await begun.wait()
    assert await asyncio.gather(*(there(store, TicketId("x")) for _ in range(20))) == [False] * 20
    release.set()
    await writing


DISK = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from routing.deliveries import Receipt
from routing.errors import TryLater
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.inbox import SqlInbox
from storage.ledger import LedgerWriter
from tests.storage.rows import ORGANISATION, a_delivery

async def main(url, directory):
    database, blobs = open_database(url), DirectoryBlobs(Path(directory))
    clock = lambda: datetime.now(UTC)
    ledger = LedgerWriter(database, ORGANISATION, LocalBell(), blobs, clock=clock)
    inbox = SqlInbox(database, ORGANISATION, blobs, clock=clock)
    kept, turned_away = 0, 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    for number in range(100):
        try:
            assert await ledger.accept(a_delivery(str(number), body=bytes(20_000))) is Receipt.KEPT
            kept += 1
        except TryLater:
            turned_away += 1
    assert turned_away, "the disk was never full"
    assert (await inbox.figures()).deliveries == kept
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for number in range(100):
        await ledger.accept(a_delivery(str(number), body=bytes(20_000)))
    assert (await inbox.figures()).deliveries == 100
    await ledger.close()
    await database.close()
    print("recovered after", kept)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_full_disk_turns_deliveries_away_whole_and_room_lets_them_in_again(
    sqlite_url: str, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", DISK, sqlite_url, str(tmp_path / "blobs")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, err = await process.communicate()
    assert out.decode().startswith("recovered"), err.decode()


async def test_a_file_that_cannot_be_opened_means_later(tmp_path: Path, clock: Clock) -> None:
    database = SqliteDatabase(tmp_path / "no such directory" / "house.db")
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=clock)
    with pytest.raises(TryLater):
        await add(store, a_ticket())
    with pytest.raises(TryLater):
        await there(store, TicketId("x"))
    await database.close()


def test_both_are_opened_by_their_address(tmp_path: Path) -> None:
    assert isinstance(open_database(f"sqlite+aiosqlite:///{tmp_path}/x.db"), SqliteDatabase)
    assert isinstance(open_database("postgresql+asyncpg://a@b/c"), PostgresDatabase)
