"""What people write in Slack is read as the words they meant."""

from typing import Any

import pytest

from bot.slack.written import mentioned, words

NAMES = {"U0BEN": "Ben Carter"}


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"text": "ignored", "blocks": [{"type": "rich_text", "elements": list(parts)}]}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("ask <@U0BEN> or <@U0XXX|pat>", "ask @Ben Carter or @pat"),
        ("see <https://shop.example/a?b=1&amp;c=2>", "see https://shop.example/a?b=1&c=2"),
        ("see <http://shop.example|shop.example>", "see shop.example"),
        ("<https://shop.example|our shop>", "our shop (https://shop.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<!here> <#C1|general> <!subteam^S1|@crew> <!date^1^{date}|2 March>", "@here #general @crew 2 March"),
        ("<script>alert(1)</script>", "scriptalert(1)/script"),
    ],
)
def test_slacks_notation_is_read_as_words(text: str, expected: str) -> None:
    assert words({"text": text}, NAMES) == expected


def test_rich_text_is_read_with_its_lists_quotes_and_emoji() -> None:
    message = rich(
        section(
            {"type": "text", "text": "Hello "},
            {"type": "user", "user_id": "U0BEN"},
            {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"},
            {"type": "emoji", "name": "our_logo"},
            {"type": "text", "text": "\n"},
        ),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [section({"type": "text", "text": "one"}), section({"type": "text", "text": "two"})],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [section({"type": "text", "text": "x"})],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        section({"type": "link", "url": "https://a.example", "text": "a"}, {"type": "broadcast", "range": "here"}),
    )
    assert words(message, NAMES) == (
        "Hello @Ben Carter👋🏽:our_logo:\n1. one\n2. two\n  • x\nsaid\na (https://a.example)@here"
    )
    assert mentioned(message) == {"U0BEN"}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"text": None, "blocks": None},
        {"blocks": [1, {"type": "rich_text", "elements": [None, {"type": "rich_text_list", "elements": "x"}]}]},
        {"blocks": [{"type": "rich_text", "elements": [section({"type": "emoji", "name": "x", "unicode": "zz"})]}]},
        {"text": "<" * 10_000},
        {"text": "<@" * 5_000 + ">"},
    ],
)
def test_an_odd_message_is_read_without_a_stumble(message: dict[str, Any]) -> None:
    assert isinstance(words(message, {}), str)
    assert isinstance(mentioned(message), frozenset)
