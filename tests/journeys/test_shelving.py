"""A ticket is tagged, sleeps, is handed to another team and seen there, and an unwanted one becomes small."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser


async def _write(page: Page, person: str, subject: str, text: str) -> None:
    await page.get_by_test_id("tab-mail").click()
    await page.get_by_test_id(f"mail-person-{person}").click()
    await page.get_by_test_id("mail-new").click()
    await page.get_by_test_id("mail-subject").fill(subject)
    await page.get_by_test_id("mail-text").fill(text)
    await page.get_by_test_id("mail-send").click()


async def _choose(page: Page, number: int, label: str) -> None:
    await card(page, number).get_by_test_id("action-menu").click()
    await page.get_by_role("option", name=label).click()


async def test_a_ticket_is_tagged_sleeps_and_is_handed_over(world: World) -> None:
    page = await world.look()
    modal = page.get_by_test_id("modal")
    await _write(page, "emma", "A cold cup", "The cup was cold when it came.")
    await expect(card(page, 1)).to_contain_text("cold")

    await _choose(page, 1, "Tags…")
    await modal.get_by_role("textbox").first.fill("broken, cup")
    await modal.get_by_test_id("modal-submit").click()
    await expect(card(page, 1)).to_contain_text("broken · cup")

    await _choose(page, 1, "Snooze…")
    await expect(modal).to_contain_text("Tomorrow morning")
    await world.shoot(page, "snooze")
    await modal.get_by_test_id("modal-submit").click()
    await expect(card(page, 1)).to_contain_text("Snoozed")
    await world.shoot(page, "asleep")
    await card(page, 1).get_by_test_id("action-unsnooze").click()
    await expect(card(page, 1)).to_contain_text("New")

    await _choose(page, 1, "Transfer…")
    await modal.get_by_role("combobox").first.click()
    await page.get_by_role("option", name="Team: Billing").click()
    await world.shoot(page, "transfer")
    await modal.get_by_test_id("modal-submit").click()
    await expect(card(page, 1)).to_contain_text("is in billing now")
    await expect(card(page, 1).get_by_role("button", name="Claim")).to_have_count(0)
    await world.shoot(page, "left")
    await page.get_by_test_id("room-billing").click()
    await expect(card(page, 1)).to_contain_text("The cup was cold")
    await world.shoot(page, "arrived")

    await _choose(page, 1, "Spam…")
    await modal.get_by_test_id("modal-submit").click()
    await expect(card(page, 1)).to_contain_text("Marked as spam")
    await expect(card(page, 1)).not_to_contain_text("The cup was cold")
    await world.shoot(page, "spam")
