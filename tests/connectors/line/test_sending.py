"""Replies reach LINE customers once, as LINE's rules have it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from connectors.http import client_session
from connectors.social.line import LineConnection
from connectors.social.line_config import LineConfig
from routing.errors import Rejected, TryLater
from routing.ids import AttachmentId
from routing.replies import Letter, SendClass, Sent, SentAttachment, utf16_units
from tests.connectors.kit import ACCOUNT, START, Clock, letter, tools
from tests.connectors.line.test_contract import HOUSE
from tests.connectors.openapi import vendor
from tests.standins.line import Line, line
from tests.standins.unwilling import Heard

TARO = letter().address
HANDLE = {"reply_token": "38ef843bde154d9b91c21320ffd17a0f", "to": TARO}


@asynccontextmanager
async def account(clock: Clock, **config: Any) -> AsyncIterator[tuple[LineConnection, Line]]:
    async with line(clock) as platform, client_session(allow_loopback=True) as http:
        bases = {"api_base": platform.base, "data_base": platform.base}
        settings = LineConfig.model_validate({**HOUSE, **bases, **config})
        yield LineConnection(ACCOUNT, settings, tools(http, clock=clock)), platform


async def send(connection: LineConnection, written: Letter, clock: Clock) -> Sent:
    return await connection.send(written, connection.prepare(written, clock()))


def picture(place: int = 1, *, size: int = 90_000, media_type: str = "image/jpeg") -> SentAttachment:
    return SentAttachment(AttachmentId(f"a{place}"), f"写真{place}.jpg", media_type, f"b{place}" * 32, size)


async def test_an_answer_within_the_minute_uses_the_reply_token_and_no_quota() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        platform.reply_tokens[HANDLE["reply_token"]] = (TARO, START)
        clock.pass_by(timedelta(seconds=40))
        sent = await send(connection, letter(handle=HANDLE, handle_at=START), clock)
        assert platform.shown == [(TARO, {"type": "text", "text": letter().text})]
        assert platform.used == 0
        assert sent.ids == ("461230966842064897",)


async def test_a_later_answer_is_pushed_with_its_key() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        platform.reply_tokens[HANDLE["reply_token"]] = (TARO, START)
        clock.pass_by(timedelta(seconds=50))
        await send(connection, letter(handle=HANDLE, handle_at=START), clock)
        assert [one.path for one in platform.heard] == ["/v2/bot/message/push"]
        assert platform.heard[0].headers["x-line-retry-key"] == letter().key
        assert platform.used == 1


async def test_a_reply_token_that_is_dead_already_leads_to_a_push() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        await send(connection, letter(handle=HANDLE, handle_at=START), clock)
        assert [one.path for one in platform.heard] == ["/v2/bot/message/reply", "/v2/bot/message/push"]
        assert len(platform.shown) == 1


async def test_the_same_push_again_is_shown_once_and_is_a_success() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        first = await send(connection, letter(), clock)
        second = await send(connection, letter(), clock)
        assert len(platform.shown) == 1
        assert first.ids == second.ids


async def test_an_unclear_push_is_asked_about_once_its_key_has_died() -> None:
    async with account(Clock()) as (connection, _):
        day = timedelta(hours=23, minutes=30)
        assert connection.prepare(letter(), START + day - timedelta(seconds=1)).send_class is SendClass.KEYED
        assert connection.prepare(letter(), START + day).send_class is SendClass.ASK


async def test_the_answer_to_a_group_goes_to_the_group() -> None:
    clock = Clock()
    group = "Ca56f94637cc4d3e2f1a0b9c8d7e6f5a4"
    async with account(clock) as (connection, platform):
        await send(connection, letter(handle={"to": group}), clock)
        assert [to for to, _ in platform.shown] == [group]


async def test_small_pictures_are_shown_and_all_else_is_linked() -> None:
    clock = Clock()
    files = (
        picture(1),
        picture(2, size=1_000_001),
        picture(3, media_type="image/png"),
        SentAttachment(AttachmentId("a4"), "見積書.pdf", "application/pdf", "b4" * 32, 200_000),
    )
    async with account(clock) as (connection, platform):
        await send(connection, letter(attachments=files), clock)
        kinds = [message["type"] for _, message in platform.shown]
        assert kinds == ["text", "image", "image", "text"]
        links = platform.shown[-1][1]["text"]
        assert "見積書.pdf\nhttps://desk.example.com/files/" in links
        assert "写真2.jpg" in links


async def test_ten_files_fit_into_five_bubbles() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        await send(connection, letter(attachments=tuple(picture(place) for place in range(10))), clock)
        assert len(platform.shown) == 5


async def test_a_file_alone_goes_without_words_and_nothing_at_all_is_refused() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        await send(connection, letter(text=" ", attachments=(picture(),)), clock)
        assert [message["type"] for _, message in platform.shown] == ["image"]
        with pytest.raises(Rejected):
            await send(connection, letter(text="\n"), clock)


async def test_the_agents_name_is_shown_when_the_account_says_so() -> None:
    clock = Clock()
    async with account(clock, show_agent_name=True) as (connection, platform):
        await send(connection, letter(agent_name="Maximiliane von und zu Hohenstein"), clock)
        assert platform.shown[0][1]["sender"] == {"name": "Maximiliane von und"}


async def test_text_is_measured_as_line_measures_it() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        limits = connection.limits("line")
        fits = "𠮷" * (limits.text // 2)
        assert limits.measure(fits) == limits.text == utf16_units(fits)
        await send(connection, letter(text=fits), clock)
        with pytest.raises(Rejected):
            await send(connection, letter(text=fits + "a"), clock)
        assert len(platform.shown) == 1


async def test_every_request_keeps_to_lines_own_specification() -> None:
    messaging_api = vendor("line-messaging-api.yml")
    clock = Clock()
    async with account(clock, show_agent_name=True) as (connection, platform):
        platform.profiles[TARO] = {"displayName": "太郎", "userId": TARO}
        platform.transcoding["325708"] = "processing"
        await send(connection, letter(handle=HANDLE, handle_at=START), clock)
        await send(connection, letter(attachments=(picture(1), picture(2, size=2_000_000))), clock)
        await connection.profile(TARO)
        await connection.probe()
        with pytest.raises(TryLater):
            await connection.fetch("line-content:325708")
        for heard in platform.heard:
            messaging_api.check(heard)
        assert len({heard.path for heard in platform.heard}) == 9


async def test_the_specification_would_find_a_fault() -> None:
    messaging_api = vendor("line-messaging-api.yml")
    good = Heard("POST", "/v2/bot/message/push", {}, {"content-type": "application/json"}, b"")
    for body in ('{"to": "U1", "messages": [{"type": "text"}]}', '{"to": "U1", "messages": [{"type": "words"}]}'):
        with pytest.raises(jsonschema.ValidationError):
            messaging_api.check(replace(good, body=body.encode()))
    with pytest.raises(jsonschema.ValidationError):
        messaging_api.check(replace(good, headers={**good.headers, "x-line-retry-key": "not a uuid"}, body=b"{}"))


async def test_a_quota_that_is_used_up_is_not_tried_again() -> None:
    clock = Clock()
    async with account(clock) as (connection, platform):
        platform.used = 200
        with pytest.raises(Rejected, match="monthly number of messages"):
            await send(connection, letter(), clock)


async def test_stateless_tokens_are_fetched_once_and_renewed_before_they_die() -> None:
    clock = Clock()
    async with account(clock, access_token=None) as (connection, platform):
        await asyncio.gather(
            *(send(connection, letter(key=f"2f6c1f0e-4a76-5d0e-9d55-{n:012}"), clock) for n in range(5))
        )
        assert platform.tokens_issued == 1
        clock.pass_by(timedelta(seconds=839))
        await send(connection, letter(), clock)
        assert platform.tokens_issued == 1
        clock.pass_by(timedelta(seconds=1))
        await send(connection, letter(key="2f6c1f0e-4a76-5d0e-9d55-000000000009"), clock)
        assert platform.tokens_issued == 2
        assert len(platform.shown) == 7
