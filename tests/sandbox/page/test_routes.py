"""What the page asks of the customers' side, by its own routes."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.routes import customer_routes
from tests.sandbox.page.program import Program

Browser = TestClient[Request, Application]


@pytest.fixture
async def browser(customers: Customers) -> AsyncIterator[Browser]:
    app = Application()
    app.add_routes(customer_routes(customers))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_whoever_watches_sees_everybody_and_then_every_change(browser: Browser, program: Program) -> None:
    async with browser.ws_connect("/customers/ws") as socket:
        snapshot = await socket.receive_json(timeout=5)
        assert len(snapshot["people"]) >= 8
        assert len(snapshot["samples"]) >= 12
        await browser.post("/customers/mail", json={"person": "emma", "subject": "Hi", "text": "Hello"})
        states = [(await socket.receive_json(timeout=5))["letter"]["state"] for _ in range(2)]
    assert states == ["sending", "delivered"]
    assert program.mails[0]["Subject"] == "Hi"


@pytest.mark.parametrize(
    "tapped",
    [
        {"type": "text", "text": "hello"},
        {"type": "sticker", "package": "446", "sticker": "1988"},
        {"type": "image", "picture": {"name": "a.png", "type": "image/png", "base64": "iVBORw=="}},
        {"type": "follow"},
        {"type": "block"},
    ],
)
async def test_what_is_tapped_on_the_phone_goes_out(browser: Browser, program: Program, tapped: dict[str, Any]) -> None:
    answer = await browser.post("/customers/line", json={"person": "hina", **tapped})
    assert answer.status == 200
    await program.until(lambda: len(program.webhooks) == 1)


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("mail", {"person": "nobody", "text": "x"}, 404),
        ("mail", {"person": "emma", "subject": "a\nBcc: x@y.example", "text": "x"}, 400),
        ("mail", {"person": "emma"}, 400),
        ("line", {"person": "hina", "type": "song"}, 400),
        ("line", {"person": "hina", "type": "unsend", "message_id": "1"}, 404),
        ("sample", {"name": "unknown"}, 404),
        ("sample", {"burst": 100_000}, 400),
        ("rules", {"door": "slack", "mode": "500", "times": 1}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    browser: Browser, path: str, asked: dict[str, Any], status: int
) -> None:
    answer = await browser.post(f"/customers/{path}", json=asked)
    assert answer.status == status
    assert (await answer.json())["error"]


async def test_another_site_cannot_write_as_our_customers(browser: Browser, customers: Customers) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    mail = {"person": "emma", "text": "x"}
    assert (await browser.post("/customers/mail", json=mail, headers=foreign)).status == 403
    assert (await browser.get("/customers/ws", headers=foreign)).status == 403
    assert customers.mailbox.in_order() == []


async def test_an_attachment_that_could_run_can_only_be_saved(browser: Browser, customers: Customers) -> None:
    file = {"name": "page.html", "type": "text/html", "base64": base64.b64encode(b"<script>").decode()}
    await browser.post("/customers/mail", json={"person": "emma", "subject": "s", "text": "t", "attachment": file})
    (letter,) = customers.mailbox.in_order()
    answer = await browser.get(f"/customers/mail/{letter.id}/0")

    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_burst_is_as_many_customers_as_asked_for(browser: Browser, program: Program) -> None:
    await browser.post("/customers/sample", json={"burst": 20})
    # Of the fourteen stories six are told by LINE; the first six of the second round hold two of them.
    await program.until(lambda: len(program.mails) == 12 and len(program.webhooks) >= 8)
