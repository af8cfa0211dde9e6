"""Reads the Date header of mails, tolerantly."""

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE = re.compile(
    rb"(?:[A-Za-z]{3,9},?\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]{0,8}[\s-]+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    rb"(?:\.\d{1,9})?\s*(?:([+-]\d{4})|([A-Za-z]{1,5}))?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), start=1
    )
}
_ZONES = {b"jst": 9, b"est": -5, b"edt": -4, b"cst": -6, b"cdt": -5, b"mst": -7, b"mdt": -6, b"pst": -8, b"pdt": -7,
          b"cet": 1, b"cest": 2, b"bst": 1, b"kst": 9, b"hkt": 8, b"sgt": 8, b"ist": 5.5}  # fmt: skip
_CENTURY, _PIVOT = 100, 69


def read_date(value: bytes) -> datetime | None:
    """The moment a Date header names, in UTC; None when it names none."""
    match = _DATE.match(value.strip())
    if match is None:
        return None
    day, month, year_text, hour, minute, second, offset, zone = match.groups()
    year = int(year_text)
    if year < _CENTURY:
        year += 1900 if year >= _PIVOT else 2000
    try:
        local = datetime(
            year, _MONTHS.get(month.lower(), 0), int(day), int(hour), int(minute), min(int(second or 0), 59),
            tzinfo=timezone(_offset(offset, zone)),
        )  # fmt: skip
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(offset: bytes | None, zone: bytes | None) -> timedelta:
    if offset:
        minutes = int(offset[1:3]) * 60 + int(offset[3:5])
        return timedelta(minutes=-minutes if offset.startswith(b"-") else minutes)
    return timedelta(hours=_ZONES.get((zone or b"").lower(), 0))
