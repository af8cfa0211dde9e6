"""Small pieces that cards, entries and forms are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.model import Line, Person, Plain, Span
from bot.cards.words import knows, say
from routing.agents import Agent
from routing.replies import Outbound, Sending
from routing.ticket import Priority

PRIORITY_ICONS = {Priority.HIGH: "large_orange_diamond", Priority.URGENT: "red_circle"}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom something is drawn: in which language, on which surface and workspace, in which time zone."""

    language: str
    surface: str
    workspace: str
    zone: ZoneInfo

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def say_event(self, key: str, values: Mapping[str, str]) -> str:
        """The sentence of an event; one whose connector brought no sentence is shown by its key."""
        if not knows(self.language, f"event.{key}"):
            return key
        return say(self.language, f"event.{key}", **values)

    def line(self, key: str, **values: object) -> Line:
        return (Plain(self.say(key, **values)),)

    def clock(self, at: datetime) -> str:
        """A moment in words, for sentences that are plain text."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def person(self, agent: Agent | None, users: dict[tuple[str, str], str], *, ping: bool = False) -> Span:
        if agent is None:
            return Plain(self.say("who.system"))
        return Person(agent.name, users.get((self.surface, self.workspace), ""), ping=ping)


def sending_words(reader: Reader, reply: Outbound) -> str:
    """The last sending state in words: what the provider told of a sent reply goes before `sent`."""
    state = reply.delivered if reply.state is Sending.SENT and reply.delivered else str(reply.state)
    return reader.say(f"sending.{state}", fault=reply.fault)
