"""Answering an interaction through its response_url."""

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import HandClock, SlackStandin, running_standin, seed
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.cards import ticket_card
from tests.sandbox.slack.receiver import receiver


async def press_ephemeral(slack: SlackStandin) -> AsyncWebhookClient:
    client = client_for(slack)
    await client.chat_postEphemeral(channel=seed.SUPPORT, user=seed.AKI, text="undo?", blocks=ticket_card())
    whisper = slack.ephemerals(seed.AKI)[-1]
    outcome = await slack.press(seed.AKI, seed.SUPPORT, whisper.ts, "claim", ephemeral=True)
    return AsyncWebhookClient(outcome.payload["response_url"])


async def test_an_ephemeral_message_is_replaced_and_taken_away() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        answer = await press_ephemeral(slack)
        replaced = await answer.send(text="undone", replace_original=True)
        assert (replaced.status_code, replaced.body) == (200, "ok")
        (whisper,) = slack.ephemerals(seed.AKI)
        assert whisper.message["text"] == "undone"
        assert "blocks" not in whisper.message
        await answer.send(delete_original=True)
        assert slack.ephemerals(seed.AKI) == []


async def test_an_answer_is_for_the_presser_unless_it_says_in_channel() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        card = await client_for(slack).chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        outcome = await slack.press(seed.AKI, seed.SUPPORT, card["ts"], "claim")
        answer = AsyncWebhookClient(outcome.payload["response_url"])
        await answer.send(text="only you")
        await answer.send(text="everybody", response_type="in_channel")
        await answer.send(text="new card", replace_original=True)
        assert [whisper.message["text"] for whisper in slack.ephemerals(seed.AKI)] == ["only you"]
        assert [message["text"] for message in slack.messages(seed.SUPPORT)] == ["new card", "everybody"]
        assert "blocks" not in slack.message(seed.SUPPORT, card["ts"])


async def test_it_works_five_times_within_half_an_hour() -> None:
    clock = HandClock()
    async with receiver() as app, running_standin(request_url=app.url, clock=clock) as slack:
        answer = await press_ephemeral(slack)
        for _ in range(5):
            assert (await answer.send(text="x")).status_code == 200
        sixth = await answer.send(text="x")
        assert (sixth.status_code, sixth.body) == (404, "used_url")
        late = await press_ephemeral(slack)
        clock.advance(30 * 60 + 1)
        assert (await late.send(text="x")).body == "expired_url"
        unknown = AsyncWebhookClient(f"{slack.base_url}/actions/{seed.TEAM_ID}/nothing")
        assert (await unknown.send(text="x")).status_code == 404


async def test_bad_answers_are_refused_and_do_not_count() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        answer = await press_ephemeral(slack)
        bad = await answer.send(text="x", blocks=[{"type": "sparkle"}])
        assert (bad.status_code, bad.body) == (400, "invalid_blocks")
        assert (await answer.send(replace_original=True)).body == "no_text"
        slack.throttle("response_url", retry_after=7)
        throttled = await answer.send(text="x")
        assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
        for _ in range(5):
            assert (await answer.send(text="x")).status_code == 200
