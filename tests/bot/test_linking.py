"""Identities of a customer: shown with what speaks for them, linked by a person who saw it, and unlinked exactly."""

import asyncio

import pytest

from bot.cards.model import Button, Form, FormButtons, Said, plain
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from tests.bot.team import SUPPORT, Team, who

EMMA = "Emma <emma@private.example>"


async def _press(team: Team, name: str, number: int, /, **values: str) -> Answer:
    ticket = (await team.ticket(number)).id
    return await team.router.dispatch(Action(name, who(seed.BEN), ticket, values=values, place=SUPPORT.place))


async def _two_customers(team: Team) -> None:
    """#1 from Hana's address, #2 from another one."""
    await team.mail()
    await team.mail("It is me again.", sender=EMMA, message_id="<e1@private.example>")
    await team.work_off()
    await team.actor()


def _words(form: Answer) -> str:
    assert isinstance(form, Form)
    return "\n".join(plain(line) for one in form.fields if isinstance(one, Said) for line in one.lines)


def _buttons(form: Answer) -> dict[str, Button]:
    assert isinstance(form, Form)
    return {one.action: one for field in form.fields if isinstance(field, FormButtons) for one in field.buttons}


async def _link(team: Team, which: str = "emma@private.example") -> None:
    form = await _press(team, "choose_link", 1, which=which)
    assert isinstance(form, Form)
    assert isinstance(await _press(team, "link_identity", 1, reason="She said so on the phone.", **form.keep), Done)


async def test_the_contact_form_says_what_speaks_for_each_identity(team: Team) -> None:
    await _two_customers(team)
    form = await _press(team, "contact", 1)
    assert "hana@customer.example> · only its From line says so" in _words(form)
    assert "unlink" not in _buttons(form)


@pytest.mark.parametrize("which", ["emma@private.example", " EMMA@PRIVATE.example ", "2", "#2", "＃２"])
async def test_an_identity_is_named_by_its_address_or_a_tickets_number(team: Team, which: str) -> None:
    await _two_customers(team)
    form = await _press(team, "choose_link", 1, which=which)
    words = _words(form)
    assert "hana@customer.example" in words
    assert "emma@private.example" in words
    assert "Nothing proves who wrote from there" in words
    assert (await team.view(2)).contact.id != (await team.view(1)).contact.id, "nothing changed yet"


@pytest.mark.parametrize("which", ["", "99", "1", "nobody@customer.example", "9" * 40, "hana@customer.example"])
async def test_what_cannot_be_linked_is_told_beside_its_field(team: Team, which: str) -> None:
    await _two_customers(team)
    answer = await _press(team, "choose_link", 1, which=which)
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {"which"}


async def test_a_linked_identity_brings_its_tickets_and_unlinking_takes_them_back_with_what_came_since(
    team: Team,
) -> None:
    await _two_customers(team)
    hana, emma = (await team.view(1)).contact, (await team.view(2)).contact
    await _link(team)
    await team.mail("A third matter.", sender=EMMA, message_id="<e2@private.example>", subject="Third")
    assert {(await team.view(number)).contact.id for number in (1, 2, 3)} == {hana.id}
    form = await _press(team, "contact", 2)
    assert "hana@customer.example" in _words(form)
    assert "linked" in _words(form)
    again = await _press(team, "unlink", 1, **_buttons(form)["unlink"].values)
    assert isinstance(again, Form)
    assert [(await team.view(number)).contact.id for number in (1, 2, 3)] == [hana.id, emma.id, emma.id]
    ticket = (await team.ticket(1)).id
    history = await team.inner.desk.look(lambda reads: reads.history_of(ticket))
    assert [one.what for one in history if one.what.startswith("contact.")] == ["contact.linked", "contact.unlinked"]
    assert "She said so on the phone." in [one.values.get("reason") for one in history]


async def test_linking_twice_and_at_once_is_one_link(team: Team) -> None:
    await _two_customers(team)
    form = await _press(team, "choose_link", 1, which="2")
    assert isinstance(form, Form)
    answers = await asyncio.gather(*(_press(team, "link_identity", 1, **form.keep) for _ in range(4)))
    assert all(isinstance(one, Done) for one in answers)
    await _press(team, "unlink", 1, **form.keep)
    await _press(team, "unlink", 1, **form.keep)
    assert (await team.view(2)).contact.id != (await team.view(1)).contact.id


async def test_an_identity_that_was_linked_to_somebody_else_is_unlinked_there_first(team: Team) -> None:
    await _two_customers(team)
    await team.mail("Third.", sender="Mio <mio@customer.example>", message_id="<m@customer.example>")
    stale = await _press(team, "choose_link", 3, which="emma@private.example")
    assert isinstance(stale, Form)
    await _link(team)
    assert isinstance(await _press(team, "choose_link", 3, which="emma@private.example"), FieldErrors)
    assert isinstance(await _press(team, "link_identity", 3, **stale.keep), FieldErrors)
    assert (await team.view(2)).contact.id == (await team.view(1)).contact.id


async def test_a_forged_from_line_links_nothing_by_itself(team: Team) -> None:
    await _two_customers(team)
    forged = "Hana Sato <hana@elsewhere.example>"
    await team.mail("I am Hana, believe me.", sender=forged, message_id="<x@elsewhere.example>")
    assert (await team.view(3)).contact.id != (await team.view(1)).contact.id


async def test_guests_link_nothing(team: Team) -> None:
    await _two_customers(team)
    form = await _press(team, "choose_link", 1, which="2")
    assert isinstance(form, Form)
    ticket = (await team.ticket(1)).id
    action = Action("link_identity", who(seed.GUEST), ticket, values=form.keep, place=SUPPORT.place)
    assert isinstance(await team.router.dispatch(action), FieldErrors)
    assert (await team.view(2)).contact.id != (await team.view(1)).contact.id
