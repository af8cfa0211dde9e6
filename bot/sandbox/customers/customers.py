"""Puts the customers' side together: mailboxes, phones, LINE's platform, and the people who use them."""

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.customers.audience import Audience
from bot.sandbox.customers.errands import Errands
from bot.sandbox.customers.journal import Journal
from bot.sandbox.customers.line_account import LineAccount
from bot.sandbox.customers.line_api import LineApi
from bot.sandbox.customers.line_messages import LARGEST_BODY
from bot.sandbox.customers.line_sending import LineSending
from bot.sandbox.customers.mailbox import RETRY_DELAYS, Mailbox
from bot.sandbox.customers.mishaps import Mishaps
from bot.sandbox.customers.people import PEOPLE
from bot.sandbox.customers.phone import Phone
from bot.sandbox.customers.players import Players
from bot.sandbox.customers.samples import SAMPLES
from bot.sandbox.customers.webhooks import REDELIVERY_DELAYS, Courier


@dataclass(frozen=True, slots=True)
class CustomersConfig:
    """Where the customers live (ports; 0 picks a free one) and what they share with the program."""

    line_secret: str
    line_token: str
    support_address: str = "support@shop.example"
    host: str = "127.0.0.1"
    smtp_port: int = 0
    line_port: int = 0
    journal: Path | None = None
    line_name: str = "Madoguchi"
    line_channel_id: str = "1234567890"
    line_monthly_limit: int | None = 200
    breath: float = 2.0
    retry_delays: Sequence[float] = RETRY_DELAYS
    redelivery_delays: Sequence[float] = REDELIVERY_DELAYS
    patience: float = 2.0


class Customers:
    """Open it first, to learn its ports; then start the program with them; then tell it the program's own doors."""

    def __init__(self, config: CustomersConfig, *, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._journal = Journal(config.journal)
        self._errands = Errands()
        self._runner: web.AppRunner | None = None
        self.mishaps = Mishaps()
        self.audience = Audience()
        announce = self.audience.tell
        self.mailbox = Mailbox(
            support_address=config.support_address,
            journal=self._journal,
            mishaps=self.mishaps,
            announce=announce,
            clock=clock,
            retry_delays=config.retry_delays,
        )
        self.account = LineAccount(
            announce=announce,
            clock=clock,
            secret=config.line_secret,
            access_token=config.line_token,
            display_name=config.line_name,
            channel_id=config.line_channel_id,
            monthly_limit=config.line_monthly_limit,
        )
        self._courier = Courier(
            self.account, journal=self._journal, redelivery_delays=config.redelivery_delays, patience=config.patience
        )
        self.phone = Phone(self.account, self._courier)
        self._sending = LineSending(self.account, self._journal)
        self._line_api = LineApi(self.account, self._courier, self._sending, self.mishaps)
        self.players = Players(self.mailbox, self.phone, self._errands, announce=announce, breath=config.breath)
        self.mailbox.heard = self.players.hear_letter
        self._sending.heard = self.players.hear_bubble
        self.smtp_port = config.smtp_port
        self.line_port = config.line_port

    @property
    def line_url(self) -> str:
        """Where LINE's API is served: in place of both `https://api.line.me` and `https://api-data.line.me`."""
        return f"http://{self._config.host}:{self.line_port}"

    async def open(self, *, more_routes: Sequence[web.RouteDef] = ()) -> None:
        """Starts to take mail and LINE calls; `more_routes` are served beside LINE's."""
        self.smtp_port = await self.mailbox.open(self._config.host, self._config.smtp_port)
        await self._courier.open()
        app = web.Application(client_max_size=LARGEST_BODY + 1)
        app.add_routes([*self._line_api.routes(), *more_routes])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._config.host, self._config.line_port)
        await site.start()
        self.line_port = int(self._runner.addresses[0][1])

    def knows_program(self, *, smtp_door: tuple[str, int] | None = None, line_webhook: str | None = None) -> None:
        """Tells where the program takes their mail and LINE's webhooks; what they write waits until then."""
        if smtp_door is not None:
            self.mailbox.door = smtp_door
        if line_webhook is not None:
            self._courier.url = line_webhook

    async def close(self) -> None:
        self.audience.dismiss()
        self._line_api.close()
        await self._errands.end()
        await self.mailbox.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._courier.close()
        self._journal.close()

    def start(self, errand: Coroutine[Any, Any, Any]) -> None:
        """Lets something go on in the background; it ends with the customers."""
        self._errands.start(errand)

    def snapshot(self) -> dict[str, Any]:
        """All that a page shows."""
        return {
            "type": "snapshot",
            "people": [person.shown() for person in PEOPLE],
            "mailbox": {
                "address": self.mailbox.support_address,
                "letters": [letter.shown() for letter in self.mailbox.letters.values()],
            },
            "line": {
                **self.account.shown(),
                "bubbles": [bubble.shown() for bubble in self.account.bubbles.values()],
            },
            "samples": [
                {
                    "name": sample.name,
                    "person": sample.person,
                    "medium": sample.medium,
                    "topic": sample.topic,
                    "has_picture": bool(sample.picture),
                }
                for sample in SAMPLES
            ],
            "parading": self.players.is_parading,
            "rules": self.mishaps.outstanding(),
        }
