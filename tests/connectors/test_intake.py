"""The webhook doors hold under what a network brings: slowness, floods, halves, and our own faults."""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from connectors.contract import Connection
from connectors.http import client_session
from connectors.intake import hook_routes
from connectors.social.line import DECLARATION
from routing.ids import AccountId
from tests.connectors.kit import ACCOUNT, Book, Clock, serving, tools
from tests.connectors.line.test_contract import HOUSE, PAYLOADS, sign

BODY = (PAYLOADS / "text.json").read_bytes()
HEADERS = {"X-Line-Signature": sign(BODY), "Content-Type": "application/json"}


@pytest.fixture
async def front() -> Any:
    """The door: a client, its ledger, and the accounts, which may change while it serves."""
    book = Book()
    async with client_session(allow_loopback=True) as http:
        config = DECLARATION.config.model_validate({**HOUSE, "body_limit": 20_000})
        accounts: dict[AccountId, Connection] = {ACCOUNT: DECLARATION.connect(ACCOUNT, config, tools(http))}
        async with serving(hook_routes(accounts, book, Clock(), patience=0.2)) as client:
            yield client, book, accounts


async def spoken(client: Any, *pieces: bytes, then_hang_up: bool = False) -> bytes:
    """What the door answers to these bytes, sent as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client._base_url.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    if then_hang_up:
        writer.write_eof()
    try:
        async with asyncio.timeout(5):
            return await reader.read(200)
    finally:
        writer.close()


def head(*lines: str) -> bytes:
    return "\r\n".join((f"POST /hooks/{ACCOUNT} HTTP/1.1", "Host: desk.example.com", *lines, "", "")).encode()


async def test_twenty_copies_at_once_are_kept_once(front: Any) -> None:
    client, book, _ = front

    async def post() -> int:
        async with client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS) as response:
            status: int = response.status
            return status

    assert await asyncio.gather(*(post() for _ in range(20))) == [200] * 20
    assert len(book.kept) == 1


async def test_nothing_of_the_headers_is_kept_but_what_reading_needs(front: Any) -> None:
    client, book, _ = front
    await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers={**HEADERS, "Authorization": "Bearer x", "Cookie": "a=b"})
    assert book.kept[0].headers == {}


async def test_a_body_that_comes_too_slowly_is_given_up(front: Any) -> None:
    client, book, _ = front
    answer = await spoken(client, head(f"Content-Length: {len(BODY)}", f"X-Line-Signature: {sign(BODY)}"), BODY[:100])
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert book.kept == []


async def test_a_body_in_pieces_is_taken_as_it_comes(front: Any) -> None:
    client, book, _ = front
    chunks = [
        f"{len(BODY[at : at + 50]):x}\r\n".encode() + BODY[at : at + 50] + b"\r\n" for at in range(0, len(BODY), 50)
    ]
    answer = await spoken(
        client, head("Transfer-Encoding: chunked", f"X-Line-Signature: {sign(BODY)}"), *chunks, b"0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert [one.body for one in book.kept] == [BODY]


async def test_a_sender_who_hangs_up_leaves_nothing_behind(front: Any, caplog: pytest.LogCaptureFixture) -> None:
    client, book, _ = front
    await spoken(client, head(f"Content-Length: {len(BODY)}"), BODY[:100], then_hang_up=True)
    await spoken(client, head("Transfer-Encoding: chunked"), b"zz\r\nnot chunks\r\n")
    assert book.kept == []
    assert "Traceback" not in caplog.text
    assert (await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS)).status == 200


@pytest.mark.parametrize(
    "lines", [("Content-Length: -1",), ("Content-Length: 5", "Content-Length: 6"), ("X: \x00",), ("no colon",)]
)
async def test_broken_headers_are_refused_and_counted(
    front: Any, lines: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    client, book, _ = front
    before = REGISTRY.get_sample_value("madoguchi_broken_requests_total") or 0
    answer = await spoken(client, head(*lines), b"hello")
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"Traceback" not in answer
    assert caplog.text == ""
    assert REGISTRY.get_sample_value("madoguchi_broken_requests_total") == before + 1
    assert book.kept == []


async def test_the_limit_is_the_accounts_own(front: Any) -> None:
    client, book, _ = front
    padded = BODY[:-2] + b" " * (20_000 - len(BODY)) + BODY[-2:]
    signed = {**HEADERS, "X-Line-Signature": sign(padded)}
    assert (await client.post(f"/hooks/{ACCOUNT}", data=padded, headers=signed)).status == 200
    assert (await client.post(f"/hooks/{ACCOUNT}", data=padded + b" ", headers=signed)).status == 413
    assert len(book.kept) == 1


async def test_accounts_come_go_and_change_while_the_door_is_open(front: Any) -> None:
    client, _, accounts = front
    assert (await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS)).status == 200
    connection = accounts.pop(ACCOUNT)
    assert (await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS)).status == 404
    async with client_session(allow_loopback=True) as http:
        other = DECLARATION.config.model_validate({**HOUSE, "channel_secret": "another"})
        accounts[ACCOUNT] = DECLARATION.connect(ACCOUNT, other, tools(http))
        assert (await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS)).status == 401
    accounts[ACCOUNT] = connection
    assert (await client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS)).status == 200


async def test_other_ways_of_asking_are_not_taken(front: Any) -> None:
    client, _, _ = front
    assert (await client.get(f"/hooks/{ACCOUNT}")).status == 405


def test_signatures_are_compared_in_constant_time_everywhere() -> None:
    """Nothing called a signature, a seal or a MAC stands beside == or !=, whose time tells how much was right."""
    connectors = Path(__file__).resolve().parents[2] / "connectors"
    for module in connectors.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                sides = ast.unparse(node)
                secret = re.search(r"signature|\bseal\b|hmac|\bmac\b", sides, re.IGNORECASE)
                assert secret is None, f"{module.name}: {sides}"


async def test_an_account_that_is_paused_asks_its_provider_to_come_again() -> None:
    async with serving(hook_routes({}, Book(), Clock(), paused=[ACCOUNT])) as client:
        async with client.post(f"/hooks/{ACCOUNT}", data=BODY, headers=HEADERS) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "300")
        async with client.post("/hooks/nobody", data=BODY, headers=HEADERS) as response:
            assert response.status == 404
