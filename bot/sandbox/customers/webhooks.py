"""Brings LINE's webhooks to the program, signed, and again and again until they are taken."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from bot.sandbox.customers.journal import Journal
from bot.sandbox.customers.line_account import LineAccount

# LINE does not tell how often and when it brings a webhook again; these steps let a restart be seen to lose nothing.
REDELIVERY_DELAYS: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_PATIENCE = 2.0  # LINE waits this long for an answer

# Told after every attempt: "delivered", "waiting" (it will be tried again) or "returned" (given up), and why.
Watcher = Callable[[str, str], None]


def nobody_watches(_standing: str, _reason: str) -> None:
    """For events that have no bubble on the phone to show their standing."""


class Courier:
    def __init__(
        self,
        account: LineAccount,
        *,
        journal: Journal,
        redelivery_delays: Sequence[float] = REDELIVERY_DELAYS,
        patience: float = _PATIENCE,
    ) -> None:
        self.url = ""
        self._account = account
        self._journal = journal
        self._redelivery_delays = redelivery_delays
        self._patience = aiohttp.ClientTimeout(total=patience)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64), timeout=self._patience)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def bring(
        self, event: dict[str, Any], line_user_id: str, *, reply_token: str | None, watcher: Watcher
    ) -> bool:
        """Delivers one event of one person; True once it is taken, False when given up."""
        event_id = self._account.next_event_id()
        event = {
            **event,
            "mode": "active",
            "timestamp": int(self._account.clock() * 1000),
            "source": {"type": "user", "userId": line_user_id},
            "webhookEventId": event_id,
            "deliveryContext": {"isRedelivery": False},
        }
        if reply_token is not None:
            event["replyToken"] = reply_token
        for delay in (*self._redelivery_delays, None):
            status, reason = await self.post([event])
            if 200 <= status < 300:
                self._journal.record("line_webhook_taken", self._account.clock(), event_id=event_id, type=event["type"])
                watcher("delivered", "")
                return True
            trouble = f"{status} {reason}" if status else reason
            if delay is not None:
                watcher("waiting", trouble)
                await asyncio.sleep(delay)
                event["deliveryContext"] = {"isRedelivery": True}
                if reply_token is not None:
                    self._account.renew_reply_token(reply_token)
        self._journal.record("line_webhook_given_up", self._account.clock(), event_id=event_id, reason=trouble)
        watcher("returned", trouble)
        return False

    async def post(self, events: list[dict[str, Any]]) -> tuple[int, str]:
        """One signed call; the status that came back (0 for none) and the reason."""
        if not self.url or self._session is None:
            return 0, "no webhook address is set"
        body = json.dumps({"destination": self._account.bot_user_id, "events": events}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "X-Line-Signature": self._account.sign(body),
        }
        try:
            async with self._session.post(self.url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status, response.reason or ""
        except TimeoutError:
            return 0, "request_timeout"
        except aiohttp.ClientError:
            return 0, "could_not_connect"
