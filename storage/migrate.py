"""Brings a database's tables up to date; several processes may try at once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from routing.errors import TryLater
from storage.engine import read_url
from storage.sqlite_file import settle_in

T = TypeVar("T")

_SCRIPTS = Path(__file__).parent / "migrations"
_OURS = 0x6D61646F  # any number that all our processes agree on: "mado"


def script_config(connection: Connection | None = None) -> Config:
    """What alembic needs to know to run our revisions."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this program's tables have."""
    return ScriptDirectory.from_config(script_config()).get_current_head() or ""


def migration_engine(url: URL) -> AsyncEngine:
    """An engine for DDL. On SQLite a transaction takes the file for itself from its beginning, so that DDL is part of
    it and a second process waits for its end."""
    engine = create_async_engine(url, poolclass=NullPool)
    if url.drivername.startswith("sqlite"):

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            settle_in(cursor)
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def migrate(url: str) -> str:
    """Makes or changes the tables, and returns the revision they have now. Raises TryLater, Misconfigured."""
    return await on_connection(url, _upgrade)


async def on_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Runs `work` in one transaction, alone among all who come this way."""

    def alone(connection: Connection) -> T:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": _OURS})
        return work(connection)

    parsed = read_url(url)
    if parsed.drivername.startswith("sqlite"):
        await asyncio.to_thread(_make_room, Path(parsed.database or ""))
    engine = migration_engine(parsed)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(alone)
    except (DBAPIError, OSError) as error:
        raise TryLater(f"the database cannot be migrated now: {error}") from error
    finally:
        await engine.dispose()


def _make_room(file: Path) -> None:
    file.absolute().parent.mkdir(parents=True, exist_ok=True)


def _upgrade(connection: Connection) -> str:
    command.upgrade(script_config(connection), "head")
    return MigrationContext.configure(connection).get_current_revision() or ""
