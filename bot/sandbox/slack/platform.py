"""Holds what all parts of one stand-in share: workspace, clock, journal, feed and the way to the app."""

from dataclasses import dataclass
from typing import Protocol

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.outgoing.courier import Courier
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.stumbles import Stumbles
from bot.sandbox.slack.wire import JsonObject
from bot.sandbox.slack.workspace import Workspace


class EventSink(Protocol):
    """Takes an event that the app may be subscribed to; delivery happens in the background."""

    def emit(self, event: JsonObject) -> None: ...


@dataclass(slots=True)
class Platform:
    """One running stand-in, without its doors."""

    app: AppSettings
    clock: Clock
    journal: Journal
    feed: Feed
    workspace: Workspace
    stumbles: Stumbles
    courier: Courier
    events: EventSink
    base_url: str = ""
