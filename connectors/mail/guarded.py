"""Reads large or suspicious mail in a child process that may use only so much time and memory."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from connectors.mail.model import Caps, Mail
from connectors.mail.wire import UNREADABLE, from_wire, to_wire_caps
from routing.errors import TryLater, Unreadable

_ROOT = Path(__file__).resolve().parents[2]
_TRUSTED_SIZE = 512 * 1024
_TRUSTED_HEADERS = 48 * 1024
_TRUSTED_LINES = 300
_ANSWER_ROOM = 3
# The child's own time is limited; how long it waits for a busy machine is limited only so that nothing hangs.
_WAITING = 4


def looks_heavy(raw: bytes) -> bool:
    """Whether a mail had better be read in a child: it is long, has long headers, or many parts or words to decode."""
    if len(raw) > _TRUSTED_SIZE:
        return True
    end = raw.find(b"\r\n\r\n")
    end = end if end >= 0 else raw.find(b"\n\n")
    return (
        (end if end >= 0 else len(raw)) > _TRUSTED_HEADERS
        or raw.count(b"\n--") > _TRUSTED_LINES
        or raw.count(b"=?", 0, max(end, 0)) > _TRUSTED_LINES
    )


class Guard:
    """Starts the children of one account, a few at a time."""

    def __init__(self, caps: Caps, *, seconds: float = 5.0, memory: int = 500 * 1024 * 1024, at_once: int = 2) -> None:
        self._caps = caps
        self._seconds = seconds
        self._memory = memory
        self._places = asyncio.Semaphore(at_once)

    async def parse(self, raw: bytes) -> Mail:
        """The mail, parsed in a child. Raises Unreadable when the child finds it so, runs out of time or dies; TryLater
        when this machine has no room for a child just now."""
        if len(raw) > self._caps.size:
            raise Unreadable(
                f"The mail has {len(raw) / 1_048_576:.1f} MB; {self._caps.size / 1_048_576:.0f} are allowed."
            )
        async with self._places:
            return await self._parse(raw)

    async def _parse(self, raw: bytes) -> Mail:
        # The child gets neither our environment (secrets stand there) nor anything of our memory.
        environment = {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "LANG": "C.UTF-8"}
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "connectors.mail.guard",
                to_wire_caps(self._caps),
                str(self._memory),
                str(self._seconds),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
            )
        except OSError as fault:
            raise TryLater(f"no process could be started to read a mail in: {fault.strerror}") from fault
        too_long = f"Reading the mail took longer than {self._seconds:.0f} s."
        try:
            answer, _ = await asyncio.wait_for(child.communicate(raw), self._seconds * _WAITING)
        except TimeoutError as failure:
            raise Unreadable(too_long) from failure
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode == UNREADABLE:
            raise Unreadable(answer.decode("utf-8", "replace")[:500])
        if child.returncode == -signal.SIGXCPU:
            raise Unreadable(too_long)
        if child.returncode != 0 or len(answer) > _ANSWER_ROOM * len(raw) + 1_000_000:
            raise Unreadable(f"Reading the mail broke its limits (status {child.returncode}).")
        return from_wire(answer)
