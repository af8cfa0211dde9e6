"""Templates made in chat: by managers alone, offered at once, overwriting nobody unseen, with honest figures."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cards.model import Button, Choice, Form, FormButtons, Said, TextInput, plain
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.agents import Role
from routing.ids import TicketId
from routing.templates import Template
from tests.bot.team import BILLING, SUPPORT, Team, shown, team_policy, who, working_team

MANAGERS = {"ben@sunrise-coffee.example": Role.MANAGER, "aki@sunrise-coffee.example": Role.MANAGER}
HOURS = {"title": "Opening hours", "text_en": "Dear {{ contact.name }}, we open at nine.", "text_ja": "9時からです。"}


@pytest.fixture
async def team(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """Ben and Aki are managers, Yui is an agent."""
    async with working_team(database_url, tmp_path, policy=team_policy(roles=MANAGERS)) as one:
        yield one


async def at_no_ticket(team: Team, name: str, user: str = seed.BEN, /, **values: str) -> Answer:
    """As from Slack's menu of shortcuts, where there is no card."""
    return await team.router.dispatch(Action(name, who(user), TicketId(""), values=values))


async def make(team: Team, user: str = seed.BEN, /, **changes: str) -> str:
    """Fills in the form of a new template and saves it; returns its id."""
    form = await at_no_ticket(team, "template_new", user)
    assert isinstance(form, Form)
    saved = await at_no_ticket(team, "template_save", user, **{**form.keep, **HOURS, **changes})
    assert isinstance(saved, Form), saved
    return form.keep["template"]


def words(form: Answer) -> str:
    """Everything that a form shows."""
    assert isinstance(form, Form), form
    said = [one for one in form.fields if isinstance(one, Said)]
    return "\n".join(
        [*(plain(line) for one in said for line in one.lines), *(one.quote.text for one in said if one.quote)]
    )


def inputs(form: Answer) -> dict[str, str]:
    assert isinstance(form, Form), form
    return {one.id: one.initial for one in form.fields if isinstance(one, TextInput)}


def buttons(form: Answer) -> list[Button]:
    assert isinstance(form, Form), form
    return [button for one in form.fields if isinstance(one, FormButtons) for button in one.buttons]


def offered(form: Answer) -> list[str]:
    """The titles that the reply form offers."""
    assert isinstance(form, Form), form
    choices = [one for one in form.fields if isinstance(one, Choice) and one.id == "template"]
    return [option.label for one in choices for option in one.options][1:]


async def reply(team: Team, template: str, change: str = "", user: str = seed.BEN) -> None:
    """Answers the first ticket from a template, with a few words put behind it."""
    form = await team.act("reply", user)
    assert isinstance(form, Form)
    chosen = await team.act("form.send.template", user, template=template, text="", **form.keep)
    text = inputs(chosen)["text"] + change
    assert isinstance(await team.act("send", user, **{**form.keep, "template": template, "text": text}), Done)
    await team.later(11)


async def test_a_template_made_in_a_form_is_offered_in_the_next_reply_form(team: Team) -> None:
    await team.mail()
    name = await make(team)
    form = await team.act("reply", seed.YUI)
    assert "Opening hours" in offered(form)
    assert isinstance(form, Form)
    filled = await team.act("form.send.template", seed.YUI, template=name, **form.keep)
    assert inputs(filled)["text"] == "Dear Hana Sato, we open at nine."


async def test_the_same_form_saved_twice_is_one_template(team: Team) -> None:
    form = await at_no_ticket(team, "template_new")
    assert isinstance(form, Form)
    for _ in range(2):
        assert isinstance(await at_no_ticket(team, "template_save", **form.keep, **HOURS), Form)
    made = [one for one in await team.inner.desk.templates() if not one.template.configured]
    assert [(one.template.title, one.template.version) for one in made] == [("Opening hours", 1)]


async def test_only_managers_make_templates_and_agents_may_look(team: Team) -> None:
    name = await make(team)
    for action in ("template_new", "template_edit", "template_save", "template_archive"):
        answer = await at_no_ticket(team, action, seed.YUI, template=name, away="yes", **HOURS)
        assert isinstance(answer, FieldErrors)
        assert "権限がありません" in " ".join(answer.errors.values()), "Yui reads Japanese"
    listed = await at_no_ticket(team, "templates", seed.YUI)
    assert "Opening hours" in words(listed)
    assert {one.action for one in buttons(listed)} == {"templates", "group_reply"}


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"title": "  "}, "title", "Give the template a name"),
        ({"title": "x" * 76}, "title", "at most 75"),
        ({"title": "ＳＯＲＲＹ"}, "title", "“Sorry” already"),
        ({"text_en": "", "text_ja": " "}, "", "at least one text"),
        ({"text_ja": "{{ contact.nmae }}様"}, "text_ja", "“contact.nmae”, which nothing fills"),
        ({"text_en": "Dear {{ name"}, "text_en", "{{ organisation.name }}"),
        ({"text_en": "x" * 6001}, "text_en", "at most 6000"),
        ({"languages": "en,../x", "text_../x": "y"}, "language", "is no language"),
    ],
    ids=["no name", "long name", "name taken", "no text", "unknown blank", "broken blank", "long text", "no language"],
)
async def test_what_is_not_well_written_is_told_beside_its_field(
    team: Team, changes: dict[str, str], field: str, told: str
) -> None:
    form = await at_no_ticket(team, "template_new")
    assert isinstance(form, Form)
    answer = await at_no_ticket(team, "template_save", **{**form.keep, **HOURS, **changes})
    assert isinstance(answer, FieldErrors)
    assert list(answer.errors) == [field]
    assert told in answer.errors[field]


async def test_the_second_of_two_managers_sees_what_the_first_wrote_before_replacing_it(team: Team) -> None:
    name = await make(team)
    akis, bens = [await at_no_ticket(team, "template_edit", one, template=name) for one in (seed.AKI, seed.BEN)]
    assert isinstance(akis, Form)
    assert isinstance(bens, Form)
    await at_no_ticket(team, "template_save", seed.AKI, **{**akis.keep, **HOURS, "text_en": "We open at ten."})
    mine = {**HOURS, "text_en": "We open at eight."}
    asked = await at_no_ticket(team, "template_save", seed.BEN, **{**bens.keep, **mine})
    assert "Aki Tanaka changed this template" in words(asked)
    assert "We open at ten." in words(asked)
    assert inputs(asked)["text_en"] == "We open at eight."
    assert isinstance(asked, Form)
    await at_no_ticket(team, "template_save", seed.BEN, **{**asked.keep, **mine})
    kept = (await team.inner.desk.template(name)).template
    assert (kept.texts["en"], kept.version) == ("We open at eight.", 3)


async def test_a_preview_is_filled_from_the_ticket_named_or_from_an_example(team: Team) -> None:
    await team.mail()
    form = await at_no_ticket(team, "template_new")
    assert isinstance(form, Form)
    text = {**HOURS, "text_en": "{{ contact.name }}, #{{ ticket.number }} {{ ticket.subject }}"}
    filled = await at_no_ticket(team, "template_preview", **{**form.keep, **text, "number": "#1"})
    assert "Hana Sato, #1 Where is my parcel?" in words(filled)
    assert inputs(filled)["text_en"] == text["text_en"]
    assert "#1042" in words(await at_no_ticket(team, "template_preview", **{**form.keep, **text}))
    missing = await at_no_ticket(team, "template_preview", **{**form.keep, **text, "number": "99"})
    assert isinstance(missing, FieldErrors)
    assert "no ticket #99" in missing.errors[""]


async def test_opened_from_a_card_the_form_is_tried_on_that_ticket(team: Team) -> None:
    await team.mail()
    assert inputs(await team.act("template_new"))["number"] == "1"


async def test_one_more_language_is_added_and_answers_its_customers(team: Team) -> None:
    form = await at_no_ticket(team, "template_new")
    assert isinstance(form, Form)
    more = await at_no_ticket(team, "template_language", **{**form.keep, **HOURS, "language": "fr"})
    assert inputs(more)["text_en"] == HOURS["text_en"]
    assert isinstance(more, Form)
    french = {**more.keep, **HOURS, "text_fr": "Nous ouvrons à neuf heures."}
    assert isinstance(await at_no_ticket(team, "template_save", **french), Form)
    template = (await team.inner.desk.template(form.keep["template"])).template
    assert template.text("fr-CA", "en") == "Nous ouvrons à neuf heures."


async def test_an_archived_template_is_offered_to_nobody_until_it_is_used_again(team: Team) -> None:
    await team.mail()
    name = await make(team)
    for _ in range(2):
        told = await at_no_ticket(team, "template_archive", template=name, away="yes")
        assert "is archived" in words(told)
    assert offered(await team.act("reply")) == ["Sorry"]
    put_away = await at_no_ticket(team, "templates", archived_too="yes")
    assert "Opening hours" in words(put_away)
    await make(team)  # somebody makes another one of that name meanwhile
    clash = await at_no_ticket(team, "template_archive", template=name, away="")
    assert isinstance(clash, FieldErrors)
    assert "already" in clash.errors[""]


async def test_a_template_of_the_configuration_is_shown_and_never_changed(team: Team) -> None:
    only_read = await at_no_ticket(team, "template_edit", template="sorry")
    assert "comes from the configuration" in words(only_read)
    assert inputs(only_read) == {}
    for action in ("template_save", "template_archive"):
        answer = await at_no_ticket(team, action, template="sorry", seen="0", languages="en,ja", away="yes", **HOURS)
        assert isinstance(answer, FieldErrors)
        assert "changed there" in " ".join(answer.errors.values())


async def test_a_template_is_offered_for_its_channels_and_rooms_only(team: Team) -> None:
    await team.mail()
    await make(team, title="By mail", channels="email", rooms=SUPPORT.id)
    await make(team, title="By LINE", channels="line")
    await make(team, title="In billing", rooms=BILLING.id)
    assert offered(await team.act("reply")) == ["By mail", "Sorry"]


async def test_figures_count_what_left_and_the_most_used_comes_first(team: Team) -> None:
    await team.mail()
    name = await make(team)
    await reply(team, name)
    await reply(team, name, " And close at five.", seed.YUI)
    figures = next(one.usage for one in await team.inner.desk.templates() if one.template.id == name)
    assert (figures.used, figures.agents) == (2, 2)
    assert 0 < figures.changed < 50
    listed = words(await at_no_ticket(team, "templates"))
    assert "Used 2 times by 2 people" in listed
    assert listed.index("Opening hours") < listed.index("Sorry")
    assert "close at five" not in listed


async def test_an_undone_reply_is_no_use_of_its_template(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", template="sorry", text="We are sorry.", **form.keep)
    await team.act("undo", message=form.keep["key"])
    await team.later(11)
    assert "Not used yet." in words(await at_no_ticket(team, "templates"))


async def test_beyond_what_a_choice_holds_words_find_the_template(database_url: str, tmp_path: Path) -> None:
    many = {f"t{n}": Template(f"t{n}", f"Answer {n}", {"en": f"Words {n}."}) for n in range(120)}
    policy = replace(team_policy(roles=MANAGERS), templates=many)
    async with working_team(database_url, tmp_path, policy=policy) as team:
        await team.mail()
        form = await team.act("reply")
        assert len(offered(form)) == 99
        assert isinstance(form, Form)
        typed = {**form.keep, "text": "Half a sentence", "template_words": "words 117"}
        found = await team.act("form.send.find", **typed)
        assert offered(found) == ["Answer 117"]
        assert inputs(found)["text"] == "Half a sentence"


async def test_the_list_goes_page_by_page_and_by_words(database_url: str, tmp_path: Path) -> None:
    many = {f"t{n:02}": Template(f"t{n:02}", f"Answer {n:02}", {"en": "Same words."}) for n in range(20)}
    policy = replace(team_policy(roles=MANAGERS), templates=many)
    async with working_team(database_url, tmp_path, policy=policy) as team:
        first = await at_no_ticket(team, "templates")
        assert "Answer 07" in words(first)
        assert "Answer 08" not in words(first)
        (onward,) = [one for one in buttons(first) if one.values.get("page")]
        second = await at_no_ticket(team, "templates", **onward.values)
        assert "Answer 08" in words(second)
        assert "Answer 19" in words(await at_no_ticket(team, "templates", words="answer １９"))
        assert "No template fits" in words(await at_no_ticket(team, "templates", words="nothing like it"))
        assert "Answer 19" in words(await at_no_ticket(team, "templates", page="9999999"))


async def test_in_slack_a_manager_makes_a_template_from_the_shortcut(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.slack.shortcut(seed.BEN, "templates")
    await team.settle()
    await team.slack.press_in_view(team.slack.open_view(seed.BEN), "template_new")
    await team.settle()
    outcome = await team.slack.submit(
        team.slack.open_view(seed.BEN), {"title": "Hours", "text_en": "{{ agent.hours }}"}
    )
    assert "which nothing fills" in str(outcome.errors)
    texts = {"title": "Hours", "text_en": "Dear {{ contact.name }}, we open at nine."}
    outcome = await team.slack.submit(team.slack.open_view(seed.BEN), texts)
    assert outcome.ok
    assert not outcome.errors
    assert "“Hours” is saved." in shown(team.slack.open_view(seed.BEN).shown)
    assert "Hours" in offered(await team.act("reply", seed.YUI))


async def test_in_slack_the_card_offers_its_templates_to_be_tried_on_its_ticket(team: Team) -> None:
    await team.mail()
    await team.work_off()
    option = next(one for one in menu_of(team.card()) if one["text"]["text"] == "Templates…")
    await team.slack.press(seed.BEN, SUPPORT.place, team.card()["ts"], "menu", option)
    await team.settle()
    await team.slack.press_in_view(team.slack.open_view(seed.BEN), "template_new")
    await team.settle()
    fields = [one for one in team.slack.open_view(seed.BEN).shown["blocks"] if one["type"] == "input"]
    assert "1" in [one["element"].get("initial_value") for one in fields]


def menu_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    elements = [one for block in card["blocks"] if block["type"] == "actions" for one in block["elements"]]
    return [option for one in elements if one["action_id"] == "menu" for option in one["options"]]
