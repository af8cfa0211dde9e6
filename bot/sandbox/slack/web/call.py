"""One Web API call: who calls, with what, on which platform."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is: the app's bot, the app itself, or a person who installed it."""

    kind: str
    user: str
    scopes: frozenset[str]

    @property
    def is_bot(self) -> bool:
        return self.kind == "bot"


@dataclass(frozen=True, slots=True)
class Call:
    """What a method gets; `args` refuses by itself what is missing."""

    platform: Platform
    caller: Caller
    args: Arguments

    def channel(self, name: str = "channel") -> Channel:
        """The channel named by an argument, if the caller may know of it."""
        channel = self.platform.workspace.channel(self.args.text(name))
        if not channel.is_seen_by(self.caller.user):
            raise SlackRefusal("channel_not_found")
        return channel

    def joined_channel(self, name: str = "channel") -> Channel:
        channel = self.channel(name)
        if self.caller.user not in channel.members:
            raise SlackRefusal("not_in_channel")
        return channel

    def page(self, everything: Sequence[Any], *, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
        """One page of a list and the cursor of the next, empty at the end."""
        start = read_cursor(self.args.optional_text("cursor"))
        limit = self.args.number("limit", default=default, most=most)
        end = start + limit
        return list(everything[start:end]), make_cursor(end) if end < len(everything) else ""


def make_cursor(position: int, unit: str = "next") -> str:
    return base64.b64encode(f"{unit}:{position}".encode()).decode()


def read_cursor(cursor: str | None, unit: str = "next") -> int:
    if cursor is None:
        return 0
    try:
        word, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word != unit:
            raise SlackRefusal("invalid_cursor")
        return int(position)
    except (binascii.Error, ValueError, UnicodeDecodeError):
        raise SlackRefusal("invalid_cursor") from None


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: what it does, which scope it needs (any one of these), which kinds of token may call it."""

    answer: Callable[[Call], JsonObject]
    scopes: tuple[str, ...] = ()
    tokens: frozenset[str] = field(default=frozenset({"bot", "user"}))

    def admit(self, caller: Caller) -> None:
        if caller.kind not in self.tokens:
            raise SlackRefusal("not_allowed_token_type")
        if self.scopes and not caller.scopes.intersection(self.scopes):
            raise SlackRefusal("missing_scope", needed=",".join(self.scopes), provided=",".join(sorted(caller.scopes)))
