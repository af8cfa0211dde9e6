"""Over Socket Mode everything goes the same way as by HTTP."""

import asyncio

import pytest

from bot.cards.model import Entry, Plain
from bot.sandbox.slack import AppSettings, running_standin, seed
from bot.slack.app import open_slack
from bot.slack.workspace import SlackWorkspace
from bot.surface import Done
from routing.errors import Misconfigured, TryLater
from tests.slack.judges import texts
from tests.slack.samples import card, form, sign
from tests.slack.side import SUPPORT, Running, TaughtDesk, running


async def test_presses_forms_and_words_come_over_the_socket() -> None:
    async with running(over_socket=True) as one:
        assert await one.side.sockets[0].connected()
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        one.desk.answers["reply"] = form("Hello")
        assert (await one.slack.press(seed.AKI, "#support", reference, "reply")).ok
        await one.idle()
        view = one.slack.open_view(seed.AKI)
        one.desk.answers["reply"] = Done(Entry("x", lines=((Plain("It leaves"),),)))
        outcome = await one.slack.submit(view, {"text": "Here you are"})
        assert outcome.ok
        assert one.slack.views(seed.AKI) == []
        one.slack.say(seed.BEN, "#support", "a note", thread_ts=reference)
        await one.idle()
        await one.slack.until(lambda: bool(one.slack.ephemerals(seed.AKI)))
        assert [message.text for _, message in one.desk.talk] == ["a note"]
        assert list(texts(one.slack.ephemerals(seed.AKI)[0].message["blocks"])) == ["It leaves"]


async def test_words_that_could_not_be_kept_are_not_acknowledged() -> None:
    async with running(over_socket=True) as one:
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        one.desk.refuse_talk.append(TryLater("away"))
        one.slack.say(seed.BEN, "#support", "a note", thread_ts=reference)
        await one.desk.until_counted("later")
        assert one.desk.talk == []


async def words_come_again(one: Running) -> None:
    """The SDK may open and drop a connection on its way, so it is words that are waited for: Slack sends them again."""
    reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
    async with asyncio.timeout(10):
        while not one.desk.talk:
            await one.slack.socket_mode.wait_for_connection()
            one.slack.say(seed.BEN, "#support", "are you there?", thread_ts=reference)
            await one.slack.settled()
            await one.side.works.settled()


async def test_a_connection_that_slack_ends_is_opened_anew() -> None:
    async with running(over_socket=True) as one:
        await one.slack.socket_mode.disconnect("refresh_requested")
        await words_come_again(one)


async def test_a_connection_that_stays_dead_is_replaced() -> None:
    async with running(over_socket=True, watch_seconds=0.05) as one:
        one.slack.fail("apps.connections.open", times=2)
        await one.slack.socket_mode.disconnect("refresh_requested")
        await words_come_again(one)


async def test_a_missing_or_wrong_app_token_stops_the_start_and_says_how_to_mend_it() -> None:
    desk = TaughtDesk()
    async with running_standin(app=AppSettings(socket_mode=True)) as slack:
        for token, words in (("", "app_token"), ("xapp-wrong", "connections:write")):
            config = SlackWorkspace(seed.TEAM_ID, slack.platform.app.bot_token, "", token, slack.api_url)
            side = await open_slack([config], desk.dispatch, desk.thread_talk, sign=sign)
            with pytest.raises(Misconfigured, match=words):
                await side.start_socket_mode()
            await side.close()
