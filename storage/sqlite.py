"""SQLite as a database of ours: one queue of writers whose commits are shared, and readers that block nobody.

Only what may wait goes to a thread: a begin while another process writes, and a commit.
"""

import asyncio
import heapq
import sqlite3
from asyncio import CancelledError, Future, Task
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from routing.errors import TryLater
from routing.ports import Urgency
from storage.sqlite_file import PATIENCE, SqliteWire, opened, opened_to_read, translated
from storage.statements import Statement
from storage.wire import Wire

T = TypeVar("T")

_READERS = 8
_GROUP = 64
_GROUP_SECONDS = 0.02
_WORK_SECONDS = 30.0


class _Turn:
    """One work in the queue, and who waits for it. What came of it is told after the commit, a failure too: it may be
    owed to what others wrote in the same group."""

    __slots__ = ("answer", "error", "result", "work")

    def __init__(self, work: Callable[[Wire], Awaitable[Any]], answer: "Future[Any]") -> None:
        self.work = work
        self.answer = answer
        self.result: Any = None
        self.error: BaseException | None = None

    def tell(self) -> None:
        if self.error is not None:
            self.fail(self.error)
        elif not self.answer.done():
            self.answer.set_result(self.result)

    def fail(self, error: BaseException) -> None:
        if self.answer.done():
            return
        if isinstance(error, CancelledError):
            self.answer.cancel()
        else:
            self.answer.set_exception(error)


class SqliteDatabase:
    """One file. Works wait in one queue by urgency; those that follow one another closely share a commit, each behind
    its own savepoint."""

    def __init__(self, path: Path, *, patience: timedelta = PATIENCE) -> None:
        self._path = path
        self._patience = int(patience / timedelta(milliseconds=1))
        self._line: list[tuple[int, int, _Turn]] = []
        self._places = count()
        self._writing: Task[None] | None = None
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        self._readers = asyncio.Semaphore(_READERS)
        self._threads = ThreadPoolExecutor(max_workers=_READERS + 1, thread_name_prefix="sqlite")

    async def transact(self, work: Callable[[Wire], Awaitable[T]], *, urgency: Urgency) -> T:
        if self._writing is not None and asyncio.current_task() is self._writing:
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        answer: Future[T] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (urgency, next(self._places), _Turn(work, answer)))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="sqlite writer")
        return await answer

    async def look(self, work: Callable[[Wire], Awaitable[T]]) -> T:
        async with self._readers:
            connection: sqlite3.Connection | None = None
            try:
                connection = self._idle.pop() if self._idle else opened_to_read(self._path)
                connection.execute("BEGIN")
                result = await work(SqliteWire(connection, self._threads))
                connection.execute("ROLLBACK")
            except BaseException as error:
                if connection is not None:
                    connection.close()
                if isinstance(error, sqlite3.Error):
                    raise translated(error) from error
                raise
            self._idle.append(connection)
            return result

    async def read_once(self, statement: Statement, /, **values: Any) -> Sequence[Sequence[Any]]:
        return await self.look(lambda wire: wire.rows(statement, **values))

    async def write_once(self, statement: Statement, /, *, urgency: Urgency, **values: Any) -> Sequence[Sequence[Any]]:
        return await self.transact(lambda wire: wire.rows(statement, **values), urgency=urgency)

    async def close(self) -> None:
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])
        self._drop_writer()
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False)

    async def _write(self) -> None:
        while self._line:
            turns: list[_Turn] = []
            try:
                connection = await self._begin()
                await self._work_through(connection, turns)
                await self._thread(connection.execute, "COMMIT")
            except (sqlite3.Error, TryLater) as error:
                self._drop_writer()  # which rolls back whatever still stands
                meaning = translated(error) if isinstance(error, sqlite3.Error) else error
                for turn in turns or self._everyone():
                    turn.fail(meaning)
            except BaseException as error:
                self._drop_writer()
                for turn in [*turns, *self._everyone()]:
                    turn.fail(error)
                raise
            else:
                for turn in turns:
                    turn.tell()

    async def _work_through(self, connection: sqlite3.Connection, turns: list[_Turn]) -> None:
        """Runs the works waiting, as long as they fit into one group. Those that fail take nothing of it with them."""
        loop = asyncio.get_running_loop()
        wire = SqliteWire(connection, self._threads)
        until = loop.time() + _GROUP_SECONDS
        while self._line and len(turns) < _GROUP and (not turns or loop.time() < until):
            turn = heapq.heappop(self._line)[2]
            if turn.answer.done():
                continue
            turns.append(turn)
            connection.execute("SAVEPOINT work")
            patience = asyncio.timeout(_WORK_SECONDS)
            try:
                async with patience:
                    turn.result = await turn.work(wire)
            except BaseException as error:
                turn.error = TryLater("the transaction took too long") if patience.expired() else error
                if isinstance(error, CancelledError) and _being_cancelled():
                    raise
                if not connection.in_transaction:  # a full disk or an I/O error rolls back the whole group
                    raise TryLater("SQLite gave up the transaction") from error
                connection.execute("ROLLBACK TO work")
            connection.execute("RELEASE work")
            await asyncio.sleep(0)

    async def _begin(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = await self._thread(opened, self._path)
        writer = self._writer
        try:
            writer.execute("PRAGMA busy_timeout=0")
            writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            # Another process writes: that may take a while, so it is waited for in a thread.
            writer.execute(f"PRAGMA busy_timeout={self._patience}")
            await self._thread(writer.execute, "BEGIN IMMEDIATE")
        return writer

    async def _thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Runs a call in a thread and sees it through: the connection is nobody else's before it has ended."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)
        try:
            return await asyncio.shield(running)
        except CancelledError:
            await asyncio.wait([running])
            raise

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _everyone(self) -> list[_Turn]:
        everyone = [turn for _, _, turn in self._line]
        self._line.clear()
        return everyone


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
