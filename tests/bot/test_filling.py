"""The organisation's own fields: filled in a form, shown on the card, asked for before a ticket closes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.model import Choice, DateInput, Form, TextInput
from bot.sandbox.slack import seed
from bot.surface import Done, FieldErrors
from routing.errors import Refused
from routing.own_fields import FieldKind, OwnField
from routing.ticket import Status
from tests.bot.team import Team, shown, team_policy, working_team

FIELDS = (
    OwnField("order", {"en": "Order", "ja": "注文番号"}),
    OwnField("cups", {"en": "Cups"}, FieldKind.NUMBER),
    OwnField("bought", {"en": "Bought on"}, FieldKind.DATE),
    OwnField("product", {"en": "Product"}, FieldKind.CHOICE, ("Coffee", "Cup, blue"), required_to_close=True),
)


@pytest.fixture
async def fielded(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """A house with four fields of its own."""
    async with working_team(database_url, tmp_path, policy=replace(team_policy(), fields=FIELDS)) as one:
        yield one


async def _form(team: Team) -> Form:
    form = await team.act("fields")
    assert isinstance(form, Form)
    return form


async def _history(team: Team) -> list[str]:
    ticket = await team.ticket()
    return [one.what for one in await team.inner.desk.look(lambda reads: reads.history_of(ticket.id))]


async def test_every_kind_of_field_is_filled_in_slack_and_shown_on_the_card(fielded: Team) -> None:
    team = fielded
    await team.mail()
    await team.work_off()
    await team.choose("Fields…")
    view = team.slack.open_view(seed.BEN)
    typed = {
        "field.order": "A-4711",
        "field.cups": "２",
        "field.bought": "2026-11-20",
        "field.product": "=Cup, blue",
    }
    await team.slack.submit(view, typed)
    await team.settle()
    await team.work_off()
    words = shown(team.card())
    for word in ("Order", "A-4711", "Cups", "2", "2026-11-20", "Cup, blue"):
        assert word in words
    again = {
        one.id: one.initial for one in (await _form(team)).fields if isinstance(one, TextInput | DateInput | Choice)
    }
    assert again == {
        "field.order": "A-4711",
        "field.cups": "2",
        "field.bought": "2026-11-20",
        "field.product": "Cup, blue",
    }


async def test_what_a_field_does_not_take_is_told_beside_it_and_nothing_is_kept(fielded: Team) -> None:
    await fielded.mail()
    form = await _form(fielded)
    values = {"field.order": "fine", "field.cups": "two", "field.bought": "2026-02-30", "field.product": "Tea"}
    answer = await fielded.act("set_fields", **form.keep, **values)
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {"field.cups", "field.bought", "field.product"}
    assert dict((await fielded.ticket()).fields) == {}


async def test_a_ticket_without_a_field_that_it_needs_is_not_closed_and_is_told_which(fielded: Team) -> None:
    team = fielded
    await team.mail()
    answer = await team.act("close")
    assert isinstance(answer, Done)
    assert answer.tell is not None
    assert "Product" in answer.tell.fallback
    assert (await team.ticket()).status is Status.NEW
    form = await team.act("reply")
    assert isinstance(form, Form)
    refused = await team.act("send", text="Bye.", after="close", **form.keep)
    assert isinstance(refused, FieldErrors)
    assert "Product" in str(refused.errors)
    await team.act("set_fields", **(await _form(team)).keep, **{"field.product": "Coffee"})
    assert await team.act("close") == Done()
    assert (await team.ticket()).status is Status.CLOSED


async def test_spam_needs_no_fields(fielded: Team) -> None:
    await fielded.mail()
    assert isinstance(await fielded.act("set_spam"), Done)
    assert (await fielded.ticket()).status is Status.SPAM


async def test_two_agents_who_fill_at_once_do_not_undo_each_other(fielded: Team) -> None:
    team = fielded
    await team.mail()
    mine, theirs = await _form(team), await _form(team)
    await team.act("set_fields", **mine.keep, **{"field.order": "A-1"})
    await team.act("set_fields", **theirs.keep, **{"field.cups": "3"})
    await team.act("set_fields", **theirs.keep, **{"field.cups": "3"})
    assert dict((await team.ticket()).fields) == {"order": "A-1", "cups": "3"}
    assert await _history(team) == ["ticket.created", "ticket.filled", "ticket.filled"]


async def test_a_field_is_emptied_again(fielded: Team) -> None:
    team = fielded
    await team.mail()
    await team.act("set_fields", **(await _form(team)).keep, **{"field.order": "A-1"})
    await team.act("set_fields", **(await _form(team)).keep, **{"field.order": " "})
    assert dict((await team.ticket()).fields) == {}


async def test_a_field_that_nobody_configured_is_refused(fielded: Team) -> None:
    await fielded.mail()
    actor = await fielded.inner.agent(seed.BEN, "Ben")
    with pytest.raises(Refused, match=r"fields\.unknown"):
        await fielded.inner.desk.fill(actor, (await fielded.ticket()).id, {"secret": "x"})


async def test_an_organisation_without_fields_is_offered_none(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "Fields…" not in shown(team.card())
    answer = await team.act("fields")
    assert isinstance(answer, Done)
    assert answer.tell is not None


@pytest.mark.parametrize("value", ["1e5", "NaN", "Infinity", "--1", "1.", "٣", "9" * 40, "1 000"])
def test_a_number_is_written_in_plain_figures(value: str) -> None:
    with pytest.raises(Refused, match="no_number"):
        FIELDS[1].checked(value)


@pytest.mark.parametrize("value", ["2026-13-01", "20261120", "tomorrow", "２０２６-11-20"])
def test_a_date_is_a_day_of_the_calendar(value: str) -> None:
    with pytest.raises(Refused, match="no_date"):
        FIELDS[2].checked(value)
