"""A customer writes; the team claims, answers by template, undoes once, sends; the customer answers; it is closed."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.demo.plan import FORM
from bot.sandbox.slack import seed
from tests.journeys.conftest import World, card

pytestmark = pytest.mark.browser


async def _answer_by_template(world: World, page: Page, number: int, template: str) -> None:
    """Opens the reply form, picks a template, sends, undoes once, and sends again."""
    await card(page, number).get_by_test_id("action-reply").click()
    modal = page.get_by_test_id("modal")
    await modal.get_by_test_id("action-template").click()
    await page.get_by_role("option", name=template).click()
    text = modal.locator("textarea")
    await expect(text).not_to_have_value("")
    words = await text.input_value()
    assert "{{" not in words
    await modal.get_by_test_id("action-form.send.preview").click()
    await expect(modal.get_by_text(words.splitlines()[0]).first).to_be_visible()
    await world.shoot(page, "reply-form")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()

    await page.get_by_test_id("action-undo").click()
    await expect(page.get_by_test_id("action-edit_again")).to_be_visible()
    await world.shoot(page, "undone")
    await page.get_by_test_id("action-edit_again").click()
    await expect(modal.locator("textarea")).to_have_value(words)
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    await expect(card(page, number)).to_contain_text("Waiting for the customer")
    await world.shoot(page, "sent")


async def _close(world: World, page: Page, number: int) -> None:
    await card(page, number).get_by_test_id("action-close").click()
    await expect(card(page, number)).to_contain_text("Closed")
    await expect(card(page, number).get_by_test_id("action-reopen")).to_be_visible()
    await world.shoot(page, "closed")


async def _claim(world: World, page: Page, number: int) -> None:
    await card(page, number).get_by_test_id("action-claim").click()
    await expect(card(page, number)).to_contain_text("Ben Carter")
    await expect(card(page, number).get_by_test_id("action-release")).to_be_visible()
    await world.shoot(page, "claimed")


async def test_a_mail_is_claimed_answered_by_template_undone_once_sent_and_closed(world: World) -> None:
    page = await world.look()
    await page.get_by_test_id("tab-mail").click()
    await page.get_by_test_id("mail-person-emma").click()
    await page.get_by_test_id("mail-new").click()
    await page.get_by_test_id("mail-subject").fill("Where is my parcel?")
    await page.get_by_test_id("mail-text").fill("Hello, order 48213 is late. <!channel> <@U0AKI> *please* help!")
    await page.get_by_test_id("mail-send").click()

    await expect(card(page, 1)).to_contain_text("order 48213 is late")
    await expect(card(page, 1)).to_contain_text("<!channel> <@U0AKI> *please* help!")
    await world.shoot(page, "card")
    await _claim(world, page, 1)
    await _answer_by_template(world, page, 1, "Parcel on its way")

    letters = [one for one in world.customers.mailbox.letters.values() if one.is_received]
    assert len(letters) == 1
    assert "Your parcel has left our roastery" in letters[0].text
    assert "Emma Wilson" in letters[0].text
    assert letters[0].in_reply_to
    assert letters[0].subject == "Re: [#1] Where is my parcel?"

    await page.get_by_test_id(re.compile("^mail-thread-")).first.click()
    await page.get_by_test_id("mail-reply-text").fill("It came today. Thank you!")
    await page.get_by_test_id("mail-reply-send").click()
    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    thread = page.get_by_test_id("thread")
    await expect(thread.get_by_text("It came today. Thank you!").first).to_be_visible()
    await expect(thread.get_by_text("Your parcel has left our roastery").first).to_be_visible()
    await expect(card(page, 1)).to_contain_text("Open")
    await world.shoot(page, "answered-in-thread")
    await _close(world, page, 1)


async def test_a_form_is_answered_by_mail_and_the_answer_comes_back_into_the_thread(world: World) -> None:
    page = await world.look()
    await page.goto(f"http://127.0.0.1:{world.ports.program}/form/{FORM}?lang=en")
    await page.get_by_label("Your name").fill("Lucas Meyer")
    await page.get_by_label("E-mail").fill("lucas.meyer@customer.example")
    await page.get_by_label("Subject").fill("Beans for the office")
    await page.get_by_label("Message").fill("Do you deliver to offices?")
    await world.shoot(page, "form")
    await page.wait_for_timeout(2_100)  # the form refuses those who fill it in faster than a person can
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Thank you").first).to_be_visible()
    await world.shoot(page, "thanks")

    page = await world.look()
    await expect(card(page, 1)).to_contain_text("Do you deliver to offices?")
    await _claim(world, page, 1)
    await _answer_by_template(world, page, 1, "We look into it")
    letters = [one for one in world.customers.mailbox.letters.values() if one.is_received]
    assert len(letters) == 1
    assert "I am looking into it" in letters[0].text

    await page.get_by_test_id("tab-mail").click()
    await page.get_by_test_id("mail-person-lucas").click()
    await page.get_by_test_id(re.compile("^mail-thread-")).first.click()
    await page.get_by_test_id("mail-reply-text").fill("Twelve people, every Monday.")
    await page.get_by_test_id("mail-reply-send").click()
    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    await expect(page.get_by_test_id("thread").get_by_text("Twelve people, every Monday.").first).to_be_visible()
    await _close(world, page, 1)


async def test_a_line_message_is_answered_into_the_phone_and_taken_back_words_disappear(world: World) -> None:
    page = await world.look(room="support-ja")
    await page.get_by_test_id("tab-line").click()
    await page.get_by_test_id("line-person-hina").click()
    await page.get_by_test_id("line-text").fill("予約を来週の金曜日に変更できますか?")
    await page.get_by_test_id("line-send").click()
    await expect(card(page, 1)).to_contain_text("予約を来週の金曜日に変更できますか?")
    await expect(card(page, 1)).to_contain_text("鈴木 陽菜")
    await world.shoot(page, "card")
    await card(page, 1).get_by_test_id("action-claim").click()
    await expect(card(page, 1)).to_contain_text("Ben Carter")
    await card(page, 1).get_by_test_id("action-reply").click()
    modal = page.get_by_test_id("modal")
    await modal.get_by_test_id("action-template").click()
    await page.get_by_role("option", name="We look into it").click()
    await expect(modal.locator("textarea")).not_to_have_value("")
    await modal.get_by_test_id("modal-submit").click()
    bubbles = page.get_by_test_id("line-bubbles")
    await expect(bubbles).to_contain_text("鈴木 陽菜様、ご連絡ありがとうございます。")
    await world.shoot(page, "phone")

    await page.get_by_test_id("line-text").fill("やっぱり土曜日で。カード番号は 4111 1111 です。")
    await page.get_by_test_id("line-send").click()
    await expect(card(page, 1)).to_contain_text("4111 1111")
    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    thread = page.get_by_test_id("thread")
    await expect(thread).to_contain_text("4111 1111")
    await bubbles.get_by_test_id(re.compile("^bubble-menu-")).last.click()
    await page.get_by_test_id("line-unsend").click()
    await expect(thread).not_to_contain_text("4111 1111")
    await expect(card(page, 1)).not_to_contain_text("4111 1111")
    await expect(card(page, 1)).to_contain_text("お客様がこのメッセージを取り消しました。")
    await world.shoot(page, "taken-back")
    await card(page, 1).get_by_test_id("action-close").click()
    await expect(card(page, 1)).to_contain_text("完了")


async def test_the_loser_of_a_claim_is_told_who_won_and_a_guest_may_do_nothing(world: World) -> None:
    page = await world.look()
    await page.request.post(
        f"http://127.0.0.1:{world.ports.page}/customers/sample",
        data={"name": "late-parcel"},
        headers={"origin": f"http://127.0.0.1:{world.ports.page}"},
    )
    await expect(card(page, 1)).to_be_visible()
    guest = await world.look(user=seed.GUEST)
    await card(guest, 1).get_by_test_id("action-claim").click()
    await expect(guest.get_by_text("Only full members of this workspace")).to_be_visible()
    await world.shoot(guest, "guest")
    await expect(card(page, 1)).to_contain_text("Nobody yet")

    pages = {seed.BEN: page, seed.AKI: await world.look(user=seed.AKI)}
    names = {seed.BEN: "Ben Carter", seed.AKI: "Aki Tanaka"}
    ts = next(one["ts"] for one in world.slack.messages(seed.SUPPORT) if "'claim'" in str(one["blocks"]))
    await asyncio.gather(*(world.slack.press(who, seed.SUPPORT, ts, "claim") for who in pages))
    await expect(card(page, 1)).to_contain_text(re.compile("|".join(names.values())))
    shown = await card(page, 1).inner_text()
    won, lost = (seed.BEN, seed.AKI) if names[seed.BEN] in shown else (seed.AKI, seed.BEN)
    told = re.compile(f"{names[won]}( has had this ticket|さんが)")  # each in their own language
    await expect(pages[lost].get_by_text(told)).to_be_visible()
    assert len(world.slack.ephemerals(lost)) == 1
    assert not world.slack.ephemerals(won)


async def test_what_the_team_writes_in_the_thread_stays_inside_until_it_is_sent_by_the_shortcut(world: World) -> None:
    page = await world.look()
    await page.request.post(
        f"http://127.0.0.1:{world.ports.page}/customers/sample",
        data={"name": "broken-mug"},
        headers={"origin": f"http://127.0.0.1:{world.ports.page}"},
    )
    await card(page, 1).get_by_test_id(re.compile("^replies-")).click()
    await page.get_by_test_id("thread-composer").fill("A new mug leaves today.")
    await page.get_by_test_id("thread-send").click()
    thread = page.get_by_test_id("thread")
    note = thread.get_by_test_id(re.compile("^message-")).filter(has_text="A new mug leaves today.")
    await expect(note).to_be_visible()
    await note.hover()
    await note.get_by_role("button", name="More").last.click()
    await page.get_by_test_id("shortcut-send_to_customer").click()
    modal = page.get_by_test_id("modal")
    await expect(modal.locator("textarea")).to_have_value("A new mug leaves today.")
    assert not any(one.is_received for one in world.customers.mailbox.letters.values())
    await modal.get_by_test_id("modal-submit").click()
    await expect(card(page, 1)).to_contain_text("Waiting for the customer")
    sent = [one for one in world.customers.mailbox.letters.values() if one.is_received]
    assert [one.text.splitlines()[0] for one in sent] == ["A new mug leaves today."]
    await world.shoot(page, "shortcut")
