"""Databases for tests: a SQLite file or a PostgreSQL database of one's own, its tables already made."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it has none
import pytest
import redis
from sqlalchemy.engine import URL, make_url

from storage.migrate import migrate
from storage.tables import METADATA

POSTGRES = os.environ.get("MADOGUCHI_TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432")
DISCONNECT_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
REDIS = os.environ.get("MADOGUCHI_TEST_REDIS", "redis://127.0.0.1:6379/0")


def missing(what: str) -> None:
    """Skips the test, but for the CI, where everything must be there."""
    if os.environ.get("MADOGUCHI_CI") == "1":
        pytest.fail(f"{what}, and this is the CI")
    pytest.skip(what)


async def run_sql(sql: str, *, database: str = "postgres") -> None:
    connection = await asyncpg.connect(_dsn(make_url(POSTGRES).set(database=database)), timeout=5)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def in_postgres(sql: str, *, database: str = "postgres") -> None:
    """Runs statements in a test's fixture; outside of any event loop."""
    asyncio.run(run_sql(sql, database=database))


def address_of(database: str) -> str:
    return make_url(POSTGRES).set(database=database).render_as_string(hide_password=False)


def new_name() -> str:
    return f"madoguchi_test_{uuid.uuid4().hex[:12]}"


@contextmanager
def postgres_template() -> Iterator[str]:
    """A migrated database to make others from. Skips when no server answers."""
    name = new_name()
    try:
        in_postgres(f'CREATE DATABASE "{name}"')
    except (OSError, TimeoutError) as error:
        missing(f"no PostgreSQL server at {POSTGRES}: {error}")
    try:
        asyncio.run(migrate(address_of(name)))
        yield name
    finally:
        in_postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def postgres_database(template: str) -> Iterator[str]:
    """The address of a database of one's own, dropped afterwards."""
    name = new_name()
    in_postgres(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield address_of(name)
    finally:
        in_postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def emptied(database: str) -> str:
    """The address of a database whose rows are all gone, and with them whoever was still connected. Making a database
    takes the server a checkpoint, emptying one a few milliseconds."""
    tables = "; ".join(f'DELETE FROM "{name}"' for name in METADATA.tables)
    in_postgres(f"{DISCONNECT_OTHERS}; {tables}", database=database)
    return address_of(database)


def sqlite_template(directory: Path) -> Path:
    file = directory / "template.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


def sqlite_database(template: Path, directory: Path) -> str:
    """The address of a file of one's own."""
    file = directory / "house.db"
    shutil.copyfile(template, file)
    return f"sqlite+aiosqlite:///{file}"


@contextmanager
def redis_keys() -> Iterator[str]:
    """A prefix for keys of one's own; they are gone afterwards. Skips when no server answers."""
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    prefix = f"{new_name()}:"
    try:
        client.ping()
    except redis.RedisError as error:
        missing(f"no Redis server at {REDIS}: {error}")
    try:
        yield prefix
    finally:
        for key in client.scan_iter(match=f"{prefix}*"):
            client.delete(key)
        client.close()
