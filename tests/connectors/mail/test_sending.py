"""Answers leave by SMTP: what arrives, and what a failure means."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.mail.seals import conversation_of_address, conversation_of_id
from routing.errors import MadoguchiError, NeedsAttention, Rejected, TryLater, Unclear
from routing.ids import AttachmentId
from routing.replies import Letter, SendClass, SentAttachment
from tests.connectors.kit import START, Clock, Seal, Shelf, delivered
from tests.connectors.mail.accounts import ADDRESS, mail_account, mail_letter, smtp_at
from tests.connectors.mail.letterbox import Letterbox, letterbox, make_certificate

HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "X-Madoguchi-Id",
           "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]  # fmt: skip


async def send(box: Letterbox, letter: Letter | None = None, *, shelf: Shelf | None = None, **config: Any) -> Any:
    smtp = smtp_at(box.port) | config.pop("smtp", {})
    async with mail_account(smtp=smtp, blobs=shelf, **config) as account:
        letter = letter or mail_letter()
        return await account.send(letter, account.prepare(letter, START))


def words(mail: Any) -> str:
    """The words of a mail; on their way lines end with CR LF."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def test_an_answer_arrives_threaded_signed_and_whole() -> None:
    letter = mail_letter(text="はい、明日まで承ります。\n\n.\n.. 点\nFrom here on 100 % fine\n")
    async with (
        letterbox() as box,
        mail_account(smtp=smtp_at(box.port), plus_addressing=True, signature="Acme\nTokyo") as account,
    ):
        prepared = account.prepare(letter, START)
        sent = await account.send(letter, prepared)
    assert (prepared.operation, prepared.send_class) == ("smtp", SendClass.ASK)
    assert sent.note == ""
    [posted] = box.posted
    assert (posted.sender, posted.recipients) == (ADDRESS, ("taro@example.com",))
    mail = posted.mail
    assert list(mail.keys()) == HEADERS
    assert mail["From"] == f"Acme Support <{ADDRESS}>"
    assert mail["To"].addresses[0].display_name == "山田 太郎"
    assert mail["Subject"] == "Re: [#1042] コーヒーメーカーについて"
    assert mail["Message-ID"] == f"<{prepared.ids[0]}>"
    assert mail["In-Reply-To"] == "<second@example.com>"
    assert mail["References"].split() == ["<first@example.com>", "<second@example.com>"]
    assert mail["Date"].datetime == START
    assert conversation_of_id(Seal(), prepared.ids[0]) == letter.conversation
    assert conversation_of_address(Seal(), mail["Reply-To"].addresses[0].addr_spec.upper()) == letter.conversation
    assert words(mail) == ("はい、明日まで承ります。\n\n.\n.. 点\nFrom here on 100 % fine\n\n-- \nAcme\nTokyo\n")
    assert all(len(line) <= 998 for line in posted.content.split(b"\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a" * 5_000,
        "ümläut " * 300,
        "漢字" * 4_000,
        "tab\tand trailing  \n\n\n> quoted",
        "😀" * 500,
        "x\n" * 900,
    ],
)
async def test_every_text_arrives_as_it_was_written(text: str) -> None:
    async with letterbox() as box:
        await send(box, mail_letter(text=text))
    [posted] = box.posted
    assert words(posted.mail).rstrip("\n") == text.rstrip("\n")
    assert all(len(line) <= 998 for line in posted.content.split(b"\r\n"))
    assert posted.content.isascii()


async def test_every_attempt_bears_the_same_message_id() -> None:
    async with letterbox() as box:
        for _ in range(2):
            await send(box)
    first, second = box.posted
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert first.content == second.content


async def test_files_arrive_with_their_names_and_bytes() -> None:
    shelf = Shelf()
    files = {
        "請求書（再発行）2026年11月分 とても長い名前のファイルです ので行が折られます.pdf": (
            "application/pdf",
            bytes(range(256)) * 40,
        ),
        'evil"\r\nBcc: x@evil.example\r\n\r\n.txt': ("text/plain", b"hello\n.\n"),
        "a.eml": ("message/rfc822", b"From: x"),
        "empty": ("not a type", b""),
    }
    attached = [
        SentAttachment(AttachmentId(f"a{number}"), name, kind, await shelf.put(content), len(content))
        for number, (name, (kind, content)) in enumerate(files.items())
    ]
    async with letterbox() as box:
        await send(box, mail_letter(attachments=tuple(attached)), shelf=shelf)
    mail = box.posted[0].mail
    found = list(mail.iter_attachments())
    assert [one.get_content_type() for one in found] == ["application/pdf", "text/plain"] + [
        "application/octet-stream"
    ] * 2
    assert [one.get_payload(decode=True) for one in found] == [content for _, content in files.values()]
    assert found[0].get_filename() == next(iter(files))
    assert found[1].get_filename() == "evil Bcc: x@evil.example .txt"
    assert "Bcc" not in mail
    assert words(mail.get_body()) == "はい、明日まで承ります。\n"


HOSTILE = "Hi\r\nBcc: victim@evil.example\r\n\r\nbody\x00\x85Bcc: two@evil.example\u2028Bcc: three@evil.example"


async def test_nothing_foreign_becomes_a_header_of_ours() -> None:
    letter = mail_letter(
        subject=HOSTILE,
        address_name=HOSTILE,
        agent_name=HOSTILE,
        refs=(f"a@b>{HOSTILE}", HOSTILE),
        copies=(f"c@example.com{HOSTILE}", "c@example.com"),
        handle={"reply_to_name": HOSTILE},
    )
    async with letterbox() as box:
        await send(box, letter, agent_name=True)
    [posted] = box.posted
    names = [*posted.mail]
    assert sorted(set(names) - {"Cc"}) == sorted(set(HEADERS) - {"Reply-To"})
    assert len(names) == len(set(names))
    assert posted.recipients == ("taro@example.com", "c@example.com")


async def test_the_customers_reply_to_is_answered_and_copies_are_told() -> None:
    letter = mail_letter(handle={"reply_to": "Office@Example.com"}, copies=("boss@example.com", "office@example.com"))
    async with letterbox() as box:
        await send(box, letter)
    assert box.posted[0].recipients == ("office@example.com", "boss@example.com")
    assert box.posted[0].mail["Cc"] == "boss@example.com"


async def test_a_copy_that_is_refused_is_told_and_the_customer_gets_the_mail() -> None:
    async with letterbox() as box:
        box.answers["boss@example.com"] = "550 5.1.1 No such user"
        sent = await send(box, mail_letter(copies=("boss@example.com", "aki@example.com")))
    assert box.posted[0].recipients == ("taro@example.com", "aki@example.com")
    assert sent.note == "boss@example.com: 550 5.1.1 No such user"


async def test_a_subject_gets_re_and_its_number_once() -> None:
    subjects = {
        "Coffee": "Re: [#1042] Coffee",
        "RE: Coffee": "RE: [#1042] Coffee",
        "Re: [#1042] Coffee": "Re: [#1042] Coffee",
        "AW: Kaffee [#1042]": "AW: Kaffee [#1042]",
        "": "Re: [#1042]",
        "返信: 珈琲": "返信: [#1042] 珈琲",
    }
    async with letterbox() as box:
        for subject in subjects:
            await send(box, mail_letter(subject=subject))
        await send(box, mail_letter(subject="Coffee"), subject_tag=False)
    assert [posted.mail["Subject"] for posted in box.posted] == [*subjects.values(), "Re: Coffee"]


@pytest.mark.parametrize(
    ("step", "answer", "means"),
    [
        ("MAIL", "451 4.3.0 later", TryLater),
        ("MAIL", "550 5.7.1 you are not welcome", Rejected),
        ("MAIL", "530 5.7.0 Authentication required", NeedsAttention),
        ("RCPT", "450 4.2.0 greylisted", TryLater),
        ("RCPT", "550 5.1.1 No such user", Rejected),
        ("DATA", "451 4.3.0 later", TryLater),
        ("DATA", "554 5.5.1 no", Rejected),
        ("KEPT", "451 4.3.0 the queue is full", TryLater),
        ("KEPT", "550 5.7.1 spam", Rejected),
    ],
)
async def test_every_refusal_means_that_nothing_was_sent(step: str, answer: str, means: type[MadoguchiError]) -> None:
    async with letterbox() as box:
        box.answers[step] = answer
        with pytest.raises(means, match=answer[:3]):
            await send(box)
    assert box.posted == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_mail_was_given_may_be_tried_again(step: str) -> None:
    async with letterbox() as box:
        box.cut = step
        with pytest.raises(TryLater):
            await send(box)
    assert box.posted == []


async def test_a_connection_lost_after_data_is_unclear() -> None:
    async with letterbox() as box:
        box.cut = "KEPT"
        with pytest.raises(Unclear):
            await send(box)
    assert len(box.posted) == 1  # It did arrive, and nobody could know.


async def test_no_answer_to_the_mail_is_unclear_and_none_to_a_command_is_not() -> None:
    for step, means in (("KEPT", Unclear), ("RCPT", TryLater)):
        async with letterbox() as box:
            box.silent = step
            with pytest.raises(means):
                await send(box, smtp={"timeout": 0.3, "data_timeout": 0.3})


async def test_a_server_that_is_not_there_is_tried_later() -> None:
    async with letterbox() as box:
        port = box.port
    with pytest.raises(TryLater):
        await send(Letterbox(port=port))
    with pytest.raises(TryLater):
        await send(Letterbox(port=port), smtp={"host": "nobody.invalid", "security": "tls"})


async def test_a_server_that_hangs_up_at_once_is_tried_later() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        with pytest.raises(TryLater):
            await send(Letterbox(port=server.sockets[0].getsockname()[1]))


async def test_too_much_for_us_or_for_the_server_is_rejected_before_it_leaves() -> None:
    shelf = Shelf()
    blob = await shelf.put(b"x" * 100_000)
    file = SentAttachment(AttachmentId("a1"), "x.bin", "application/octet-stream", blob, 100_000)
    async with letterbox(data_size_limit=120_000) as box:
        with pytest.raises(Rejected, match=r"takes 0\.1 MB"):
            await send(box, mail_letter(attachments=(file,)), shelf=shelf)
        with pytest.raises(Rejected, match="11 files"):
            await send(box, mail_letter(attachments=(file,) * 11), shelf=shelf)
        with pytest.raises(Rejected, match="allowed"):
            await send(box, mail_letter(attachments=(file,) * 2), shelf=shelf, max_attachment_bytes=150_000)
        with pytest.raises(Rejected, match="no mail address"):
            await send(box, mail_letter(address="U4af4980629f7d8a2c0e4d2f1b9a3c5e7"))
    assert box.connections == 1


async def test_starttls_and_tls_with_a_password_arrive(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    users = {"desk": "pässword"}
    for security in ("starttls", "tls"):
        async with letterbox(tls=certificate.server_context(), implicit=security == "tls", users=users) as box:
            smtp = {"security": security, "ca_file": str(certificate.file), "username": "desk", "password": "pässword"}
            await send(box, smtp=smtp)
            assert len(box.posted) == 1
            with pytest.raises(NeedsAttention, match="sign-in of desk"):
                await send(box, smtp=smtp | {"password": "wrong"})
            with pytest.raises(NeedsAttention, match="certificate"):
                await send(box, smtp=smtp | {"ca_file": None})
            assert len(box.posted) == 1


async def test_a_sign_in_that_cannot_be_checked_now_is_tried_later(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with letterbox(tls=certificate.server_context(), users={"desk": "x"}) as box:
        box.answers["AUTH"] = "454 4.7.0 Temporary authentication failure"
        smtp = {"security": "starttls", "ca_file": str(certificate.file), "username": "desk", "password": "x"}
        with pytest.raises(TryLater):
            await send(box, smtp=smtp)


async def test_our_own_mail_that_comes_back_needs_nobody() -> None:
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port)) as account:
        letter = mail_letter()
        await account.send(letter, account.prepare(letter, START))
        [item] = account.read(delivered(box.posted[0].content))
        assert type(item).__name__ == "Skipped"
        forged = box.posted[0].content.replace(b"X-Madoguchi-Id: conversation-1", b"X-Madoguchi-Id: conversation-2")
        forged = forged.replace(b"Message-ID: <conversation-1", b"Message-ID: <conversation-2")
        [item] = account.read(delivered(forged))
        assert type(item).__name__ == "Received"


async def test_the_date_is_that_of_the_sending() -> None:
    clock = Clock()
    clock.pass_by(timedelta(hours=2))
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port), clock=clock) as account:
        letter = mail_letter()
        await account.send(letter, account.prepare(letter, START))
    assert box.posted[0].mail["Date"].datetime == START + timedelta(hours=2)
