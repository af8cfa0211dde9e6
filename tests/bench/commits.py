"""Measures how long a store takes to commit one row: what every press must wait for, whoever takes it."""

import asyncio
import sqlite3
import time

import asyncpg  # type: ignore[import-untyped]  # it has none

from tests.bench.stores import plain_address

_TABLE = "CREATE TABLE IF NOT EXISTS bare_rows (at text)"


def commit_times(url: str, count: int) -> list[float]:
    """Milliseconds for each of so many rows, one after the other."""
    if url.startswith("sqlite"):
        return _in_sqlite(plain_address(url), count)
    return asyncio.run(_in_postgres(plain_address(url), count))


def _in_sqlite(path: str, count: int) -> list[float]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(_TABLE)
    took: list[float] = []
    for number in range(count):
        began = time.perf_counter()
        database.execute("INSERT INTO bare_rows VALUES (?)", (str(number),))
        took.append((time.perf_counter() - began) * 1_000)
    database.close()
    return took


async def _in_postgres(address: str, count: int) -> list[float]:
    connection = await asyncpg.connect(address)
    await connection.execute(_TABLE)
    insert = await connection.prepare("INSERT INTO bare_rows VALUES ($1)")
    took: list[float] = []
    for number in range(count):
        began = time.perf_counter()
        await insert.fetch(str(number))
        took.append((time.perf_counter() - began) * 1_000)
    await connection.close()
    return took
