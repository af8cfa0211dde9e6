"""A rush begins when more come in a minute than a room takes, and is over only when it was quiet for a while."""

from datetime import UTC, datetime, timedelta

from routing.ids import OrganisationId, RoomId
from routing.rushes import MINUTE, QUIET, Rush, calm

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMIT = 10


def after(rush: Rush, *moments: datetime) -> Rush:
    for moment in moments:
        rush = rush.arrive(moment, limit=LIMIT)
    return rush


def fresh() -> Rush:
    return calm(RoomId("support"), OrganisationId("acme"), NOW)


def test_as_many_as_the_limit_are_no_rush_and_one_more_is() -> None:
    ten = after(fresh(), *(NOW + n * SECOND for n in range(LIMIT)))
    assert ten.since is None
    assert after(ten, NOW + 20 * SECOND).since == NOW + 20 * SECOND


def test_those_of_the_minute_before_still_count_in_part() -> None:
    ten = after(fresh(), *(NOW + 50 * SECOND for _ in range(LIMIT)))
    assert after(ten, NOW + MINUTE, NOW + MINUTE).since is not None
    assert after(ten, NOW + 2 * MINUTE, NOW + 2 * MINUTE).since is None


def test_a_rush_ends_when_it_was_quiet_for_long_enough() -> None:
    rush = after(fresh(), *(NOW for _ in range(50)))
    ebbing = rush.look(NOW + 2 * MINUTE, limit=LIMIT)
    assert ebbing.since is not None
    assert rush.look(NOW + 2 * MINUTE + QUIET, limit=LIMIT).since is None


def test_a_trickle_above_half_the_limit_keeps_it_going() -> None:
    rush = after(fresh(), *(NOW for _ in range(50)))
    for minute in range(1, 10):
        rush = after(rush, *(NOW + minute * MINUTE + n * 8 * SECOND for n in range(7)))
    assert rush.look(NOW + 10 * MINUTE, limit=LIMIT).since is not None


def test_a_look_that_finds_nothing_new_changes_nothing() -> None:
    quiet = fresh()
    assert quiet.look(NOW + MINUTE, limit=LIMIT) is quiet
