"""Keeps an append-only record of what reached the customers, each line on disk before the sender is answered."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Journal:
    """One JSON object a line. With no path it keeps nothing; the record is then only what stands in memory.

    The write waits for the disk on purpose, inside the event loop: crash tests take this file as the truth about what
    arrived, so nothing may be answered for before it is in the file.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None

    def record(self, kind: str, at: float, **facts: object) -> None:
        if self._file is None:
            return
        line = json.dumps({"kind": kind, "at": round(at, 3), **facts}, ensure_ascii=False)
        os.write(self._file, line.encode() + b"\n")
        os.fsync(self._file)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
