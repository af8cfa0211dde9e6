"""When a snoozed ticket is to come back: the times people mostly choose, by the organisation's own clock."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from routing.errors import Refused

LONGEST_SNOOZE = timedelta(days=366)
MORNING = time(9)
_MONDAY = 0


class Preset(StrEnum):
    HOUR = "hour"
    THREE_HOURS = "three_hours"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


def moment_of(preset: Preset, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a preset means. Monday is the next one to come, never today; nine o'clock is nine on the wall,
    also when the clocks are changed in between."""
    match preset:
        case Preset.HOUR:
            return now + timedelta(hours=1)
        case Preset.THREE_HOURS:
            return now + timedelta(hours=3)
        case Preset.TOMORROW:
            return _morning(now, zone, days=1)
        case Preset.MONDAY:
            return _morning(now, zone, days=(_MONDAY - now.astimezone(zone).weekday() - 1) % 7 + 1)


def _morning(now: datetime, zone: ZoneInfo, *, days: int) -> datetime:
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def check_far(until: datetime, now: datetime) -> None:
    """Raises Refused for a time so far away that nobody would remember."""
    if until - now > LONGEST_SNOOZE:
        raise Refused("snooze.far", days=str(LONGEST_SNOOZE.days))
