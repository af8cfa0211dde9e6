"""The team works from Home and by words: takes what waits, answers from there, and closes from a thread by name."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.slack import seed
from routing.ticket import Status, Ticket
from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser


async def _letters(page: Page, *subjects: str) -> None:
    """A customer writes, and a card appears for each letter."""
    await page.get_by_test_id("tab-mail").click()
    await page.get_by_test_id("mail-person-emma").click()
    for number, subject in enumerate(subjects, start=1):
        await page.get_by_test_id("mail-new").click()
        await page.get_by_test_id("mail-subject").fill(subject)
        await page.get_by_test_id("mail-text").fill("Where is it?")
        await page.get_by_test_id("mail-send").click()
        await expect(card(page, number)).to_be_visible()


async def _ticket(world: World, number: int) -> Ticket:
    found = await world.app.desk.look(lambda reads: reads.ticket_by_number(number))
    assert found is not None
    return found


def _button(home: Locator, name: str) -> Locator:
    return home.get_by_role("button", name=name, exact=True)


async def _command(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(f"/desk {text}")
    await page.get_by_test_id("composer-send").click()


async def test_an_agent_works_from_home(world: World) -> None:
    ben = await world.look()
    await _letters(ben, "First", "Second")
    await ben.get_by_test_id("home-link").click()
    home = ben.get_by_test_id("home")
    await expect(home).to_contain_text("2 with nobody")
    await _button(home, "Unassigned (2)").click()
    await expect(home).to_contain_text("#2 Second")
    await world.shoot(ben, "unassigned")
    await home.get_by_test_id("action-claim").first.click()
    await expect(_button(home, "My tickets (1)")).to_be_visible()
    await _button(home, "My tickets (1)").click()
    await expect(home).to_contain_text("#1 First")
    await expect(home).not_to_contain_text("#2 Second")
    await world.shoot(ben, "mine")
    await ben.get_by_test_id("guide-close").click()
    await ben.get_by_test_id("dock-toggle").click()
    await ben.set_viewport_size({"width": 480, "height": 900})
    await world.shoot(ben, "mine-narrow")
    await ben.set_viewport_size({"width": 1440, "height": 900})
    await home.get_by_test_id("action-reply").click()
    modal = ben.get_by_test_id("modal")
    await expect(ben.get_by_test_id("modal-title")).to_contain_text("#1")
    await modal.get_by_test_id("modal-cancel").click()
    await home.get_by_test_id("action-menu1").click()
    await ben.get_by_role("option", name="Urgent").click()
    await expect(home).to_contain_text("Nothing here is yours.")
    await home.get_by_test_id("action-new_ticket").click()
    await expect(modal).to_contain_text("What did the customer say?")
    await world.shoot(ben, "new-ticket")


async def test_two_people_ask_for_the_next_at_once_and_one_closes_theirs_by_name_in_its_thread(world: World) -> None:
    ben = await world.look()
    await _letters(ben, "First", "Second")
    yui = await world.look(user=seed.YUI)
    await asyncio.gather(_command(ben, "next"), _command(yui, "next"))
    told = ben.get_by_test_id("messages").get_by_text(re.compile(r"#[12] is yours now"))
    await expect(told).to_be_visible()
    await expect(yui.get_by_test_id("messages").get_by_text(re.compile(r"#[12] を担当する"))).to_be_visible()
    await world.shoot(ben, "next")
    tickets = [await _ticket(world, number) for number in (1, 2)]
    assert None not in {one.assignee for one in tickets}
    assert tickets[0].assignee != tickets[1].assignee
    words = await told.first.text_content() or ""
    number = 1 if "#1" in words else 2
    posting = (await world.app.desk.rooms_of((await _ticket(world, number)).id))[0]
    await ben.get_by_test_id(f"message-{posting.reference}").hover()
    await ben.get_by_test_id(f"replies-{posting.reference}").click()
    composer = ben.get_by_test_id("thread-composer")
    await composer.press_sequentially("@Mado")
    await composer.press("Tab")
    await composer.press_sequentially("close")
    await ben.get_by_test_id("thread-send").click()
    await expect(card(ben, number)).to_contain_text("Closed")
    await expect(ben.get_by_test_id("thread").get_by_text("Done.")).to_be_visible()
    await world.shoot(ben, "closed-by-name")
    assert (await _ticket(world, number)).status is Status.CLOSED
