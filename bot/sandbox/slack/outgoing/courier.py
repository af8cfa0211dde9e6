"""Says how a payload gets to the app and what may come back, whichever road it takes."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.wire import JsonObject

PATIENCE = 3.0


class Kind(StrEnum):
    """What sort of payload it is, in Socket Mode's words."""

    EVENT = "events_api"
    INTERACTION = "interactive"
    COMMAND = "slash_commands"


@dataclass(frozen=True, slots=True)
class Retry:
    """Which repetition of an event this is, and why the one before failed."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The app's answer."""

    status: int
    text: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def payload(self) -> JsonObject | None:
        """The answer as a JSON object; None when it is empty or plain text."""
        try:
            value = json.loads(self.text) if self.text.strip() else None
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


class Unanswered(Exception):
    """The app gave no answer; `reason` is what Slack writes into `x-slack-retry-reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Courier(Protocol):
    """Carries one payload to the app and brings the answer, or raises `Unanswered` after three seconds."""

    async def deliver(self, kind: Kind, payload: JsonObject, retry: Retry | None = None) -> Reply: ...


async def within_patience(clock: Clock, work: Coroutine[Any, Any, Reply]) -> Reply:
    """Waits for an answer for three seconds of the stand-in's own clock."""
    task = asyncio.ensure_future(work)
    limit = asyncio.ensure_future(clock.sleep(PATIENCE))
    try:
        await asyncio.wait({task, limit}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Unanswered("http_timeout")
    finally:
        for future in (task, limit):
            future.cancel()
        await asyncio.gather(task, limit, return_exceptions=True)
