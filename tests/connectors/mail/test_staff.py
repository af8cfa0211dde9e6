"""Mails to people of the team are marked as a machine's, stand in no customer's thread, and make no ticket."""

import pytest

from connectors.contract import StaffMail, WritesToStaff
from routing.errors import NeedsAttention, Rejected, Unclear
from routing.messages import Received, Skipped
from tests.connectors.kit import delivered
from tests.connectors.mail.accounts import ADDRESS, mail_account, smtp_at
from tests.connectors.mail.letterbox import Letterbox, letterbox

TOLD = StaffMail(
    "0660e5a7cd0e4f0cedf8b159e1c9", "yui@acme.example", "佐藤 結衣", "#12 注文: Taro さんから届きました。", "Hello"
)


async def test_it_is_marked_as_a_machines_and_belongs_to_no_thread() -> None:
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port), plus_addressing=True) as account:
        assert isinstance(account, WritesToStaff)
        for _ in range(2):
            await account.write_to_staff(TOLD)
    first, again = (one.mail for one in box.posted)
    assert box.posted[0].recipients == ("yui@acme.example",)
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["X-Auto-Response-Suppress"] == "All"
    assert first["From"] == f"Acme Support <{ADDRESS}>"
    assert first["Subject"] == TOLD.subject
    assert [first[name] for name in ("In-Reply-To", "References", "Reply-To")] == [None, None, None]
    assert first["Message-ID"] == again["Message-ID"]


async def _came_back(headers: str, *, kind: str = "text/plain", words: str = "I am away.") -> object:
    """What we read in an answer to a mail of ours to the team."""
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port)) as account:
        await account.write_to_staff(TOLD)
        ours = box.posted[0].mail["Message-ID"]
        raw = (
            f"From: yui@acme.example\r\nTo: {ADDRESS}\r\nSubject: Re: notice\r\nMessage-ID: <back@acme.example>\r\n"
            f"In-Reply-To: {ours}\r\n{headers}Content-Type: {kind}\r\n\r\n{words.format(ours=ours)}\r\n"
        )
        [item] = account.read(delivered(raw.encode()))
        return item


async def test_an_absence_note_that_answers_it_is_no_ticket() -> None:
    assert isinstance(await _came_back("Auto-Submitted: auto-replied\r\n"), Skipped)


async def test_a_bounce_of_it_is_no_ticket() -> None:
    report = (
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.acme.example\r\n\r\n"
        "Final-Recipient: rfc822; yui@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours}\r\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    assert isinstance(await _came_back("Return-Path: <>\r\n", kind=kind, words=report), Skipped)


async def test_what_a_person_answers_is_kept() -> None:
    assert isinstance(await _came_back(""), Received)


async def test_a_failure_says_whether_it_may_have_left() -> None:
    async with letterbox() as box:
        for failure, expected in (({"answers": {"RCPT": "550 no"}}, Rejected), ({"cut": "KEPT"}, Unclear)):
            broken = Letterbox(**failure)
            box.answers, box.cut = broken.answers, broken.cut
            async with mail_account(smtp=smtp_at(box.port)) as account:
                with pytest.raises(expected):
                    await account.write_to_staff(TOLD)
    async with mail_account() as account:
        with pytest.raises(NeedsAttention):
            await account.write_to_staff(TOLD)
