"""Keeps bytes by the hash of their content, in a directory."""

import asyncio
import contextlib
import os
import tempfile
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from routing.errors import Gone, Misconfigured

UNUSED_FOR = timedelta(minutes=15)


class Blobs(Protocol):
    """Bytes by content hash. `put` returns when they would survive a power cut; `get` raises Gone."""

    async def put(self, content: bytes) -> str: ...
    async def get(self, blob: str) -> bytes: ...
    async def remove(self, blob: str, *, unused_for: timedelta) -> bool:
        """False, and nothing happens, when the same bytes were put a shorter while ago: their row may be on its way.
        What is not there is removed already."""
        ...


def check_name(blob: str) -> str:
    """A blob's name as we give them out; anything else (a path, say) is as good as gone."""
    if len(blob) != 64 or not set(blob) <= set("0123456789abcdef"):
        raise Gone("not the name of a blob")
    return blob


def check_content(blob: str, content: bytes) -> bytes:
    if sha256(content).hexdigest() != blob:
        raise Gone(f"blob {blob} was damaged")
    return content


class DirectoryBlobs:
    """One file each, under the first two digits of its name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._synced: set[str] = set()

    async def put(self, content: bytes) -> str:
        return await asyncio.to_thread(self._put, content)

    async def get(self, blob: str) -> bytes:
        return await asyncio.to_thread(self._get, check_name(blob))

    def _path(self, blob: str) -> Path:
        return self._directory / blob[:2] / blob

    def _put(self, content: bytes) -> str:
        blob = sha256(content).hexdigest()
        path = self._path(blob)
        if path.parent.name not in self._synced:
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync(self._directory)
            self._synced.add(path.parent.name)
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # it is there, and wanted again
            _sync(path.parent)  # whoever has just put it there may not have come to that yet
            return blob
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return blob

    def _get(self, blob: str) -> bytes:
        try:
            content = self._path(blob).read_bytes()
        except FileNotFoundError as error:
            raise Gone(f"blob {blob} does not exist") from error
        return check_content(blob, content)

    async def remove(self, blob: str, *, unused_for: timedelta) -> bool:
        return await asyncio.to_thread(self._remove, check_name(blob), unused_for)

    def _remove(self, blob: str, unused_for: timedelta) -> bool:
        """Taken aside before its age is looked at: whoever puts the same bytes from then on writes them anew. What a
        crash left aside is judged the next time."""
        path = self._path(blob)
        aside = path.with_name(f".gone-{blob}")
        with contextlib.suppress(FileNotFoundError):
            os.replace(path, aside)
        if not aside.exists():
            return True
        if time.time() - aside.stat().st_mtime < unused_for.total_seconds():
            os.replace(aside, path)
            return False
        aside.unlink()
        _sync(path.parent)
        return True

    def check(self) -> None:
        """Raises Misconfigured when the directory cannot be written."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._directory, prefix=".new-"):
                pass
        except OSError as error:
            raise Misconfigured(f"{self._directory} cannot be written: {error.strerror}") from error


def _sync(directory: Path) -> None:
    """A file is only there for good when its directory says so on disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
