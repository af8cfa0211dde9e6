"""Draws lines and quotations as rich text, in which no words can act as markup or ping anyone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from bot.cards.model import Emoji, Line, Link, Moment, Person, Plain, Quote, Span, Strong, Struck
from bot.slack.texts import cut, cut_lines, drawable, one_line, size, split

Json = dict[str, Any]

LONGEST_TEXT = 3000
LONGEST_QUOTE = 8000
MOST_QUOTED_LINES = 150
LONGEST_ADDRESS = 3000
DATE_FORMAT = "{date_short_pretty} {time}"
EXACT_FORMAT = "{date_short_pretty} {time_secs}"
_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")


@dataclass(slots=True)
class Allowance:
    """How much text a message may still hold: Slack refuses one whose blocks hold too much together."""

    left: int

    def cut(self, text: str, longest: int) -> str:
        drawn = cut(text, min(longest, self.left)) if self.left > 0 else ""
        self.left -= size(drawn)
        return drawn


def section(line: Line, allowance: Allowance, *, bold: bool = False, longest: int = LONGEST_TEXT) -> Json:
    """One line. A line without words is drawn as an empty one."""
    elements = spans(line, allowance, bold=bold, longest=longest)
    return {"type": "rich_text_section", "elements": elements or [{"type": "text", "text": " "}]}


def quotation(quote: Quote, allowance: Allowance) -> Json | None:
    """Somebody's words set apart; None when there are none to see."""
    words = allowance.cut(cut_lines(drawable(quote.text).strip(), MOST_QUOTED_LINES), LONGEST_QUOTE)
    if not words:
        return None
    elements = [{"type": "text", "text": piece + joint} for piece, joint in split(words, LONGEST_TEXT - 1)]
    return {"type": "rich_text_quote", "elements": elements}


def spans(line: Line, allowance: Allowance, *, bold: bool = False, longest: int = LONGEST_TEXT) -> list[Json]:
    """The line's spans, the words of each cut at `longest`."""
    drawn = (_draw(span, allowance, longest, bold=bold) for span in line)
    return joined([element for element in drawn if element is not None])


def joined(elements: list[Json]) -> list[Json]:
    """The same with neighbouring texts of one style made one."""
    rows: list[Json] = []
    for element in elements:
        last = rows[-1] if rows else {}
        alike = element["type"] == last.get("type") == "text" and element.get("style") == last.get("style")
        if alike and size(last["text"]) + size(element["text"]) <= LONGEST_TEXT:
            rows[-1] = {**last, "text": last["text"] + element["text"]}
        else:
            rows.append(element)
    return rows


def _draw(span: Span, allowance: Allowance, longest: int, *, bold: bool) -> Json | None:
    match span:
        case Plain(text):
            return _text(text, allowance, longest, bold=bold)
        case Strong(text):
            return _text(text, allowance, longest, bold=True)
        case Struck(text):
            return _text(text, allowance, longest, bold=bold, strike=True)
        case Emoji(name):
            return {"type": "emoji", "name": name} if _EMOJI.fullmatch(name) else _text(f":{name}:", allowance, longest)
        case Person(name, user, ping):
            if ping and is_user(user):
                return {"type": "user", "user_id": user}
            return _text(name, allowance, longest, bold=bold)
        case Moment(at, exact):
            shown = EXACT_FORMAT if exact else DATE_FORMAT
            return {"type": "date", "timestamp": _seconds(at), "format": shown, "fallback": spelled(at)}
        case Link(text, address):
            return _link(one_line(text), address, allowance)
        case _:
            assert_never(span)


def _text(text: str, allowance: Allowance, longest: int, *, bold: bool = False, strike: bool = False) -> Json | None:
    words = allowance.cut(one_line(text), longest)
    if not words:
        return None
    style = {name: True for name, on in (("bold", bold), ("strike", strike)) if on}
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def _link(words: str, address: str, allowance: Allowance) -> Json | None:
    """A link; of an address that Slack would not open only the words."""
    if not address.startswith(("https://", "http://")) or len(address) > LONGEST_ADDRESS:
        return _text(words, allowance, LONGEST_TEXT)
    shown = allowance.cut(words, LONGEST_TEXT)
    return {"type": "link", "url": address, "text": shown} if shown else None


def is_user(user: str) -> bool:
    """Whether this can be a Slack user's id; anything else must not stand where Slack expects one."""
    return _USER.fullmatch(user) is not None


def date_token(at: datetime) -> str:
    """A moment in mrkdwn, made only of what we know; no words of others stand in it."""
    return f"<!date^{_seconds(at)}^{DATE_FORMAT}|{spelled(at)}>"


def spelled(at: datetime) -> str:
    """What is shown where Slack cannot draw the moment in the reader's own time zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
