"""Knows when a person wants to be left alone: quiet hours on chosen days, and whole days, in their own time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_LONGEST = 16  # stretches that follow one another: after a week the same days come again


class Day(StrEnum):
    """In the order of `date.weekday()`."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


DAYS = tuple(Day)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet from `begin` to `end` (`22:00`) on the `days` when it begins: an end before the beginning is on the next
    morning. Empty times are no quiet hours. On `free` days it is quiet the whole day. All in the time zone `zone`."""

    zone: str
    begin: str = ""
    end: str = ""
    days: tuple[str, ...] = DAYS
    free: tuple[str, ...] = ()

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that reigns at `now` ends; None when none does. Stretches that touch are one. Somebody who
        is never to be disturbed is looked at again after a week."""
        ends: datetime | None = None
        for _ in range(_LONGEST):
            ended = self._stretch(ends or now)
            if ended is None:
                return ends
            ends = ended
        return ends

    def _stretch(self, now: datetime) -> datetime | None:
        """The end of one stretch that holds `now`."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        for begun in (today - timedelta(days=1), today):
            for first, last in self._of(begun):
                begin, end = _moment(*first, zone), _moment(*last, zone)
                if begin <= now < end:
                    return end
        return None

    def _of(self, day: date) -> list[tuple[tuple[date, time], tuple[date, time]]]:
        """The stretches that begin on a day."""
        tomorrow, name = day + timedelta(days=1), DAYS[day.weekday()]
        found = [((day, time()), (tomorrow, time()))] if name in self.free else []
        if self.begin and self.end and self.begin != self.end and name in self.days:
            begin, end = time.fromisoformat(self.begin), time.fromisoformat(self.end)
            found.append(((day, begin), (day if begin < end else tomorrow, end)))
        return found


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A time on the wall as a moment; one that the clocks leap over is the moment of the leap, nearly."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


@cache
def zones() -> frozenset[str]:
    """Every time zone there is, by its name."""
    return frozenset(available_timezones())
