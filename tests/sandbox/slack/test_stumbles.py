"""Slack stumbling on demand: throttled, failing, losing answers, slow; and its real limits when switched on."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import AppSettings, HandClock, seed
from tests.sandbox.slack.calls import refusal, refused, slack_and_client


async def test_a_throttled_method_says_when_to_come_back() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        slack.throttle("chat.update", times=2, retry_after=3)
        for _ in range(2):
            response = await refused(client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x"))
            assert (response.status_code, response["error"]) == (429, "ratelimited")
            assert response.headers["Retry-After"] == "3"
        assert (await client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x"))["ok"]
        statuses = [call["status"] for call in slack.journal.calls("chat.update")]
        assert statuses == [429, 429, 200]
        assert slack.journal.calls("chat.update")[0]["fault"] == "429"


async def test_a_failing_slack_does_nothing() -> None:
    async with slack_and_client() as (slack, client):
        slack.fail("chat.postMessage")
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=seed.SUPPORT, text="x")
        slack.answer_error("chat.postMessage", "fatal_error")
        assert await refusal(client.chat_postMessage(channel=seed.SUPPORT, text="x")) == "fatal_error"
        assert slack.messages(seed.SUPPORT) == []


async def test_a_lost_answer_has_done_its_work() -> None:
    async with slack_and_client() as (slack, client):
        # By default slack_sdk repeats a call whose connection broke, and so would post twice.
        client.retry_handlers.clear()
        slack.lose("chat.postMessage")
        with pytest.raises((aiohttp.ClientError, OSError)):
            await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        (message,) = slack.messages(seed.SUPPORT)
        (call,) = slack.journal.calls("chat.postMessage")
        assert call["answer"]["ts"] == message["ts"]
        assert (call["fault"], call["status"]) == ("lost", None)
        assert (await client.chat_postMessage(channel=seed.SUPPORT, text="again"))["ok"]


async def test_a_slow_answer_comes_late() -> None:
    clock = HandClock()
    async with slack_and_client(clock=clock) as (slack, client):
        slack.slow("auth.test", seconds=10)
        waiting = asyncio.create_task(asyncio.wait_for(client.auth_test(), 5))
        await clock.wait_for_sleepers(1)
        assert not waiting.done()
        clock.advance(10)
        assert (await waiting)["ok"]


async def test_orders_may_hold_for_a_time_for_every_method_and_be_taken_back() -> None:
    clock = HandClock()
    async with slack_and_client(clock=clock) as (slack, client):
        slack.stumble("*", "429", seconds=60)
        assert await refusal(client.auth_test()) == "ratelimited"
        assert await refusal(client.team_info()) == "ratelimited"
        clock.advance(61)
        assert (await client.auth_test())["ok"]
        slack.throttle("auth.test", times=100)
        slack.recover("auth.test")
        assert (await client.auth_test())["ok"]


async def test_real_limits_throttle_posts_by_channel_and_updates_by_workspace() -> None:
    clock = HandClock()
    async with slack_and_client(AppSettings(real_limits=True), clock) as (_, client):
        for _ in range(5):
            posted = await client.chat_postMessage(channel=seed.SUPPORT, text="x")
        response = await refused(client.chat_postMessage(channel=seed.SUPPORT, text="x"))
        assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
        assert (await client.chat_postMessage(channel=seed.BILLING, text="x"))["ok"]
        clock.advance(1)
        assert (await client.chat_postMessage(channel=seed.SUPPORT, text="x"))["ok"]
        for _ in range(50):
            await client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x")
        response = await refused(client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x"))
        assert response.headers["Retry-After"] == "2"
