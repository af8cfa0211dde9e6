"""Every button and form comes back from Slack as it went out; whatever was changed on its way is refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.model import Button, Card, Confirm, Entry, Form, Option, Plain, Style, TextInput
from bot.cards.model import Choice as OneOf
from bot.slack.blocks import draw_card, draw_entry
from bot.slack.forms import draw_form
from bot.slack.kept import Origin
from bot.slack.phrases import ENGLISH
from bot.slack.reader import Asked, Gesture, read_command, read_interaction
from bot.slack.seal import Seal
from bot.slack.texts import harmless
from bot.surface import Who
from routing.errors import BadSignature, Malformed
from routing.ids import TicketId
from tests.slack.judges import approve_blocks, approve_view
from tests.slack.payloads import CARD, PLACE, TEAM, USER, Json, pressed, pressed_in_view, submitted
from tests.slack.samples import HOSTILE, SEAL, TICKET, card, entry, form, sign

WHO = Who("slack", TEAM, USER)
ORIGIN = Origin(PLACE, CARD)
words = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz._", min_size=1, max_size=30)
buttons = st.builds(
    Button,
    action=names,
    label=words,
    ticket=st.builds(TicketId, st.text(alphabet="0123456789abcdef", min_size=28, max_size=28)),
    version=st.integers(0, 10**9),
    style=st.sampled_from(Style),
    opens_form=st.booleans(),
    confirm=st.none() | st.builds(Confirm, words, words, words, words),
    values=st.dictionaries(words, words, max_size=4),
)


def read(payload: Json) -> Asked:
    asked = read_interaction(payload, SEAL, TEAM, {})
    assert asked is not None
    return asked


@settings(deadline=None)
@given(st.lists(buttons, min_size=1, max_size=7), st.data())
def test_every_button_comes_back_as_it_went_out(drawn: list[Button], data: st.DataObject) -> None:
    blocks = draw_entry(Entry("x", buttons=tuple(drawn)), SEAL).blocks
    approve_blocks(blocks)
    number = data.draw(st.integers(0, len(drawn) - 1))
    asked = read(pressed(blocks, number))
    button = drawn[number]
    action = asked.action
    assert (action.name, action.ticket, action.version, action.values) == (
        button.action,
        button.ticket,
        button.version,
        button.values,
    )
    assert (asked.opens_form, action.who, action.place) == (button.opens_form, WHO, PLACE)


@settings(deadline=None)
@given(st.lists(buttons, min_size=1, max_size=9))
def test_every_line_of_a_menu_comes_back_as_it_went_out(menu: list[Button]) -> None:
    blocks = draw_card(Card("x", (Plain("t"),), menu=tuple(menu)), SEAL).blocks
    approve_blocks(blocks)
    found = []
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    for number, element in enumerate(elements):
        for choice in range(len(element.get("options", [None]))):
            action = read(pressed(blocks, number, choice)).action
            found.append((action.name, action.ticket, action.version, tuple(sorted(action.values.items()))))
    expected = [(one.action, one.ticket, one.version, tuple(sorted(one.values.items()))) for one in menu]
    assert sorted(found) == sorted(expected)


def test_a_press_on_a_card_is_answered_in_the_room_and_one_on_an_entry_in_the_thread() -> None:
    on_card = read(pressed(draw_card(card(), SEAL).blocks))
    with_replies = read(pressed(draw_card(card(), SEAL).blocks, thread_ts=CARD))
    on_entry = read(pressed(draw_entry(entry(), SEAL).blocks, message_ts="1772443801.000100", thread_ts=CARD))
    whispered = read(pressed(draw_entry(entry(), SEAL).blocks, is_ephemeral=True))
    assert on_card.origin == with_replies.origin == Origin(PLACE, CARD, in_thread=False)
    assert on_entry.origin == Origin(PLACE, CARD, in_thread=True)
    assert whispered.origin == Origin(PLACE, "", in_thread=False)


@pytest.mark.parametrize(
    "edit", [lambda v: v[:-3] + "9" + v[-2:], lambda v: "A" + v[1:], lambda v: v + " ", lambda _: ""]
)
def test_a_value_with_one_character_changed_is_refused(edit: object) -> None:
    payload = pressed(draw_card(card(), SEAL).blocks)
    act = payload["actions"][0]
    act["value"] = edit(act["value"])  # type: ignore[operator]  # a function of the list above
    with pytest.raises(BadSignature):
        read(payload)


@pytest.mark.parametrize(
    "value", ["", ".", "x.{}", "é.[]", "\ud800.x", "." + "[" * 5000, f"{SEAL.close('form', '[]')}", "0" * 2000]
)
def test_a_value_that_we_never_made_is_refused(value: str) -> None:
    payload = pressed(draw_card(card(), SEAL).blocks)
    payload["actions"][0]["value"] = value
    with pytest.raises(BadSignature):
        read(payload)


def test_a_card_drawn_under_an_older_key_can_still_be_pressed() -> None:
    payload = pressed(draw_card(card(), SEAL).blocks)
    turned = Seal(lambda text: sign("new" + text), sign)
    asked = read_interaction(payload, turned, TEAM, {})
    assert asked is not None
    assert asked.action.name == "reply"
    with pytest.raises(BadSignature):
        read_interaction(payload, Seal(lambda text: sign("new" + text)), TEAM, {})


def test_a_submitted_form_gives_its_fields_and_what_it_kept() -> None:
    view = draw_form(form("Sorry!"), SEAL, ORIGIN, ENGLISH)
    approve_view(view)
    typed = {
        "text": "Here you are.\n\nAki",
        "template": "=sorry",
        "after": [{"value": "=close"}, {"value": "=note"}],
        "assignee": "U0BEN",
        "until": 1772443800,
        "files": ["F1", "F2"],
    }
    asked = read(submitted(view, typed))
    assert asked.gesture is Gesture.SUBMIT
    assert (asked.action.name, asked.action.ticket, asked.action.place) == ("reply", TICKET, PLACE)
    assert asked.origin == ORIGIN
    assert asked.action.values == {
        "template": "sorry",
        "text": "Here you are.\n\nAki",
        "after": "close,note",
        "assignee": "U0BEN",
        "until": "1772443800",
        "files": "F1,F2",
        "message": "m1",
        "seen": "12",
    }


def test_a_form_that_nobody_touched_gives_what_it_was_drawn_with() -> None:
    values = read(submitted(draw_form(form(), SEAL, ORIGIN, ENGLISH))).action.values
    assert values == {
        "template": "",
        "text": "",
        "after": "",
        "assignee": "U0AKI",
        "until": "1772443800",
        "files": "",
        "message": "m1",
        "seen": "12",
    }


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=9000), st.text(max_size=10))
def test_a_text_of_any_length_comes_back_whole(text: str, name: str) -> None:
    text = harmless(text)
    one = Form(
        "note", "Note", (TextInput(name or "text", "Text", initial=text, multiline=True),), TICKET, submit="Save"
    )
    view = draw_form(one, SEAL, ORIGIN, ENGLISH)
    assert read(submitted(view)).action.values == {name or "text": text}


@pytest.mark.parametrize("text", ["x" * 20_000, "line\n" * 3000, "🙂" * 4000, *HOSTILE])
def test_a_long_text_is_laid_out_over_several_inputs_that_slack_takes(text: str) -> None:
    one = Form("note", "Note", (TextInput("text", "Text", initial=text, multiline=True),), TICKET, submit="Save")
    view = draw_form(one, SEAL, ORIGIN, ENGLISH)
    approve_view(view)
    assert read(submitted(view)).action.values == {"text": harmless(text)}


def test_choosing_a_template_asks_for_the_form_anew_with_what_is_typed() -> None:
    view = draw_form(form(), SEAL, ORIGIN, ENGLISH)
    block = next(block for block in view["blocks"] if block.get("block_id", "").startswith("template~"))
    typed = {"text": "half a sen", "template": "=sorry"}
    asked = read(pressed_in_view(view, block["element"], block["block_id"], typed))
    assert asked.gesture is Gesture.FORM_PRESS
    assert (asked.action.name, asked.action.ticket) == ("form.reply.template", TICKET)
    assert asked.action.values["text"] == "half a sen"
    assert asked.action.values["template"] == "sorry"
    assert asked.action.values["message"] == "m1"


def test_a_button_in_a_form_gives_its_own_action_with_what_is_typed() -> None:
    view = draw_form(form(), SEAL, ORIGIN, ENGLISH)
    row = next(block for block in view["blocks"] if block["type"] == "actions")
    asked = read(pressed_in_view(view, row["elements"][1], row["block_id"], {"text": "half"}))
    assert (asked.action.name, asked.action.values["text"]) == ("translate", "half")
    assert asked.action.values["seen"] == "12"


def test_a_redrawn_form_shows_what_the_desk_says_and_keeps_what_it_left_alone() -> None:
    first = draw_form(form(), SEAL, ORIGIN, ENGLISH)
    block = next(block for block in first["blocks"] if block.get("block_id", "").startswith("template~"))
    typed = {"text": "half", "template": "=sorry"}
    asked = read(pressed_in_view(first, block["element"], block["block_id"], typed))
    assert asked.view is not None
    filled = draw_form(form("We are sorry.", "sorry"), SEAL, ORIGIN, ENGLISH, over=asked.view.standing)
    blocks = {block["block_id"] for block in filled["blocks"] if block["type"] == "input"}
    assert blocks == {"template~0", "text~1", "after~0", "assignee~0", "until~0", "files~0"}
    left = draw_form(form("half", "sorry"), SEAL, ORIGIN, ENGLISH, over=asked.view.standing)
    assert {"text~0", "template~0"} <= {block["block_id"] for block in left["blocks"] if block["type"] == "input"}
    cleared = draw_form(form("", "sorry"), SEAL, ORIGIN, ENGLISH, over=asked.view.standing)
    assert "text~1" in {block["block_id"] for block in cleared["blocks"] if block["type"] == "input"}


def test_metadata_that_was_edited_is_refused() -> None:
    view = draw_form(form(), SEAL, ORIGIN, ENGLISH)
    other = replace(form(), ticket=TicketId("f" * 28))
    foreign = draw_form(other, Seal(lambda text: sign("other" + text)), ORIGIN, ENGLISH)
    for metadata in ("", view["private_metadata"][:-2] + "]]", foreign["private_metadata"]):
        with pytest.raises(BadSignature):
            read(submitted({**view, "private_metadata": metadata}))


def test_an_empty_choice_and_many_choices_are_drawn_as_slack_takes_them() -> None:
    many = tuple(Option(f"v{n}", f"Template {n}") for n in range(250))
    one = Form(
        "f",
        "A title that is far too long for Slack",
        (OneOf("a", "A", ()), OneOf("b", "B", many, initial="v249")),
        TICKET,
    )
    view = draw_form(one, SEAL, ORIGIN, ENGLISH)
    approve_view(view)
    assert read(submitted(view)).action.values == {"b": "v249"}


def test_a_command_is_an_action_with_its_words() -> None:
    asked = read_command(
        {
            "command": "/desk",
            "text": " assign  <@U0BEN|ben> \u202e",
            "user_id": USER,
            "channel_id": PLACE,
            "trigger_id": "t",
        },
        TEAM,
        {"U0BEN": "Ben Carter"},
    )
    assert asked.action.name == "command"
    assert (asked.action.values["text"], asked.action.values["people"]) == ("assign  @Ben Carter", "U0BEN")
    assert (asked.action.who, asked.action.place) == (WHO, PLACE)


def test_a_message_shortcut_carries_the_message_it_was_used_on() -> None:
    asked = read(
        {
            "type": "message_action",
            "callback_id": "send_to_customer",
            "team": {"id": TEAM},
            "user": {"id": USER},
            "channel": {"id": PLACE},
            "trigger_id": "t",
            "message": {"ts": "5.1", "thread_ts": CARD, "text": "Here &amp; now", "files": [{"id": "F1"}, {"x": 1}]},
        }
    )
    message = asked.action.message
    assert message is not None
    assert (asked.action.name, asked.opens_form) == ("send_to_customer", True)
    assert (message.card, message.reference, message.text, message.files) == (CARD, "5.1", "Here & now", ("F1",))


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "user": {"id": USER}},
        {"type": "block_actions", "user": {"id": USER}, "actions": "x"},
        {"type": "block_actions", "actions": []},
        {"type": "view_submission", "user": None},
    ],
)
def test_a_payload_that_is_none_of_slacks_is_malformed(payload: Json) -> None:
    with pytest.raises(Malformed):
        read_interaction(payload, SEAL, TEAM, {})
