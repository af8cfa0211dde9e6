"""Spam is settled without an answer, senders are shut out and let in again, and nothing is lost by it."""

import pytest

from bot.cards.contact import PAGE
from bot.cards.model import Form, FormButtons, Said, plain
from bot.sandbox.slack import seed
from bot.surface import Done, FieldErrors
from routing.messages import Outcome
from routing.ticket import Status
from tests.bot.team import MANAGERS, Team, shown

SPAMMER = "Pills <pills@spam.example>"


async def test_a_spam_card_shrinks_and_comes_back(team: Team) -> None:
    await team.mail("Buy these pills now.")
    await team.work_off()
    await team.act("claim")
    assert isinstance(await team.act("spam"), Form)
    assert isinstance(await team.act("set_spam"), Done)
    await team.work_off()
    assert "pills" not in shown(team.card())
    assert "Marked as spam" in shown(team.card())
    assert not team.provider.taken
    await team.act("not_spam")
    await team.work_off()
    assert "Buy these pills now." in shown(team.card())
    assert (await team.ticket()).status is Status.OPEN


async def test_more_spam_on_the_same_thread_stays_spam(team: Team) -> None:
    await team.mail()
    await team.act("set_spam")
    await team.mail("Last chance!", number=2)
    await team.work_off()
    assert (await team.ticket()).status is Status.SPAM
    assert "Last chance!" in shown(team.thread()[-1])


@pytest.mark.parametrize("name", ["claim", "close", "reopen", "snooze", "reply"])
async def test_what_is_spam_is_not_worked_at(team: Team, name: str) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("set_spam")
    before = await team.ticket()
    submit = {"snooze": "set_snooze", "reply": "send"}.get(name, name)
    values = {**form.keep, "text": "Hello?", "preset": "hour"} if submit != name else {}
    answer = await team.act(submit, **values)
    words = answer.tell.fallback if isinstance(answer, Done) and answer.tell else ""
    words += " ".join(answer.errors.values()) if isinstance(answer, FieldErrors) else ""
    assert "marked as spam" in words
    assert await team.ticket() == before


async def test_a_ticket_whose_reply_has_not_left_is_no_spam_yet(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="Dear sir.", **form.keep)
    answer = await team.act("set_spam")
    assert isinstance(answer, FieldErrors)
    assert "Undo it first" in answer.errors[""]
    await team.later(11)
    assert isinstance(await team.act("set_spam"), Done)


async def test_a_reply_to_another_customer_of_the_ticket_must_leave_before_it_is_spam(team: Team) -> None:
    await team.mail()
    await team.mail("Mine, too.", sender=SPAMMER, message_id="<other@spam.example>", subject="Mine")
    other = await team.ticket(2)
    await team.inner.desk.merge(await team.actor(), other.id, (await team.ticket()).id)
    form = await team.act("reply")
    assert isinstance(form, Form)
    assert isinstance(await team.act("send", text="Dear sir.", conversation=other.conversation, **form.keep), Done)
    answer = await team.act("set_spam")
    assert isinstance(answer, FieldErrors)
    assert "Undo it first" in answer.errors[""]
    await team.later(11)
    assert isinstance(await team.act("set_spam"), Done)


async def test_a_blocked_sender_opens_no_ticket_until_let_in_again(team: Team) -> None:
    await team.mail(sender=SPAMMER)
    form = await team.act("spam")
    assert isinstance(form, Form)
    await team.act("set_spam", also="block", **form.keep)
    await team.work_off()
    assert "blocked" in shown(team.card())
    await team.mail("More pills.", sender=SPAMMER, message_id="<more@spam.example>")
    await team.mail("My parcel?", message_id="<other@customer.example>")
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(3)) is None
    identity = (await team.view()).identity.id
    await team.act("unblock", identity=identity)
    await team.act("unblock", identity=identity)
    await team.mail("Sorry, I am a customer.", sender=SPAMMER, message_id="<sorry@spam.example>")
    assert (await team.ticket(3)).latest == "Sorry, I am a customer."
    ticket = await team.ticket()
    told = [one.what for one in await team.inner.desk.look(lambda reads: reads.history_of(ticket.id))]
    assert told[1:] == ["ticket.spam", "contact.blocked", "contact.unblocked"]
    assert (await team.inner.inbox.figures()).outcomes[Outcome.DISCARDED] == 1


async def test_who_is_not_the_tickets_customer_cannot_be_blocked_with_it(team: Team) -> None:
    await team.mail()
    await team.mail(sender=SPAMMER, message_id="<spam@spam.example>")
    stranger = (await team.view(2)).identity
    await team.act("block", identity=stranger.id)
    await team.act("set_spam", also="block", identity=stranger.id)
    assert not (await team.view(2)).identity.blocked
    assert (await team.ticket()).status is Status.NEW


def _words(form: Form) -> str:
    return "\n".join(plain(line) for one in form.fields if isinstance(one, Said) for line in one.lines)


def _turns(form: Form) -> dict[str, dict[str, str]]:
    rows = [one.buttons for one in form.fields if isinstance(one, FormButtons)]
    return {button.label: dict(button.values) for row in rows for button in row if button.action == "contact"}


async def test_the_customers_tickets_are_listed_page_by_page(team: Team) -> None:
    for number in range(PAGE + 2):
        subject = f"Matter {number + 1}"
        await team.mail(subject=subject, message_id=f"<matter{number}@customer.example>")
    first = await team.act("contact")
    assert isinstance(first, Form)
    assert f"Tickets: {PAGE + 2}" in _words(first)
    assert f"#{PAGE + 2} · New · Matter {PAGE + 2}" in _words(first)
    assert "#2 ·" not in _words(first)
    second = await team.act("contact", **_turns(first)["Older tickets"])
    assert isinstance(second, Form)
    assert "#1 · New · Matter 1" in _words(second)
    assert set(_turns(second)) == {"Newer tickets"}
    assert await team.act("contact", **_turns(second)["Newer tickets"]) == first


async def test_tickets_of_rooms_that_one_is_not_in_are_not_listed(team: Team) -> None:
    await team.mail(subject="Matter 1")
    await team.mail(subject="Matter 2", message_id="<second@customer.example>")
    second = await team.ticket(2)
    actor = await team.inner.agent(seed.AKI, "Aki")
    await team.inner.desk.show_in_room(actor, second.id, MANAGERS.id, "managers", leaving=True)
    for user, sees in ((seed.BEN, False), (seed.AKI, True)):
        form = await team.act("contact", user)
        assert isinstance(form, Form)
        assert "Matter 1" in _words(form)
        assert ("Matter 2" in _words(form)) is sees


@pytest.mark.parametrize("page", ["-1", "x", "٣", "9" * 40])
async def test_a_forged_page_shows_a_page_all_the_same(team: Team, page: str) -> None:
    await team.mail()
    assert isinstance(await team.act("contact", page=page), Form)


async def test_the_sender_is_blocked_by_a_button_in_slack_that_asks_first(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.choose("Customer…")
    view = team.slack.open_view(seed.BEN)
    button = next(one for block in view.shown["blocks"] for one in block.get("elements", []) if "confirm" in one)
    await team.slack.press_in_view(view, button["action_id"])
    await team.settle()
    assert (await team.view()).identity.blocked
    assert "Unblock sender" in str(team.slack.open_view(seed.BEN).shown["blocks"])
