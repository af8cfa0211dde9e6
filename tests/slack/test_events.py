"""What people write under a card is kept before Slack is told so; changes of rooms and people are passed on."""

import asyncio
import json

import pytest

from bot.sandbox.slack import running_standin, seed
from bot.slack.app import open_slack
from bot.slack.events import RoomChange
from bot.slack.workspace import SlackWorkspace
from routing.errors import TryLater
from tests.slack.samples import card, entry, sign
from tests.slack.side import SUPPORT, Running, TaughtDesk, running

WORDS = {
    "type": "message",
    "channel": seed.SUPPORT,
    "user": seed.AKI,
    "ts": "2.1",
    "thread_ts": "1.1",
    "text": "call them back",
}


async def posted(one: Running) -> str:
    return await one.side.surface.post_card(SUPPORT, card(), key="card")


async def test_what_is_written_under_a_card_reaches_the_desk() -> None:
    async with running() as one:
        reference = await posted(one)
        file = one.slack.file(seed.AKI, "a.txt", b"x")
        said = one.slack.say(seed.AKI, "#support", "I &amp; you", thread_ts=reference, files=[file])
        await one.idle()
        [(who, message)] = one.desk.talk
        assert (who.user, who.workspace) == (seed.AKI, seed.TEAM_ID)
        assert (message.place, message.card, message.reference) == (seed.SUPPORT, reference, said["ts"])
        assert (message.text, message.files) == ("I & you", (file.id,))


async def test_only_words_of_people_in_threads_are_taken() -> None:
    async with running() as one:
        reference = await posted(one)
        one.slack.say(seed.AKI, "#support", "in the room")
        one.slack.say(seed.AKI, "#support", f"<@{seed.BOT_USER}> hello")
        await one.side.surface.post_entry(SUPPORT, reference, entry(), key="1")
        said = one.slack.say(seed.BEN, "#support", "in the thread", thread_ts=reference)
        one.slack.edit(seed.BEN, "#support", said["ts"], "edited")
        one.slack.delete(seed.BEN, "#support", said["ts"])
        await one.idle()
        told = sorted((message.spoken, message.text) for _, message in one.desk.talk)
        assert told == [("deleted", "edited"), ("edited", "edited"), ("written", "in the thread")]


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"user": None},
        {"user": seed.BOT_USER},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"hidden": True},
        {"thread_ts": None},
        {"thread_ts": "2.1"},
        {"text": ""},
    ],
)
async def test_an_event_that_is_nobodys_words_is_acknowledged_and_left(change: dict[str, object]) -> None:
    async with running() as one:
        await one.side.workspaces[seed.TEAM_ID].identity()
        assert await one.event({**WORDS, **change}) == 200
        assert one.desk.talk == []


async def test_an_event_is_acknowledged_only_when_it_is_kept_and_slack_brings_it_again() -> None:
    async with running() as one:
        one.desk.refuse_talk.append(TryLater("the database is away"))
        assert await one.event(WORDS, event_id="Ev1") == 503
        assert one.desk.outcomes["later"] == 1
        assert await one.event(WORDS, event_id="Ev1") == 200
        assert await one.event(WORDS, event_id="Ev1") == 200
        assert len(one.desk.talk) == 1
        assert one.desk.outcomes["replayed"] == 1


async def test_the_same_event_many_times_at_once_is_left_to_the_desk_to_sort_out() -> None:
    async with running() as one:
        assert await asyncio.gather(*(one.event(WORDS, event_id="Ev1") for _ in range(5))) == [200] * 5
        assert {message.reference for _, message in one.desk.talk} == {"2.1"}


async def test_changes_of_a_room_are_passed_on() -> None:
    async with running() as one:
        await one.side.workspaces[seed.TEAM_ID].identity()
        one.slack.rename("#billing", "invoices", seed.AKI)
        one.slack.archive("#invoices", seed.AKI)
        one.slack.unarchive("#invoices", seed.AKI)
        await one.idle()
        assert [(place, what) for _, place, what in one.desk.rooms][:3] == [
            (seed.BILLING, RoomChange.RENAMED),
            (seed.BILLING, RoomChange.ARCHIVED),
            (seed.BILLING, RoomChange.UNARCHIVED),
        ]


@pytest.mark.parametrize(
    ("event", "change"),
    [
        ({"type": "channel_deleted", "channel": "C1"}, RoomChange.DELETED),
        ({"type": "group_archive", "channel": "C1"}, RoomChange.ARCHIVED),
        ({"type": "channel_rename", "channel": {"id": "C1", "name": "x", "created": 1}}, RoomChange.RENAMED),
        ({"type": "member_left_channel", "user": seed.BOT_USER, "channel": "C1"}, RoomChange.LEFT),
        ({"type": "member_joined_channel", "user": seed.BOT_USER, "channel": "C1"}, RoomChange.JOINED),
        ({"type": "channel_shared", "channel": "C1", "connected_team_id": "T2"}, RoomChange.SHARED),
        ({"type": "channel_left", "channel": "C1"}, RoomChange.LEFT),
        ({"type": "reaction_added", "item": {"channel": "C1"}, "user": seed.AKI}, None),
        ({"type": "app_mention", "channel": "C1", "user": seed.AKI, "text": "hi"}, None),
        ({"type": "something_new"}, None),
        ({}, None),
    ],
)
async def test_each_event_means_what_slack_says_it_means(event: dict[str, object], change: RoomChange | None) -> None:
    async with running() as one:
        await one.side.workspaces[seed.TEAM_ID].identity()
        assert await one.event(event) == 200
        assert one.desk.rooms == ([(seed.TEAM_ID, "C1", change)] if change else [])


async def test_an_app_that_was_removed_needs_attention() -> None:
    async with running() as one:
        assert await one.event({"type": "app_uninstalled"}) == 200
        assert await one.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U2"]}}) == 200
        assert await one.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}) == 200
        assert one.desk.cut_off == [(seed.TEAM_ID, "app_uninstalled"), (seed.TEAM_ID, "tokens_revoked")]


async def test_a_wrong_token_needs_attention_at_the_start() -> None:
    desk = TaughtDesk()
    async with running_standin() as slack:
        config = SlackWorkspace(seed.TEAM_ID, "xoxb-wrong", "secret", api_base=slack.api_url)
        side = await open_slack(
            [config], desk.dispatch, desk.thread_talk, sign=sign, needs_attention=desk.needs_attention
        )
        await asyncio.gather(*side.signing_in)
        await side.close()
    [(team, why)] = desk.cut_off
    assert team == seed.TEAM_ID
    assert "install the app again" in why


async def test_events_that_slack_dropped_are_counted() -> None:
    async with running() as one:
        limited = {"type": "app_rate_limited", "team_id": seed.TEAM_ID, "minute_rate_limited": 1}
        assert await one.post(json.dumps(limited).encode()) == 200
        assert one.desk.outcomes == {"rate_limited": 1}
