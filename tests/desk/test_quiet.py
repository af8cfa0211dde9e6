"""Quiet hours are kept on the wall clock of whoever chose them, also when the clocks change."""

from datetime import UTC, datetime

import pytest

from routing.quiet import DAYS, QuietHours

BERLIN = "Europe/Berlin"
NIGHTS = QuietHours(BERLIN, "22:00", "07:00")
WEEK = QuietHours(BERLIN, "18:00", "08:00", days=("mon", "tue", "wed", "thu", "fri"), free=("sat", "sun"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHTS, "2026-11-24 20:59", None),
        (NIGHTS, "2026-11-24 21:00", "2026-11-25 06:00"),
        (NIGHTS, "2026-11-25 05:59", "2026-11-25 06:00"),
        (NIGHTS, "2026-11-25 06:00", None),
        # The night in which the clocks go forward is an hour shorter, the one in which they go back an hour longer.
        (NIGHTS, "2026-03-28 21:00", "2026-03-29 05:00"),
        (NIGHTS, "2026-10-24 20:00", "2026-10-25 06:00"),
        # A lunch break begins and ends on one day.
        (QuietHours("Asia/Tokyo", "12:00", "13:00"), "2026-11-24 03:30", "2026-11-24 04:00"),
        # From Friday evening to Monday morning it is quiet in one: evening, two free days, and no night before Monday.
        (WEEK, "2026-11-27 17:30", "2026-11-29 23:00"),
        (WEEK, "2026-11-23 17:30", "2026-11-24 07:00"),
        # Only on the days when it begins.
        (QuietHours(BERLIN, "22:00", "07:00", days=("mon",)), "2026-11-24 05:00", "2026-11-24 06:00"),
        (QuietHours(BERLIN, "22:00", "07:00", days=("mon",)), "2026-11-24 22:00", None),
        # No hours, or none that last.
        (QuietHours(BERLIN), "2026-11-24 22:00", None),
        (QuietHours(BERLIN, "07:00", "07:00"), "2026-11-24 06:30", None),
    ],
)
def test_quiet_reigns_until(hours: QuietHours, now: str, until: str | None) -> None:
    assert hours.until(at(now)) == (at(until) if until else None)


def test_who_is_never_to_be_disturbed_is_looked_at_again_within_weeks() -> None:
    always = QuietHours("UTC", free=DAYS)
    until = always.until(at("2026-11-24 22:00"))
    assert until is not None
    assert at("2026-12-01 00:00") < until < at("2026-12-31 00:00")
