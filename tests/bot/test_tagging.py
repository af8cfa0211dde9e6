"""Tags from the card's menu: chosen, written anew, and shown."""

from bot.cards.model import Checks, Form
from bot.cards.tags import SHOWN_TAGS
from bot.surface import Done, FieldErrors
from tests.bot.team import Team, shown


async def _form(team: Team) -> Form:
    form = await team.act("tags")
    assert isinstance(form, Form)
    return form


async def test_new_tags_are_shown_on_the_card_and_offered_next_time(team: Team) -> None:
    await team.mail()
    form = await _form(team)
    assert not any(isinstance(one, Checks) for one in form.fields)
    assert isinstance(await team.act("set_tags", new="refund, 返金", **form.keep), Done)
    await team.work_off()
    assert "refund · 返金" in shown(team.card())
    (known,) = [one for one in (await _form(team)).fields if isinstance(one, Checks)]
    assert known.initial == ("refund", "返金")


async def test_of_many_tags_the_card_shows_the_first_and_how_many_more(team: Team) -> None:
    await team.mail()
    await team.act("set_tags", new=",".join(f"tag{number}" for number in range(SHOWN_TAGS + 3)))
    await team.work_off()
    assert f"tag{SHOWN_TAGS - 1} +3" in shown(team.card())
    assert f"tag{SHOWN_TAGS}" not in shown(team.card())


async def test_two_agents_who_have_the_form_open_at_once_do_not_undo_each_other(team: Team) -> None:
    await team.mail()
    await team.act("set_tags", new="old, stays")
    mine, theirs = await _form(team), await _form(team)
    await team.act("set_tags", chosen="stays", new="mine", **mine.keep)
    await team.act("set_tags", chosen="old,stays", new="theirs", **theirs.keep)
    assert set((await team.ticket()).tags) == {"stays", "mine", "theirs"}


async def test_a_tag_that_is_too_long_is_told_beside_its_field_and_the_form_stays(team: Team) -> None:
    await team.mail()
    answer = await team.act("set_tags", new="x" * 51)
    assert isinstance(answer, FieldErrors)
    assert "50" in answer.errors["new"]
    assert (await team.ticket()).tags == ()
