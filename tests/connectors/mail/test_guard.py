"""Heavy mail is read in a child process: with the same result, within its limits, and whatever becomes of the child."""

import asyncio
import base64
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.mail.guarded import Guard, looks_heavy
from connectors.mail.model import DEFAULT_CAPS, Caps
from connectors.mail.parsing import parse_mail
from connectors.mail.wire import from_wire, to_wire
from routing.errors import TryLater, Unreadable
from tests.bench.corpus import mails
from tests.connectors.kit import delivered
from tests.connectors.mail.accounts import mail_account

PAYLOADS = Path(__file__).parent / "payloads"
HEAD = b"From: a@example.com\nSubject: x\nMessage-ID: <a@b>\n"
FILE = base64.encodebytes(os.urandom(300_000))
LARGE = HEAD + (
    b'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\xe3\x81\x82\n'
    + b"".join(
        b'--b\nContent-Type: image/png; name="%d.png"\nContent-Transfer-Encoding: base64\n\n%s\n' % (n, FILE)
        for n in range(3)
    )
    + b"--b--\n"
)  # fmt: skip


def test_every_mail_survives_the_way_back_from_the_child() -> None:
    for file in PAYLOADS.glob("*.eml"):
        mail = parse_mail(file.read_bytes())
        assert from_wire(to_wire(mail)) == mail, file.name


async def test_a_large_mail_is_read_in_a_child_as_it_would_be_here() -> None:
    async with mail_account() as account:
        delivery = delivered(LARGE)
        assert account.needs_guard(delivery)
        found = await account.read_guarded(delivery)
        assert found == account.read(delivery)
        assert [file.content for file in found[0].attachments] == [base64.b64decode(FILE)] * 3  # type: ignore[union-attr]  # it is Received


def test_usual_mail_needs_no_child() -> None:
    assert not any(looks_heavy(file.read_bytes()) for file in PAYLOADS.glob("*.eml"))
    assert not any(looks_heavy(mail) for mail in mails(200))


@pytest.mark.parametrize(
    "raw",
    [
        LARGE,
        HEAD + b"\n" + b"--x\n" * 1_000,
        HEAD.replace(b"x\n", b"=?utf-8?q?x?= " * 1_000 + b"\n") + b"\nwords",
        HEAD + b"X: " + b"y" * 60_000 + b"\n\nwords",
        b"X: y\n" * 20_000,
    ],
    ids=["large", "parts", "words", "line", "headers"],
)
def test_unusual_mail_needs_one(raw: bytes) -> None:
    assert looks_heavy(raw)


async def test_what_is_unreadable_in_the_child_is_unreadable_here_for_the_same_reason() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000
    with pytest.raises(Unreadable, match="1000 parts"):
        await Guard(DEFAULT_CAPS).parse(raw)
    with pytest.raises(Unreadable, match=r"27\.0 MB"):
        await Guard(DEFAULT_CAPS).parse(b"x" * (27 * 1024 * 1024))


async def test_a_child_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable, match="longer than"):
        await Guard(Caps(size=200_000_000), seconds=0.01).parse(LARGE)
    assert time.monotonic() - began < 3


async def test_a_child_that_needs_too_much_memory_is_unreadable() -> None:
    raw = HEAD + b"Content-Transfer-Encoding: base64\nContent-Type: image/png\n\n" + FILE * 200
    with pytest.raises(Unreadable, match="memory"):
        await Guard(Caps(size=200_000_000), memory=150_000_000).parse(raw)


async def test_the_largest_mail_allowed_is_read_within_the_limits() -> None:
    content = os.urandom(18 * 1024 * 1024)
    raw = HEAD + b"Content-Transfer-Encoding: base64\nContent-Type: image/png\n\n" + base64.encodebytes(content)
    assert len(raw) < DEFAULT_CAPS.size
    mail = await Guard(DEFAULT_CAPS).parse(raw)
    assert mail.attachments[0].content == content


async def test_a_child_that_is_killed_makes_one_mail_unreadable_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(DEFAULT_CAPS)
    start: Callable[..., object] = asyncio.create_subprocess_exec
    started: list[asyncio.subprocess.Process] = []

    async def start_and_kill(*arguments: object, **options: object) -> object:
        child = await start(*arguments, **options)  # type: ignore[misc]  # a coroutine of the standard library
        started.append(child)
        child.kill()
        return child

    # The outside world here is the operating system, which may end a child at any time.
    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_and_kill)
    with pytest.raises(Unreadable, match="limits"):
        await guard.parse(LARGE)
    monkeypatch.undo()
    assert (await guard.parse(LARGE)).message_id == "a@b"
    assert started[0].returncode is not None


async def test_a_machine_without_room_for_a_child_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_room(*arguments: object, **options: object) -> object:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_room)
    with pytest.raises(TryLater, match="temporarily"):
        await Guard(DEFAULT_CAPS).parse(LARGE)


async def test_children_are_few_at_a_time_and_all_mails_are_read() -> None:
    guard = Guard(DEFAULT_CAPS, at_once=2)
    assert len(await asyncio.gather(*(guard.parse(LARGE) for _ in range(4)))) == 4


async def test_no_secret_of_ours_is_in_the_childs_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MADOGUCHI_KEY", "hush")
    seen: dict[str, object] = {}
    start: Callable[..., object] = asyncio.create_subprocess_exec

    async def look(*arguments: object, **options: object) -> object:
        seen.update(options)
        return await start(*arguments, **options)  # type: ignore[misc]  # a coroutine of the standard library

    monkeypatch.setattr(asyncio, "create_subprocess_exec", look)
    await Guard(DEFAULT_CAPS).parse(LARGE)
    assert "hush" not in str(seen["env"])
