"""A whole sandbox without the program: the Slack stand-in with the little desk, the customers, the page, a browser."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.routes import customer_routes
from bot.sandbox.page.routes import PageConfig, page_routes
from bot.sandbox.slack import seed
from bot.sandbox.slack.standin import SlackStandin, running_standin
from tests.sandbox.page.little_desk import LittleDesk

PATIENCE = 20_000  # milliseconds: a busy machine is slow, and nothing waits this long when all is well


@dataclass
class Sandbox:
    slack: SlackStandin
    desk: LittleDesk
    customers: Customers
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    async def look(self, *, user: str = seed.AKI, language: str = "en") -> Page:
        """The page as this person sees it. What the browser complains about is kept."""
        context = await self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        await page.goto(f"{self.slack.base_url}/?user={user}&lang={language}")
        await page.get_by_test_id("room-support").click()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def chromium() -> str:
    """Where the browser is; the test is skipped where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


@asynccontextmanager
async def running_sandbox(customers: Customers) -> AsyncIterator[Sandbox]:
    desk = LittleDesk()
    request_url = await desk.open()
    routes = [*page_routes(PageConfig(first_user=seed.AKI, has_home=True)), *customer_routes(customers)]
    try:
        async with (
            running_standin(request_url=request_url, more_routes=routes) as slack,
            async_playwright() as playwright,
        ):
            desk.api = slack.api_url
            browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            yield Sandbox(slack, desk, customers, browser)
            await browser.close()
            customers.audience.dismiss()
    finally:
        await desk.close()
