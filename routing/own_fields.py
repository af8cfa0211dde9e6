"""Fields of the organisation's own on a ticket: what each may hold, and which must be filled before a ticket closes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from routing.errors import Refused

LONGEST_VALUE = 500
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class OwnField:
    """`title` by language. A date is kept as YYYY-MM-DD, a number in plain figures, a choice as one of `options`."""

    id: str
    title: Mapping[str, str]
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = ()
    required_to_close: bool = False

    def title_in(self, language: str) -> str:
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()))

    def checked(self, value: str) -> str:
        """The value as it is kept; empty stays empty. Raises Refused for what the field does not take."""
        value = value.strip()
        if not value:
            return ""
        match self.kind:
            case FieldKind.TEXT:
                if len(value) > LONGEST_VALUE:
                    raise Refused("fields.too_long", limit=str(LONGEST_VALUE))
                return value
            case FieldKind.NUMBER:
                figures = unicodedata.normalize("NFKC", value)
                if not _NUMBER.fullmatch(figures) or not figures.isascii():
                    raise Refused("fields.no_number")
                return figures
            case FieldKind.DATE:
                return _day(value)
            case FieldKind.CHOICE:
                if value not in self.options:
                    raise Refused("fields.no_option")
                return value


def _day(value: str) -> str:
    try:
        if _DAY.fullmatch(value) and value.isascii():
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Refused("fields.no_date")


def check_closing(fields: Iterable[OwnField], values: Mapping[str, str], language: str) -> None:
    """Raises Refused, naming in `language` what must be filled before a ticket with these values closes."""
    missing = [one.title_in(language) for one in fields if one.required_to_close and not values.get(one.id)]
    if missing:
        raise Refused("close.missing_fields", names=", ".join(missing))
