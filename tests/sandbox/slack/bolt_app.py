"""A real Bolt app behind a real HTTP door, for the stand-in to talk to."""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import AppSettings, HandClock, SlackStandin, running_standin


@dataclass(frozen=True, slots=True)
class Desk:
    """The stand-in and the app that lives in it."""

    slack: SlackStandin
    app: AsyncApp
    client: AsyncWebClient


def client_for(slack: SlackStandin, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token=token or slack.platform.app.bot_token, base_url=slack.api_url)


@contextlib.asynccontextmanager
async def bolt_desk(*, settings: AppSettings | None = None, clock: HandClock | None = None) -> AsyncIterator[Desk]:
    """Runs both; listeners are added to `app` by the test."""
    async with running_standin(app=settings, clock=clock) as slack:
        client = client_for(slack)
        app = AsyncApp(client=client, signing_secret=slack.platform.app.signing_secret)

        async def take(request: web.Request) -> web.Response:
            answer = await app.async_dispatch(await to_bolt_request(request))
            return await to_aiohttp_response(answer)

        listener = socket.create_server(("127.0.0.1", 0))
        server = web.Application()
        server.router.add_post("/slack/events", take)
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        slack.point_at(f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events")
        try:
            yield Desk(slack, app, client)
        finally:
            await runner.cleanup()
