"""Reads what the program believes: its database, in either mode, past all of its own code."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has none
from sqlalchemy.engine import make_url

from tests.crash.crowd import token_in

Rows = list[dict[str, Any]]

TABLES = (
    "deliveries",
    "items",
    "tickets",
    "conversations",
    "messages",
    "outbounds",
    "postings",
    "posted_entries",
    "panels",
    "notices",
    "history_entries",
    "audit_rows",
)
# Of these nothing may be left when everything is done. The others come back for ever.
_ENDING = ("ingest", "show", "send", "fetch", "profile", "alert")
_LEFT = f"""
    SELECT 'delivery ' || id AS left_over FROM deliveries WHERE state = 'w'
    UNION ALL SELECT 'reply ' || message || ' ' || state FROM outbounds WHERE state IN ('held', 'queued', 'sending')
    UNION ALL SELECT 'job ' || topic || ' ' || key || ' ' || fault FROM jobs
        WHERE topic IN ({", ".join(f"'{one}'" for one in _ENDING)})
"""


@dataclass(slots=True)
class Memory:
    """The database at one address."""

    url: str
    _postgres: Any = None

    async def left_over(self, noted: Sequence[str]) -> list[str]:
        """What still waits to be done, and which notes have not come in yet."""
        left = [row["left_over"] for row in await self.rows(_LEFT)]
        kept = {token_in(row["text"]) for row in await self.rows("SELECT text FROM messages WHERE direction = 'note'")}
        return left + [f"note {token}" for token in noted if token not in kept]

    async def tables(self) -> dict[str, Rows]:
        return {name: await self.rows(f"SELECT * FROM {name}") for name in TABLES}

    async def damage(self) -> list[str]:
        """What the database itself finds wrong with its file."""
        if self._postgres is not None:
            return []
        integrity = [row["integrity_check"] for row in await self.rows("PRAGMA integrity_check")]
        foreign = [str(row) for row in await self.rows("PRAGMA foreign_key_check")]
        return [one for one in integrity if one != "ok"] + foreign

    async def rows(self, sql: str) -> Rows:
        if self._postgres is not None:
            return [dict(row) for row in await self._postgres.fetch(sql)]
        file = make_url(self.url).database
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


@asynccontextmanager
async def memory_at(url: str) -> AsyncIterator[Memory]:
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite"):
        yield Memory(url)
        return
    connection = await asyncpg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        yield Memory(url, connection)
    finally:
        await connection.close()
