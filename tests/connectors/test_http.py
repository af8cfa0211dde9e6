"""Calling providers: what failed calls mean, and where no call may go."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connectors.guard import is_public
from connectors.http import Answer, Provider, call, client_session, download, hosts_of, retry_after, secure_base
from routing.errors import Gone, MadoguchiError, NeedsAttention, Rejected, TryLater, Unclear
from tests.connectors.contract import SHORT
from tests.connectors.kit import START, serving
from tests.standins.unwilling import Trouble, nobody_there, unwilling

HERE = Provider("Acme API", frozenset({"127.0.0.1", "localhost"}))


async def ask(url: str, method: str = "POST", *, provider: Provider = HERE, loopback: bool = True) -> Answer:
    async with client_session(allow_loopback=loopback, patience=SHORT) as http:
        return await call(http, provider, method, url, now=START, body=None if method == "GET" else {"a": 1})


@asynccontextmanager
async def saying(response: web.StreamResponse) -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return response

    async with serving([web.route("*", "/", answer)]) as client:
        yield str(client._base_url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "",
    ],
)
def test_addresses_that_no_provider_has_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "147.92.150.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_on_the_internet_may_be_called(address: str) -> None:
    assert is_public(address)


@given(st.text(max_size=40))
def test_no_text_makes_the_guard_stumble(address: str) -> None:
    is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "10.0.0.1",
        "169.254.169.254",
    ],
)
async def test_no_notation_leads_into_our_own_network(host: str) -> None:
    """Even when the host itself is on the provider's list: the guard looks at the address behind the name."""
    async with unwilling(Trouble(status=200)) as inside:
        port = inside.base.rsplit(":", 1)[1]
        url = f"http://{host}:{port}/"
        with pytest.raises((Rejected, TryLater)):
            await ask(url, provider=Provider("Evil", hosts_of(url)), loopback=False)
        assert inside.heard == []


async def test_a_stand_in_on_this_machine_may_be_called_where_that_was_allowed_and_nothing_else() -> None:
    async with unwilling(Trouble(status=200)) as inside:
        assert (await ask(inside.base)).status == 200
    with pytest.raises(Rejected, match="may not be called"):
        await ask("http://10.0.0.1/", provider=Provider("Evil", frozenset({"10.0.0.1"})))


async def test_a_host_that_is_not_the_providers_is_not_called() -> None:
    async with unwilling(Trouble(status=200)) as server:
        with pytest.raises(Rejected, match="not one of its hosts"):
            await ask(server.base, provider=Provider("LINE", frozenset({"api.line.me"})))
        assert server.heard == []


async def test_a_redirect_is_not_followed() -> None:
    async with unwilling(Trouble(status=200)) as target:
        async with unwilling(Trouble(status=307, headers={"Location": target.base})) as server:
            with pytest.raises(Rejected, match="redirect"):
                await ask(server.base)
        assert target.heard == []


@pytest.mark.parametrize(
    ("trouble", "method", "meaning"),
    [
        (Trouble(hang=True), "POST", Unclear),
        (Trouble(hang=True), "GET", TryLater),
        (Trouble(reset=True), "POST", Unclear),
        (Trouble(reset=True), "GET", TryLater),
        (Trouble(status=500), "POST", Unclear),
        (Trouble(status=500), "GET", TryLater),
        (Trouble(status=401), "POST", NeedsAttention),
        (Trouble(status=400), "GET", Rejected),
    ],
)
async def test_a_failed_call_is_unclear_only_if_it_may_have_done_something(
    trouble: Trouble, method: str, meaning: type[MadoguchiError]
) -> None:
    async with unwilling(trouble) as server:
        with pytest.raises(meaning):
            await ask(server.base, method)


async def test_a_call_that_is_harmless_to_repeat_is_never_unclear() -> None:
    async with unwilling(Trouble(hang=True)) as server, client_session(allow_loopback=True, patience=SHORT) as http:
        with pytest.raises(TryLater):
            await call(http, HERE, "POST", server.base, now=START, form={"a": "1"}, harmless=True)


async def test_whoever_could_not_be_reached_is_tried_later() -> None:
    for url in (nobody_there(), "http://localhost:1/"):
        with pytest.raises(TryLater):
            await ask(url)
    name = "no-such-host.invalid"
    with pytest.raises(TryLater):
        await ask(f"http://{name}/", provider=Provider("Nobody", frozenset({name})))


async def test_plain_http_spoken_to_a_tls_port_was_never_sent() -> None:
    async with unwilling(Trouble(status=200)) as server:
        with pytest.raises(TryLater):
            await ask(server.base.replace("http:", "https:"))
        assert server.heard == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 5),
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("-3", 5),
        ("86400", 3600),
        ("9" * 5000, 3600),
        ("٣", 5),
        ("Sun, 22 Nov 2026 09:30:42 GMT", 42),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Sun, 22 Nov 2026 09:30:42", 42),
        ("soon", 5),
    ],
)
def test_the_time_to_wait_is_read_in_seconds_or_as_a_date_and_kept_within_reason(header: str, seconds: int) -> None:
    answer = Answer(429, {"Retry-After": header}, b"")
    assert retry_after(answer, START) == timedelta(seconds=seconds)


@given(st.text(max_size=60))
def test_no_time_to_wait_makes_us_stumble(header: str) -> None:
    wait = retry_after(Answer(429, {"Retry-After": header}, b""), START)
    assert timedelta(seconds=1) <= wait <= timedelta(hours=1)


async def test_an_answer_that_goes_on_for_ever_is_not_read_for_ever() -> None:
    released = asyncio.Event()

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not released.is_set():
            await response.write(b"x" * 65536)
            await asyncio.sleep(0)
        return response

    async with serving([web.get("/", flood)]) as client, client_session(allow_loopback=True) as http:
        with pytest.raises(Gone):
            await download(http, HERE, str(client._base_url), now=START, cap=1_000_000)
        released.set()


async def test_a_file_that_says_it_is_too_large_is_not_begun() -> None:
    async with saying(web.Response(body=b"x" * 2000)) as url, client_session(allow_loopback=True) as http:
        with pytest.raises(Gone):
            await download(http, HERE, url, now=START, cap=1999)
    async with saying(web.Response(body=b"x" * 2000)) as url, client_session(allow_loopback=True) as http:
        assert (await download(http, HERE, url, now=START, cap=2000)).body == b"x" * 2000


async def test_compressed_answers_are_not_unfolded() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    async with saying(web.Response(body=bomb, headers={"Content-Encoding": "deflate"})) as url:
        with pytest.raises(TryLater):
            await ask(url, "GET")
    async with saying(web.Response(body=bomb, headers={"Content-Encoding": "deflate"})) as url:
        sent = await ask(url)
        assert (sent.status, sent.fields()) == (200, {})


async def test_once_the_status_has_come_a_broken_body_does_not_make_a_send_unclear() -> None:
    async def breaks_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"id":')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving([web.route("*", "/", breaks_off)]) as client:
        sent = await ask(str(client._base_url))
        assert (sent.status, sent.complete, sent.fields()) == (200, False, {})
        with pytest.raises(TryLater):
            await ask(str(client._base_url), "GET")


async def test_cookies_of_providers_are_not_kept() -> None:
    cookie = web.Response(headers={"Set-Cookie": "a=b"})
    async with saying(cookie) as url, client_session(allow_loopback=True) as http:
        await call(http, HERE, "GET", url, now=START)
        assert len(list(http.cookie_jar)) == 0


@pytest.mark.parametrize(
    "address", ["https://api.line.me", "https://api.line.me/", "http://127.0.0.1:8080", "http://localhost"]
)
def test_a_base_address_is_secure_or_on_this_machine(address: str) -> None:
    assert secure_base(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["http://api.line.me", "ftp://127.0.0.1", "api.line.me", "", "https://", "http://127.0.0.1.evil.example"]
)
def test_any_other_base_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        secure_base(address)
