"""The customers' mail system, by real SMTP in both directions."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib
import pytest

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.letters import Enclosure, Standing
from bot.sandbox.customers.mishaps import Door, Mishap
from bot.sandbox.customers.people import find_person
from tests.sandbox.page.conftest import recorded
from tests.sandbox.page.program import Program

EMMA, KENICHI = find_person("emma"), find_person("kenichi")


def answer_to(question: str, text: str = "It is on its way.") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Sunrise Coffee <support@shop.example>"
    mail["Reply-To"] = "support+t1042.signed@shop.example"
    mail["To"] = EMMA.address
    mail["Subject"] = "Re: Where is my parcel?"
    mail["Message-ID"] = "<answer.1@shop.example>"
    mail["In-Reply-To"] = question
    mail.set_content(text)
    return mail


async def bring(customers: Customers, mail: EmailMessage) -> None:
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=customers.smtp_port, start_tls=False)


async def test_a_customers_mail_comes_to_the_programs_door(customers: Customers, program: Program) -> None:
    photo = Enclosure("mug.png", "image/png", b"\x89PNG")
    letter = await customers.mailbox.send(EMMA, "Mug arrived broken", "In two pieces.", enclosures=(photo,))

    (mail,) = program.mails
    assert letter.standing is Standing.DELIVERED
    assert mail["From"] == "Emma Wilson <emma.wilson@customer.example>"
    assert mail["Message-ID"] == letter.message_id
    assert [part.get_filename() for part in mail.iter_attachments()] == ["mug.png"]
    assert program.recipients == ["support@shop.example"]


async def test_an_answer_stands_in_the_thread_of_its_question(customers: Customers) -> None:
    question = await customers.mailbox.send(EMMA, "Where is my parcel?", "It is late.")
    await bring(customers, answer_to(question.message_id))

    answer = customers.mailbox.in_order()[-1]
    assert (answer.person, answer.text, answer.thread) == ("emma", "It is on its way.", question.thread)


async def test_a_customer_answers_to_the_reply_address_and_quotes(customers: Customers, program: Program) -> None:
    question = await customers.mailbox.send(EMMA, "Where is my parcel?", "It is late.")
    await bring(customers, answer_to(question.message_id))
    await customers.mailbox.send(EMMA, "", "Thank you!", in_reply_to="<answer.1@shop.example>")

    mail = program.mails[-1]
    assert program.recipients[-1] == "support+t1042.signed@shop.example"
    assert mail["In-Reply-To"] == "<answer.1@shop.example>"
    assert mail["References"] == "<answer.1@shop.example>"
    assert mail["Subject"] == "Re: Where is my parcel?"
    text = mail.get_content()
    assert text.startswith("Thank you!")
    assert "> It is on its way." in text


async def test_a_mail_in_an_old_japanese_charset_is_readable(customers: Customers, program: Program) -> None:
    await customers.mailbox.send(KENICHI, "返金のお願い", "返金予定日を教えていただけますか。", charset="iso-2022-jp")

    (mail,) = program.mails
    assert mail.get_content_charset() == "iso-2022-jp"
    assert (mail["Subject"], mail.get_content().strip()) == ("返金のお願い", "返金予定日を教えていただけますか。")


async def test_a_mail_that_is_put_off_is_brought_again(customers: Customers, program: Program) -> None:
    program.mail_answers = ["451 not now"]
    letter = await customers.mailbox.send(EMMA, "Hello", "Are you there?")

    assert letter.standing is Standing.DELIVERED
    assert len(program.mails) == 1


async def test_a_mail_that_is_refused_for_good_is_returned(customers: Customers, program: Program) -> None:
    program.mail_answers = ["550 no such mailbox"]
    letter = await customers.mailbox.send(EMMA, "Hello", "Are you there?")

    assert letter.standing is Standing.RETURNED
    assert "no such mailbox" in letter.remark


async def test_a_program_that_is_down_gets_the_mail_when_it_is_back(customers: Customers, program: Program) -> None:
    await program.close()
    letter = await customers.mailbox.send(EMMA, "Hello", "Are you there?")

    assert letter.standing is Standing.RETURNED  # after its last attempt
    assert program.mails == []


async def test_a_mail_is_on_record_before_it_is_answered_for(customers: Customers, journal: Path) -> None:
    customers.mishaps.expect(Door.MAIL, Mishap.LOST, 1)
    with pytest.raises(aiosmtplib.SMTPException):
        await bring(customers, answer_to("<unknown@customer.example>"))

    lines = recorded(journal)
    assert [(line["kind"], line["message_id"]) for line in lines] == [("mail_received", "<answer.1@shop.example>")]


@pytest.mark.parametrize(("mishap", "code"), [(Mishap.ERROR, 451), (Mishap.REFUSED, 550)])
async def test_a_mailbox_that_does_not_take_a_mail_keeps_nothing(
    customers: Customers, mishap: Mishap, code: int
) -> None:
    customers.mishaps.expect(Door.MAIL, mishap, 1)
    with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
        await bring(customers, answer_to("<unknown@customer.example>"))

    assert refusal.value.code == code
    assert customers.mailbox.in_order() == []


async def test_a_mail_without_a_plain_part_is_shown_as_words(customers: Customers) -> None:
    mail = answer_to("<unknown@customer.example>")
    mail.set_content("<style>p{}</style><p>It is <b>on</b> its way.</p><script>alert(1)</script>", subtype="html")
    await bring(customers, mail)

    assert customers.mailbox.in_order()[-1].text == "It is on its way."


async def test_a_sample_customer_thanks_for_a_persons_answer_but_not_for_a_machines(
    customers: Customers, program: Program
) -> None:
    customers.players.play("late-parcel")
    await program.until(lambda: len(program.mails) == 1)
    question = program.mails[0]["Message-ID"]
    automatic = answer_to(question)
    automatic.replace_header("Message-ID", "<auto@shop.example>")
    automatic["Auto-Submitted"] = "auto-replied"
    await bring(customers, automatic)
    await bring(customers, answer_to(question))

    await program.until(lambda: len(program.mails) == 2)
    assert program.mails[1]["In-Reply-To"] == "<answer.1@shop.example>"
