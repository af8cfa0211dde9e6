"""The whole world for a journey: the stand-in workspace, the customers, the program, and a browser to look with."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright
from redis.asyncio import Redis

from bot.app import App, Part, wall_clock
from bot.plan import Plan
from bot.running import run
from bot.sandbox.customers.customers import Customers
from bot.sandbox.demo.plan import Ports, demo_plan
from bot.sandbox.demo.running import free_ports, running_sandbox
from bot.sandbox.slack import seed
from bot.sandbox.slack.standin import SlackStandin
from tests.databases import REDIS
from tests.sandbox.page.workspace import chromium

PATIENCE = 15_000  # milliseconds
UNDO = timedelta(seconds=4)
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@dataclass
class Shifted:
    """The time of day, moved on when a journey would else have to wait."""

    by: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return wall_clock() + self.by


@dataclass
class World:
    """Everything of one journey. `shoot` keeps a screenshot for people to look at."""

    ports: Ports
    slack: SlackStandin
    customers: Customers
    app: App
    browser: Browser
    name: str
    clock: Shifted = field(default_factory=Shifted)
    complaints: list[str] = field(default_factory=list)
    _shots: int = 0

    async def look(self, *, user: str = seed.BEN, language: str = "en", room: str = "support") -> Page:
        """The page as this person of the team sees it."""
        context = await self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        await page.goto(f"http://127.0.0.1:{self.ports.page}/?user={user}&lang={language}")
        await page.get_by_test_id(f"room-{room}").click()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    async def shoot(self, page: Page, what: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self._shots += 1
        await page.screenshot(path=SCREENSHOTS / f"{self.name}-{self._shots:02d}-{what}.png")


def card(page: Page, number: int) -> Locator:
    """The card of a ticket in the room that is open."""
    return page.get_by_test_id("messages").get_by_test_id(re.compile(r"^message-")).filter(has_text=f"#{number} ").first


async def _forget_bell(plan: Plan) -> None:
    if plan.redis_url:
        client: Redis = Redis.from_url(plan.redis_url)
        await client.delete(f"{plan.redis_prefix}:bell")
        await client.aclose()


@pytest.fixture
async def world(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """On SQLite alone, and on PostgreSQL with Redis."""
    ports = free_ports(0)
    keys = f"k1:{Fernet.generate_key().decode()}"
    scaled = database_url.startswith("postgresql")
    plan = demo_plan(
        ports, tmp_path, language="en", keys=keys, database_url=database_url, redis_url=REDIS if scaled else ""
    )
    undo = {"email": UNDO, "line": UNDO}
    plan = replace(plan, policy=replace(plan.policy, undo=undo), redis_prefix=f"test-{os.getpid()}-{ports.program}")
    clock = Shifted()
    stop, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
    async with running_sandbox(ports, folder=tmp_path) as (slack, customers), async_playwright() as playwright:
        running = asyncio.create_task(run(plan, Part.ALL, stop=stop, opened=opened.set_result, clock=clock))
        await asyncio.wait([running, opened], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-background-networking"]
        )
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        world = World(ports, slack, customers, opened.result(), browser, name, clock)
        yield world
        await browser.close()
        customers.audience.dismiss()
        stop.set()
        await running
        await _forget_bell(plan)
        assert world.complaints == []
