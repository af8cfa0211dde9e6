"""Gives the program life after life, and knows when each began, opened its doors, and ended."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.evidence import Life
from tests.crash.orders import Orders
from tests.crash.outside import first_line, process

_OPENS_WITHIN = 30.0


@dataclass(slots=True)
class Lives:
    """The starter process, and the lives it gave."""

    starter: asyncio.subprocess.Process
    past: list[Life] = field(default_factory=list)
    pid: int = 0
    exit_code: int = 0
    _born: float = 0.0
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _is_born: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Hears what the starter and the lives tell; ends with the starter."""
        assert self.starter.stdout is not None
        while line := await self.starter.stdout.readline():
            self._hear(json.loads(line))

    def _hear(self, told: dict[str, Any]) -> None:
        match told:
            case {"born": int(pid), "at": float(at)}:
                self.pid, self._born = pid, at
                self._is_born.set()
            case {"open": int(pid)} if pid == self.pid:
                self._open.set()
            case {"ended": int(code), "at": float(at)}:
                self.past.append(Life(self._born, at, killed=code == -signal.SIGKILL))
                self.exit_code = code
                self._open.clear()
                self._ended.set()

    async def begin(self, orders: Orders) -> None:
        self._open.clear()
        self._ended.clear()
        self._is_born.clear()
        assert self.starter.stdin is not None
        self.starter.stdin.write(orders.written().encode() + b"\n")
        await self.starter.stdin.drain()
        async with asyncio.timeout(_OPENS_WITHIN):
            await self._is_born.wait()

    async def answers(self) -> None:
        """Returns when the program is open, or was given time enough to be."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OPENS_WITHIN):
                await self._open.wait()
        # Between a death and the news of it the program still counts as open: so nobody asks it in a tight loop.
        await asyncio.sleep(0.05)

    async def ended(self, *, within: float) -> int:
        async with asyncio.timeout(within):
            await self._ended.wait()
        return self.exit_code

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self, *, within: float) -> int:
        """Asks the program to stop, as a service manager would."""
        os.kill(self.pid, signal.SIGTERM)
        return await self.ended(within=within)

    async def put_out(self) -> None:
        """Whatever still lives at the end of a run is killed."""
        if not self._is_born.is_set() or self._ended.is_set():
            return
        with contextlib.suppress(ProcessLookupError):
            await self.kill()
        await self.ended(within=_OPENS_WITHIN)


@contextlib.asynccontextmanager
async def lives(log: Path) -> AsyncIterator[Lives]:
    """A starter for one run after the other."""
    async with process("tests.crash.program", log=log) as starter:
        await first_line(starter)
        giver = Lives(starter)
        listening = asyncio.create_task(giver.listen())
        try:
            yield giver
        finally:
            await giver.put_out()
            assert starter.stdin is not None
            starter.stdin.close()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
