"""How alike two tickets are, in any language, and which are worth a suggestion."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ids import ContactId, TicketId
from routing.likeness import alike, pieces, shared_percent
from routing.ticket import Status, Ticket
from tests.storage.rows import NOON, a_ticket

PARCEL = "Hello, my parcel with the order 48213 has not arrived yet. Could you tell me where it is? Regards, Emma"
JAPANESE = "注文した珈琲豆がまだ届いていません。配送状況を教えていただけますか。"


def _ticket(number: int, text: str, *, contact: str = "emma", **changes: object) -> Ticket:
    made = a_ticket(number=number, subject="", latest=text, contact=ContactId(contact), created_at=NOON)
    return replace(made, id=TicketId(f"t{number}"), last_customer_at=NOON, **changes)  # type: ignore[arg-type]


def _percent(one: str, other: str) -> int:
    return shared_percent(pieces(one), pieces(other))


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_percentage_is_one_and_the_same_from_both_sides(one: str, other: str) -> None:
    percent = _percent(one, other)
    assert percent == _percent(other, one)
    assert 0 <= percent <= 100
    assert _percent(one, one) == (100 if pieces(one) else 0)


@pytest.mark.parametrize(
    ("one", "other"), [("コーヒー", "ｺｰﾋｰ"), ("REFUND please", "refund PLEASE"), ("Ａｂｃ１２", "abc12")]
)
def test_case_and_width_do_not_count(one: str, other: str) -> None:
    assert _percent(one, other) == 100


def test_words_on_the_same_matter_share_more_than_others_do() -> None:
    again = "Hi, my parcel with the order 48213 still has not arrived. Can you tell me where it is? Regards, Emma"
    other = "Good morning, do you also sell decaffeinated beans for espresso machines in larger bags? Thanks, Leo"
    assert _percent(PARCEL, again) > 40 > _percent(PARCEL, other)
    later = "注文した珈琲豆が届きません。配送状況を教えてください。"
    apart = "店舗の営業時間を知りたいです。土日も開いていますか。"
    assert _percent(JAPANESE, later) > 40 > _percent(JAPANESE, apart)


def test_one_customers_similar_words_are_suggested_the_most_alike_first() -> None:
    ticket = _ticket(9, PARCEL)
    found = alike(ticket, [_ticket(1, "Something about beans."), _ticket(2, f"{PARCEL} Hello?"), _ticket(3, PARCEL)])
    assert [(one.ticket.number, one.same_customer) for one in found] == [(3, True), (2, True)]
    assert found[0].percent == 100


def test_two_customers_words_must_be_nearly_the_same_and_long_enough() -> None:
    ticket = _ticket(9, PARCEL)
    assert [one.same_customer for one in alike(ticket, [_ticket(1, PARCEL, contact="leo")])] == [False]
    half = PARCEL[: len(PARCEL) // 2] + " And what about my invoice of last month, which was wrong?"
    assert alike(ticket, [_ticket(1, half, contact="leo")]) == []
    assert alike(_ticket(9, "Thank you"), [_ticket(1, "Thank you", contact="leo")]) == []


@pytest.mark.parametrize(
    "other",
    [
        _ticket(12, PARCEL),
        _ticket(1, PARCEL, merged_into=TicketId("t5")),
        _ticket(1, "", latest_masked=True),
        _ticket(1, PARCEL, status=Status.CLOSED, closed_at=NOON),
        _ticket(1, PARCEL, contact="leo", status=Status.CLOSED, closed_at=NOON),
    ],
    ids=["later", "merged", "taken back", "closed long ago", "closed and of another"],
)
def test_what_is_later_gone_or_long_ago_is_not_suggested(other: Ticket) -> None:
    ticket = replace(_ticket(9, PARCEL), created_at=NOON + timedelta(days=15))
    assert alike(ticket, [other]) == []


def test_a_ticket_is_not_like_the_one_it_was_split_from_or_follows() -> None:
    first = _ticket(1, PARCEL)
    assert alike(replace(_ticket(9, PARCEL), split_from=first.id), [first]) == []
    assert alike(replace(_ticket(9, PARCEL), follows=1), [first]) == []
