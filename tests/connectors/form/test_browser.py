"""The contact form in a real browser: with and without JavaScript, in light and dark, and inside another site."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from connectors.contract import Connection
from connectors.http import client_session
from connectors.web.form import FormConnection
from connectors.web.form_config import FormConfig
from connectors.web.form_doors import form_routes
from routing.ids import AccountId
from routing.messages import Received
from routing.rates import LocalRates
from tests.connectors.form.test_contract import ACCOUNT
from tests.connectors.form.test_doors import HOUSE
from tests.connectors.kit import Book, Clock, Shelf, delivered, serving, tools

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]


@dataclass
class Desk:
    """The form and, on another address, a site that embeds it."""

    form: str
    site: str
    connection: FormConnection
    book: Book
    shelf: Shelf

    def last(self) -> Received:
        [item] = self.connection.read(delivered(self.book.kept[-1].body, account=ACCOUNT))
        assert isinstance(item, Received)
        return item


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        await running.close()


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    accounts: dict[AccountId, Connection] = {}
    book, shelf, clock = Book(), Shelf(), Clock()
    home: list[str] = []

    async def site(_request: web.Request) -> web.Response:
        page = (
            f'<h1>A shop</h1><script src="{home[0]}/form/{ACCOUNT}/embed.js" data-lang="en" async></script><p>Below</p>'
        )
        return web.Response(text=page, content_type="text/html")

    async with (
        client_session(allow_loopback=True) as http,
        serving([web.get("/", site)]) as shop,
        serving(form_routes(accounts, book, LocalRates(clock))) as client,
    ):
        home.append(str(client._base_url).rstrip("/"))
        shop_address = str(shop._base_url).rstrip("/")
        config = FormConfig.model_validate({**HOUSE, "fastest": 0, "allowed_origins": [shop_address], "files": 2})
        accounts[ACCOUNT] = connection = FormConnection(ACCOUNT, config, tools(http, clock=clock, blobs=shelf))
        yield Desk(f"{home[0]}/form/{ACCOUNT}", shop_address, connection, book, shelf)


async def fill_in(page: Any, **values: str) -> None:
    for name, value in {"name": "山田 太郎", "email": "taro@example.com", "message": "予約の変更", **values}.items():
        await page.fill(f"#{name}", value)


def watched(page: Page) -> list[str]:
    """What the browser complains about: scripts that fail, and what the content policy stopped."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    return complaints


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_person_writes_makes_a_mistake_and_sends(browser: Browser, javascript: bool) -> None:
    async with desk() as there:
        context = await browser.new_context(java_script_enabled=javascript, locale="ja-JP")
        page = await context.new_page()
        complaints = watched(page)
        await page.goto(there.form)
        await fill_in(page, email="taro@example")
        photo: Any = {"name": '写真 "1".jpg', "mimeType": "image/jpeg", "buffer": b"x" * 900}
        await page.set_input_files("#files", files=[photo])
        await page.click("button[type=submit]")
        await page.wait_for_selector(".alert")
        assert "形式をご確認" in await page.inner_text("#email-fault")
        assert "もう一度お選びください" in await page.inner_text("#files-fault")
        assert await page.input_value("#message") == "予約の変更"
        await page.fill("#email", "taro@example.com")
        await page.set_input_files("#files", files=[photo])
        await page.click("button[type=submit]")
        await page.wait_for_selector(".done")
        assert "taro@example.com" in await page.inner_text("main")
        assert complaints == []
        item = there.last()
        assert item.text == "予約の変更"
        assert [one.name for one in item.attachments] == ['写真 "1".jpg']
        assert there.shelf.kept[item.attachments[0].blob] == b"x" * 900


async def test_a_double_click_is_one_message(browser: Browser) -> None:
    async with desk() as there:
        page = await browser.new_page()
        await page.goto(there.form)
        await fill_in(page)
        await page.dblclick("button[type=submit]")
        await page.wait_for_selector(".done")
        assert len(there.book.kept) == 1


async def test_the_form_stands_in_another_site_at_its_full_height(browser: Browser) -> None:
    async with desk() as there:
        page = await browser.new_page()
        complaints = watched(page)
        await page.goto(there.site)
        frame = page.frame_locator("iframe")
        await frame.locator("button[type=submit]").wait_for()
        await page.wait_for_function("document.querySelector('iframe').style.minHeight === '0px'")
        tall = await page.evaluate("document.querySelector('iframe').offsetHeight")
        assert await frame.locator("html").evaluate("page => page.scrollHeight <= innerHeight")
        assert await frame.locator("html").get_attribute("lang") == "en"
        await fill_in_frame(frame)
        await frame.locator("button[type=submit]").click()
        await frame.locator(".done").wait_for()
        await page.wait_for_function("tall => document.querySelector('iframe').offsetHeight < tall", arg=tall)
        assert len(there.book.kept) == 1
        assert complaints == []


async def fill_in_frame(frame: Any) -> None:
    for name, value in {"name": "Ann", "email": "ann@example.com", "message": "Hello"}.items():
        await frame.locator(f"#{name}").fill(value)


async def test_a_site_that_nobody_named_cannot_frame_the_form(browser: Browser) -> None:
    async with desk() as there:
        there.connection.config = there.connection.config.model_copy(update={"allowed_origins": ()})
        page = await browser.new_page()
        async with page.expect_console_message(lambda said: "frame-ancestors" in said.text, timeout=10_000):
            await page.goto(there.site)
        assert await page.frame_locator("iframe").locator("form").count() == 0


async def test_what_customers_write_never_runs(browser: Browser) -> None:
    async with desk() as there:
        page = await browser.new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await page.goto(there.form)
        evil = '"><img src=x onerror=alert(1)><script>alert(2)</script></textarea><svg onload=alert(3)>'
        await fill_in(page, name=evil, message=evil, subject=evil, phone="0" * 3)
        await page.click("button[type=submit]")
        await page.wait_for_selector(".done")
        assert dialogs == []
        assert await page.locator("main img, main svg, main script").count() == 0
        assert evil in await page.inner_text("details dl", timeout=2000) or evil in (
            await page.text_content("dl") or ""
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(browser: Browser, scheme: Any) -> None:
    """Contrast of at least 4.5 to 1 for everything that is read, as WCAG asks."""
    async with desk() as there:
        context = await browser.new_context(color_scheme=scheme)
        page = await context.new_page()
        await page.goto(there.form)
        await page.evaluate("document.querySelector('form').noValidate = true")
        await page.click("button[type=submit]")
        await page.wait_for_selector(".alert")
        for selector in (
            "h1",
            ".intro",
            "label",
            ".must",
            ".may",
            ".hint",
            ".fault",
            ".alert li a",
            "button",
            "header a",
        ):
            colours = await page.eval_on_selector(selector, _COLOURS)
            assert _contrast(*colours) >= 4.5, (selector, colours)


# The colour of an element's words, and of the ground behind it as the canvas mixes it.
_COLOURS = """element => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const grounds = [];
  for (let one = element; one; one = one.parentElement) grounds.unshift(getComputedStyle(one).backgroundColor);
  const seen = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  return [seen(["white", ...grounds, getComputedStyle(element).color]), seen(["white", ...grounds])];
}"""


def _contrast(one: list[int], other: list[int]) -> float:
    def light(colour: list[int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


async def test_every_control_has_a_name_and_the_trap_is_out_of_reach(browser: Browser) -> None:
    async with desk() as there:
        page = await browser.new_page()
        await page.goto(there.form)
        names = await page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), textarea, select')].map(one => one.labels.length)"
        )
        assert all(names)
        focused: list[str] = []
        for _ in range(14):
            await page.keyboard.press("Tab")
            focused.append(await page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert "website" not in focused
        wanted = ["name", "email", "subject", "phone", "topic", "news", "message", "files"]
        assert [one for one in focused if one in wanted][: len(wanted)] == wanted
        assert re.match(r"-\d", str(await page.eval_on_selector("#website", "one => one.getBoundingClientRect().left")))
