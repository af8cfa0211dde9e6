"""Which ticket a mail belongs to (P6), seen through the ledger."""

from routing.agents import SYSTEM
from routing.desk.views import TicketView
from routing.messages import Outcome
from tests.desk.mails import a_mail
from tests.inner import Inner


async def _ticket(inner: Inner, number: int) -> TicketView:
    ticket = await inner.desk.look(lambda reads: reads.ticket_by_number(number))
    assert ticket is not None
    return await inner.desk.view(ticket.id)


async def _outcomes(inner: Inner) -> dict[Outcome, int]:
    figures = await inner.inbox.figures()
    assert figures.waiting == 0
    return {outcome: count for outcome, count in figures.outcomes.items() if count}


async def test_a_first_mail_becomes_a_numbered_ticket(inner: Inner) -> None:
    await inner.mail(a_mail())
    await inner.read_everything()
    view = await _ticket(inner, 1)
    assert view.ticket.subject == "Where is my parcel?"
    assert view.ticket.latest.strip() == "My parcel has not come."
    assert view.contact.name == "Hana Sato"
    assert view.nth == 1
    assert [entry.what for entry in await inner.desk.look(lambda reads: reads.history_of(view.ticket.id))] == [
        "ticket.created"
    ]


async def test_the_same_mail_by_two_ways_is_one_message(inner: Inner) -> None:
    raw = a_mail()
    await inner.mail(raw)
    await inner.mail(b"Received: from mx.example by mail.example; Sun, 22 Nov 2026 01:00:00 +0000\r\n" + raw)
    await inner.mail(raw)  # the very same delivery
    await inner.read_everything()
    assert await _outcomes(inner) == {Outcome.TICKETED: 1, Outcome.DUPLICATE: 1}
    assert (await inner.inbox.figures()).repeats == 1


async def test_the_customers_answer_joins_by_its_references(inner: Inner) -> None:
    await inner.mail(a_mail())
    await inner.read_everything()
    await inner.mail(
        a_mail("Any news?", message_id="<second@customer.example>", answers="<first@customer.example>", subject="Re: x")
    )
    await inner.read_everything()
    view = await _ticket(inner, 1)
    assert view.ticket.latest.strip() == "Any news?"
    assert await _outcomes(inner) == {Outcome.TICKETED: 1, Outcome.APPENDED: 1}


async def test_two_answers_to_a_parent_never_seen_are_one_ticket(inner: Inner) -> None:
    for number, text in enumerate(("One.", "Two.")):
        await inner.mail(a_mail(text, message_id=f"<n{number}@customer.example>", answers="<unseen@elsewhere.example>"))
        await inner.read_everything()
    assert await _outcomes(inner) == {Outcome.TICKETED: 1, Outcome.APPENDED: 1}


async def test_a_stranger_who_knows_the_reference_gets_a_ticket_of_his_own(inner: Inner) -> None:
    await inner.mail(a_mail())
    await inner.read_everything()
    await inner.mail(
        a_mail(
            "Please send the refund to me instead.",
            sender="eve@evil.example",
            message_id="<eve@evil.example>",
            answers="<first@customer.example>",
        )
    )
    await inner.read_everything()
    view = await _ticket(inner, 2)
    assert view.ticket.claims_number == 1
    assert (await _ticket(inner, 1)).ticket.latest.strip() == "My parcel has not come."


async def test_a_number_in_the_subject_counts_only_for_who_takes_part(inner: Inner) -> None:
    await inner.mail(a_mail())
    await inner.read_everything()
    await inner.mail(a_mail("And?", subject="Again [#1]", message_id="<again@customer.example>"))
    await inner.mail(a_mail("Mine!", subject="Hello [#1]", sender="eve@evil.example", message_id="<eve2@evil.example>"))
    await inner.read_everything()
    assert (await _ticket(inner, 1)).ticket.latest.strip() == "And?"
    assert (await _ticket(inner, 2)).ticket.claims_number == 1


async def test_somebody_in_copy_may_answer(inner: Inner) -> None:
    await inner.mail(a_mail(copy="Boss <boss@customer.example>"))
    await inner.read_everything()
    await inner.mail(
        a_mail(
            "I would like to know too.",
            sender="boss@customer.example",
            message_id="<boss@customer.example>",
            answers="<first@customer.example>",
        )
    )
    await inner.read_everything()
    assert await _outcomes(inner) == {Outcome.TICKETED: 1, Outcome.APPENDED: 1}


async def test_a_closed_ticket_reopens_for_a_person_but_not_for_a_machine(inner: Inner) -> None:
    await inner.mail(a_mail())
    await inner.read_everything()
    ticket = (await _ticket(inner, 1)).ticket
    agent = await inner.agent()
    await inner.desk.close(agent, ticket.id)
    await inner.mail(
        a_mail(
            "I am on holiday.",
            message_id="<auto@customer.example>",
            answers="<first@customer.example>",
            Auto_Submitted="auto-replied",
        )
    )
    await inner.read_everything()
    assert (await _ticket(inner, 1)).ticket.status == "closed"
    await inner.mail(
        a_mail("It still is not here.", message_id="<still@customer.example>", answers="<first@customer.example>")
    )
    await inner.read_everything()
    assert (await _ticket(inner, 1)).ticket.status == "open"
    assert SYSTEM.agent is None


async def test_a_mail_that_cannot_be_read_is_kept_whole_and_the_next_one_is_read(inner: Inner) -> None:
    bomb = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n\r\n" * 5000
    await inner.mail(bomb)
    await inner.mail(a_mail())
    await inner.read_everything()
    assert await _outcomes(inner) == {Outcome.TICKETED: 1, Outcome.QUARANTINED: 1}
    kept = await inner.inbox.quarantine(limit=10)
    found = await inner.inbox.quarantined(kept[0].id)
    assert found is not None
    assert found.body == bomb
    assert kept[0].size == len(bomb)
    assert kept[0].reason
