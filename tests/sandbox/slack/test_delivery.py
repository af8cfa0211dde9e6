"""How things reach the app over HTTP: signatures, retries, time limits, and what people see when the app fails."""

import asyncio

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack import HandClock, running_standin, seed
from bot.sandbox.slack.modals import grant_trigger
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.cards import reply_form, ticket_card
from tests.sandbox.slack.receiver import Received, receiver


async def test_every_request_is_signed() -> None:
    async with receiver() as app, running_standin(request_url=app.url, signing_secret="s3cret") as slack:
        slack.say(seed.AKI, seed.SUPPORT, "日本語 & more")
        await slack.command(seed.AKI, "#support", "/desk", "日本語")
        await slack.settled()
        verifier = SignatureVerifier("s3cret")
        assert len(app.received) == 2
        assert all(verifier.is_valid_request(got.body, got.headers) for got in app.received)
        assert not SignatureVerifier("other").is_valid_request(app.received[0].body, app.received[0].headers)


async def test_an_event_is_repeated_at_once_then_after_a_minute_then_after_five() -> None:
    clock = HandClock()
    async with receiver() as app, running_standin(request_url=app.url, clock=clock) as slack:
        app.answers(500)
        slack.say(seed.AKI, seed.SUPPORT, "hear me")
        for attempts, wait in ((2, 60), (3, 300)):
            await app.wait_for(attempts)
            await slack.settled()
            await clock.wait_for_sleepers(1)
            clock.advance(wait)
        await slack.until(lambda: len(slack.journal.outgoing()) == 4)
        tries = [
            (got.headers.get("X-Slack-Retry-Num"), got.headers.get("X-Slack-Retry-Reason")) for got in app.received
        ]
        assert tries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({got.payload["event_id"] for got in app.received}) == 1
        assert [entry["attempt"] for entry in slack.journal.outgoing()] == [0, 1, 2, 3]


async def test_an_app_may_decline_repetitions() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        app.answers(500, X_Slack_No_Retry="1")
        slack.say(seed.AKI, seed.SUPPORT, "hear me")
        await slack.settled()
        assert len(app.received) == 1


async def test_a_silent_app_is_asked_again_for_a_timeout_and_an_absent_one_for_its_connection() -> None:
    clock = HandClock()
    release = asyncio.Event()

    async def think(_received: Received) -> web.Response:
        await release.wait()
        return web.Response()

    async with receiver() as app, running_standin(request_url=app.url, clock=clock) as slack:
        app.answer = think
        slack.say(seed.AKI, seed.SUPPORT, "hear me")
        await app.wait_for(1)
        clock.advance(3)
        await app.wait_for(2)
        assert app.received[1].headers["X-Slack-Retry-Reason"] == "http_timeout"
        release.set()
        await slack.settled()
        slack.point_at("http://127.0.0.1:9/slack/events")
        slack.say(seed.AKI, seed.SUPPORT, "nobody there")
        await slack.until(lambda: [e.get("reason") for e in slack.journal.outgoing()][-2:] == ["connection_failed"] * 2)


async def test_a_request_url_proves_itself() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:

        async def echo(received: Received) -> web.Response:
            return web.json_response({"challenge": received.payload["challenge"]})

        app.answer = echo
        assert await slack.events.challenge("3eZbrw")
        app.answers(200, "something else")
        assert not await slack.events.challenge("3eZbrw")


async def test_a_person_is_told_when_the_app_does_not_answer_a_press() -> None:
    clock = HandClock()
    async with receiver() as app, running_standin(request_url=app.url, clock=clock) as slack:
        posted = await client_for(slack).chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        await slack.settled()
        app.received.clear()

        async def never(_received: Received) -> web.Response:
            await asyncio.Event().wait()
            return web.Response()

        app.answer = never
        press = asyncio.create_task(slack.press(seed.AKI, seed.SUPPORT, posted["ts"], "claim"))
        await app.wait_for(1)
        clock.advance(3)
        outcome = await press
        assert not outcome.ok
        assert slack.notices(seed.AKI) == ["This app did not respond (operation_timeout)"]
        app.answers(503)
        assert not (await slack.press(seed.AKI, seed.SUPPORT, posted["ts"], "claim")).ok
        assert "status 503" in slack.notices(seed.AKI)[-1]


async def test_a_form_stays_open_with_its_values_when_the_app_is_away() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        trigger = grant_trigger(slack.platform, seed.AKI)
        await client_for(slack).views_open(trigger_id=trigger, view=reply_form())
        app.answers(500)
        view = slack.open_view(seed.AKI)
        assert not (await slack.submit(view, {"text": "long draft"})).ok
        assert slack.open_view(seed.AKI).values["text"]["text"]["value"] == "long draft"
        app.answers(200)
        assert (await slack.submit(view)).ok
        assert slack.views(seed.AKI) == []


async def test_a_command_may_be_answered_at_once() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        app.answers(200, "only you see this")
        await slack.command(seed.AKI, "#support", "/desk", "help")
        app.answers(200, '{"response_type": "in_channel", "text": "all see this"}')
        await slack.command(seed.AKI, "#support", "/desk", "stats")
        assert [whisper.message["text"] for whisper in slack.ephemerals(seed.AKI)] == ["only you see this"]
        assert [message["text"] for message in slack.messages(seed.SUPPORT)] == ["all see this"]
        outcome = await slack.command(seed.AKI, "#support", "/nonsense")
        assert outcome.notice == "/nonsense is not a valid command."


async def test_the_bot_hears_its_own_messages_as_slack_lets_it() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        await client_for(slack).chat_postMessage(channel=seed.SUPPORT, text="card")
        await slack.settled()
        (got,) = app.received
        event = got.payload["event"]
        assert (event["bot_id"], event["channel_type"]) == (seed.BOT_ID, "channel")
        assert got.payload["authorizations"][0]["user_id"] == seed.BOT_USER
