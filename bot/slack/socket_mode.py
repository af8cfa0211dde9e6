"""Listens to Slack over Socket Mode, for those who have no public address."""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.receiver import Receiver
from bot.slack.web import LIBRARY_LOG
from bot.slack.works import Works, report
from routing.errors import Misconfigured, TryLater

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
WATCH_SECONDS = 20.0
CONNECT_SECONDS = 20.0
_WRONG_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"})


class Socket:
    """One app's connection. What comes goes the same way as by HTTP.

    An envelope is acknowledged when it is kept; one that is not is sent again by Slack, to this connection or another.
    The SDK opens its connection anew by itself, but after a longer outage it goes on trying an address that Slack no
    longer takes; so one that stays dead is replaced as a whole.
    """

    def __init__(
        self,
        app_token: str,
        web_client: AsyncWebClient,
        receiver: Receiver,
        teams: Collection[str],
        works: Works,
        *,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._app_token = app_token
        self._web_client = web_client
        self._receiver = receiver
        self._teams = teams
        self._works = works
        self._watch_seconds = watch_seconds
        self._client: SocketModeClient | None = None
        self._watch: asyncio.Task[None] | None = None
        self._listens = False

    async def start(self) -> None:
        """Connects, or goes on trying in the background while Slack cannot be reached. Raises Misconfigured when the
        token is wrong."""
        self._listens = True
        try:
            await self._connect()
        except TryLater as fault:
            report("connect", fault)
        self._watch = asyncio.create_task(self._watch_over(), name="socket watch")

    async def connected(self) -> bool:
        return self._client is not None and await self._client.is_connected()

    def stop_listening(self) -> None:
        """From now on envelopes are left to other processes; acknowledgements of earlier ones can still leave."""
        self._listens = False

    async def close(self) -> None:
        self._listens = False
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        await self._disconnect()

    async def _connect(self) -> None:
        try:
            answer = await self._web_client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as failure:
            code = failure.response.get("error", "")
            if code in _WRONG_TOKEN or code == "missing_scope":
                raise Misconfigured(
                    f"Slack does not take the app-level token for Socket Mode ({code}): make one under Basic "
                    "Information, App-Level Tokens, with connections:write, and write it as app_token (xapp-…)"
                ) from None
            raise TryLater(f"slack apps.connections.open: {code}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            raise TryLater(f"slack apps.connections.open: {type(failure).__name__}") from failure
        client = SocketModeClient(
            self._app_token, logger=LIBRARY_LOG, web_client=self._web_client, ping_interval=PING_SECONDS
        )
        client.wss_uri = answer["url"]
        client.socket_mode_request_listeners.append(self._take)
        self._client = client
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        except TimeoutError:
            raise TryLater("slack socket: no connection") from None
        log.info("slack: connected over Socket Mode")

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _watch_over(self) -> None:
        """Replaces a connection that was dead at two looks in a row."""
        dead = 0
        while True:
            await asyncio.sleep(self._watch_seconds)
            dead = 0 if await self.connected() else dead + 1
            if self._client is None or dead >= 2:
                await self._replace()
                dead = 0

    async def _replace(self) -> None:
        try:
            await self._disconnect()
            await self._connect()
        except (TryLater, Misconfigured) as fault:
            report("connect again", fault)

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self._listens and isinstance(request.payload, dict):
            self._works.start("socket envelope", self._answer(client, request.envelope_id, request.payload))

    async def _answer(self, client: AsyncBaseSocketModeClient, envelope: str, payload: Mapping[str, Any]) -> None:
        status, _, body = await self._receiver.receive(payload, self._teams)
        if status == 503:
            return
        await client.send_socket_mode_response(SocketModeResponse(envelope, json.loads(body) if body else None))
