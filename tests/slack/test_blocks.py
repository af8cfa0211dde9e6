"""Cards and entries as Block Kit: valid, within Slack's limits, and inert whatever customers write."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.cards.model import Card, Confirm, Emoji, Entry, Fact, Link, Moment, Person, Plain, Quote, Strong, Struck
from bot.slack.blocks import draw_card, draw_entry
from bot.slack.forms import draw_form
from bot.slack.kept import Origin
from bot.slack.phrases import ENGLISH
from bot.slack.rich import date_token
from tests.slack.judges import approve_blocks, texts, units, walk
from tests.slack.samples import AT, HOSTILE, HUGE, SEAL, button, card, entry, form

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("card", asdict(draw_card(card(), SEAL))),
        ("entry", asdict(draw_entry(entry(), SEAL))),
        ("form", draw_form(form("Hello"), SEAL, Origin("C0SUPPORT", "1.1"), ENGLISH)),
    ],
)
def test_cards_entries_and_forms_look_as_they_always_did(name: str, drawn: Any) -> None:
    """To change a look on purpose: delete the golden file, run the test twice, look at the difference."""
    path = GOLDEN / f"{name}.json"
    now = json.dumps(drawn, ensure_ascii=False, indent=1) + "\n"
    if not path.exists():
        path.write_text(now)
        pytest.fail(f"{path} was written anew: look at it and run the test again")
    assert now == path.read_text()


def test_a_card_and_an_entry_are_valid_block_kit() -> None:
    approve_blocks(draw_card(card(), SEAL).blocks)
    approve_blocks(draw_entry(entry(), SEAL).blocks)


@pytest.mark.parametrize("words", [*HOSTILE, *HUGE])
def test_hostile_words_stay_words_wherever_they_stand(words: str) -> None:
    hostile = Card(
        fallback=words,
        title=(Plain(words), Emoji("envelope")),
        facts=(Fact("From", (Plain(words),)), Fact("To", (Strong(words), Struck(words), Person(words, words)))),
        quote=Quote(words),
        footnotes=((Plain(words), Moment(AT), Plain(words)), (Person(words, "U0AKI"),)),
        buttons=(button("claim", words or "x", confirm=Confirm(words, words, words, words)),),
        menu=(button("note", words or "x"),),
        menu_label=words,
    )
    for drawn in (draw_card(hostile, SEAL), draw_entry(Entry(words, quote=Quote(words)), SEAL)):
        approve_blocks(drawn.blocks)
        assert sum(units(text) for text in texts(drawn.blocks)) < 12_000
        kinds = {part["type"] for part in walk(drawn.blocks) if "type" in part}
        assert not kinds & {"link", "user", "usergroup", "channel", "broadcast", "section", "markdown"}
        marked = [part["text"] for part in walk(drawn.blocks) if part.get("type") == "mrkdwn"]
        assert set(marked) <= {date_token(AT)}
        assert "<" not in drawn.text
        assert ">" not in drawn.text
        assert drawn.text.strip()


def test_nobody_is_pinged_unless_the_desk_says_so() -> None:
    named = Entry("x", lines=((Person("Aki", "U0AKI"), Plain(" took it")),))
    pinged = Entry("x", lines=((Person("Aki", "U0AKI", ping=True), Plain(" it is yours")),))
    footed = Entry("x", footnotes=((Person("Aki", "U0AKI", ping=True),),))
    wrong = Entry("x", lines=((Person("Aki", "<!channel>", ping=True),),))
    assert not [part for part in walk(draw_entry(named, SEAL).blocks) if part.get("type") == "user"]
    assert not [part for part in walk(draw_entry(wrong, SEAL).blocks) if part.get("type") == "user"]
    for one in (pinged, footed):
        assert [part for part in walk(draw_entry(one, SEAL).blocks) if part.get("type") == "user"] == [
            {"type": "user", "user_id": "U0AKI"}
        ]


def test_an_emoji_name_in_a_title_of_somebodys_words_stays_words() -> None:
    plain = draw_card(Card("x", (Emoji("envelope"), Strong("#1 Cold coffee"))), SEAL).blocks[0]
    tricky = draw_card(Card("x", (Emoji("envelope"), Strong("#1 :tada: won"))), SEAL).blocks[0]
    assert plain["type"] == "header"
    assert tricky["type"] == "rich_text"
    assert {"type": "text", "text": "#1 :tada: won", "style": {"bold": True}} in list(walk(tricky))


def test_a_small_menu_is_an_overflow_and_a_large_one_a_select() -> None:
    few = draw_card(Card("x", (Plain("t"),), menu=tuple(button(f"a{n}") for n in range(5))), SEAL)
    many = draw_card(Card("x", (Plain("t"),), menu=tuple(button(f"a{n}") for n in range(8)), menu_label="More"), SEAL)
    for drawn in (few, many):
        approve_blocks(drawn.blocks)
    assert few.blocks[-1]["elements"][-1]["type"] == "overflow"
    assert many.blocks[-1]["elements"][-1]["type"] == "static_select"
    assert many.blocks[-1]["elements"][-1]["placeholder"]["text"] == "More"


def test_a_menu_entry_that_must_be_confirmed_or_carries_much_becomes_a_button() -> None:
    sure = button("spam", confirm=Confirm("Spam?", "Really?", "Yes", "No"))
    heavy = button("merge", values={"into": "x" * 200})
    drawn = draw_card(Card("x", (Plain("t"),), menu=(button("note"), sure, heavy)), SEAL)
    approve_blocks(drawn.blocks)
    assert [element["type"] for element in drawn.blocks[-1]["elements"]] == ["button", "button", "overflow"]


def test_many_buttons_stand_in_several_rows_and_are_told_apart() -> None:
    drawn = draw_entry(Entry("x", buttons=tuple(button("use", f"T{n}", values={"t": str(n)}) for n in range(30))), SEAL)
    approve_blocks(drawn.blocks)
    assert [len(block["elements"]) for block in drawn.blocks] == [25, 5]
    assert [element["action_id"] for element in drawn.blocks[0]["elements"]][:3] == ["use", "use#2", "use#3"]


def test_a_menu_forgets_its_last_choice_when_the_card_changes() -> None:
    before, after = (draw_card(card(version=version), SEAL).blocks[-1] for version in (7, 8))
    assert before["block_id"] != after["block_id"]


def test_an_entry_with_nothing_in_it_still_says_something() -> None:
    assert draw_entry(Entry(""), SEAL).text == "–"
    assert draw_entry(Entry("", lines=((Plain("moved"),),)), SEAL).text == "moved"
    for empty in (Entry(""), Entry("", quote=Quote("  ")), Entry("", lines=()), Entry(" *moved* ")):
        approve_blocks(draw_entry(empty, SEAL).blocks)
    assert list(texts(draw_entry(Entry(" *moved* "), SEAL).blocks)) == ["*moved*"]


def test_a_long_quotation_is_shown_in_full_as_far_as_slack_takes_it() -> None:
    words = "\n".join("line " + "x" * 50 for _ in range(100))
    drawn = draw_entry(Entry("x", quote=Quote(words)), SEAL)
    approve_blocks(drawn.blocks)
    assert "".join(texts(drawn.blocks)) == words


def test_the_same_card_is_always_drawn_the_same() -> None:
    assert draw_card(card(), SEAL) == draw_card(card(), SEAL)


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("https://acme.slack.com/archives/C1/p1", True),
        ("javascript:alert(1)", False),
        ("slack://user", False),
        ("https://x.example/" + "a" * 3000, False),
        ("", False),
    ],
    ids=["https", "javascript", "slack", "long", "none"],
)
def test_a_link_opens_web_addresses_only_and_is_words_otherwise(address: str, opens: bool) -> None:
    for drawn in (
        Entry("x", lines=((Link("Open <@U0AKI>", address),),)),
        Entry("x", footnotes=((Plain("see "), Link("Open <@U0AKI>", address)),)),
    ):
        blocks = draw_entry(drawn, SEAL).blocks
        approve_blocks(blocks)
        links = [part for part in walk(blocks) if part.get("type") == "link"]
        assert links == ([{"type": "link", "url": address, "text": "Open <@U0AKI>"}] if opens else [])
        assert any("Open <@U0AKI>" in text for text in texts(blocks))
