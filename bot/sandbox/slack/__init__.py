"""A stand-in of Slack's platform on this machine, against which production Slack code runs unchanged."""

from bot.sandbox.slack.clock import HandClock, WallClock
from bot.sandbox.slack.model import Ephemeral, View
from bot.sandbox.slack.person.outcome import Outcome
from bot.sandbox.slack.settings import AppSettings, Command, Shortcut
from bot.sandbox.slack.standin import SlackStandin, running_standin
from bot.sandbox.slack.wire import SlackRefusal

__all__ = [
    "AppSettings",
    "Command",
    "Ephemeral",
    "HandClock",
    "Outcome",
    "Shortcut",
    "SlackRefusal",
    "SlackStandin",
    "View",
    "WallClock",
    "running_standin",
]
