"""The SMTP door: whom it lets in, and that 250 means kept."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from typing_extensions import override

from connectors.contract import NewDelivery, Receipt
from connectors.mail.door import Door, DoorLimits, open_smtp_door
from routing.ids import AccountId
from tests.connectors.kit import START, UNABLE, Book, Clock
from tests.connectors.mail.letterbox import make_certificate

SUPPORT, SALES = AccountId("acme-support"), AccountId("acme-sales")
MAILBOXES = {"support@acme.example": SUPPORT, "Sales@acme.example": SALES, "help@acme.example": SUPPORT}
MAIL = "From: Taro <taro@example.com>\r\nSubject: coffee\r\n\r\nIt is cold.\r\n.\r\n.. dots\r\n"


@asynccontextmanager
async def open_door(book: Any, **options: Any) -> AsyncIterator[Door]:
    door = await open_smtp_door("127.0.0.1", 0, MAILBOXES, book, Clock(), **options)
    try:
        yield door
    finally:
        await asyncio.wait_for(door.close(), 10)


async def post(door: Door, *recipients: str, sender: str = "taro@example.com", mail: str | bytes = MAIL) -> Any:
    """Sends by the standard library's client, in a thread of its own."""

    def talk() -> Any:
        with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as client:
            return client.sendmail(sender, recipients or ["support@acme.example"], mail)

    return await asyncio.to_thread(talk)


async def test_mail_for_a_paused_account_is_asked_to_come_again_and_not_sent_back() -> None:
    async with open_door(Book(), paused=["Paused@acme.example"]) as door:
        for address, code in (("paused+1.abc@acme.example", 451), ("nobody@acme.example", 550)):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                await post(door, address)
            assert refused.value.recipients[address][0] == code


async def test_a_mail_is_in_the_ledger_when_it_is_answered_with_250() -> None:
    book = Book()
    async with open_door(book) as door:
        await post(door)
        [kept] = book.kept
    assert kept.body == MAIL.encode()
    assert (kept.account, kept.received_at) == (SUPPORT, START)
    assert kept.lane == "mail:taro@example.com"
    assert dict(kept.headers) == {
        "source": "smtp",
        "mail-from": "taro@example.com",
        "rcpt-to": "support@acme.example",
        "client": "127.0.0.1",
        "helo": kept.headers["helo"],
        "tls": "no",
    }


async def test_one_mail_for_two_accounts_is_kept_for_each() -> None:
    book = Book()
    async with open_door(book) as door:
        await post(door, "SUPPORT@acme.example", "help@ACME.example", "sales+x.y@acme.example")
    assert [(one.account, one.headers["rcpt-to"]) for one in book.kept] == [
        (SUPPORT, "SUPPORT@acme.example help@ACME.example"),
        (SALES, "sales+x.y@acme.example"),
    ]


async def test_strangers_addresses_are_refused_and_the_others_kept() -> None:
    book = Book()
    async with open_door(book) as door:
        refused = await post(door, "support@acme.example", "boss@acme.example", "support@evil.example")
        assert {address: code for address, (code, _) in refused.items()} == {
            "boss@acme.example": 550,
            "support@evil.example": 550,
        }
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await post(door, "postmaster@evil.example")
    assert len(book.kept) == 1


async def test_a_bounce_with_its_empty_sender_is_let_in() -> None:
    book = Book()
    async with open_door(book) as door:
        await post(door, sender="")
        await post(door, sender="<>", mail=MAIL + "x")
    assert [one.headers["mail-from"] for one in book.kept] == ["<>", "<>"]


async def test_the_same_mail_again_is_a_repeat() -> None:
    book = Book()
    async with open_door(book) as door:
        for _ in range(3):
            await post(door)
    assert len(book.kept) == 1


async def test_what_the_ledger_cannot_keep_is_not_taken() -> None:
    for fault in (UNABLE, RuntimeError("a bug that must not be told")):
        book = Book(fault=fault)
        async with open_door(book) as door:
            with pytest.raises(smtplib.SMTPDataError) as told:
                await post(door)
            assert told.value.smtp_code == 451
            assert b"bug" not in told.value.smtp_error
            book.fault = None
            await post(door)
        assert len(book.kept) == 1


async def test_a_mail_that_is_too_large_is_refused_when_it_is_announced_and_when_it_came() -> None:
    book = Book()
    big = b"From: a@example.com\r\n\r\n" + b"x" * 70 + b"\r\n" * 40_000
    async with open_door(book, limits=DoorLimits(size=64 * 1024)) as door:
        with pytest.raises(smtplib.SMTPSenderRefused) as announced:
            await post(door, mail=big)
        assert announced.value.smtp_code == 552

        def unannounced() -> tuple[int, bytes]:
            with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as client:
                client.ehlo()
                client.mail("taro@example.com")
                client.rcpt("support@acme.example")
                return client.data(big)

        code, _ = await asyncio.to_thread(unannounced)
        assert code == 552
    assert book.kept == []


async def test_long_lines_and_raw_bytes_are_taken_as_they_come() -> None:
    book = Book()
    mail = b"From: a@example.com\r\n\r\n" + b"\xff\xfe\x00\x80" + b"y" * 200_000 + b"\r\n"
    async with open_door(book) as door:
        await post(door, mail=mail)
    assert book.kept[0].body == mail


async def test_a_line_without_end_is_refused_without_being_hoarded() -> None:
    book = Book()
    async with open_door(book, limits=DoorLimits(line=8 * 1024)) as door:
        with pytest.raises(smtplib.SMTPDataError):
            await post(door, mail=b"From: a@example.com\r\n\r\n" + b"y" * 100_000 + b"\r\n")
    assert book.kept == []


async def test_addresses_in_other_scripts_are_taken() -> None:
    book = Book()
    async with (
        open_door(book) as door,
        aiosmtplib.SMTP(hostname="127.0.0.1", port=door.port, start_tls=False) as client,
    ):
        await client.mail("太郎@例え.jp", options=["SMTPUTF8", "BODY=8BITMIME"], encoding="utf-8")
        await client.rcpt("support@acme.example")
        await client.data("From: 太郎 <太郎@例え.jp>\r\n\r\nはい\r\n".encode())
    assert book.kept[0].headers["mail-from"] == "太郎@例え.jp"
    assert book.kept[0].lane == "mail:太郎@xn--r8jz45g.jp"


async def test_a_certificate_makes_starttls_possible_and_required_where_wanted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    book = Book()
    async with open_door(book, tls=certificate.server_context(), require_tls=True) as door:
        with pytest.raises(smtplib.SMTPException):
            await post(door)
        assert book.kept == []
        await aiosmtplib.send(
            MAIL.encode(),
            sender="taro@example.com",
            recipients=["support@acme.example"],
            hostname="127.0.0.1",
            port=door.port,
            start_tls=True,
            cert_bundle=str(certificate.file),
        )
    assert book.kept[0].headers["tls"] == "yes"


async def test_whoever_comes_when_it_is_full_is_asked_to_come_again() -> None:
    async with open_door(Book(), limits=DoorLimits(connections=1)) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        assert (await reader.readline()).startswith(b"220 ")
        late, late_writer = await asyncio.open_connection("127.0.0.1", door.port)
        assert (await late.readline()).startswith(b"421 ")
        assert await late.read() == b""
        writer.close()
        await reader.read()
        late_writer.close()
        await post(door)


async def test_whoever_says_nothing_is_let_go() -> None:
    async with open_door(Book(), limits=DoorLimits(idle=0.1)) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        await reader.readline()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


@pytest.mark.parametrize(
    "talk",
    [
        b"\x00\xff\r\n" * 50,
        b"HELO\r\n" * 500,
        b"x" * 5_000_000,
        b"MAIL FROM:<" + b"(" * 400 + b">\r\n",
        b"\r\n" * 1_000,
    ],
    ids=["bytes", "helos", "endless", "brackets", "blanks"],
)
async def test_nonsense_ends_and_harms_nobody(talk: bytes) -> None:
    book = Book()
    async with open_door(book, limits=DoorLimits(idle=2)) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(talk)
        writer.write_eof()
        said = await asyncio.wait_for(reader.read(1_000_000), 5)
        assert b"Traceback" not in said
        writer.close()
        await post(door)
    assert len(book.kept) == 1


class SlowBook(Book):
    """A ledger that keeps mails only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    @override
    async def accept(self, delivery: NewDelivery) -> Receipt:
        self.asked.set()
        await self.let.wait()
        return await super().accept(delivery)


async def test_closing_finishes_the_mail_that_is_being_kept_and_sends_the_others_away() -> None:
    book = SlowBook()
    door = await open_smtp_door("127.0.0.1", 0, MAILBOXES, book, Clock())
    idle, idle_writer = await asyncio.open_connection("127.0.0.1", door.port)
    await idle.readline()
    posting = asyncio.create_task(post(door))
    await asyncio.wait_for(book.asked.wait(), 5)
    closing = asyncio.create_task(door.close())
    assert (await asyncio.wait_for(idle.readline(), 5)).startswith(b"421 ")
    assert not closing.done()
    assert not posting.done()
    book.let.set()
    assert await asyncio.wait_for(posting, 5) == {}
    await asyncio.wait_for(closing, 5)
    assert len(book.kept) == 1
    idle_writer.close()
    with pytest.raises(OSError, match=r"refused|reset"):
        socket.create_connection(("127.0.0.1", door.port), timeout=2).close()


async def test_a_sender_who_leaves_before_the_answer_has_lost_nothing() -> None:
    book = SlowBook()
    async with open_door(book) as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<support@acme.example>\r\nDATA\r\n")
        writer.write(b"From: a@example.com\r\n\r\nx\r\n.\r\n")
        await asyncio.wait_for(book.asked.wait(), 5)
        writer.transport.abort()
        book.let.set()
        await post(door, mail="From: a@example.com\r\n\r\nx\r\n")
    assert len(book.kept) == 1


async def test_closing_does_not_wait_for_a_client_that_says_no_goodbye(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    door = await open_smtp_door("127.0.0.1", 0, MAILBOXES, Book(), Clock(), tls=certificate.server_context())

    def fall_silent() -> smtplib.SMTP:
        client = smtplib.SMTP("127.0.0.1", door.port, timeout=10)
        client.starttls()
        client.ehlo()
        return client

    client = await asyncio.to_thread(fall_silent)
    await asyncio.wait_for(door.close(), 10)
    client.close()
