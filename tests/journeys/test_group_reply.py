"""A manager makes a template, answers many with it, takes it back once, sends it, and reads what became of it."""

from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from bot.cards.words import say
from bot.sandbox.slack import seed
from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser

ENGLISH = "Dear {{ contact.name }}, we are late today. Your number with us is #{{ ticket.number }}."
TITLE = "We are late / 遅延"
JAPANESE = "{{ contact.name }}様、本日は遅れが出ております。"


def ja(key: str, **values: object) -> str:
    """What Aki, who reads Japanese, is shown."""
    return say("ja", key, **values)


async def _writes(world: World, page: Page, sample: str, room: str, number: int) -> None:
    await page.request.post(
        f"http://127.0.0.1:{world.ports.page}/customers/sample",
        data={"name": sample},
        headers={"origin": f"http://127.0.0.1:{world.ports.page}"},
    )
    await page.get_by_test_id(f"room-{room}").click()
    await expect(card(page, number)).to_be_visible()


async def _shortcut(page: Page, name: str) -> Locator:
    await page.get_by_test_id("composer-shortcuts").first.click()
    await page.get_by_test_id(f"shortcut-{name}").click()
    return page.get_by_test_id("modal")


async def _make_template(world: World, page: Page) -> None:
    modal = await _shortcut(page, "templates")
    await expect(modal).to_contain_text("Parcel on its way")
    await world.shoot(page, "templates")
    await modal.get_by_test_id("action-template_new").click()
    await expect(page.get_by_test_id("modal-title")).to_have_text(ja("form.template.new"))
    await modal.get_by_label(ja("form.template.name"), exact=True).fill(TITLE)
    await modal.get_by_label(ja("form.template.text", tag="en")).fill(ENGLISH)
    await modal.get_by_label(ja("form.template.text", tag="ja")).fill(JAPANESE)
    await modal.get_by_label(ja("form.template.number")).fill("1")
    await modal.get_by_test_id("action-template_preview").click()
    await expect(modal).to_contain_text("Dear Emma Wilson, we are late today. Your number with us is #1.")
    await world.shoot(page, "new-template")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text(ja("form.templates.saved", title=TITLE))
    await page.get_by_test_id("modal-cancel").click()


async def _write(world: World, page: Page) -> Locator:
    modal = await _shortcut(page, "group_reply")
    await modal.get_by_label(ja("form.group.numbers")).fill("1, 2, 3, 4")
    await modal.get_by_test_id("action-template").click()
    await page.get_by_role("option", name=TITLE).click()
    await modal.get_by_test_id("action-group_template").click()
    await expect(modal.get_by_label(ja("form.template.text", tag="ja"))).to_have_value(JAPANESE)
    await world.shoot(page, "writing")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text(ja("form.group.count", count=3))
    await expect(modal).to_contain_text(ja("refused.group.just_wrote"))
    await world.shoot(page, "review")
    await modal.get_by_label(ja("form.group.type", count=3)).fill("3")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text(ja("form.group.held", count=3, seconds=30))
    await world.shoot(page, "held")
    return modal


async def test_a_template_is_made_and_answers_mail_and_line_together(world: World) -> None:
    page = await world.look(user=seed.AKI)
    await _writes(world, page, "late-parcel", "support", 1)
    await _writes(world, page, "yoyaku-henkou", "support-ja", 2)
    await expect(card(page, 2)).to_contain_text("近くの席だとうれしいです")  # the last of three messages
    await _writes(world, page, "broken-mug", "support", 3)
    await _make_template(world, page)
    world.clock.by += timedelta(seconds=75)
    await _writes(world, page, "refund", "billing", 4)

    modal = await _write(world, page)
    await modal.get_by_test_id("action-group_undo").click()
    await expect(modal).to_contain_text(ja("form.group.undone"))
    await page.get_by_test_id("modal-cancel").click()
    assert not any(one.is_received for one in world.customers.mailbox.letters.values())

    await page.get_by_test_id("dock-toggle").click()
    await page.set_viewport_size({"width": 480, "height": 900})
    await _write(world, page)
    await page.get_by_test_id("modal-cancel").click()
    world.clock.by += timedelta(seconds=31)
    await page.get_by_test_id("dm-madoguchi").click()
    told = page.get_by_test_id("messages").filter(has_text="一斉返信")
    await expect(told).to_contain_text(f"{ja('group.sent', count=3)} · {ja('group.excluded', count=1)}", timeout=30_000)
    await expect(told.get_by_role("link", name="#4")).to_be_visible()
    await world.shoot(page, "report")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.get_by_test_id("dock-toggle").click()

    letters = [one.text for one in world.customers.mailbox.letters.values() if one.is_received]
    assert len(letters) == 2
    assert any("Dear Emma Wilson, we are late today. Your number with us is #1." in one for one in letters)
    await page.get_by_test_id("tab-line").click()
    await page.get_by_test_id("line-person-hina").click()
    await expect(page.get_by_test_id("line-bubbles")).to_contain_text("鈴木 陽菜様、本日は遅れが出ております。")
