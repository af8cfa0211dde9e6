"""Writes down, in order and for good, every Web API call and everything sent to the app."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.wire import JsonObject, compact, copied


class Journal:
    """The truth that crash tests compare an app's own beliefs with. A line is on disk before its answer leaves."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._entries: list[JsonObject] = []
        self._file: TextIO | None = None
        self._listeners: list[Callable[[], None]] = []
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._entries = read_journal(path)
            self._file = path.open("a", encoding="utf-8")

    def write(self, kind: str, **fields: Any) -> JsonObject:
        entry = {"n": len(self._entries) + 1, "at": round(self._clock.now(), 6), "kind": kind, **copied(fields)}
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(compact(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        for listener in self._listeners:
            listener()
        return entry

    def listen(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def entries(self, kind: str | None = None) -> list[JsonObject]:
        return [entry for entry in self._entries if kind is None or entry["kind"] == kind]

    def calls(self, method: str | None = None) -> list[JsonObject]:
        """Web API calls: `method`, `args`, `status`, `answer`, and `fault` where the stand-in was told to stumble."""
        return [entry for entry in self.entries("call") if method is None or entry["method"] == method]

    def outgoing(self, type_: str | None = None) -> list[JsonObject]:
        """What was sent to the app: `type`, `payload`, `attempt`, `status` or `reason`."""
        return [entry for entry in self.entries("outgoing") if type_ is None or entry["type"] == type_]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read_journal(path: Path) -> list[JsonObject]:
    """The entries of a journal file; a last line torn by a kill is left out, for nobody was told of it."""
    if not path.exists():
        return []
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    if torn:
        with path.open("r+b") as file:
            file.truncate(len(whole) + 1 if whole else 0)
    return [json.loads(line) for line in whole.splitlines() if line]
