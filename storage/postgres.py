"""PostgreSQL as a database of ours: asyncpg's pool and prepared statements, and one round trip for all writes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it has none; what leaves this module is typed
from sqlalchemy.engine import URL

from routing.errors import TryLater
from routing.ports import Urgency
from storage.statements import POSTGRES, Statement, moved
from storage.statistics import Statistics
from storage.wire import Batch, Interfered, Wire

T = TypeVar("T")

_ACQUIRE_SECONDS = 10.0
_COMMAND_SECONDS = 30.0
_CLOSE_SECONDS = 10.0
SETTINGS = {
    "application_name": "madoguchi",
    "jit": "off",
    # A process that is stopped in mid-transaction must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "15s",
    # Every statement of ours is served by an index. Prepared plans made while a table is still empty would otherwise
    # read it from end to end and go on doing so when it has grown.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "random_page_cost": "1.1",
}
_KEY_TAKEN = "23505"
_ASK_AGAIN = {"40001", "40P01", _KEY_TAKEN}
_LATER = {"25006", "55P03", "57014", "57P01", "57P02", "57P03", "57P05"}
_LATER_CLASSES = {"08", "53", "58"}


def translated(error: Exception) -> Exception:
    """What the error means for whoever asked; itself when it is nobody's fault but ours."""
    if isinstance(error, asyncpg.InvalidCachedStatementError):  # another process has migrated the tables meanwhile
        return Interfered(str(error), again=True, key_taken=False)
    state: str | None = getattr(error, "sqlstate", None)
    if state is not None:
        if state in _ASK_AGAIN:
            return Interfered(str(error), again=True, key_taken=state == _KEY_TAKEN)
        if state in _LATER or state[:2] in _LATER_CLASSES:
            return TryLater(f"PostgreSQL: {error}")
        return error
    if isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return TryLater(f"PostgreSQL: {error or type(error).__name__}")
    return error


_FOREIGN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


class _PostgresWire:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.written = 0

    async def rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        compiled = statement.to(POSTGRES)
        try:
            return await self._connection.fetch(compiled.sql, *compiled.arguments(values))  # type: ignore[no-any-return]  # asyncpg has no types
        except _FOREIGN as error:
            raise translated(error) from error

    async def slow_rows(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        return await self.rows(statement, **values)

    async def write(self, statement: Statement, /, **values: Any) -> int:
        compiled = statement.to(POSTGRES)
        try:
            return _touched(await self._connection.execute(compiled.sql, *compiled.arguments(values)))
        except _FOREIGN as error:
            raise translated(error) from error

    async def flush(self, batches: Sequence[Batch]) -> int:
        """All writes in one statement, so in one round trip: each table's is a common table expression."""
        sql, exact = _together(tuple(id(batch.bulk) for batch in batches), batches)
        arguments = [column for batch in batches for column in batch.columns]
        try:
            counts = await self._connection.fetchrow(sql, *arguments)
        except _FOREIGN as error:
            raise translated(error) from error
        for place, touched in zip(exact, counts, strict=False):
            if touched != batches[place].count:
                raise LookupError(f"{batches[place].count} rows to write, {touched} there: {sql}")
        written = sum(batch.count for batch in batches)
        self.written += written
        return written


_statements: dict[tuple[int, ...], tuple[str, list[int]]] = {}


def _together(key: tuple[int, ...], batches: Sequence[Batch]) -> tuple[str, list[int]]:
    """The statement that does all these writes, and the places of those whose rows must be counted."""
    found = _statements.get(key)
    if found is None:
        parts: list[str] = []
        exact: list[int] = []
        taken = 0
        for place, batch in enumerate(batches):
            sql = moved(batch.bulk.statement.to(POSTGRES).sql, taken)
            taken += len(batch.bulk.names)
            parts.append(f"w{place} AS ({sql}{' RETURNING 1' if batch.bulk.exact else ''})")
            if batch.bulk.exact:
                exact.append(place)
        counts = ", ".join(f"(SELECT count(*) FROM w{place})" for place in exact) or "1"  # noqa: S608  only numbers go in
        found = _statements[key] = (f"WITH {', '.join(parts)} SELECT {counts}", exact)
    return found


def _touched(status: str) -> int:
    return int(status.rpartition(" ")[2])


async def _leave_as_it_is(_: Any) -> None:
    """Transactions end before their connection goes back: asyncpg's reset query would be a round trip for nothing."""


class PostgresDatabase:
    """One pool of connections. Every transaction is READ COMMITTED; who changes a row has locked it before."""

    def __init__(self, url: URL, *, size: int) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._size = size
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._statistics = Statistics(lambda: self._pool.acquire(timeout=_ACQUIRE_SECONDS))

    async def transact(self, work: Callable[[Wire], Awaitable[T]], *, urgency: Urgency) -> T:  # noqa: ARG002  PostgreSQL has no queue to be ordered
        return await self._within("BEGIN", work)

    async def look(self, work: Callable[[Wire], Awaitable[T]]) -> T:
        return await self._within("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work)

    async def read_once(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        pool = await self._opened()
        connection = await self._acquired(pool)
        try:
            return await _PostgresWire(connection).rows(statement, **values)
        finally:
            await pool.release(connection)

    async def write_once(self, statement: Statement, /, *, urgency: Urgency, **values: Any) -> Sequence[Sequence[Any]]:  # noqa: ARG002  PostgreSQL has no queue to be ordered
        return await self.read_once(statement, **values)

    async def close(self) -> None:
        await self._statistics.close()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
            except TimeoutError:
                pool.terminate()  # somebody still works; the database rolls that back

    async def _within(self, begin: str, work: Callable[[Wire], Awaitable[T]]) -> T:
        pool, connection = await self._begun(begin)
        try:
            wire = _PostgresWire(connection)
            result = await work(wire)
            try:
                ended = await connection.execute("COMMIT")
            except _FOREIGN as error:
                raise translated(error) from error
        except BaseException:
            await asyncio.shield(asyncio.ensure_future(_undo(pool, connection)))
            raise
        await pool.release(connection)
        if wire.written:
            self._statistics.wrote(wire.written)
        if ended != "COMMIT":
            raise RuntimeError("the work went on after the database had refused a statement")
        return result

    async def _begun(self, begin: str) -> tuple[Any, Any]:
        """A connection with a transaction begun. Those that died while idle are found out here, and replaced."""
        failure: Exception = TryLater("PostgreSQL: no connection")
        for _ in range(self._size + 1):
            pool = await self._opened()
            connection = await self._acquired(pool)
            try:
                await connection.execute(begin)
            except _FOREIGN as error:
                await _cut_off(pool, connection)
                failure = translated(error)
            except BaseException:
                await _cut_off(pool, connection)
                raise
            else:
                return pool, connection
        raise failure

    async def _acquired(self, pool: Any) -> Any:
        try:
            return await pool.acquire(timeout=_ACQUIRE_SECONDS)
        except _FOREIGN as error:
            raise translated(error) from error

    async def _opened(self) -> Any:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await self._open()
        return self._pool

    async def _open(self) -> Any:
        try:
            return await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._size,
                reset=_leave_as_it_is,
                timeout=_ACQUIRE_SECONDS,
                command_timeout=_COMMAND_SECONDS,
                statement_cache_size=1_000,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
                server_settings=SETTINGS,
            )
        except _FOREIGN as error:
            raise translated(error) from error


async def _undo(pool: Any, connection: Any) -> None:
    """Rolls back and gives the connection back; one that does not obey is cut off."""
    try:
        await connection.execute("ROLLBACK", timeout=5)
    except _FOREIGN:
        await _cut_off(pool, connection)
    else:
        await pool.release(connection)


async def _cut_off(pool: Any, connection: Any) -> None:
    # A connection that died has left the pool by itself, and then cannot even be cut off.
    with contextlib.suppress(asyncpg.InterfaceError):
        connection.terminate()
    await pool.release(connection)
