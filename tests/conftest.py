"""Fixtures for everybody: a clock that stands still, and storage in both of its modes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routing.ids import OrganisationId
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.inbox import SqlInbox
from storage.jobs import SqlJobs
from storage.ledger import LedgerWriter
from storage.store import SqlStore
from storage.wire import Database
from tests.databases import (
    emptied,
    missing,
    postgres_template,
    redis_keys,
    sqlite_database,
    sqlite_template,
)

ORGANISATION = OrganisationId("org")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        self.now += by
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_model() -> Iterator[str]:
    with postgres_template() as name:
        yield name


@pytest.fixture
def sqlite_url(sqlite_file: Path, tmp_path: Path) -> str:
    return sqlite_database(sqlite_file, tmp_path)


@pytest.fixture
def postgres_url(postgres_model: str) -> str:
    return emptied(postgres_model)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of the test's own, in each mode."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def redis_prefix() -> Iterator[str]:
    with redis_keys() as prefix:
        yield prefix


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def bell() -> LocalBell:
    return LocalBell()


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobs:
    return DirectoryBlobs(tmp_path / "blobs")


@pytest.fixture
def store(database: Database, bell: LocalBell, clock: Clock) -> SqlStore:
    return SqlStore(database, ORGANISATION, bell, clock=clock)


@pytest.fixture
def jobs(database: Database, bell: LocalBell, clock: Clock) -> SqlJobs:
    return SqlJobs(database, ORGANISATION, bell, clock=clock)


@pytest.fixture
async def ledger(
    database: Database, bell: LocalBell, blobs: DirectoryBlobs, clock: Clock
) -> AsyncIterator[LedgerWriter]:
    writer = LedgerWriter(database, ORGANISATION, bell, blobs, clock=clock)
    yield writer
    await writer.close()


@pytest.fixture
def inbox(database: Database, blobs: DirectoryBlobs, clock: Clock) -> SqlInbox:
    return SqlInbox(database, ORGANISATION, blobs, clock=clock)


__all__ = ["ORGANISATION", "Clock", "missing"]
