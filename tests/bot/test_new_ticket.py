"""An agent takes down what a customer said on the phone or at the counter."""

import asyncio
from dataclasses import replace

import pytest

from bot.cards.model import Form
from bot.sandbox.slack import seed
from bot.surface import Action, Done, FieldErrors
from routing.desk.opening import TakenDown
from routing.desk.views import TicketView
from routing.errors import Refused
from routing.ids import TicketId
from routing.messages import Direction, Message
from routing.ticket import Priority
from tests.bot.team import SUPPORT, Team, shown, who
from tests.inner import MAIL

SAID = {
    "name": "Hana Sato",
    "address": "hana@customer.example",
    "subject": "A broken cup",
    "text": "It came in two pieces.",
    "account": MAIL,
    "room": "-",
    "priority": "high",
    "mine": "",
}


async def _open(team: Team, user: str = seed.BEN) -> Form:
    answer = await team.router.dispatch(Action("new_ticket", who(user), TicketId(""), place=SUPPORT.place))
    assert isinstance(answer, Form)
    return answer


async def _submit(team: Team, form: Form, **values: str) -> Done | FieldErrors:
    action = Action("take_down", who(seed.BEN), TicketId(""), values={**SAID, **form.keep, **values})
    answer = await team.router.dispatch(action)
    assert isinstance(answer, Done | FieldErrors)
    return answer


async def _view(team: Team) -> TicketView:
    await team.work_off()
    return await team.view()


def _told(answer: Done | FieldErrors) -> str:
    if isinstance(answer, FieldErrors):
        return " ".join(answer.errors.values())
    return answer.tell.fallback if answer.tell else ""


async def test_a_ticket_is_made_shown_and_can_be_answered_by_mail(team: Team) -> None:
    answer = await _submit(team, await _open(team))
    assert "#1 is made" in _told(answer)
    view = await _view(team)
    assert (view.ticket.subject, view.ticket.priority, view.ticket.assignee) == ("A broken cup", Priority.HIGH, None)
    assert view.contact.name == "Hana Sato"
    assert "It came in two pieces." in shown(team.card())
    assert "Ben Carter took down what Hana Sato said" in shown(team.thread()[0])
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="We send another one.", **form.keep)
    await team.later(11)
    (sent,) = team.provider.taken
    assert sent.address == "hana@customer.example"
    assert sent.text == "We send another one."


async def test_the_customers_answer_joins_the_ticket_and_the_customer_is_known_again(team: Team) -> None:
    await _submit(team, await _open(team))
    await team.mail("Another matter.", sender="Hana Sato <hana@customer.example>", subject="Beans")
    assert (await team.view(2)).contact.id == (await team.view(1)).contact.id


async def test_an_address_in_capitals_is_the_same_customer(team: Team) -> None:
    await _submit(team, await _open(team), address="Hana@Customer.Example")
    await team.mail("Another matter.", sender="Hana Sato <hana@customer.example>", subject="Beans")
    assert (await team.view(2)).contact.id == (await team.view(1)).contact.id


async def test_submitted_twice_at_once_it_is_one_ticket(team: Team) -> None:
    form = await _open(team)
    answers = await asyncio.gather(*(_submit(team, form) for _ in range(5)))
    assert {_told(one) for one in answers} == {"#1 is made:"}
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(2)) is None


async def test_without_an_address_it_is_a_ticket_that_cannot_be_answered(team: Team) -> None:
    await _submit(team, await _open(team), address="", mine="mine")
    view = await _view(team)
    assert view.assignee is not None
    assert view.assignee.name == "Ben Carter"
    assert "no address" in _told(await team.act("reply"))  # type: ignore[arg-type]  # a refusal, no form
    assert "no address" in _told(await team.act("send", text="Hello.", key="m1", seen="9"))  # type: ignore[arg-type]  # likewise
    await _submit(team, await _open(team), address="")
    assert (await team.view(2)).contact.id != view.contact.id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " ", "address": ""}, "name"),
        ({"text": " \n"}, "text"),
        ({"address": "hana"}, "address"),
        ({"address": "hana@customer.example, other@x.example"}, "address"),
        ({"account": "nothing"}, "account"),
    ],
    ids=["nobody", "no-words", "no-address", "two-addresses", "no-account"],
)
async def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(
    team: Team, wrong: dict[str, str], field: str
) -> None:
    answer = await _submit(team, await _open(team), **wrong)
    assert isinstance(answer, FieldErrors)
    assert list(answer.errors) == [field]
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(1)) is None


async def test_a_room_that_one_is_not_in_cannot_be_chosen(team: Team) -> None:
    form = await _open(team)
    assert isinstance(await _submit(team, form, room="managers"), FieldErrors)
    assert await team.inner.desk.look(lambda reads: reads.ticket_by_number(1)) is None
    await _submit(team, form, room="billing")
    rooms = await team.inner.desk.rooms_of((await team.ticket()).id)
    assert [one.room for one in rooms] == ["billing"]


async def test_the_form_opens_from_the_shortcut_and_from_a_command_and_is_filled_in_slack(team: Team) -> None:
    assert (await team.slack.shortcut(seed.BEN, "new_ticket")).ok
    await team.settle()
    view = team.slack.open_view(seed.BEN)
    assert view.shown["title"]["text"] == "New ticket"
    outcome = await team.slack.submit(view, {"name": "Hana", "text": "Where is it?"})
    assert outcome.ok
    await team.settle()
    assert outcome.errors == {}
    assert (await team.ticket()).latest == "Where is it?"
    await team.slack.command(seed.BEN, "#support", "/desk", "new")
    await team.settle()
    assert team.slack.open_view(seed.BEN).shown["title"]["text"] == "New ticket"


async def test_viewers_and_strangers_make_none(team: Team) -> None:
    agent = await team.inner.agent("U9", "Zoe")
    assert agent.agent is not None
    viewer = replace(agent, agent=replace(agent.agent, role=type(agent.agent.role)("viewer")))
    with pytest.raises(Refused, match="not_allowed"):
        await team.inner.desk.take_down(viewer, TakenDown("k", MAIL, "Hana", "", "", "Words"))
    answer = await team.router.dispatch(Action("new_ticket", who(seed.GUEST), TicketId("")))
    assert isinstance(answer, Done)
    assert "Only full members" in _told(answer)


async def test_the_words_are_kept_as_the_customers(team: Team) -> None:
    await _submit(team, await _open(team), text="<@U0AKI> *bold*")
    ticket = await team.ticket()
    (message,) = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=10))
    assert isinstance(message, Message)
    assert (message.direction, message.author, message.verified) == (Direction.INBOUND, "Hana Sato", False)
    assert message.agent is not None
