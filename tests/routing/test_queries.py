"""What somebody looks for is understood, in either width and language, or answered with what would be right."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.words import LANGUAGES, say
from routing.errors import Refused
from routing.queries import Query, Sort, Terms, parse_query
from routing.search_words import searchable, snippet, term, words_of
from routing.ticket import Priority, Status

TOKYO = ZoneInfo("Asia/Tokyo")


def parsed(text: str) -> Query:
    return parse_query(text, today=date(2026, 11, 22), zone=TOKYO)


def wanted(text: str) -> Terms:
    return parsed(text).wanted


def test_the_example_of_the_manual_is_understood() -> None:
    query = parsed('status:open channel:instagram assignee:me tag:refund before:2026-11-01 "cold coffee"')
    assert query.wanted == Terms(
        statuses=(Status.OPEN,),
        channels=("instagram",),
        assignees=("me",),
        tags=("refund",),
        words=(term("cold coffee"),),  # type: ignore[arg-type]  # it has words
    )
    assert query.created_before == datetime(2026, 10, 31, 15, tzinfo=UTC)


def test_full_width_letters_and_spaces_mean_the_same() -> None:
    assert parsed("ｓｔａｔｕｓ：ｏｐｅｎ　＃１０４２　－ｔａｇ：ＶＩＰ") == parsed("status:open #1042 -tag:vip")


@pytest.mark.parametrize(
    ("japanese", "english"),
    [
        ("状態:対応中", "status:open"),
        ("優先度:至急", "priority:urgent"),
        ("担当:自分", "assignee:me"),
        ("担当者:未定", "assignee:none"),
        ("チャネル:メール", "channel:email"),
        ("以前:2026年11月1日", "before:2026-11-01"),
        ("以降:昨日", "after:2026-11-21"),
        ("並び順:古い順", "sort:oldest"),
        ("「返金」", '"返金"'),
    ],
)
def test_japanese_keys_and_values_mean_what_the_english_ones_do(japanese: str, english: str) -> None:
    assert parsed(japanese) == parsed(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_status_may_be_written_as_cards_show_it(language: str) -> None:
    for status in (Status.NEW, Status.OPEN, Status.CLOSED):
        assert wanted(f'status:"{say(language, f"status.{status}")}"').statuses == (status,)
    for priority in Priority:
        assert wanted(f"priority:{say(language, f'priority.{priority}')}").priorities == (priority,)


def test_more_words_for_values_can_be_given() -> None:
    query = parse_query(
        'status:"in arbeit"', today=date(2026, 11, 22), zone=TOKYO, vocabulary={"in arbeit": Status.OPEN.value}
    )
    assert query.wanted.statuses == (Status.OPEN,)


def test_a_minus_excludes() -> None:
    query = parsed('-tag:refund -status:closed -"cold coffee"')
    assert query.unwanted.tags == ("refund",)
    assert query.unwanted.statuses == (Status.CLOSED,)
    assert len(query.unwanted.words) == 1
    assert query.wanted == Terms()


def test_a_number_with_its_sign_is_a_ticket_and_without_it_a_word() -> None:
    assert wanted("#1042").numbers == (1042,)
    assert wanted("1042").words == (term("1042"),)


def test_a_quote_without_a_partner_reaches_to_the_end() -> None:
    assert wanted('tag:vip "cold coffee again').words == (term("cold coffee again"),)


def test_addresses_links_and_times_are_words_not_keys() -> None:
    assert len(wanted("https://shop.example/a?b=c 10:30 Re: hana@customer.example").words) == 4


def test_days_can_be_told_from_today() -> None:
    assert parsed("after:today").created_from == datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert parsed("after:7d").created_from == parsed("after:2026-11-15").created_from
    assert parsed("updated-after:7日前").updated_from == parsed("updated-after:2026/11/15").updated_from
    assert parsed("before:2026-11").created_before == parsed("before:2026-11-01").created_before


def test_the_order_can_be_chosen() -> None:
    assert parsed("coffee").sort is Sort.NEWEST
    assert parsed("coffee sort:oldest").sort is Sort.OLDEST


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ("colour:red", "query.unknown_key", {"name": "colour"}),
        ("status:lost", "query.unknown_value", {"name": "status", "value": "lost"}),
        ("before:soon", "query.bad_date", {"value": "soon", "example": "2026-11-22"}),
        ("before:2026-02-30", "query.bad_date", {"value": "2026-02-30"}),
        ("after:1950-01-01", "query.bad_date", {"value": "1950-01-01"}),
        ("x" * 1001, "query.too_long", {"limit": "1000"}),
        ("x " * 31, "query.too_many", {"limit": "30"}),
    ],
)
def test_what_cannot_be_understood_is_answered_with_what_would_be_right(
    text: str, key: str, told: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        parsed(text)
    assert refusal.value.key == key
    assert told.items() <= refusal.value.values.items()
    for language in LANGUAGES:
        assert say(language, f"refused.{key}", **refusal.value.values)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_query_or_refused_in_words(text: str) -> None:
    try:
        query = parsed(text)
    except Refused as refusal:
        say("en", f"refused.{refusal.key}", **refusal.values)
        return
    for one in (*query.terms, *query.unwanted.words):
        one.pattern()


def test_width_case_kana_and_accents_make_no_difference() -> None:
    alike = ["ガラス", "ｶﾞﾗｽ", "がらす"]
    assert len({searchable(text) for text in alike}) == 1
    assert searchable("ＣＯＦＦＥＥ Müller ÉCLAIR") == "coffee muller eclair"


@pytest.mark.parametrize(
    ("looked_for", "text", "there"),
    [
        ("返金", "すぐに返金してください", True),
        ("金", "すぐに返金してください", True),
        ("返品", "すぐに返金してください", False),
        ("かのう", "返金はカノウですか", True),
        ("iPhone返金", "iPhone返金の件", True),
        ("coffee", "Coffee, cold.", True),
        ("coffee", "coffees", False),
        ("coff*", "coffees", True),
        ("offee*", "coffees", False),
        ("cold coffee", "cold, coffee", True),
        ("cold coffee", "coffee cold", False),
        ("hana@customer.example", "Hana <HANA@customer.example>", True),
    ],
)
def test_a_term_is_found_where_it_stands(looked_for: str, text: str, *, there: bool) -> None:
    one = term(looked_for)
    assert one is not None
    assert bool(one.pattern().search(searchable(text))) is there


WRITTEN = st.text(alphabet="ab 返金ガｶﾞ가é.-*\n", max_size=24)


@settings(deadline=None)
@given(WRITTEN, WRITTEN)
def test_what_stands_in_a_text_is_in_what_the_index_holds_of_it(before: str, looked_for: str) -> None:
    """Else a search would not find what a reader sees."""
    one = term(looked_for)
    if one is None:
        return
    text = f"{before} {looked_for.replace('*', '')} x"
    held = words_of(text)
    if one.pattern().search(searchable(text)):
        assert one.whole_words() <= held
        assert any(word.startswith(one.beginning()) for word in held)


@settings(deadline=None)
@given(st.text(max_size=80), st.text(min_size=1, max_size=3))
def test_a_snippet_only_shows_what_was_written(text: str, looked_for: str) -> None:
    one = term(looked_for)
    pieces = snippet(text, (one.pattern(),) if one else (), longest=40)
    shown = "".join(piece for piece, _ in pieces).strip("…")
    assert shown in " ".join(text.split())


def test_a_snippet_marks_what_was_looked_for_as_it_was_written() -> None:
    one = term("がらす")
    assert one is not None
    pieces = snippet("割れたｶﾞﾗｽの件", (one.pattern(),), longest=40)
    assert pieces == (("割れた", False), ("ｶﾞﾗｽ", True), ("の件", False))
