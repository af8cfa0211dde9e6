"""Reads what somebody wrote in Slack as plain words, fit to be kept as a note or sent to a customer."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.texts import harmless

Json = dict[str, Any]
Names = Mapping[str, str]

_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
_NAMES = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_DEEPEST = 20


def words(message: Mapping[str, Any], names: Names) -> str:
    """The message's words. `names` are what people mentioned in it are called; who is not in it keeps their id."""
    blocks = [block for block in _objects(message.get("blocks")) if block.get("type") == "rich_text"]
    if blocks:
        text = "\n".join(_block(block, names) for block in blocks)
    else:
        text = from_mrkdwn(str(message.get("text") or ""), names)
    return harmless(text).strip("\n")


def mentioned(message: Mapping[str, Any]) -> frozenset[str]:
    """Everybody whose name is needed to read the message."""
    found = set(_NAMES.findall(str(message.get("text") or "")))
    found |= {str(element.get("user_id")) for element in _leaves(message.get("blocks"), 0) if element["type"] == "user"}
    return frozenset(found)


def people_in(text: str) -> list[str]:
    """Everybody who is mentioned in Slack's own notation, in the order of their mention."""
    return list(dict.fromkeys(_NAMES.findall(text)))


def from_mrkdwn(text: str, names: Names) -> str:
    """Slack's own notation as plain words: links by their address, people by their name."""
    return html.unescape(_TOKEN.sub(lambda match: _token(match[1], names), text))


def _token(token: str, names: Names) -> str:
    target, _, title = token.partition("|")
    if target.startswith("@"):
        return "@" + (names.get(target[1:]) or title or target[1:])
    if target.startswith("#"):
        return "#" + (title or target[1:])
    if target.startswith("!date^"):
        return title
    if target.startswith("!subteam^"):
        return title or "@" + target.removeprefix("!subteam^")
    if target.startswith("!"):
        return "@" + target[1:]
    return _link(target, title)


def _link(address: str, title: str) -> str:
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    plain = shown.removeprefix("https://").removeprefix("http://").rstrip("/")
    if not title or title.rstrip("/") in (shown, plain):
        return title or shown
    return f"{title} ({shown})"


def _block(block: Json, names: Names) -> str:
    return "\n".join(_part(part, names) for part in _objects(block.get("elements"))).rstrip("\n")


def _part(part: Json, names: Names) -> str:
    """One part of a rich text: a section, a quotation, code, or a list of sections."""
    elements = _objects(part.get("elements"))
    if part.get("type") != "rich_text_list":
        text = "".join(_element(element, names) for element in elements)
        # A section that another part follows ends with a line break of its own, which the join already makes.
        return text.removesuffix("\n") if part.get("type") == "rich_text_section" else text
    ordered = part.get("style") == "ordered"
    indent = "  " * _number(part.get("indent"))
    first = 1 + _number(part.get("offset"))
    marks = (f"{first + place}. " if ordered else "• " for place in range(len(elements)))
    return "\n".join(indent + mark + _part(element, names) for mark, element in zip(marks, elements, strict=True))


def _element(element: Json, names: Names) -> str:
    match element.get("type"):
        case "text":
            return str(element.get("text") or "")
        case "link":
            return _link(str(element.get("url") or ""), str(element.get("text") or ""))
        case "user":
            user = str(element.get("user_id") or "")
            return "@" + (names.get(user) or user)
        case "emoji":
            return _emoji(element)
        case "broadcast":
            return "@" + str(element.get("range") or "here")
        case "channel":
            return "#" + str(element.get("channel_id") or "")
        case "usergroup":
            return "@" + str(element.get("usergroup_id") or "")
        case "date":
            return str(element.get("fallback") or "")
        case "color":
            return str(element.get("value") or "")
        case _:
            return ""


def _emoji(element: Json) -> str:
    """The character itself for a standard emoji; a workspace's own pictures have only a name."""
    try:
        return "".join(chr(int(point, 16)) for point in str(element["unicode"]).split("-"))
    except (KeyError, ValueError, OverflowError):
        return f":{element.get('name', '')}:"


def _leaves(blocks: Any, depth: int) -> Iterator[Json]:
    for element in _objects(blocks) if depth < _DEEPEST else ():
        if isinstance(element.get("type"), str):
            yield element
        yield from _leaves(element.get("elements"), depth + 1)


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= 100 else 0
