"""Who sends slowly on many connections keeps nobody else from writing."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from connectors.contract import Connection
from connectors.http import client_session
from connectors.web.form import FormConnection
from connectors.web.form_config import FormConfig
from connectors.web.form_doors import MOST_AT_ONCE, MOST_OF_ONE, form_routes
from routing.ids import AccountId
from routing.rates import LocalRates
from tests.connectors.form.test_contract import ACCOUNT
from tests.connectors.form.test_doors import HOUSE, PAGE
from tests.connectors.kit import Book, Clock, serving, tools


async def test_one_address_cannot_take_all_the_places() -> None:
    clock, never = Clock(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async def hold(client: aiohttp.ClientSession) -> None:
        await client.post(PAGE, data=slowly(), headers={"Content-Type": "application/json"})

    async def status(client: aiohttp.ClientSession, address: str) -> int:
        async with client.post(address, json={}) as response:
            return response.status

    async with client_session(allow_loopback=True) as http:
        config = FormConfig.model_validate({**HOUSE, "per_address": 1_000})
        accounts: dict[AccountId, Connection] = {ACCOUNT: FormConnection(ACCOUNT, config, tools(http, clock=clock))}
        async with serving(form_routes(accounts, Book(), LocalRates(clock), patience=60)) as client:
            slow = [asyncio.create_task(hold(client)) for _ in range(MOST_AT_ONCE)]
            async with asyncio.timeout(20):
                while await status(client, PAGE) != 503:
                    pass  # the slow ones are still on their way in
            elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
            async with aiohttp.ClientSession(base_url=client._base_url, connector=elsewhere) as other:
                assert await status(other, PAGE) == 422
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
    assert MOST_OF_ONE < MOST_AT_ONCE
