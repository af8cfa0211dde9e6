"""Texts are made harmless and cut between what people see as characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.texts import clusters, cut, cut_lines, harmless, size, split, tidy
from tests.slack.samples import HOSTILE, HUGE


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("more than ten", 10, "more than…"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 14, "👩‍👩‍👧‍👦…"),
        ("👍🏽👍🏽👍🏽", 9, "👍🏽👍🏽…"),
        ("🇯🇵🇬🇧🇫🇷", 10, "🇯🇵🇬🇧…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("ｶﾞｶﾞｶﾞ", 4, "ｶﾞ…"),
        ("각각각", 2, "각…"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", 5, "\u1112\u1161\u11ab…"),
    ],
)
def test_a_text_is_cut_between_characters_as_people_see_them(text: str, longest: int, expected: str) -> None:
    assert cut(text, longest) == expected


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60), st.integers(1, 40))
def test_a_cut_text_never_exceeds_its_limit(text: str, longest: int) -> None:
    words = harmless(text)
    assert size(cut(words, longest)) <= longest
    assert "".join(clusters(words)) == words


@pytest.mark.parametrize("text", HUGE)
def test_a_huge_text_is_cut_quickly_and_never_exceeds_its_limit(text: str) -> None:
    assert size(cut(harmless(text), 3000)) <= 3000


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.integers(5, 50))
def test_the_pieces_of_a_split_text_make_the_text_again(text: str, longest: int) -> None:
    words = harmless(text)
    pieces = split(words, longest)
    assert "".join(piece + joint for piece, joint in pieces) == words


def test_pieces_end_at_line_breaks_where_there_are_some() -> None:
    assert split("first line\nsecond line\nthird", 23) == [("first line\nsecond line", "\n"), ("third", "")]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_character_that_acts_on_its_surroundings_is_left(text: str) -> None:
    words = harmless(text)
    assert not set(words) & set("\x00\x07\x1b\x7f\x85\u202e\u2066\u2069\u200b\ufeff\u2028\r\t")
    words.encode("utf-8")


def test_a_reversed_file_name_is_shown_as_it_is_stored() -> None:
    assert harmless("invoice\u202egpj.exe") == "invoicegpj.exe"


def test_joiners_that_emoji_and_scripts_need_are_kept() -> None:
    assert harmless("👩‍👧 می‌خواهم") == "👩‍👧 می‌خواهم"


def test_too_many_lines_are_cut_and_said_to_be() -> None:
    assert cut_lines("a\nb\nc\nd", 2) == "a\nb\n…"
    assert cut_lines("a\nb", 2) == "a\nb"


def test_a_label_has_no_doubled_space() -> None:
    assert tidy("  a \n\t b ") == "a b"
