"""What a transaction is to the rest of storage: something to ask rows of, and to write rows to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from routing.ports import Urgency
from storage.statements import Bulk, Statement

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows on their way to one table, column by column in the order of `bulk.names`."""

    bulk: Bulk
    columns: Sequence[Sequence[Any]]
    count: int


class Interfered(Exception):
    """Another transaction got in between. `again`: running the work anew may end otherwise. `key_taken`: a unique key
    was there already."""

    def __init__(self, reason: str, *, again: bool, key_taken: bool) -> None:
        super().__init__(reason)
        self.again = again
        self.key_taken = key_taken


class Wire(Protocol):
    """One transaction's connection. Lists are given as lists, moments as microseconds."""

    async def rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]: ...
    async def slow_rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        """Like `rows`, for what reads more than an index's few rows."""
        ...

    async def write(self, statement: Statement, /, **values: Any) -> int:
        """Returns how many rows were touched."""
        ...

    async def flush(self, batches: Sequence[Batch]) -> int:
        """Returns how many rows were touched, as far as the database tells."""
        ...


class Database(Protocol):
    """SQLite or PostgreSQL. Both raise TryLater when they cannot be had, and Interfered."""

    async def transact(self, work: Callable[[Wire], Awaitable[T]], *, urgency: Urgency) -> T:
        """Runs `work` once in one transaction and commits."""
        ...

    async def look(self, work: Callable[[Wire], Awaitable[T]]) -> T:
        """Runs `work` on a consistent snapshot."""
        ...

    async def read_once(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        """One statement by itself."""
        ...

    async def write_once(self, statement: Statement, /, *, urgency: Urgency, **values: Any) -> Sequence[Sequence[Any]]:
        """One statement by itself, committed; returns what it returns."""
        ...

    async def close(self) -> None: ...
