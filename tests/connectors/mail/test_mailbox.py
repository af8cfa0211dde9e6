"""A mailbox is read by UID, without loss and without stopping: on a real Dovecot, and on servers that are odd."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imap_tools.utils import encode_folder
from typing_extensions import override

from connectors.contract import NewDelivery, Receipt
from connectors.mail.config import ImapSettings
from connectors.mail.connector import MailConnection
from connectors.mail.imap import CURSOR, Lease, MailboxReader
from connectors.mail.imap_session import Secret
from routing.errors import NeedsAttention, TryLater
from routing.ids import AccountId
from tests.connectors.kit import START, UNABLE, Book, Clock, delivered
from tests.connectors.mail.accounts import ACCOUNT, mail_account, smtp_at
from tests.connectors.mail.letterbox import Certificate, letterbox, make_certificate
from tests.connectors.mail.odd_imap import OddImap, odd_imap
from tests.servers.dovecot import Dovecot, NoDovecot, running_dovecot

PAYLOADS = Path(__file__).parent / "payloads"
PATIENCE = 10.0


def mail(number: int, size: int = 0) -> bytes:
    words = f"From: c{number}@example.com\r\nSubject: {number}\r\nMessage-ID: <{number}@example.com>\r\n\r\nwords\r\n"
    return words.encode() + b"x" * 70 * (size // 72) + b"\r\n"


class Watched(Book):
    """A ledger on which one can wait."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self._news = asyncio.Condition()

    @override
    async def accept(self, delivery: NewDelivery) -> Receipt:
        self.asked += 1
        receipt = await super().accept(delivery)
        async with self._news:
            self._news.notify_all()
        return receipt

    async def has(self, count: int) -> None:
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: len(self.kept) >= count), PATIENCE)

    @property
    def subjects(self) -> list[str]:
        return [
            line[9:].decode() for one in self.kept for line in one.body.split(b"\r\n") if line.startswith(b"Subject: ")
        ]


class OldHolder(Exception):
    """Somebody else reads the mailbox by now."""


@dataclass
class Places:
    """Cursors with a fence."""

    kept: dict[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    fence: int = 1
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, account: AccountId, name: str) -> Mapping[str, int]:
        return self.kept.get((account, name), {})

    async def write(self, account: AccountId, name: str, value: Mapping[str, int], *, fence: int) -> None:
        if fence < self.fence:
            raise OldHolder
        self.kept[account, name] = value
        self.moved.set()

    @property
    def uid(self) -> int:
        return self.kept.get((ACCOUNT, CURSOR), {}).get("uid", -1)


async def stay() -> None:
    """A lease that is never lost."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    try:
        with running_dovecot(certificate.file, certificate.key) as server:
            yield server
    except NoDovecot as missing:
        pytest.skip(str(missing))


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    return f"u{abs(hash(request.node.nodeid))}"


@asynccontextmanager
async def listening(
    account: MailConnection, book: Book, places: Places, alive: Callable[[], Awaitable[None]] = stay
) -> AsyncIterator["asyncio.Task[None]"]:
    """The account at its mailbox; ended by cancelling, which must be quick."""
    task = asyncio.create_task(account.listen(book, places, fence=places.fence, alive=alive))
    try:
        yield task
    finally:
        began = time.monotonic()
        task.cancel()
        with suppress(asyncio.CancelledError, TryLater, NeedsAttention, OldHolder):
            await task
        assert time.monotonic() - began < 1


def box(port: int, user: str = "u", **changes: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5, "username": user,
            "password": "dovecots-password", "poll": 3_000, **changes}  # fmt: skip


@pytest.mark.dovecot
async def test_a_mail_that_arrives_is_seen_at_once_because_the_server_calls(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail(1))
    book, places = Watched(), Places()
    async with mail_account(imap=box(dovecot.port, user)) as account, listening(account, book, places):
        await asyncio.wait_for(places.moved.wait(), PATIENCE)
        for number in (2, 3):
            await asyncio.to_thread(dovecot.put, user, mail(number))
            await book.has(number - 1)
    assert book.subjects == ["2", "3"]  # What was there before is not asked for.
    assert dict(book.kept[0].headers) == {
        "source": "imap",
        "uid": "2",
        "uidvalidity": book.kept[0].headers["uidvalidity"],
    }
    assert book.kept[0].body == mail(2)
    assert book.kept[0].lane == "mail:c2@example.com"
    assert not any("Seen" in flags for flags in dovecot.flags(user))


@pytest.mark.dovecot
async def test_everything_is_read_in_order_and_only_once(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, *(mail(number) for number in range(1, 121)))
    book, places = Watched(), Places()
    async with mail_account(imap=box(dovecot.port, user, start="all")) as account:
        async with listening(account, book, places):
            await book.has(120)
        assert book.subjects == [str(number) for number in range(1, 121)]
        asked = book.asked
        async with listening(account, book, places):
            await asyncio.to_thread(dovecot.put, user, mail(121))
            await book.has(121)
    assert book.asked == asked + 1
    assert places.uid == 121


@pytest.mark.dovecot
async def test_what_the_ledger_cannot_keep_stays_in_the_mailbox(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail(1), mail(2))
    book, places = Watched(), Places()
    book.fault = UNABLE
    async with mail_account(imap=box(dovecot.port, user, start="all", after="seen")) as account:
        with pytest.raises(TryLater, match="disk is full"):
            await account.listen(book, places, fence=1, alive=stay)
        assert places.uid == -1
        assert not any("Seen" in flags for flags in dovecot.flags(user))
        book.fault = None
        async with listening(account, book, places):
            await book.has(2)
    assert book.subjects == ["1", "2"]


@pytest.mark.dovecot
async def test_kept_mails_are_marked_or_moved_as_wanted(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail(9), folder="Done")
    dovecot.put(user, mail(1), mail(2))
    book, places = Watched(), Places()
    async with (
        mail_account(imap=box(dovecot.port, user, start="all", after="seen")) as account,
        listening(account, book, places),
    ):
        await book.has(2)
        await eventually(lambda: all("Seen" in flags for flags in dovecot.flags(user)))
    async with (
        mail_account(imap=box(dovecot.port, user, after="move", move_to="Done")) as account,
        listening(account, book, places),
    ):
        await asyncio.to_thread(dovecot.put, user, mail(3))
        await book.has(3)
        await eventually(lambda: len(dovecot.flags(user, "Done")) == 2)
    assert len(dovecot.flags(user)) == 2
    async with (
        mail_account(imap=box(dovecot.port, user, after="move", move_to="Nowhere")) as account,
        listening(account, book, places),
    ):
        await asyncio.to_thread(dovecot.put, user, mail(4), mail(5))
        await book.has(5)


async def eventually(holds: Callable[[], bool]) -> None:
    """Asks until it holds; the question itself talks to a server, so there is nothing else to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline


@pytest.mark.dovecot
async def test_after_the_server_numbered_its_mails_anew_none_is_missed_and_none_doubled(
    dovecot: Dovecot, user: str
) -> None:
    now = datetime.now(UTC)
    old, young = now - timedelta(days=9), now - timedelta(hours=1)
    dovecot.put(user, mail(1), folder="Support", at=young)
    book, places = Watched(), Places()
    settings = box(dovecot.port, user, folder="Support", start="all")
    async with mail_account(imap=settings, clock=Clock(now)) as account:
        async with listening(account, book, places):
            await book.has(1)
            await eventually(lambda: places.uid == 1)
        before = places.kept[ACCOUNT, CURSOR]["uidvalidity"]
        with dovecot.session(user) as session:
            session.delete("Support")
        dovecot.put(user, mail(7), folder="Support", at=old)
        dovecot.put(user, mail(1), mail(2), folder="Support", at=young)
        async with listening(account, book, places):
            await book.has(2)
            await eventually(lambda: places.uid == 3)
            await asyncio.to_thread(dovecot.put, user, mail(3), folder="Support")
            await book.has(3)
    assert book.subjects == ["1", "2", "3"]  # 7 is older than anything that could have been missed.
    assert places.kept[ACCOUNT, CURSOR]["uidvalidity"] != before


@pytest.mark.dovecot
async def test_a_mail_that_is_too_large_leaves_its_headers_and_a_note(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail(1), mail(2, size=400_000), mail(3))
    book, places = Watched(), Places()
    async with mail_account(imap=box(dovecot.port, user, start="all"), max_mail_bytes=100_000) as account:
        async with listening(account, book, places):
            await book.has(3)
        assert book.subjects == ["1", "2", "3"]
        large = book.kept[1]
        assert len(large.body) < 200
        with pytest.raises(Exception, match="stands in the mailbox"):
            account.read(delivered(large.body, headers=large.headers))


@pytest.mark.dovecot
async def test_no_mail_however_broken_stops_the_mailbox(dovecot: Dovecot, user: str) -> None:
    files = [file.read_bytes().replace(b"\0", b"") for file in sorted(PAYLOADS.glob("*.eml"))]
    wrecks = [b"\r\n", b"no headers at all", b"From: x\r\n\r\n" + bytes(range(1, 256)), b"x" * 100_000]
    dovecot.put(user, *files, *wrecks)
    book, places = Watched(), Places()
    async with mail_account(imap=box(dovecot.port, user, start="all")) as account, listening(account, book, places):
        await book.has(len(files) + len(wrecks))
    assert [one.body for one in book.kept][: len(files)] == files


@pytest.mark.dovecot
async def test_the_lease_is_renewed_while_the_server_is_silent_and_its_loss_ends_the_reading(
    dovecot: Dovecot, user: str
) -> None:
    renewed = 0
    lost = asyncio.Event()

    async def alive() -> None:
        nonlocal renewed
        renewed += 1
        if lost.is_set():
            raise OldHolder

    reader = await reader_at(dovecot.port, user)
    task = asyncio.create_task(reader.listen(Watched(), Places(), Lease(1, alive, every=0.05)))
    await eventually(lambda: renewed > 5)
    lost.set()
    with pytest.raises(OldHolder):
        await asyncio.wait_for(task, PATIENCE)


async def reader_at(port: int, user: str, **changes: Any) -> MailboxReader:
    async def secret() -> Secret:
        return Secret("dovecots-password", is_token=False)

    settings = ImapSettings.model_validate(box(port, user, **changes))
    return MailboxReader(ACCOUNT, settings, user=user, secret=secret, size_limit=10**7, clock=Clock())


@pytest.mark.dovecot
async def test_an_older_holder_of_the_mailbox_cannot_move_the_cursor(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail(1))
    places = Places(fence=5)
    async with mail_account(imap=box(dovecot.port, user, start="all")) as account:
        with pytest.raises(OldHolder):
            await account.listen(Watched(), places, fence=4, alive=stay)
    assert places.uid == -1


@pytest.mark.dovecot
async def test_a_connection_that_breaks_is_tried_again_ever_more_slowly_and_nothing_is_lost(
    dovecot: Dovecot, user: str
) -> None:
    book, places = Watched(), Places()
    async with cable(dovecot.port) as line, mail_account(imap=box(line.port, user)) as account:
        async with listening(account, book, places) as task:
            await asyncio.wait_for(places.moved.wait(), PATIENCE)
            await asyncio.to_thread(dovecot.put, user, mail(1))
            await book.has(1)
            line.cut()
            with pytest.raises(TryLater) as broken:
                await asyncio.wait_for(task, PATIENCE)
        pauses = [broken.value.after]
        line.broken = True
        for _ in range(8):
            with pytest.raises(TryLater) as broken:
                await account.listen(book, places, fence=1, alive=stay)
            pauses.append(broken.value.after)
        assert [pause.total_seconds() for pause in pauses] == [5, 10, 20, 40, 80, 160, 300, 300, 300]
        line.broken = False
        await asyncio.to_thread(dovecot.put, user, mail(2))
        async with listening(account, book, places) as task:
            await book.has(2)
            line.cut()
            with pytest.raises(TryLater) as broken:
                await asyncio.wait_for(task, PATIENCE)
        assert broken.value.after == timedelta(seconds=5)
    assert book.subjects == ["1", "2"]


@dataclass
class Cable:
    """A line to a server that can be cut."""

    port: int = 0
    broken: bool = False
    ends: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()


@asynccontextmanager
async def cable(port: int) -> AsyncIterator[Cable]:
    line = Cable()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await source.read(65_536):
                target.write(some)
        target.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line.broken:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        line.ends += [writer, far_writer]
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.cut()


@pytest.mark.dovecot
async def test_tls_is_checked_and_the_sign_in_too(dovecot: Dovecot, user: str) -> None:
    folder = "お問い合わせ & 受付"
    dovecot.put(user, mail(1), folder=encode_folder(folder).decode())
    secure = box(dovecot.tls_port, user, security="tls", ca_file=str(dovecot.certificate), start="all", folder=folder)
    for settings in (secure, secure | {"port": dovecot.port, "security": "starttls"}):
        book = Watched()
        async with mail_account(imap=settings) as account, listening(account, book, Places()):
            await book.has(1)
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"password": "wrong"}, "refuses the sign-in"),
        ({"ca_file": None}, "certificate"),
        ({"ca_file": "/nowhere.pem"}, "cannot be used"),
        ({"folder": "Nothing here"}, "no folder 'Nothing here'"),
    ]
    for wrong, said in wrongs:
        async with mail_account(imap=secure | wrong) as account:
            with pytest.raises(NeedsAttention, match=said):
                await asyncio.wait_for(account.listen(Watched(), Places(), fence=1, alive=stay), PATIENCE)


@pytest.mark.dovecot
async def test_the_probe_says_what_is_wrong_and_how_to_mend_it(dovecot: Dovecot, user: str) -> None:
    settings = box(dovecot.port, user)
    async with mail_account(imap=settings) as account:
        health = await account.probe()
        assert (health.ok, health.mend) == (False, "Set up the SMTP server.")
        assert health.facts == {"address": "support@acme.example", "imap": "calls when mail arrives"}
    wrongs: list[tuple[dict[str, Any], str, str]] = [
        ({"password": "wrong"}, "refuses the sign-in", "app password"),
        ({"port": 1}, "cannot be reached", "firewall"),
        ({"folder": "Nothing here"}, "no folder", "setting"),
    ]
    for wrong, summary, mend in wrongs:
        async with mail_account(imap=settings | wrong) as account:
            health = await account.probe()
            assert not health.ok
            assert summary in health.summary
            assert mend in health.mend


@pytest.mark.dovecot
async def test_the_probe_is_content_with_an_account_that_works(dovecot: Dovecot, user: str) -> None:
    async with letterbox() as outgoing:
        async with mail_account(imap=box(dovecot.port, user), smtp=smtp_at(outgoing.port)) as account:
            health = await account.probe()
        assert health.ok
        assert health.facts == {
            "address": "support@acme.example",
            "imap": "calls when mail arrives",
            "smtp": "takes mails up to 32 MB",
        }
        async with mail_account(smtp=smtp_at(outgoing.port)) as account:
            assert (await account.probe()).summary == "No way in is set up."
        async with mail_account(door=True, smtp=smtp_at(1)) as account:
            assert not (await account.probe()).ok


async def read_all(odd: OddImap, count: int, places: Places | None = None, **changes: Any) -> Watched:
    book = Watched()
    async with mail_account(imap=box(odd.port, start="all", poll=0.05, **changes)) as account:
        for _ in range(20):
            async with listening(account, book, places or Places()) as task:
                arrived = asyncio.create_task(book.has(count))
                await asyncio.wait({task, arrived}, return_when=asyncio.FIRST_COMPLETED)
                if arrived.done():
                    return book
                arrived.cancel()
    raise AssertionError(book.subjects)


async def test_a_server_that_does_not_call_is_asked_again_and_again() -> None:
    async with odd_imap({5: mail(5)}) as odd:
        book, places = Watched(), Places()
        settings = box(odd.port, start="all", poll=0.05)
        async with mail_account(imap=settings) as account, listening(account, book, places):
            await book.has(1)
            odd.mails[6] = mail(6)
            await book.has(2)
            await eventually(lambda: sum("UID SEARCH" in line for line in odd.heard) > 5)
    assert book.subjects == ["5", "6"]
    assert book.asked == 2  # `n:*` named the newest mail every time; it was not fetched again.


async def test_a_call_that_comes_together_with_the_answer_to_idle_is_heard() -> None:
    async with odd_imap({5: mail(5)}) as odd:
        odd.idle = True
        book, places = Watched(), Places()
        async with mail_account(imap=box(odd.port, start="all")) as account, listening(account, book, places):
            await book.has(1)
            odd.mails[6] = mail(6)
            await book.has(2)


async def test_a_server_that_tells_the_uid_behind_the_mail_is_understood() -> None:
    async with odd_imap({5: mail(5), 8: mail(8)}) as odd:
        odd.reordered = True
        book = await read_all(odd, 2)
    assert [(one.headers["uid"], one.received_at) for one in book.kept] == [
        ("5", datetime(2026, 11, 20, 1, 23, 45, tzinfo=UTC)),
        ("8", datetime(2026, 11, 20, 1, 23, 45, tzinfo=UTC)),
    ]
    assert book.subjects == ["5", "8"]


@pytest.mark.parametrize("trouble", ["refused", "fatal"])
async def test_a_mail_that_the_server_cannot_hand_over_is_told_and_the_others_go_on(trouble: str) -> None:
    async with odd_imap({number: mail(number) for number in range(1, 6)}) as odd:
        getattr(odd, trouble).add(3)
        places = Places()
        book = await read_all(odd, 5, places)
        await eventually(lambda: places.uid == 5)
    assert sorted(book.subjects) == ["1", "2", "4", "5"]
    note = next(one for one in book.kept if one.headers.get("unfetched"))
    assert (note.headers["unfetched"], note.body, note.received_at) == ("3", b"", START)


async def test_a_mail_that_could_be_fetched_after_all_is_kept_whole() -> None:
    async with odd_imap({1: mail(1), 2: mail(2)}) as odd:
        odd.refused.add(2)
        book, places = Watched(), Places()
        async with mail_account(imap=box(odd.port, start="all", poll=0.05)) as account:
            for _ in range(2):
                with pytest.raises(TryLater):
                    await account.listen(book, places, fence=1, alive=stay)
            odd.refused.clear()
            async with listening(account, book, places):
                await book.has(2)
    assert sorted(book.subjects) == ["1", "2"]


async def test_a_sign_in_that_is_refused_for_now_is_tried_later() -> None:
    async with odd_imap({}) as odd:
        for said in (
            "NO [UNAVAILABLE] the back end is away",
            "NO [ALERT] Too many simultaneous connections. (Failure)",
        ):
            odd.sign_in = said
            async with mail_account(imap=box(odd.port)) as account:
                with pytest.raises(TryLater):
                    await account.listen(Watched(), Places(), fence=1, alive=stay)


async def test_a_server_that_hangs_up_or_is_not_there_is_tried_later() -> None:
    async with odd_imap({}) as odd:
        port = odd.port
    async with mail_account(imap=box(port)) as account:
        with pytest.raises(TryLater):
            await account.listen(Watched(), Places(), fence=1, alive=stay)


async def test_a_mailbox_that_is_not_set_up_needs_attention() -> None:
    async with mail_account() as account:
        with pytest.raises(NeedsAttention, match="set up IMAP"):
            await account.listen(Watched(), Places(), fence=1, alive=stay)
    async with mail_account(imap={"host": "127.0.0.1", "port": 1, "security": "none"}) as account:
        with pytest.raises(NeedsAttention, match="password"):
            await account.listen(Watched(), Places(), fence=1, alive=stay)
