"""Messages are split off into a ticket of their own: shown there, led to from the old thread, answered from both."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.cards.model import Checks, Form
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.desk.receiving import ReadDelivery
from routing.errors import Refused
from routing.ids import DeliveryId, TicketId, new_id
from routing.messages import Edited, Message, Unsent
from routing.replies import Sending
from tests.bot.team import SUPPORT, Team, shown, who
from tests.desk.mails import a_mail
from tests.inner import MAIL

SECOND = "And another thing: <@U0AKI> my invoice is wrong."


async def _two_matters(team: Team) -> None:
    await team.mail("My parcel has not come.")
    await team.mail(SECOND, number=2)
    await team.work_off()


async def _press(team: Team, name: str, number: int, /, **values: str) -> Answer:
    ticket = (await team.ticket(number)).id
    return await team.router.dispatch(Action(name, who(seed.BEN), ticket, values=values, place=SUPPORT.place))


async def _offered(team: Team, number: int = 1) -> tuple[Form, list[str]]:
    form = await _press(team, "split", number)
    assert isinstance(form, Form)
    (checks,) = [one for one in form.fields if isinstance(one, Checks)]
    return form, [one.value for one in checks.options]


async def _split(team: Team) -> None:
    """The second matter becomes #2."""
    form, (newest, _) = await _offered(team)
    assert isinstance(await _press(team, "split_off", 1, messages=newest, **form.keep), Done)
    await team.work_off()


def _card(team: Team, number: int) -> dict[str, Any]:
    return next(one for one in team.cards() if f"#{number} " in shown(one).split("\n")[0])


def _below(team: Team, number: int) -> list[str]:
    return [shown(one) for one in team.slack.thread(SUPPORT.place, _card(team, number)["ts"])[1:]]


async def _reply(team: Team, number: int, text: str) -> None:
    form = await _press(team, "reply", number)
    assert isinstance(form, Form)
    assert isinstance(await _press(team, "send", number, text=text, **form.keep), Done)
    await team.later(11)


async def test_messages_are_split_off_through_slack(team: Team) -> None:
    await _two_matters(team)
    await team.choose("Split…")
    view = team.slack.open_view(seed.BEN)
    element = next(one["element"] for one in view.shown["blocks"] if one["type"] == "input")
    await team.slack.submit(view, {"messages": [element["options"][0]["value"]]})
    await team.settle()
    await team.work_off()
    assert "my invoice is wrong" in shown(_card(team, 2))
    assert "Split from #1" in shown(_card(team, 2))
    assert "my invoice is wrong" in _below(team, 2)[-1]
    assert "My parcel has not come." in shown(_card(team, 1))
    old = " ".join(_below(team, 1))
    assert "invoice" not in old
    assert "now belongs to #2" in old
    assert "Ben Carter split messages off into #2" in old
    assert "Ben Carter split this ticket off from #1" in _below(team, 2)[0]


async def test_the_customer_goes_on_in_the_old_ticket_until_somebody_answers_from_the_new_one(team: Team) -> None:
    await _two_matters(team)
    await _split(team)
    await team.mail("Hello?", number=3)
    assert (await team.ticket(1)).latest.strip() == "Hello?"
    await _reply(team, 2, "Here is the right invoice.")
    await team.mail("Thank you for the invoice.", number=4)
    assert (await team.ticket(2)).latest.strip() == "Thank you for the invoice."
    await _reply(team, 1, "The parcel is coming.")
    await team.mail("The parcel came.", number=5)
    assert (await team.ticket(1)).latest.strip() == "The parcel came."


async def test_a_form_submitted_twice_and_two_presses_at_once_make_one_ticket(team: Team) -> None:
    await _two_matters(team)
    form, (newest, _) = await _offered(team)
    answers = await asyncio.gather(
        *(_press(team, "split_off", 1, messages=newest, **form.keep) for _ in range(4)), return_exceptions=True
    )
    assert all(isinstance(one, Done) for one in answers)
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(3)) is None


async def test_two_agents_who_split_the_same_message_off_at_once_make_one_ticket(team: Team) -> None:
    await _two_matters(team)
    mine, (newest, _) = await _offered(team)
    theirs, _options = await _offered(team)
    answers = await asyncio.gather(
        _press(team, "split_off", 1, messages=newest, **mine.keep),
        _press(team, "split_off", 1, messages=newest, **theirs.keep),
    )
    assert {type(one) for one in answers} == {Done, FieldErrors}
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(3)) is None


async def test_a_split_goes_nowhere_without_messages_or_with_all_or_with_others(team: Team) -> None:
    await _two_matters(team)
    form, (newest, oldest) = await _offered(team)
    for messages in ("", f"{newest},{oldest}", "nobody", f"{newest},nobody"):
        answer = await _press(team, "split_off", 1, messages=messages, **form.keep)
        assert isinstance(answer, FieldErrors), messages
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(2)) is None


async def test_with_one_message_there_is_nothing_to_split(team: Team) -> None:
    await team.mail()
    form = await _press(team, "split", 1)
    assert isinstance(form, Form)
    assert form.submit == ""


async def test_an_edit_and_a_taking_back_find_the_message_in_its_new_ticket(team: Team) -> None:
    await _two_matters(team)
    _form, (newest, _) = await _offered(team)
    await _split(team)
    message = await team.inner.desk.message(newest)
    assert message is not None
    original, now = str(message.external_id), team.inner.clock()
    for item in (Edited("edit", original, "The invoice of May.", now), Unsent("unsend", original, now)):
        await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, now, (item,))])
        await team.work_off()
        words = " ".join([*_below(team, 2), shown(_card(team, 2))])
        assert ("The invoice of May." in words) is isinstance(item, Edited)
    assert "took a message back" in " ".join(_below(team, 2))


async def test_files_go_with_their_message(team: Team) -> None:
    await team.mail("My parcel has not come.")
    await team.inner.mail(_with_a_file())
    await team.inner.read_everything()
    await team.work_off()
    ticket = await team.ticket(1)
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=9))
    message = [one for one in said if isinstance(one, Message)][-1]
    await team.inner.desk.split(await team.actor(), ticket.id, [message.id], TicketId(new_id()))
    await team.work_off()
    moved = await team.inner.desk.files_of(message.id)
    assert {one.ticket for one in moved} == {(await team.ticket(2)).id}
    assert len(team.calls("files.delete")) == 1, "it stands in the new thread, not in the old one"


def _with_a_file() -> bytes:
    plain = a_mail("The invoice.", message_id="<file@customer.example>", answers="<first@customer.example>")
    head, _, body = plain.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-", b"mime-"))]
    kept += [b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="cut"', b"", b"--cut"]
    kept += [b"Content-Type: text/plain", b"", body, b"--cut", b"Content-Type: application/pdf"]
    kept += [b'Content-Disposition: attachment; filename="invoice.pdf"', b"", b"%PDF-1.4", b"--cut--", b""]
    return b"\r\n".join(kept)


async def test_a_split_ticket_is_merged_back_and_apart_again(team: Team) -> None:
    await _two_matters(team)
    await _split(team)
    desk, actor = team.inner.desk, await team.actor()
    first, second = (await team.ticket(1)).id, (await team.ticket(2)).id
    await desk.merge(actor, second, first)
    await team.mail("Hello?", number=3)
    await desk.unmerge(actor, second)
    assert (await team.ticket(1)).latest.strip() == "Hello?", "it never belonged to the split one"
    assert (await team.ticket(2)).latest.strip() == SECOND


async def test_a_reply_from_a_split_ticket_keeps_it_from_being_merged_until_it_left(team: Team) -> None:
    await _two_matters(team)
    await _split(team)
    form = await _press(team, "reply", 2)
    assert isinstance(form, Form)
    await _press(team, "send", 2, text="Soon.", **form.keep)
    desk, actor = team.inner.desk, await team.actor()
    with pytest.raises(Refused, match=r"merge\.reply_pending"):
        await desk.merge(actor, (await team.ticket(2)).id, (await team.ticket(1)).id)
    team.inner.clock.forward(timedelta(seconds=11))
    await team.work_off()
    assert [one.state for one in (await team.view(2)).replies] == [Sending.SENT]
    await desk.merge(actor, (await team.ticket(2)).id, (await team.ticket(1)).id)
    await team.mail("Hello?", number=3)
    assert (await team.ticket(1)).latest.strip() == "Hello?"


async def test_a_merged_ticket_is_not_split(team: Team) -> None:
    await _two_matters(team)
    form, (newest, _) = await _offered(team)
    await team.mail(sender="Emma <emma@customer.example>", message_id="<e@customer.example>")
    actor = await team.actor()
    await team.inner.desk.merge(actor, (await team.ticket(1)).id, (await team.ticket(2)).id)
    assert isinstance(await _press(team, "split", 1), Done)
    assert isinstance(await _press(team, "split_off", 1, messages=newest, **form.keep), FieldErrors)
