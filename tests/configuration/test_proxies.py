"""Who called is believed from a proxy that is trusted, and from nobody else."""

import ipaddress

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.proxies import Network, behind_proxies, real_sender

PRIVATE: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("forwarded", "sender"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7", " 10.0.0.5"], "203.0.113.7"),
        (["198.51.100.1", "203.0.113.7", "10.0.0.5"], "203.0.113.7"),
        (["203.0.113.7:4711"], "203.0.113.7"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["10.0.0.9"], "10.0.0.9"),
        (["evil", "10.0.0.9"], "10.0.0.9"),
        (["evil"], "127.0.0.1"),
        ([""], "127.0.0.1"),
    ],
)
def test_the_sender_is_the_last_address_that_no_proxy_has(forwarded: list[str], sender: str) -> None:
    assert real_sender("127.0.0.1", forwarded, PRIVATE) == sender


async def _seen(trusted: tuple[Network, ...]) -> str:
    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {request.match_info['name']} {await request.text()}")

    app = web.Application(middlewares=[behind_proxies(trusted)])
    app.router.add_post("/{name}", tell)
    async with TestServer(app) as server, ClientSession() as client:
        headers = {"X-Forwarded-For": "203.0.113.7"}
        async with client.post(server.make_url("/form"), data="words", headers=headers) as answer:
            return await answer.text()


async def test_a_trusted_proxy_is_believed() -> None:
    assert await _seen(PRIVATE) == "203.0.113.7 form words"


async def test_a_stranger_cannot_give_himself_another_address() -> None:
    assert await _seen(()) == "127.0.0.1 form words"
