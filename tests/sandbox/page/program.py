"""Stands where the program would be: an SMTP door and a webhook that keep what the customers bring."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Webhook:
    """One request that came to the webhook."""

    body: bytes
    signature: str
    json: Any


@dataclass
class Program:
    """`mail_answers` and `webhook_answers` are given one after the other; afterwards all is taken."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)
    mail_answers: list[str] = field(default_factory=list)
    webhook_answers: list[int] = field(default_factory=list)
    smtp_door: tuple[str, int] = ("127.0.0.1", 0)
    webhook_url: str = ""
    _server: asyncio.Server | None = None
    _runner: web.AppRunner | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def open(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(lambda: SMTP(self), "127.0.0.1", 0)
        self.smtp_door = ("127.0.0.1", self._server.sockets[0].getsockname()[1])
        app = web.Application()
        app.add_routes([web.post("/line", self._hear_webhook)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.webhook_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/line"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits until something that was brought makes it so."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(is_so)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        answer = self.mail_answers.pop(0) if self.mail_answers else "250 OK"
        assert isinstance(envelope.content, bytes)
        async with self._news:
            if answer.startswith("250"):
                self.mails.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
                self.recipients.extend(envelope.rcpt_tos)
            self._news.notify_all()
        return answer

    async def _hear_webhook(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._news:
            self.webhooks.append(Webhook(body, request.headers["X-Line-Signature"], await request.json()))
            self._news.notify_all()
        return web.Response(status=self.webhook_answers.pop(0) if self.webhook_answers else 200)
