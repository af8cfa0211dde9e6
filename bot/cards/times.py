"""Knows the times that a reply can be planned for, in the organisation's own time zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routing.errors import Refused

NOW, HOUR, TOMORROW, MONDAY, AT = "now", "hour", "tomorrow", "monday", "at"
PRESETS = (NOW, HOUR, TOMORROW, MONDAY, AT)
MORNING = time(9)
_MONDAY = 0


def moment_of(when: str, at: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that an agent chose; None for at once. Raises Refused when none can be made of it."""
    match when:
        case "" | "now":
            return None
        case "hour":
            return now + timedelta(hours=1)
        case "tomorrow":
            return tomorrow(now, zone)
        case "monday":
            today = now.astimezone(zone).date()
            ahead = (_MONDAY - today.weekday()) % 7 or 7
            return datetime.combine(today + timedelta(days=ahead), MORNING, zone).astimezone(UTC)
        case _:
            chosen = read_seconds(at)
            if chosen is None:
                raise Refused("schedule.no_time")
            return chosen


def tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """Tomorrow morning, as the organisation's clock shows it."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone).astimezone(UTC)


def read_seconds(text: str) -> datetime | None:
    """What a surface's picker gives back; None for what is no moment."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
