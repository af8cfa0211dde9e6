"""Judges messages that a program wants to send by LINE, with LINE's limits and in LINE's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST_BUBBLES = 5
LONGEST_TEXT = 5_000  # UTF-16 code units: an emoji counts twice
LARGEST_BODY = 2 * 1024 * 1024
_LONGEST_URL = 2_000
_LONGEST_SENDER = 20
_MOST_QUICK_REPLIES = 13

# What a message of each type cannot do without; a number is the longest text LINE takes there, in UTF-16 units.
_NEEDED: dict[str, dict[str, int | None]] = {
    "text": {"text": LONGEST_TEXT},
    "textV2": {"text": LONGEST_TEXT},
    "sticker": {"packageId": None, "stickerId": None},
    "image": {"originalContentUrl": _LONGEST_URL, "previewImageUrl": _LONGEST_URL},
    "video": {"originalContentUrl": _LONGEST_URL, "previewImageUrl": _LONGEST_URL},
    "audio": {"originalContentUrl": _LONGEST_URL},
    "location": {"title": 100, "address": 100},
    "flex": {"altText": 1_500},
    "template": {"altText": 1_500},
    "imagemap": {"altText": 1_500, "baseUrl": 2_000},
}
_NEEDED_VALUES: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "flex": ("contents", dict),
    "template": ("template", dict),
    "audio": ("duration", (int, float)),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that LINE would not take: its words, and the place in the body."""

    message: str
    place: str

    def shown(self) -> dict[str, str]:
        return {"message": self.message, "property": self.place}


def objections_to(messages: object) -> list[Objection]:
    """Everything LINE would object to in the list of messages; nothing if it would take them."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_BUBBLES:
        return [Objection(f"Size must be between 1 and {MOST_BUBBLES}", "messages")]
    found: list[Objection] = []
    for number, message in enumerate(messages):
        found.extend(_objections_to_one(message, f"messages[{number}]"))
    return found


def _objections_to_one(message: object, place: str) -> Iterator[Objection]:
    if not isinstance(message, dict):
        yield Objection("Must be an object", place)
        return
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _NEEDED:
        yield Objection(f"Must be one of the following values: [{', '.join(_NEEDED)}]", f"{place}.type")
        return
    for name, longest in _NEEDED[kind].items():
        yield from _objections_to_text(message.get(name), longest, f"{place}.{name}")
        if name.endswith("Url") and isinstance(message.get(name), str) and not _may_be_fetched(message[name]):
            yield Objection("Must be a valid HTTPS URL", f"{place}.{name}")
    if kind in _NEEDED_VALUES:
        name, kinds = _NEEDED_VALUES[kind]
        if not isinstance(message.get(name), kinds):
            yield Objection("May not be empty", f"{place}.{name}")
    if kind == "location":
        for name in ("latitude", "longitude"):
            if not isinstance(message.get(name), (int, float)):
                yield Objection("May not be empty", f"{place}.{name}")
    yield from _objections_to_extras(message, place)


def _objections_to_text(text: object, longest: int | None, place: str) -> Iterator[Objection]:
    if text is None or text == "":
        yield Objection("May not be empty", place)
    elif not isinstance(text, str):
        yield Objection("Must be a string", place)
    elif longest is not None and utf16_length(text) > longest:
        yield Objection(f"Length must be between 0 and {longest}", place)


def _objections_to_extras(message: dict[str, Any], place: str) -> Iterator[Objection]:
    sender = message.get("sender")
    if isinstance(sender, dict) and len(str(sender.get("name", ""))) > _LONGEST_SENDER:
        yield Objection(f"Length must be between 0 and {_LONGEST_SENDER}", f"{place}.sender.name")
    quick = message.get("quickReply")
    if isinstance(quick, dict):
        items = quick.get("items")
        if not isinstance(items, list) or not 1 <= len(items) <= _MOST_QUICK_REPLIES:
            yield Objection(f"Size must be between 1 and {_MOST_QUICK_REPLIES}", f"{place}.quickReply.items")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _may_be_fetched(url: str) -> bool:
    """LINE fetches media over HTTPS only. This machine's own address is let through: here nobody has a certificate."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
