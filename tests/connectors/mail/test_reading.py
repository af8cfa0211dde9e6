"""Mails are read as people would read them: each file in `payloads` becomes what stands beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typing_extensions import override

from connectors.contract import Connection, Guards, Listens, Sends
from connectors.mail.connector import DECLARATION
from routing.errors import Unreadable
from routing.messages import Received, Report, Skipped
from tests.connectors import contract
from tests.connectors.kit import START, delivered
from tests.connectors.mail.accounts import ACCOUNT, ADDRESS, mail_account

PAYLOADS = Path(__file__).parent / "payloads"


class TestReading(contract.Reading):
    declaration = DECLARATION
    account = ACCOUNT
    payloads: ClassVar[Path] = PAYLOADS

    @override
    def config(self, base: str) -> Mapping[str, Any]:
        return {"address": ADDRESS, "display_name": "Acme Support", "authserv_id": "mx.acme.example"}

    @override
    def wreckage(self, body: bytes) -> Iterator[bytes]:
        yield from (b"", body[:1], body[: len(body) // 2], body[: len(body) // 3], body[:-7])
        yield body.replace(b"\r\n", b"\n")
        yield body.replace(b"\r\n", b"\r")
        yield body.replace(b"\r\n\r\n", b"\r\n")
        yield body.replace(b"=", b"").replace(b":", b"", 3)
        yield body.replace(b"\r\n", b"\r\n\r\n")
        yield body.replace(b"utf-8", b"punycode").replace(b"base64", b"quoted-printable")
        yield bytes((byte + 128) % 256 for byte in body)
        for at in range(0, len(body), max(1, len(body) // 40)):
            yield body[:at] + b"\xff\x00" + body[at:]
            yield body[:at] + body[at + 30 :]

    @override
    async def test_fields_that_nobody_knows_yet_change_nothing(
        self, connection: Connection, payload: contract.Payload
    ) -> None:
        envelope, body = b"", payload.body
        if body.startswith(b"From nobody"):  # the envelope line of a mailbox file must come first
            envelope, newline, body = body.partition(b"\n")
            envelope += newline
        richer = envelope + b"X-Of-Tomorrow: =?x?x?x?=\r\nARC-Seal: i=1\r\n" + body
        plain = connection.read(delivered(payload.body, account=self.account))
        assert connection.read(delivered(richer, account=self.account)) == plain


def test_there_are_mails_enough() -> None:
    assert len(list(PAYLOADS.glob("*.eml"))) >= 60


async def test_line_ends_change_nothing() -> None:
    async with mail_account() as account:
        for file in PAYLOADS.glob("*.eml"):
            raw = file.read_bytes()
            plain = account.read(delivered(raw))
            assert account.read(delivered(raw.replace(b"\r\n", b"\n"))) == plain, file.name


async def read_one(raw: str, *, envelope: Mapping[str, str] | None = None, **config: Any) -> Any:
    async with mail_account(**config) as account:
        [item] = account.read(delivered(raw.encode(), headers=envelope))
    return item


MAIL = "From: Taro <taro@example.com>\nTo: support@acme.example\nSubject: x\nMessage-ID: <a@b.example>\n{more}\nwords\n"


async def test_the_account_keeps_what_the_contract_promises() -> None:
    async with mail_account() as account:
        assert isinstance(account, Sends)
        assert isinstance(account, Listens)
        assert isinstance(account, Guards)
        assert account.sender_name() == f"Acme Support <{ADDRESS}>"
        assert account.limits("email").measure("髙") == 1
        assert account.addresses == ()
    async with mail_account(door=True, aliases=["Sales@Acme.example"]) as account:
        assert account.addresses == (ADDRESS, "sales@acme.example")


async def test_the_same_id_with_other_words_is_another_mail() -> None:
    first = await read_one(MAIL.format(more=""))
    again = await read_one("X-Added-By: a relay\n" + MAIL.format(more=""))
    other = await read_one(MAIL.format(more="").replace("words", "other words"))
    assert first.external_id == again.external_id
    assert first.ids == other.ids == ("a@b.example",)
    assert first.external_id != other.external_id


async def test_a_mail_without_id_is_named_by_its_content() -> None:
    plain = MAIL.format(more="").replace("Message-ID: <a@b.example>\n", "")
    first, again, other = [await read_one(one) for one in (plain, plain, plain.replace("Taro", "Jiro"))]
    assert first.external_id == again.external_id != other.external_id
    assert first.ids[0].endswith("@missing.madoguchi")


async def test_a_date_of_the_future_is_not_believed_and_one_of_the_past_is() -> None:
    for stated, found in [
        ("Date: Sun, 22 Nov 2026 10:31:00 +0100", START + timedelta(minutes=1)),
        ("Date: Tue, 22 Nov 2033 10:00:00 +0000", START),
        ("Date: Sat, 21 Nov 2026 09:30:00 GMT", START - timedelta(days=1)),
        ("Date: 21 Nov 26 18:30 JST", START - timedelta(days=1)),
        ("Date: soon", START),
        ("", START),
    ]:
        item = await read_one(MAIL.format(more=f"{stated}\n" if stated else ""))
        assert item.sent_at == found, stated


@pytest.mark.parametrize(
    ("results", "verified"),
    [
        (["mx.acme.example; dmarc=pass header.from=example.com"], True),
        (["mx.acme.example 1; spf=fail; dmarc=pass (p=none) header.from=example.com"], True),
        (["MX.Acme.Example; dmarc=pass"], True),
        (["mx.acme.example; dmarc=fail header.from=example.com"], False),
        (["mx.acme.example; dmarc=pass header.from=evil.example"], False),
        (["mx.evil.example; dmarc=pass header.from=example.com"], False),
        (["mx.acme.example; dkim=pass", "mx.acme.example; dmarc=pass header.from=example.com"], False),
        (["mx.acme.example.evil.example; dmarc=pass"], False),
        (["mx.acme.example; dkim=pass header.d=x; x=dmarc=pass"], False),
        (['mx.acme.example; spf=pass smtp.mailfrom="x; dmarc=pass; "@evil.example; dmarc=fail'], False),
        (["mx.acme.example; spf=pass (x; dmarc=pass; y); dmarc=none"], False),
        (["mx.acme.example; dmarc=pass; dmarc=fail"], False),
        ([], False),
    ],
)
async def test_only_our_own_servers_word_verifies_a_sender(results: list[str], verified: bool) -> None:
    more = "".join(f"Authentication-Results: {one}\n" for one in results)
    item = await read_one(MAIL.format(more=more), authserv_id="mx.acme.example")
    assert item.verified == verified
    assert not (await read_one(MAIL.format(more=more))).verified


@pytest.mark.parametrize(
    ("reply_to", "answered"),
    [
        ("Office <office@example.com>", "office@example.com"),
        ("taro@example.com", None),
        ("a@example.com, b@example.com", None),
        ("noreply@example.com", None),
        (f"Support <{ADDRESS}>", None),
        ("support+x@acme.example", None),
        ("not an address", None),
        ("Group: ;", None),
    ],
)
async def test_reply_to_is_honoured_only_when_it_makes_sense(reply_to: str, answered: str | None) -> None:
    item = await read_one(MAIL.format(more=f"Reply-To: {reply_to}\n"))
    assert item.handle.get("reply_to") == answered


@pytest.mark.parametrize(
    "sign",
    [
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: Auto-Replied; owner-email=x",
        "Return-Path: <>",
        "X-Auto-Response-Suppress: OOF",
        "X-Autoreply: yes",
        "Precedence: junk",
        "Precedence: auto_reply",
        "List-Unsubscribe: <https://x.example>",
        "X-Loop: x",
        "X-Failed-Recipients: x@example.com",
        "Subject: Out of Office: x",
    ],
)
async def test_what_a_machine_wrote_is_known(sign: str) -> None:
    item = await read_one(f"{sign}\n" + MAIL.format(more=""))
    assert isinstance(item, Received)
    assert item.automatic


@pytest.mark.parametrize(
    "sign", ["Auto-Submitted: no", "Precedence: normal", "Return-Path: <taro@example.com>", "X-Madoguchi-Id: a.b.c"]
)
async def test_what_a_person_wrote_is_known_too(sign: str) -> None:
    item = await read_one(MAIL.format(more=f"{sign}\n"))
    assert item.automatic == ""
    assert (await read_one(MAIL.format(more=""), envelope={"mail-from": "<>"})).automatic == "null sender"


async def test_the_envelope_helps_where_the_headers_are_silent() -> None:
    raw = MAIL.format(more="").replace("From: Taro <taro@example.com>\n", "")
    item = await read_one(raw, envelope={"mail-from": "Taro@Example.com", "rcpt-to": ADDRESS})
    assert item.sender.address == "taro@example.com"
    with pytest.raises(Unreadable, match="sender"):
        await read_one(raw, envelope={"mail-from": "<>"})


async def test_a_delivery_that_is_only_a_note_is_unreadable_and_says_where_the_mail_is() -> None:
    with pytest.raises(Unreadable, match=r"30\.0 MB.*UID 7"):
        await read_one(MAIL.format(more=""), envelope={"oversize": str(30 * 1024 * 1024), "uid": "7"})
    with pytest.raises(Unreadable, match="UID 8"):
        await read_one("", envelope={"unfetched": "8"})


async def test_a_bounce_that_somebody_forwards_to_us_is_a_message() -> None:
    raw = (PAYLOADS / "bounce-postfix.eml").read_text()
    forwarded = raw.replace("Return-Path: <>\n", "").replace("multipart/report", "multipart/mixed")
    forwarded = forwarded.replace("MAILER-DAEMON@mx.acme.example", "taro@example.com")
    assert isinstance(await read_one(raw), Report)
    assert isinstance(await read_one(forwarded), Received)


async def test_what_is_quoted_shows_on_demand_only() -> None:
    item = await read_one((PAYLOADS / "de-gmx-reply.eml").read_bytes().decode("cp1252"))
    assert "Am 20.11.2026" not in item.text
    assert "Am 20.11.2026" in item.full_text
    assert replace(item, text="").full_text.startswith(item.text[:20])


async def test_skipped_items_say_why() -> None:
    item = await read_one((PAYLOADS / "own-came-back.eml").read_text())
    assert isinstance(item, Skipped)
    assert item.reason
