"""The queue board: pinned in its room, two people take the next ticket at once, a rush is rolled up and expanded."""

import asyncio
import re
import smtplib

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from bot.sandbox.demo.plan import ADDRESS
from bot.sandbox.slack import seed
from tests.desk.mails import a_mail
from tests.journeys.conftest import World

pytestmark = pytest.mark.browser

SOON = 45_000
"""Milliseconds: a board is looked at every twenty seconds."""
NARROW: ViewportSize = {"width": 480, "height": 900}
WIDE: ViewportSize = {"width": 1440, "height": 900}


def _send(world: World, first: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", world.ports.smtp_door) as door:
        for number in range(first, first + count):
            sender = f"customer{number}@customer.example"
            mail = a_mail(
                f"Order {number} has not come.",
                sender=f"Customer {number} <{sender}>",
                to=ADDRESS,
                subject=f"Order {number}",
                message_id=f"<order{number}@customer.example>",
            )
            door.sendmail(sender, [ADDRESS], mail)


def _message(page: Page, words: str) -> Locator:
    found = page.get_by_test_id("messages").get_by_test_id(re.compile(r"^message-\d"))
    return found.filter(has_text=words).last


async def _taken(page: Page) -> str:
    """The number of the ticket that this person was told is theirs."""
    told = _message(page, "is yours.")
    await expect(told).to_be_visible()
    found = re.search(r"#(\d+) is yours", await told.inner_text())
    assert found is not None
    return found[1]


async def test_two_people_take_the_next_ticket_at_once_from_the_pinned_board(world: World) -> None:
    ben, yui = await world.look(user=seed.BEN), await world.look(user=seed.YUI)
    await asyncio.to_thread(_send, world, 1, 3)
    for page in (ben, yui):
        await expect(_message(page, "Queue: 3 waiting")).to_be_visible(timeout=SOON)
    await expect(_message(ben, "Queue: 3 waiting").get_by_test_id("pinned")).to_be_visible(timeout=SOON)
    await world.shoot(ben, "board")
    await asyncio.gather(
        *(_message(page, "Queue: 3 waiting").get_by_test_id("action-take_next").click() for page in (ben, yui))
    )
    assert {await _taken(ben), await _taken_by_yui(yui)} == {"1", "2"}
    await expect(_message(ben, "Queue: 1 waiting")).to_be_visible(timeout=SOON)
    await world.shoot(ben, "taken")
    await ben.set_viewport_size(NARROW)
    await world.shoot(ben, "board-narrow")


async def _taken_by_yui(page: Page) -> str:
    """Yui reads Japanese."""
    told = _message(page, "の担当になりました")
    await expect(told).to_be_visible()
    found = re.search(r"#(\d+)", await told.inner_text())
    assert found is not None
    return found[1]


async def test_a_rush_is_rolled_up_listed_and_expanded(world: World) -> None:
    page = await world.look(user=seed.BEN)
    await asyncio.to_thread(_send, world, 1, 34)
    roll_up = _message(page, "waiting without cards of their own")
    await expect(roll_up).to_be_visible(timeout=SOON)
    await world.shoot(page, "roll-up")
    await roll_up.get_by_test_id("action-surge_list").click()
    modal = page.get_by_test_id("modal")
    await expect(modal.get_by_test_id("action-surge_claim").first).to_be_visible()
    await world.shoot(page, "list")
    await modal.get_by_test_id("action-surge_claim").first.click()
    await expect(modal.get_by_text("is yours.")).to_be_visible()
    await page.set_viewport_size(NARROW)
    await world.shoot(page, "list-narrow")
    await page.get_by_test_id("modal-cancel").click()
    await world.shoot(page, "roll-up-narrow")
    await page.set_viewport_size(WIDE)
    await roll_up.get_by_test_id("action-surge_show").click()
    await expect(_message(page, "card(s) are being posted")).to_be_visible()
    await world.shoot(page, "expanded")
