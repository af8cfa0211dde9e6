"""What an agent wrote is never lost: forms stay open when something is refused, and redraw what was in them."""

from bot.cards.model import Choice, Form, FormButtons, Said, TextInput
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.errors import Unclear
from routing.ids import TicketId
from routing.replies import Sending
from tests.bot.team import SUPPORT, Team, who


def _text(form: Answer) -> str:
    assert isinstance(form, Form)
    return next(one.initial for one in form.fields if isinstance(one, TextInput))


async def _opened(team: Team) -> dict[str, str]:
    form = await team.act("reply")
    assert isinstance(form, Form)
    return dict(form.keep)


async def test_a_reply_refused_for_its_ticket_leaves_the_form_open(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    for text in ("", "Dear {{ contact.name }}", "x" * 5000):
        assert isinstance(await team.act("send", text=text, **kept), FieldErrors)
    assert isinstance(await team.act("send", text="Good.", **kept), Done)


async def test_an_earlier_reply_that_became_unclear_does_not_take_the_draft_away(team: Team) -> None:
    await team.mail()
    first = await _opened(team)
    await team.act("send", text="One.", **first)
    second = await _opened(team)
    team.provider.script = [Unclear("cut")]
    await team.later(11)
    assert [one.state for one in (await team.view()).replies] == [Sending.UNKNOWN]
    assert isinstance(await team.act("send", text="Two.", **second), FieldErrors)
    assert _text(await team.act("form.send.preview", text="Two.", **second)) == "Two."
    asked = await team.act("reply")
    assert isinstance(asked, Form)
    assert asked.submit == "", "a new form asks about the unclear one first"
    (buttons,) = [one for one in asked.fields if isinstance(one, FormButtons)]
    assert {one.values["decision"] for one in buttons.buttons} == {"arrived", "again", "drop"}


async def test_words_that_came_meanwhile_are_shown_each_time_before_the_reply_leaves(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    await team.mail("And my address changed.", number=2)
    asked = await team.act("send", text="We send it.", **kept)
    assert isinstance(asked, Form)
    assert _text(asked) == "We send it."
    assert any(isinstance(one, Said) and one.quote and "address changed" in one.quote.text for one in asked.fields)
    await team.mail("Cancel everything!", number=3)
    again = await team.act("send", text="We send it.", **asked.keep)
    assert isinstance(again, Form)
    assert any(isinstance(one, Said) and one.quote and "Cancel" in one.quote.text for one in again.fields)
    assert isinstance(await team.act("send", text="We send it.", **again.keep), Done)
    assert len((await team.view()).replies) == 1


async def test_a_ticket_that_is_gone_leaves_the_note_in_its_form(team: Team) -> None:
    await team.mail()
    values = {"text": "Long words.", "key": "k"}
    from_nowhere = Action("add_note", who(seed.BEN), TicketId("0" * 28), values=values, place=SUPPORT.place)
    answer = await team.router.dispatch(from_nowhere)
    assert isinstance(answer, FieldErrors)
    assert "no longer exists" in answer.errors[""]


async def test_a_template_fills_its_blanks_and_a_preview_keeps_the_words(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    filled = await team.act("form.send.template", template="sorry", text="", **kept)
    assert _text(filled) == "Dear Hana Sato, we are sorry."
    assert _text(await team.act("form.send.preview", text="Mine.", **kept)) == "Mine."


async def test_a_template_never_takes_away_what_was_typed(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    drawn = await team.act("form.send.template", template="sorry", text="Hello Hana!", **kept)
    assert _text(drawn) == "Hello Hana!\n\nDear Hana Sato, we are sorry."


async def test_a_templates_other_language_takes_the_place_of_its_words_alone(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    drawn = await team.act("form.send.template", template="sorry", text="Hello!", **kept)
    assert isinstance(drawn, Form)
    (choice,) = [one for one in drawn.fields if isinstance(one, Choice) and one.id == "language"]
    assert [option.label for option in choice.options] == ["English", "Japanese"]
    typed = f"{_text(drawn)}\nBen"
    values = {"template": "sorry", "language": "ja", "text": typed}
    other = await team.act("form.send.language", **{**drawn.keep, **values})
    assert isinstance(other, Form)
    assert _text(other) == "Hello!\n\nすみません。\nBen"
    back = await team.act("form.send.language", **{**other.keep, **values, "language": "en", "text": _text(other)})
    assert _text(back) == typed


async def test_words_of_a_template_that_were_changed_are_the_agents_own(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    drawn = await team.act("form.send.template", template="sorry", text="", **kept)
    assert isinstance(drawn, Form)
    values = {"template": "sorry", "language": "ja", "text": "Dear Hana, we are so sorry."}
    other = await team.act("form.send.language", **{**drawn.keep, **values})
    assert _text(other) == "Dear Hana, we are so sorry.\n\nすみません。"


async def test_without_a_template_what_stands_there_stays(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    drawn = await team.act("form.send.template", template="-", text="Mine.", **kept)
    assert _text(drawn) == "Mine."


async def test_an_undone_reply_is_given_back_to_its_author_alone(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    await team.act("send", text="Too early.", **kept)
    other = await team.act("undo", seed.YUI, message=kept["key"])
    assert isinstance(other, Done)
    assert other.tell is not None
    assert "Too early." not in str(other.tell)
    mine = await team.act("undo", message=kept["key"])
    assert isinstance(mine, Done)
    assert mine.tell is not None
    assert mine.tell.quote is not None
    assert mine.tell.quote.text == "Too early."
    hers = await team.act("undo", seed.YUI, message=kept["key"])
    assert "Too early." not in str(hers)
    assert _text(await team.act("edit_again", message=kept["key"])) == "Too early."
    assert not isinstance(await team.act("edit_again", seed.YUI, message=kept["key"]), Form)


async def test_what_was_written_anew_and_left_is_not_offered_a_second_time(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    await team.act("send", text="Too early.", **kept)
    await team.act("undo", message=kept["key"])
    first, second = await team.act("edit_again", message=kept["key"]), await team.act("edit_again", message=kept["key"])
    assert isinstance(first, Form)
    assert isinstance(second, Form)
    await team.act("send", text="Too early.", **first.keep)
    await team.act("send", text="Too early.", **second.keep)
    assert "on their way already" in _refusal(await team.act("edit_again", message=kept["key"]))
    await team.later(11)
    assert [one.text for one in team.provider.taken] == ["Too early."]
    assert "on their way already" in _refusal(await team.act("edit_again", message=kept["key"]))


async def test_what_is_undone_a_second_time_is_given_back_a_second_time(team: Team) -> None:
    await team.mail()
    kept = await _opened(team)
    for words in ("Too early.", "Still too early."):
        await team.act("send", text=words, **kept)
        await team.act("undo", message=kept["key"])
        again = await team.act("edit_again", message=kept["key"])
        assert isinstance(again, Form)
        assert _text(again) == words
        kept = dict(again.keep)
    await team.act("send", text="Now.", **kept)
    await team.later(11)
    assert [one.text for one in team.provider.taken] == ["Now."]


def _refusal(answer: Answer) -> str:
    assert isinstance(answer, Done)
    assert answer.tell is not None
    return answer.tell.fallback


async def test_files_of_a_thread_message_go_along_with_the_reply_made_of_it(team: Team) -> None:
    await team.mail()
    await team.work_off()
    file = team.slack.file(seed.BEN, "label.pdf", b"%PDF label")
    card = team.card()["ts"]
    said = team.slack.say(seed.BEN, SUPPORT.place, "Here is your label.", thread_ts=card, files=[file])
    await team.settle()
    await team.slack.shortcut(seed.BEN, "send_to_customer", SUPPORT.place, said["ts"])
    await team.settle()
    view = team.slack.open_view(seed.BEN)
    outcome = await team.slack.submit(view, {})
    assert outcome.ok, outcome
    assert outcome.errors == {}
    await team.settle()
    await team.later(11)
    (letter,) = team.provider.taken
    assert letter.text == "Here is your label."
    assert [one.name for one in letter.attachments] == ["label.pdf"]
