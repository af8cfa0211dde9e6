"""Two mails on one matter look alike, are merged after both were seen, read in one thread, and taken apart again."""

import re

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


async def test_two_tickets_are_merged_and_taken_apart_again(world: World) -> None:
    page = await world.look()
    words = "Hello, order 48213 for our office has not come yet. Could you tell me where it is, please?"
    await _write(page, "emma", "Order 48213", words)
    await expect(card(page, 1)).to_contain_text("order 48213")
    await _write(page, "lucas", "Order 48213", f"{words} Lucas")
    await expect(card(page, 2)).to_contain_text("Looks like #1 of another customer")
    await world.shoot(page, "looks-alike")

    await card(page, 2).get_by_test_id("action-merge").click()
    modal = page.get_by_test_id("modal")
    await expect(modal).to_contain_text("another customer")
    await world.shoot(page, "choose")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("two different customers")
    await world.shoot(page, "confirm")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    entries = page.get_by_test_id("messages").get_by_test_id(re.compile(r"^message-"))
    merged = entries.filter(has=page.get_by_test_id("action-unmerge"))
    await expect(merged).to_contain_text("#2 was merged into #1")
    await expect(merged).not_to_contain_text("Could you tell me")
    await world.shoot(page, "merged")

    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    thread = page.get_by_test_id("thread")
    await expect(thread).to_contain_text("merged #2 into this ticket")
    await thread.get_by_test_id("action-read_merged").click()
    await expect(modal).to_contain_text("Lucas")
    await world.shoot(page, "read")
    await modal.get_by_test_id("modal-close").click()

    await merged.get_by_test_id("action-unmerge").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(card(page, 2)).to_contain_text("Could you tell me")
    await expect(thread).to_contain_text("took #2 out of this ticket again")
    await world.shoot(page, "apart")
