"""What goes into a row comes out of it, whatever it was."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.shapes import (
    clean,
    clean_key,
    micros,
    moment,
    read_mapping,
    read_strings,
    write_exactly,
    write_mapping,
    write_strings,
)
from storage.tables import MESSAGE, TICKET
from tests.storage.rows import a_message, a_ticket


@given(st.datetimes(timezones=st.timedeltas(-timedelta(hours=14), timedelta(hours=14)).map(timezone)))
def test_a_moment_is_kept_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at
    assert moment(micros(at)).tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001  that is what must not pass


def test_moments_are_kept_in_one_zone() -> None:
    tokyo = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert micros(tokyo) == micros(datetime(2026, 1, 1, tzinfo=UTC))


@given(st.text(alphabet=st.characters()))
def test_text_that_can_be_kept_is_kept_as_it_is(text: str) -> None:
    kept = clean(text)
    assert len(kept) == len(text)
    assert all(
        one == other or one == "\0" or "\ud800" <= one <= "\udfff" for one, other in zip(text, kept, strict=True)
    )
    assert clean(kept) == kept
    kept.encode()
    assert "\0" not in kept


@given(st.lists(st.text()))
def test_lists_of_text_come_back(texts: list[str]) -> None:
    assert read_strings(write_strings(texts)) == tuple(clean(one) for one in texts)


@given(st.dictionaries(st.text(), st.text()))
def test_mappings_come_back(mapping: dict[str, str]) -> None:
    assert read_mapping(write_mapping(mapping)) == {clean(name): clean(value) for name, value in mapping.items()}
    assert read_mapping(write_exactly(mapping)) == mapping


@given(st.text(min_size=401), st.text(min_size=401))
def test_long_keys_stay_apart_and_fit_into_an_index(one: str, other: str) -> None:
    assert (clean_key(one) == clean_key(other)) is (one == other)
    assert len(clean_key(one).encode()) < 2_000
    assert clean_key(clean_key("x" * 1_000)) != clean_key("x" * 1_000)[:400]


def test_values_become_rows_and_rows_values() -> None:
    messages = [a_message(external_id=None), a_message(agent=None, revision=3, unsent=True)]
    assert [MESSAGE.read(row) for row in zip(*MESSAGE.spread(messages), strict=True)] == messages
    ticket = a_ticket()
    (read,) = (TICKET.read(row) for row in zip(*TICKET.spread([ticket]), strict=True))
    assert read == ticket
    assert type(read.status) is type(ticket.status)
