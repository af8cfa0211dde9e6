"""One connection to a SQLite file: how it is opened, what can be asked of it, and what its errors mean.

A statement on SQLite takes microseconds, handing it to another thread takes a hundred. So statements run where they
are asked, and only a long read goes to a thread.
"""

import asyncio
import json
import sqlite3
from asyncio import CancelledError
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import timedelta
from pathlib import Path
from typing import Any

from routing.errors import TryLater
from storage.statements import SQLITE, Bulk, Statement
from storage.wire import Batch, Interfered

PATIENCE = timedelta(seconds=5)  # for another process that writes
_YIELD_ROWS = 64
_TAKEN = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}


def translated(error: sqlite3.Error) -> Exception:
    """What the error means for whoever asked; itself when it is nobody's fault but ours."""
    if getattr(error, "sqlite_errorname", "") in _TAKEN:
        return Interfered(str(error), again=False, key_taken=True)  # reads and writes had the database for themselves
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
        return TryLater(f"SQLite: {error}")
    return error


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    settle_in(connection.cursor())
    return connection


def opened_to_read(path: Path) -> sqlite3.Connection:
    connection = opened(path)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-8192")  # there are several, and the system's own cache stands behind them
    return connection


def settle_in(cursor: Any) -> None:
    """What every connection needs: FULL, because what was accepted must survive a power cut."""
    for pragma in (
        f"busy_timeout={PATIENCE // timedelta(milliseconds=1)}",
        "page_size=8192",  # of a new file; fewer, larger writes
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "wal_autocheckpoint=2000",
        "journal_size_limit=67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")


class SqliteWire:
    def __init__(self, connection: sqlite3.Connection, executor: Executor) -> None:
        self._connection = connection
        self._executor = executor

    async def rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        return self._run(statement, values).fetchall()

    async def slow_rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        def read() -> list[Sequence[Any]]:
            return self._run(statement, values).fetchall()

        running = asyncio.get_running_loop().run_in_executor(self._executor, read)
        try:
            return await asyncio.shield(running)
        except CancelledError:
            self._connection.interrupt()
            await asyncio.wait([running])
            raise

    async def write(self, statement: Statement, /, **values: Any) -> int:
        return self._run(statement, values).rowcount

    def _run(self, statement: Statement, values: dict[str, Any]) -> sqlite3.Cursor:
        compiled = statement.to(SQLITE)
        arguments = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
            for value in compiled.arguments(values)
        ]
        try:
            return self._connection.execute(compiled.sql, arguments)
        except sqlite3.Error as error:
            raise translated(error) from error

    async def flush(self, batches: Sequence[Batch]) -> int:
        written = 0
        for batch in batches:
            sql, order = _row_by_row(batch.bulk)
            rows = zip(*[batch.columns[place] for place in order], strict=True)
            try:
                touched = self._connection.executemany(sql, rows).rowcount
            except sqlite3.Error as error:
                raise translated(error) from error
            if batch.bulk.exact and touched != batch.count:
                raise LookupError(f"{batch.count} rows to write, {touched} there: {sql}")
            written += touched
            if batch.count > _YIELD_ROWS:
                await asyncio.sleep(0)
        return written


_orders: dict[int, tuple[str, list[int]]] = {}


def _row_by_row(bulk: Bulk) -> tuple[str, list[int]]:
    found = _orders.get(id(bulk))
    if found is None:
        compiled = bulk.statement.to(SQLITE)
        order = [bulk.names.index(name) for name in compiled.names]
        found = _orders[id(bulk)] = (compiled.sql, order)
    return found
