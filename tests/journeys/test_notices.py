"""A colleague gives a ticket to another, who is told directly, answers from there, and chooses quiet."""

import pytest
from playwright.async_api import expect

from bot.sandbox.slack import seed
from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser


async def test_who_is_given_a_ticket_sees_a_direct_message_and_works_from_it(world: World) -> None:
    aki, ben = await world.look(user=seed.AKI), await world.look(user=seed.BEN)
    await aki.get_by_test_id("tab-mail").click()
    await aki.get_by_test_id("mail-person-emma").click()
    await aki.get_by_test_id("mail-new").click()
    await aki.get_by_test_id("mail-subject").fill("Where is my parcel?")
    await aki.get_by_test_id("mail-text").fill("Hello, order 48213 is late.")
    await aki.get_by_test_id("mail-send").click()
    await expect(card(aki, 1)).to_contain_text("order 48213 is late")
    await card(aki, 1).get_by_test_id("action-menu").click()
    await aki.get_by_role("option", name="Assign…").click()
    modal = aki.get_by_test_id("modal")
    await modal.get_by_test_id("action-who").click()
    await aki.get_by_test_id(f"option-{seed.BEN}").click()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()

    # Ben's page stood open all the while: the conversation appears by itself.
    await ben.get_by_test_id("dm-madoguchi").click()
    told = ben.get_by_test_id("messages").filter(has_text="Aki Tanaka gave this ticket to you.")
    await expect(told).to_contain_text("#1 Where is my parcel?")
    await expect(told.get_by_role("link", name="Open the card")).to_be_visible()
    await world.shoot(ben, "told")
    await expect(aki.get_by_test_id("dm-madoguchi")).to_have_count(0)

    await ben.get_by_test_id("action-reply").click()
    await ben.get_by_test_id("modal").locator("textarea").fill("It is on its way.")
    await ben.get_by_test_id("modal-submit").click()
    await expect(ben.get_by_test_id("modal")).to_be_hidden()
    await expect(ben.get_by_text("Your reply to #1").first).to_be_visible()
    await world.shoot(ben, "replied-from-there")

    await ben.get_by_test_id("action-notification_settings").click()
    await expect(ben.get_by_test_id("modal-title")).to_have_text("Notifications")
    await world.shoot(ben, "choosing")
    await ben.get_by_test_id("action-on_assigned").click()
    await ben.get_by_role("option", name="Not at all").click()
    await ben.get_by_test_id("modal-submit").click()
    await expect(ben.get_by_text("Your notifications are set.")).to_be_visible()
