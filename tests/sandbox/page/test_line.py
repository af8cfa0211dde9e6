"""The LINE stand-in: its API as a program calls it, and the webhooks of its phones."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.mishaps import Door, Mishap
from bot.sandbox.customers.people import find_person
from tests.sandbox.page.conftest import SECRET, TOKEN, Seconds, recorded
from tests.sandbox.page.line_specs import hold_answer, hold_webhook
from tests.sandbox.page.program import Program

HINA = find_person("hina")
HELLO = [{"type": "text", "text": "こんにちは"}]


class Caller:
    """Calls LINE's API as a program does."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def post(
        self, path: str, body: Any, *, key: str | None = None, token: str = TOKEN
    ) -> tuple[int, Any, dict[str, str]]:
        headers = {"Authorization": f"Bearer {token}"} | ({"X-Line-Retry-Key": key} if key else {})
        async with self._session.post(self._base + path, json=body, headers=headers) as response:
            answered = {name.lower(): value for name, value in response.headers.items()}
            return response.status, await response.json(), answered

    async def get(self, path: str) -> tuple[int, Any]:
        async with self._session.get(self._base + path, headers={"Authorization": f"Bearer {TOKEN}"}) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else await response.read()

    async def push(self, messages: Any, *, key: str | None = None) -> tuple[int, Any, dict[str, str]]:
        return await self.post("/v2/bot/message/push", {"to": HINA.line_user_id, "messages": messages}, key=key)


@pytest.fixture
async def line(customers: Customers) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, customers.line_url)


def shown(customers: Customers) -> list[str]:
    return [bubble.text for bubble in customers.account.bubbles.values() if bubble.outgoing]


def test_the_signature_is_lines_own(customers: Customers) -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    assert SECRET == "8c570fa6dd201bb328f1c1eac23a96d8"
    assert customers.account.sign(body) == "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


async def test_a_text_becomes_a_signed_webhook(customers: Customers, program: Program) -> None:
    bubble = await customers.phone.say(HINA, "予約を変更できますか?")

    (webhook,) = program.webhooks
    assert webhook.signature == customers.account.sign(webhook.body)
    event = webhook.json["events"][0]
    assert event["message"]["text"] == "予約を変更できますか?"
    assert event["source"] == {"type": "user", "userId": HINA.line_user_id}
    assert bubble.standing == "delivered"
    hold_webhook(webhook.json, event="MessageEvent", message="TextMessageContent")


async def test_stickers_pictures_and_friendship_are_told_in_lines_shapes(
    customers: Customers, program: Program
) -> None:
    await customers.phone.stick(HINA, "446", "1988", ["Hello"])
    picture = await customers.phone.show(HINA, "image/png", b"\x89PNG")
    await customers.phone.unsend(HINA, picture.id)
    await customers.phone.follow(HINA)
    await customers.phone.block(HINA)

    kinds = [
        ("MessageEvent", "StickerMessageContent"),
        ("MessageEvent", "ImageMessageContent"),
        ("UnsendEvent", None),
        ("FollowEvent", None),
        ("UnfollowEvent", None),
    ]
    for webhook, (event, message) in zip(program.webhooks, kinds, strict=True):
        hold_webhook(webhook.json, event=event, message=message)


async def test_a_webhook_is_brought_again_until_it_is_taken(customers: Customers, program: Program) -> None:
    program.webhook_answers = [503, 500]
    bubble = await customers.phone.say(HINA, "hello")

    events = [webhook.json["events"][0] for webhook in program.webhooks]
    assert [event["deliveryContext"]["isRedelivery"] for event in events] == [False, True, True]
    assert len({event["webhookEventId"] for event in events}) == 1
    assert len({event["replyToken"] for event in events}) == 1
    assert bubble.standing == "delivered"


async def test_an_edit_keeps_the_messages_id(customers: Customers, program: Program) -> None:
    bubble = await customers.phone.say(HINA, "at 6")
    await customers.phone.edit(HINA, bubble.id, "at 7")

    event = program.webhooks[-1].json["events"][0]
    assert (event["type"], event["message"]["id"], event["message"]["text"]) == ("messageEdited", bubble.id, "at 7")


async def test_a_reply_token_answers_once(customers: Customers, program: Program, line: Caller) -> None:
    await customers.phone.say(HINA, "hello")
    token = program.webhooks[0].json["events"][0]["replyToken"]
    status, answer, _ = await line.post("/v2/bot/message/reply", {"replyToken": token, "messages": HELLO})
    again, refusal, _ = await line.post("/v2/bot/message/reply", {"replyToken": token, "messages": HELLO})

    assert (status, again) == (200, 400)
    assert refusal == {"message": "Invalid reply token"}
    assert shown(customers) == ["こんにちは"]
    assert customers.account.used_this_month == 0
    hold_answer(answer, "/v2/bot/message/reply", "post", 200)


async def test_a_reply_token_dies_after_a_minute(
    customers: Customers, program: Program, line: Caller, seconds: Seconds
) -> None:
    await customers.phone.say(HINA, "hello")
    seconds.now += 61
    token = program.webhooks[0].json["events"][0]["replyToken"]
    status, _, _ = await line.post("/v2/bot/message/reply", {"replyToken": token, "messages": HELLO})

    assert (status, shown(customers)) == (400, [])


async def test_a_reply_takes_no_retry_key(customers: Customers, program: Program, line: Caller) -> None:
    await customers.phone.say(HINA, "hello")
    token = program.webhooks[0].json["events"][0]["replyToken"]
    body = {"replyToken": token, "messages": HELLO}
    status, _, _ = await line.post("/v2/bot/message/reply", body, key=str(uuid.uuid4()))

    assert (status, shown(customers)) == (400, [])


async def test_the_same_retry_key_is_carried_out_once(customers: Customers, line: Caller, seconds: Seconds) -> None:
    key = str(uuid.uuid4())
    first, answer, headers = await line.push(HELLO, key=key)
    second, repeated, again = await line.push(HELLO, key=key)

    assert (first, second) == (200, 409)
    assert repeated["sentMessages"] == answer["sentMessages"]
    assert again["x-line-accepted-request-id"] == headers["x-line-request-id"]
    assert shown(customers) == ["こんにちは"]
    hold_answer(answer, "/v2/bot/message/push", "post", 200)
    hold_answer(repeated, "/v2/bot/message/push", "post", 409)
    seconds.now += 24 * 3600
    assert (await line.push(HELLO, key=key))[0] == 200


async def test_two_pushes_at_once_with_one_key_are_one(customers: Customers, line: Caller) -> None:
    key = str(uuid.uuid4())
    answers = await asyncio.gather(*(line.push(HELLO, key=key) for _ in range(5)))

    assert sorted(status for status, _, _ in answers) == [200, 409, 409, 409, 409]
    assert shown(customers) == ["こんにちは"]


async def test_the_quota_is_counted_and_kept(customers: Customers, line: Caller) -> None:
    statuses = [(await line.push(HELLO))[0] for _ in range(4)]
    _, refusal, _ = await line.push(HELLO)
    _, quota = await line.get("/v2/bot/message/quota")
    _, used = await line.get("/v2/bot/message/quota/consumption")

    assert statuses == [200, 200, 200, 429]
    assert refusal["message"] == "You have reached your monthly limit."
    assert (quota, used) == ({"type": "limited", "value": 3}, {"totalUsage": 3})
    hold_answer(refusal, "/v2/bot/message/push", "post", 429)
    hold_answer(quota, "/v2/bot/message/quota", "get", 200)
    hold_answer(used, "/v2/bot/message/quota/consumption", "get", 200)


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ([], "messages"),
        (HELLO * 6, "messages"),
        ([{"type": "text"}], "messages[0].text"),
        ([{"type": "text", "text": "😀" * 2_501}], "messages[0].text"),
        ([*HELLO, {"type": "song", "text": "la"}], "messages[1].type"),
        ([{"type": "image", "originalContentUrl": "ftp://x", "previewImageUrl": "https://x/y"}],
         "messages[0].originalContentUrl"),
        ([{"type": "sticker", "packageId": "446"}], "messages[0].stickerId"),
        ([{**HELLO[0], "sender": {"name": "x" * 21}}], "messages[0].sender.name"),
    ],
)  # fmt: skip
async def test_what_line_would_not_take_is_refused_in_its_words(
    customers: Customers, line: Caller, messages: Any, place: str
) -> None:
    status, refusal, _ = await line.push(messages)

    assert (status, refusal["details"][0]["property"]) == (400, place)
    assert (shown(customers), customers.account.used_this_month) == ([], 0)
    hold_answer(refusal, "/v2/bot/message/push", "post", 400)
    assert (await line.post("/v2/bot/message/validate/push", {"messages": messages}))[0] == 400


async def test_five_thousand_units_are_taken(customers: Customers, line: Caller) -> None:
    status, _, _ = await line.push([{"type": "text", "text": "😀" * 2_500}])
    assert (status, len(shown(customers))) == (200, 1)


async def test_a_wrong_token_does_nothing(customers: Customers, line: Caller) -> None:
    body = {"to": HINA.line_user_id, "messages": HELLO}
    status, _, _ = await line.post("/v2/bot/message/push", body, token="wrong")
    assert (status, shown(customers)) == (401, [])


async def test_a_stateless_token_serves_fifteen_minutes(customers: Customers, line: Caller, seconds: Seconds) -> None:
    form = {"grant_type": "client_credentials", "client_id": customers.account.channel_id, "client_secret": SECRET}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{customers.line_url}/oauth2/v3/token", data=form) as response,
    ):
        token = (await response.json())["access_token"]
    body = {"messages": HELLO}
    assert (await line.post("/v2/bot/message/validate/push", body, token=token))[0] == 200
    seconds.now += 901
    assert (await line.post("/v2/bot/message/validate/push", body, token=token))[0] == 401


async def test_a_picture_can_be_fetched_until_it_is_unsent(customers: Customers, line: Caller) -> None:
    bubble = await customers.phone.show(HINA, "image/png", b"\x89PNG")
    path = f"/v2/bot/message/{bubble.id}/content"
    assert await line.get(path) == (200, b"\x89PNG")
    assert await line.get(f"{path}/transcoding") == (200, {"status": "succeeded"})
    await customers.phone.unsend(HINA, bubble.id)
    assert (await line.get(path))[0] == 410


async def test_what_is_asked_about_people_and_the_account_has_lines_shape(customers: Customers, line: Caller) -> None:
    status, profile = await line.get(f"/v2/bot/profile/{HINA.line_user_id}")
    _, bot = await line.get("/v2/bot/info")
    _, endpoint = await line.get("/v2/bot/channel/webhook/endpoint")
    _, tested, _ = await line.post("/v2/bot/channel/webhook/test", {})

    assert (status, profile["displayName"]) == (200, "鈴木 陽菜")
    assert tested["success"] is True
    hold_answer(profile, "/v2/bot/profile/{userId}", "get", 200)
    hold_answer(bot, "/v2/bot/info", "get", 200)
    hold_answer(endpoint, "/v2/bot/channel/webhook/endpoint", "get", 200)
    hold_answer(tested, "/v2/bot/channel/webhook/test", "post", 200)
    await customers.phone.block(HINA)
    assert (await line.get(f"/v2/bot/profile/{HINA.line_user_id}"))[0] == 404


async def test_who_has_blocked_the_account_sees_nothing_though_the_push_is_taken(
    customers: Customers, line: Caller
) -> None:
    await customers.phone.block(HINA)
    assert (await line.push(HELLO))[0] == 200
    assert shown(customers) == []


async def test_marking_as_read_shows_on_the_phone(customers: Customers, program: Program, line: Caller) -> None:
    bubble = await customers.phone.say(HINA, "hello")
    token = program.webhooks[0].json["events"][0]["message"]["markAsReadToken"]
    assert (await line.post("/v2/bot/chat/markAsRead", {"markAsReadToken": token}))[0] == 200
    assert customers.account.bubbles[bubble.id].was_read


async def test_an_answer_that_gets_lost_was_carried_out_all_the_same(
    customers: Customers, line: Caller, journal: Path
) -> None:
    customers.mishaps.expect(Door.LINE_PUSH, Mishap.LOST, 1)
    key = str(uuid.uuid4())
    with pytest.raises(aiohttp.ClientError):
        await line.push(HELLO, key=key)

    assert shown(customers) == ["こんにちは"]
    assert (await line.push(HELLO, key=key))[0] == 409
    lines = recorded(journal)
    assert [(one["kind"], one["retry_key"]) for one in lines] == [("line_push", key), ("line_push_repeated", key)]


@pytest.mark.parametrize(("mishap", "expected"), [(Mishap.ERROR, 500), (Mishap.THROTTLED, 429)])
async def test_a_mishap_before_the_work_does_nothing(
    customers: Customers, line: Caller, mishap: Mishap, expected: int
) -> None:
    customers.mishaps.expect(Door.LINE_PUSH, mishap, 1)
    assert (await line.push(HELLO))[0] == expected
    assert shown(customers) == []
    assert (await line.push(HELLO))[0] == 200


async def test_a_sample_customer_on_the_phone_answers_once(
    customers: Customers, program: Program, line: Caller
) -> None:
    customers.players.play("table-tonight")
    await program.until(lambda: len(program.webhooks) == 2)
    lucas = find_person("lucas")
    for _ in range(2):
        await line.post("/v2/bot/message/push", {"to": lucas.line_user_id, "messages": HELLO})
    await program.until(lambda: len(program.webhooks) == 3)
    assert program.webhooks[2].json["events"][0]["message"]["text"] == "Great, see you at 8!"
