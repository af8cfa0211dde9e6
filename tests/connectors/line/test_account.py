"""A LINE account tells who its customers are, what they sent, and what is wrong with itself."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import Request
from connectors.http import client_session
from connectors.social.line import LineConnection
from connectors.social.line_config import LineConfig
from routing.contacts import Conversation
from routing.errors import BadSignature, Gone, Malformed, NeedsAttention, TryLater
from routing.ids import ContactId, ConversationId, IdentityId, OrganisationId, TicketId
from tests.connectors.kit import ACCOUNT, START, Clock, tools
from tests.connectors.line.test_contract import HOUSE, sign
from tests.connectors.line.test_sending import TARO, account
from tests.standins.line import BOT

PING = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
HANA_SAYS = (
    '{"destination":"%s","events":[{"type":"message","webhookEventId":"01J8ZQ5T","source":{"type":"user",'
    '"userId":"U0c9d1a2b3c4d5e6f708192a3b4c5d6e7"},"deliveryContext":{"isRedelivery":%s}}]}'
)


async def connected(**config: Any) -> LineConnection:
    async with client_session(allow_loopback=True) as http:
        return LineConnection(ACCOUNT, LineConfig.model_validate({**HOUSE, **config}), tools(http))


def request(body: bytes, headers: Mapping[str, str] | None = None) -> Request:
    return Request("POST", f"/hooks/{ACCOUNT}", {}, headers or {"x-line-signature": sign(body)}, body, "127.0.0.1")


def conversation(handle: Mapping[str, str]) -> Conversation:
    return Conversation(
        id=ConversationId("c1"),
        organisation=OrganisationId("acme"),
        account=ACCOUNT,
        channel="line",
        key=TARO,
        ticket=TicketId("t1"),
        contact=ContactId("k1"),
        identity=IdentityId("i1"),
        address=TARO,
        subject="",
        participants=(),
        refs=(),
        handle=handle,
    )


async def test_the_example_in_lines_documentation_verifies_and_keeps_nothing() -> None:
    signature = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    verified = (await connected()).verify(request(PING, {"x-line-signature": signature}))
    assert verified.provider_id == ""


async def test_a_redelivery_has_the_same_id_and_lane() -> None:
    connection = await connected()
    first, again = (HANA_SAYS % (BOT, redelivered) for redelivered in ("false", "true"))
    assert connection.verify(request(first.encode())) == connection.verify(request(again.encode()))
    assert connection.verify(request(first.encode())).provider_id == "01J8ZQ5T"


async def test_webhooks_for_another_bot_are_refused_where_the_bot_is_known() -> None:
    connection = await connected(bot_user_id="U00000000000000000000000000000000")
    with pytest.raises(Malformed):
        connection.verify(request(PING))


async def test_a_signature_without_the_right_secret_is_refused() -> None:
    with pytest.raises(BadSignature):
        (await connected(channel_secret="another")).verify(request(PING))


async def test_a_chat_that_another_service_holds_is_not_answered() -> None:
    connection = await connected()
    assert connection.window(conversation({}), START).open
    held = connection.window(conversation({"mode": "standby"}), START)
    assert not held.open
    assert held.note


async def test_a_customer_has_a_name_and_a_language_unless_line_does_not_tell() -> None:
    async with account(Clock()) as (connection, platform):
        platform.profiles[TARO] = {"displayName": "太郎", "userId": TARO, "language": "ja"}
        assert await connection.profile(TARO) == {"name": "太郎", "language": "ja"}
        assert await connection.profile("U00000000000000000000000000000000") is None


async def test_files_are_fetched_and_told_apart_when_they_are_not_there() -> None:
    async with account(Clock(), attachment_limit=2000) as (connection, platform):
        platform.contents["1001"] = b"\xff\xd8" * 1000
        platform.contents["1005"] = b"\xff\xd8" * 1001
        platform.transcoding |= {"1002": "processing", "1003": "failed"}
        platform.gone["1004"] = 410
        assert await connection.fetch("line-content:1001") == platform.contents["1001"]
        with pytest.raises(TryLater):
            await connection.fetch("line-content:1002")
        for lost in ("1003", "1004", "1005", "1006", "../../../etc"):
            with pytest.raises(Gone):
                await connection.fetch(f"line-content:{lost}")


async def test_the_probe_finds_what_is_wrong_and_says_how_to_mend_it() -> None:
    async with account(Clock(), bot_user_id=BOT) as (connection, platform):
        platform.used = 12
        health = await connection.probe()
        assert health.ok
        assert health.facts == {"account": "Acme @216ru", "webhook": platform.endpoint, "quota": "12 / 200"}
        platform.quota = None
        assert ((await connection.probe()).facts or {})["quota"] == "12 / ∞"
        platform.active = False
        assert "Use webhook" in (await connection.probe()).mend
        platform.endpoint = "https://old.example.com/line"
        assert "https://desk.example.com/hooks/acme-line" in (await connection.probe()).mend


@pytest.mark.parametrize("wrong", [{"access_token": "expired"}, {"access_token": None, "channel_secret": "wrong"}])
async def test_the_probe_finds_credentials_that_line_does_not_accept(wrong: Mapping[str, Any]) -> None:
    async with account(Clock(), **wrong) as (connection, _):
        health = await connection.probe()
        assert not health.ok
        assert health.mend
        with pytest.raises(NeedsAttention):
            await connection.profile(TARO)


async def test_the_probe_of_an_unreachable_line_does_not_fail() -> None:
    async with account(Clock(), api_base="http://127.0.0.1:9") as (connection, _):
        assert not (await connection.probe()).ok


async def test_a_token_that_died_early_is_renewed_without_anybody_noticing() -> None:
    async with account(Clock(), access_token=None) as (connection, platform):
        platform.profiles[TARO] = {"displayName": "太郎", "userId": TARO}
        assert await connection.profile(TARO)
        platform.tokens.clear()
        assert await connection.profile(TARO)
        assert platform.tokens_issued == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_base": "http://api.line.me"},
        {"api_base": "ftp://127.0.0.1"},
        {"data_base": "https://"},
        {"bot_user_id": "@acme"},
        {"channel_secret": ""},
        {"chanel_id": "1"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LineConfig.model_validate({**HOUSE, **wrong})
