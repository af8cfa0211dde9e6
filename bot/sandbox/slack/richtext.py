"""Turns what a person types into the text Slack stores, and into the rich text block that goes with it."""

import re
import secrets
from collections.abc import Iterator

from bot.sandbox.slack.wire import JsonObject
from bot.sandbox.slack.workspace import Workspace

_TOKEN = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_TYPED = re.compile(r"<@[UW]\w+>|<#C\w+(?:\|[^<>]*)?>|https?://[^\s<>|]+|[@#][\w.\-]+")
_BROADCASTS = {"here", "channel", "everyone"}


def stored_text(workspace: Workspace, typed: str) -> str:
    """What the client makes of typed words: `@name`, `#room` and addresses become tokens, the rest is escaped."""
    pieces: list[str] = []
    end = 0
    for match in _TYPED.finditer(typed):
        pieces += [_escape(typed[end : match.start()]), _token(workspace, match.group())]
        end = match.end()
    return "".join([*pieces, _escape(typed[end:])])


def _token(workspace: Workspace, word: str) -> str:
    if word.startswith("<"):
        return word if word[2:].split("|")[0].rstrip(">") in {*workspace.users, *workspace.channels} else _escape(word)
    if word.startswith("http"):
        return f"<{_escape(word)}>"
    name = word[1:]
    if word.startswith("#"):
        channel = workspace.channel_named(name)
        return _escape(word) if channel is None else f"<#{channel.id}|{channel.name}>"
    if name in _BROADCASTS:
        return f"<!{name}>"
    named = next((user["id"] for user in workspace.users.values() if user["name"] == name.casefold()), None)
    return _escape(word) if named is None else f"<@{named}>"


def rich_text_of(text: str) -> JsonObject:
    """The block that stands beside a person's text."""
    return {
        "type": "rich_text",
        "block_id": secrets.token_urlsafe(4)[:5],
        "elements": [{"type": "rich_text_section", "elements": list(_inline(text))}],
    }


def _inline(text: str) -> Iterator[JsonObject]:
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            yield _words(text[end : match.start()])
        yield _element(match)
        end = match.end()
    if end < len(text):
        yield _words(text[end:])


def _element(match: re.Match[str]) -> JsonObject:
    sign, body, label = match.groups()
    if sign == "@":
        return {"type": "user", "user_id": body}
    if sign == "#":
        return {"type": "channel", "channel_id": body}
    if sign == "!" and body in _BROADCASTS:
        return {"type": "broadcast", "range": body}
    if sign == "!":
        return _words(label or match.group())
    link: JsonObject = {"type": "link", "url": _unescape(body)}
    return link if label is None else {**link, "text": _unescape(label)}


def _words(text: str) -> JsonObject:
    return {"type": "text", "text": _unescape(text)}


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
