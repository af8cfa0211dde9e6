"""Delivers events to the app in the background and repeats them as Slack does: at once, after a minute, after five."""

import asyncio

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.outgoing.courier import Courier, Kind, Retry, Unanswered
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.wire import JsonObject, copied
from bot.sandbox.slack.workspace import Workspace

RETRY_WAITS = (0.0, 60.0, 300.0)


class EventSender:
    """One task an event; nothing is promised about the order in which they arrive, as with Slack."""

    def __init__(self, app: AppSettings, clock: Clock, workspace: Workspace, courier: Courier) -> None:
        self._app = app
        self._clock = clock
        self._workspace = workspace
        self._courier = courier
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def emit(self, event: JsonObject) -> None:
        if event["type"] not in self._app.events:
            return
        task = asyncio.ensure_future(self._deliver(self.envelope(event)))
        self._start()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def envelope(self, event: JsonObject) -> JsonObject:
        """The event wrapped as the Events API wraps it."""
        place = event.get("channel") or event.get("item", {}).get("channel")
        channel = self._workspace.channels.get(place) if isinstance(place, str) else None
        return {
            "token": self._app.verification_token,
            "team_id": self._workspace.team_id,
            "context_team_id": self._workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": self._app.app_id,
            "event": copied(event),
            "type": "event_callback",
            "event_id": self._workspace.mint("Ev"),
            "event_time": int(self._clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self._workspace.team_id,
                    "user_id": self._workspace.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
            "event_context": self._workspace.mint("4-"),
        }

    async def challenge(self, challenge: str) -> bool:
        """Asks the request URL to prove itself, as Slack does when it is entered; True when it did."""
        payload = {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        reply = await self._courier.deliver(Kind.EVENT, payload)
        answer = reply.payload()
        return reply.ok and challenge in (reply.text.strip(), (answer or {}).get("challenge"))

    async def settled(self) -> None:
        """Returns when no delivery is under way; repetitions that wait for their hour do not count."""
        await self._idle.wait()

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, envelope: JsonObject) -> None:
        retry: Retry | None = None
        try:
            for wait in (*RETRY_WAITS, None):
                failure = await self._attempt(envelope, retry)
                if failure is None or wait is None:
                    return
                if wait:
                    await self._rest(wait)
                retry = Retry(1 if retry is None else retry.number + 1, failure)
        finally:
            self._stop()

    async def _rest(self, seconds: float) -> None:
        self._stop()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._start()

    async def _attempt(self, envelope: JsonObject, retry: Retry | None) -> str | None:
        """The reason to try again, or None when the event has arrived or must not be repeated."""
        try:
            reply = await self._courier.deliver(Kind.EVENT, envelope, retry)
        except Unanswered as unanswered:
            return unanswered.reason
        return None if reply.ok or reply.no_retry else "http_error"

    def _start(self) -> None:
        self._under_way += 1
        self._idle.clear()

    def _stop(self) -> None:
        self._under_way -= 1
        if self._under_way == 0:
            self._idle.set()
