"""Takes single values out of LINE's JSON without trusting that they are there, or what they are."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Odd(ValueError):
    """Something is not where LINE's documentation has it."""


def an_object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Raises Odd."""
    found = fields.get(name)
    if not isinstance(found, dict):
        raise Odd(f"no {name}")
    return found


def an_id(fields: object, name: str) -> str:
    """An id as LINE makes them; empty when it is anything else."""
    found = fields.get(name) if isinstance(fields, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def message_id(message: Mapping[str, Any], name: str = "id") -> str:
    """Raises Odd."""
    found = an_id(message, name)
    if not found:
        raise Odd("a message without an id")
    return found


def word(fields: Mapping[str, Any], name: str, *, longest: int = 128) -> str:
    """A printable ASCII value such as a token or an address; empty when it is anything else."""
    found = fields.get(name)
    if isinstance(found, str) and len(found) <= longest and found.isascii() and found.isprintable():
        return found
    return ""


def number(found: object, least: float, most: float) -> int | float | None:
    """The number, if it is one and within its bounds."""
    if isinstance(found, int | float) and not isinstance(found, bool) and least <= found <= most:
        return found
    return None


def moment(milliseconds: object, otherwise: datetime) -> datetime:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return otherwise
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
