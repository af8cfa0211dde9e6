"""The connector and the sandbox's LINE, written apart from each other, understand each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.sandbox.customers.customers import Customers, CustomersConfig
from bot.sandbox.customers.people import find_person
from connectors.contract import Connection
from connectors.http import client_session
from connectors.intake import hook_routes
from connectors.social.line import LineConnection
from connectors.social.line_config import LineConfig
from routing.errors import Gone
from routing.ids import AccountId
from routing.messages import Edited, Happening, Item, Received, Unsent
from routing.replies import Letter
from tests.connectors.kit import ACCOUNT, START, Book, Clock, delivered, letter, serving, tools
from tests.connectors.line.test_contract import SECRET

MISAKI = find_person("misaki")


@dataclass
class Desk:
    """Our side of the wire."""

    customers: Customers
    connection: LineConnection
    book: Book
    clock: Clock

    def read(self) -> list[Item]:
        return [item for kept in self.book.kept for item in self.connection.read(delivered(kept.body))]

    async def answer(self, to: Received, **changes: object) -> None:
        written: Letter = letter(address=to.sender.address, handle=to.handle, handle_at=START, **changes)
        await self.connection.send(written, self.connection.prepare(written, self.clock()))

    def phone(self) -> list[str]:
        """What the customer's phone shows of ours."""
        return [one.text or one.kind for one in self.customers.account.bubbles.values() if one.outgoing]


@asynccontextmanager
async def desk(*, access_token: str | None = "long-lived") -> AsyncIterator[Desk]:
    clock, book = Clock(), Book()
    customers = Customers(
        CustomersConfig(
            line_secret=SECRET, line_token="long-lived", line_channel_id="1656789012", redelivery_delays=()
        ),
        clock=lambda: clock().timestamp(),
    )
    await customers.open()
    try:
        async with client_session(allow_loopback=True) as http:
            config = LineConfig.model_validate(
                {
                    "channel_id": "1656789012",
                    "channel_secret": SECRET,
                    "access_token": access_token,
                    "bot_user_id": customers.account.bot_user_id,
                    "api_base": customers.line_url,
                    "data_base": customers.line_url,
                }
            )
            connection = LineConnection(ACCOUNT, config, tools(http, clock=clock))
            accounts: dict[AccountId, Connection] = {ACCOUNT: connection}
            async with serving(hook_routes(accounts, book, clock)) as client:
                customers.knows_program(line_webhook=f"{str(client._base_url).rstrip('/')}/hooks/{ACCOUNT}")
                yield Desk(customers, connection, book, clock)
    finally:
        await customers.close()


async def test_what_a_customer_does_on_the_phone_is_read() -> None:
    async with desk() as there:
        phone = there.customers.phone
        said = await phone.say(MISAKI, "予約の変更はできますか？")
        await phone.edit(MISAKI, said.id, "予約の変更は明日までできますか？")
        await phone.stick(MISAKI, "11537", "52002734", ["hello"])
        shown = await phone.show(MISAKI, "image/jpeg", b"\xff\xd8 a picture")
        await phone.unsend(MISAKI, said.id)
        await phone.block(MISAKI)
        text, edit, sticker, picture, unsend, block = there.read()
        assert isinstance(text, Received)
        assert (text.text, text.sender.address, text.external_id) == (
            "予約の変更はできますか？",
            MISAKI.line_user_id,
            said.id,
        )
        assert isinstance(edit, Edited)
        assert (edit.original, edit.text) == (said.id, "予約の変更は明日までできますか？")
        assert isinstance(sticker, Received)
        assert sticker.text == "🏷️ hello"
        assert isinstance(picture, Received)
        assert await there.connection.fetch(picture.attachments[0].source) == b"\xff\xd8 a picture"
        assert isinstance(unsend, Unsent)
        assert unsend.original == said.id
        assert isinstance(block, Happening)
        assert block.what == "customer.blocked"
        await phone.unsend(MISAKI, shown.id)
        with pytest.raises(Gone):
            await there.connection.fetch(picture.attachments[0].source)


@pytest.mark.parametrize("access_token", ["long-lived", None])
async def test_answers_reach_the_phone_once_and_cost_quota_only_when_pushed(access_token: str | None) -> None:
    async with desk(access_token=access_token) as there:
        await there.customers.phone.say(MISAKI, "こんにちは")
        [said] = there.read()
        assert isinstance(said, Received)
        await there.answer(said, text="すぐのお返事")
        assert there.customers.account.used_this_month == 0
        there.clock.pass_by(timedelta(minutes=5))
        for _ in range(2):
            await there.answer(said, text="あとからのお返事")
        assert there.phone() == ["すぐのお返事", "あとからのお返事"]
        assert there.customers.account.used_this_month == 1


async def test_the_customer_has_a_name_and_the_account_is_well() -> None:
    async with desk() as there:
        known = await there.connection.profile(MISAKI.line_user_id)
        assert known is not None
        assert known["name"] == MISAKI.name
        health = await there.connection.probe()
        assert health.facts is not None
        assert health.facts["quota"] == "0 / 200"
