"""Opens a database by its address: SQLite for one process, PostgreSQL for many. Nothing else knows which it is."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from routing.errors import Misconfigured
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.wire import Database

CONNECTIONS = 10


def read_url(url: str) -> URL:
    """Raises Misconfigured for what is not an address of either kind."""
    hint = "write sqlite+aiosqlite:///path/to/file.db or postgresql+asyncpg://user@host/database"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"the database's address cannot be read: {hint}") from error
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise Misconfigured(f"unknown kind of database {parsed.drivername!r}: {hint}")
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise Misconfigured(f"SQLite needs a file, or nothing would be kept: {hint}")
    return parsed


def open_database(url: str, *, connections: int = CONNECTIONS) -> Database:
    """The database at this address, not yet touched. `connections`: at most so many to PostgreSQL."""
    parsed = read_url(url)
    if parsed.drivername.startswith("sqlite"):
        return SqliteDatabase(Path(parsed.database or ""))
    return PostgresDatabase(parsed, size=connections)
