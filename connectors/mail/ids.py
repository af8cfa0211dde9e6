"""Reads what mails point at: Message-IDs, and the ticket number in a subject."""

import re
from collections.abc import Iterable

_BRACKETED = re.compile(rb"<([^<>]{1,998})>")
_BARE = re.compile(rb"[^\s<>,;\"]+@[^\s<>,;\"]+")
_NUMBER = re.compile(r"\[#(\d{1,9})\]")
_MOST = 50


def message_ids(values: Iterable[bytes]) -> tuple[str, ...]:
    """The ids that headers name, without brackets and white space, in their order."""
    found: list[str] = []
    for value in values:
        ids = _BRACKETED.findall(value) or _BARE.findall(value)
        found.extend("".join(one.decode("utf-8", "replace").split()) for one in ids)
    return tuple(dict.fromkeys(one for one in found if one and one.isprintable()))


def newest_first(in_reply_to: tuple[str, ...], references: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*in_reply_to, *reversed(references))))[:_MOST]


def ticket_number(subject: str) -> int | None:
    """The number that our own answers carry in their subject: `[#1042]`."""
    match = _NUMBER.search(subject)
    return int(match[1]) if match else None
