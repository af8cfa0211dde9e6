"""Bytes are found again by what they are, or said to be gone; never something else in their place."""

import asyncio
from pathlib import Path

import pytest

from routing.errors import Gone, Misconfigured
from storage.blobs import DirectoryBlobs


async def test_bytes_come_back_by_their_name(blobs: DirectoryBlobs) -> None:
    name = await blobs.put(b"\x00bytes")
    assert len(name) == 64
    assert await blobs.get(name) == b"\x00bytes"
    assert await blobs.get(await blobs.put(b"")) == b""


async def test_the_same_bytes_are_kept_once(blobs: DirectoryBlobs, tmp_path: Path) -> None:
    names = await asyncio.gather(*(blobs.put(b"same") for _ in range(10)))
    assert len(set(names)) == 1
    assert [file.name for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == [names[0]]


async def test_what_is_not_there_is_gone(blobs: DirectoryBlobs) -> None:
    with pytest.raises(Gone):
        await blobs.get("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "A" * 64, "/" * 64, "0" * 62 + "/."])
async def test_a_name_that_we_never_gave_out_is_gone(blobs: DirectoryBlobs, name: str) -> None:
    with pytest.raises(Gone):
        await blobs.get(name)


async def test_damaged_bytes_are_not_handed_out(blobs: DirectoryBlobs, tmp_path: Path) -> None:
    name = await blobs.put(b"whole")
    (tmp_path / "blobs" / name[:2] / name).write_bytes(b"whol")
    with pytest.raises(Gone, match="damaged"):
        await blobs.get(name)


async def test_a_disk_that_is_full_leaves_no_half_file(blobs: DirectoryBlobs, tmp_path: Path) -> None:
    name = await blobs.put(b"a")
    directory = tmp_path / "blobs"
    (directory / "ff").mkdir(exist_ok=True)
    (tmp_path / "not a directory").write_text("")
    with pytest.raises(OSError):
        await DirectoryBlobs(tmp_path / "not a directory").put(b"b")
    assert {file.name for file in directory.rglob("*") if file.is_file()} == {name}


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    DirectoryBlobs(tmp_path / "new").check()
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="file"):
        DirectoryBlobs(tmp_path / "file").check()
