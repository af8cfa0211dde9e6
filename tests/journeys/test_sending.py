"""A reply is undone, planned and sent at once; two people at one ticket see each other and never answer twice."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.slack import seed
from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser


async def _write_in(world: World, page: Page) -> None:
    await page.request.post(
        f"http://127.0.0.1:{world.ports.page}/customers/sample",
        data={"name": "late-parcel"},
        headers={"origin": f"http://127.0.0.1:{world.ports.page}"},
    )
    await expect(card(page, 1)).to_be_visible()


async def _open_form(page: Page) -> Locator:
    await card(page, 1).get_by_test_id("action-reply").click()
    modal = page.get_by_test_id("modal")
    await expect(modal.locator("textarea")).to_be_visible()
    return modal


async def _thread(page: Page) -> Locator:
    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    return page.get_by_test_id("thread")


async def _narrow(page: Page) -> None:
    """As on a phone: the customers' side is put away."""
    await page.get_by_test_id("dock-toggle").click()
    await page.set_viewport_size({"width": 480, "height": 900})


def _sent(world: World) -> list[str]:
    return [one.text.splitlines()[0] for one in world.customers.mailbox.letters.values() if one.is_received]


async def test_a_reply_is_undone_written_anew_planned_and_sent_at_once(world: World) -> None:
    page = await world.look()
    await _write_in(world, page)
    modal = await _open_form(page)
    await modal.locator("textarea").fill("It leaves tody.")
    await modal.get_by_test_id("modal-submit").click()
    await expect(page.get_by_text("Undo works until")).to_be_visible()
    await world.shoot(page, "undo-slip")
    await page.get_by_test_id("action-undo").click()
    await page.get_by_test_id("action-edit_again").click()
    await expect(modal.locator("textarea")).to_have_value("It leaves tody.")
    await modal.locator("textarea").fill("It leaves today.")

    await modal.get_by_test_id("action-when").click()
    await page.get_by_role("option", name="At another time").click()
    await expect(modal.get_by_test_id("action-at")).to_be_visible()
    await expect(modal.locator("textarea")).to_have_value("It leaves today.")
    await world.shoot(page, "when")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    await expect(card(page, 1)).to_contain_text("Reply is scheduled")
    await world.shoot(page, "scheduled")
    assert _sent(world) == []

    thread = await _thread(page)
    await expect(thread.get_by_text("Ben Carter scheduled a reply for")).to_be_visible()
    await thread.get_by_test_id("action-send_now").click()
    await expect(card(page, 1)).to_contain_text("Waiting for the customer")
    await expect(thread.get_by_text("Ben Carter replied")).to_be_visible()
    await expect(thread.get_by_test_id("action-send_now")).to_have_count(0)
    await world.shoot(page, "sent-now")
    assert _sent(world) == ["It leaves today."]

    await _narrow(page)
    await world.shoot(page, "narrow-thread")


async def test_two_people_at_one_ticket_see_each_other_and_the_second_is_asked(world: World) -> None:
    aki, ben = await world.look(user=seed.AKI), await world.look()
    await _write_in(world, ben)
    hers = await _open_form(aki)
    await hers.locator("textarea").fill("It left on Monday.")
    await expect(card(ben, 1)).to_contain_text("Aki Tanaka is replying")
    await world.shoot(ben, "somebody-is-replying")
    await _narrow(ben)
    await world.shoot(ben, "narrow-somebody-is-replying")
    mine = await _open_form(ben)
    await expect(mine.get_by_text("Aki Tanaka is replying too")).to_be_visible()
    await mine.locator("textarea").fill("It leaves tomorrow.")
    await world.shoot(ben, "narrow-form-of-the-second")
    await hers.get_by_test_id("modal-submit").click()
    await expect(hers).to_be_hidden()

    await mine.get_by_test_id("modal-submit").click()
    await expect(mine.get_by_text("Aki Tanaka answered while you were writing")).to_be_visible()
    await expect(mine.get_by_text("It left on Monday.")).to_be_visible()
    await expect(mine.locator("textarea")).to_have_value("It leaves tomorrow.")
    await world.shoot(ben, "narrow-answered-meanwhile")
    await mine.get_by_test_id("modal-close").click()
    await expect(card(aki, 1)).to_contain_text("Waiting for the customer")
    await expect(card(aki, 1)).not_to_contain_text("is replying")
    assert _sent(world) == ["It left on Monday."]
