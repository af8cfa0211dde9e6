"""Socket Mode with Bolt's own handler: hello, envelopes, acknowledgements, disconnection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import AppSettings, HandClock, SlackStandin, running_standin, seed
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.calls import refusal, slack_and_client
from tests.sandbox.slack.cards import reply_form, ticket_card

Body = dict[str, Any]
SOCKET = AppSettings(socket_mode=True)


@contextlib.asynccontextmanager
async def connected_app(slack: SlackStandin) -> AsyncIterator[AsyncApp]:
    app = AsyncApp(client=client_for(slack))

    @app.event("message")
    async def hear(event: Body) -> None:
        """Takes every message, for Bolt does not acknowledge what nobody listens to."""

    handler = AsyncSocketModeHandler(app, app_token=slack.platform.app.app_token, ping_interval=60)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it without annotations
    await slack.socket_mode.wait_for_connection()
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # likewise


async def test_events_presses_forms_and_commands_travel_through_the_socket() -> None:
    async with running_standin(app=SOCKET) as slack, connected_app(slack) as app:
        heard = asyncio.Event()

        @app.event("app_mention")
        async def hear(event: Body) -> None:
            heard.set()

        @app.action("reply")
        async def open_form(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await client.views_open(trigger_id=body["trigger_id"], view=reply_form())
            await ack()

        @app.view("reply")
        async def refuse(ack: AsyncAck) -> None:
            await ack(response_action="errors", errors={"text": "no"})

        @app.command("/desk")
        async def command(ack: AsyncAck) -> None:
            await ack("here I am")

        posted = await client_for(slack).chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        assert (await slack.press(seed.AKI, seed.SUPPORT, posted["ts"], "reply")).ok
        outcome = await slack.submit(slack.open_view(seed.AKI), {"text": "hello"})
        assert outcome.errors == {"text": "no"}
        await slack.command(seed.AKI, "#support", "/desk")
        assert slack.ephemerals(seed.AKI)[0].message["text"] == "here I am"
        slack.say(seed.AKI, seed.SUPPORT, f"<@{seed.BOT_USER}> hi")
        async with asyncio.timeout(5):
            await heard.wait()
        await slack.settled()
        assert all(entry.get("status") == 200 for entry in slack.journal.outgoing())


async def test_a_refreshed_connection_comes_back() -> None:
    async with running_standin(app=SOCKET) as slack, connected_app(slack):
        assert slack.socket_mode.connections == 1
        await slack.socket_mode.disconnect("refresh_requested")
        await slack.socket_mode.wait_for_connection()
        slack.say(seed.AKI, seed.SUPPORT, "still there?")
        await slack.until(lambda: [e["status"] for e in slack.journal.outgoing()] == [200])


async def test_without_a_connection_events_wait_for_their_next_attempt() -> None:
    clock = HandClock()
    async with running_standin(app=SOCKET, clock=clock) as slack:
        slack.say(seed.AKI, seed.SUPPORT, "nobody hears")
        await clock.wait_for_sleepers(1)
        assert [entry["reason"] for entry in slack.journal.outgoing()] == ["connection_failed"] * 2
        async with connected_app(slack):
            clock.advance(60)
            await slack.until(lambda: slack.journal.outgoing()[-1].get("status") == 200)


async def test_a_ticket_lets_in_once_and_the_envelope_says_what_it_is() -> None:
    async with slack_and_client(SOCKET) as (slack, client):
        url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            hello = json.loads(await socket.receive_str())
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            slack.say(seed.AKI, seed.SUPPORT, "hi")
            envelope = json.loads(await socket.receive_str())
            assert envelope["type"] == "events_api"
            assert envelope["accepts_response_payload"] is False
            assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
            await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
            await slack.settled()
            await slack.socket_mode.disconnect("warning")
            assert json.loads(await socket.receive_str())["reason"] == "warning"
            assert slack.socket_mode.connections == 1
            async with session.get(url.replace("ws:", "http:")) as again:
                assert again.status == 403
        wrong = client.apps_connections_open(app_token="xapp-wrong")
        assert await refusal(wrong) == "invalid_auth"
