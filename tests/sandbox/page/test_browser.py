"""The page in a real browser, with a small desk behind the Slack stand-in and real mail and webhooks beside it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.people import find_person
from bot.sandbox.slack import seed
from tests.sandbox.page.program import Program
from tests.sandbox.page.workspace import PATIENCE, Sandbox, running_sandbox

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture
async def sandbox(customers: Customers) -> AsyncIterator[Sandbox]:
    async with running_sandbox(customers) as sandbox:
        yield sandbox
        assert sandbox.complaints == []


async def test_a_press_on_a_card_changes_it_and_answers_the_presser_alone(sandbox: Sandbox) -> None:
    ts = await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    other = await sandbox.look(user=seed.BEN)
    await page.get_by_test_id(f"message-{ts}").get_by_test_id("action-claim").click()

    await expect(page.get_by_test_id("action-release")).to_be_visible()
    await expect(page.get_by_text("You have claimed it.")).to_be_visible()
    await expect(other.get_by_test_id("action-release")).to_be_visible()
    await expect(other.get_by_text("You have claimed it.")).to_have_count(0)
    assert sandbox.desk.pressed[0]["user"]["id"] == seed.AKI


async def test_a_form_is_filled_in_from_a_template_and_submitted(sandbox: Sandbox) -> None:
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("action-reply").click()
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("error-text0")).to_have_text("Please fill this in.")
    await page.get_by_role("checkbox", name="Close the ticket").check()
    await page.get_by_test_id("action-template").click()
    await page.get_by_test_id("option-thanks").click()
    field = page.locator("[data-action=text]")
    await expect(field).to_have_value("Thank you for writing!")
    await field.fill("Thank you, Emma!")
    await page.get_by_test_id("action-who").click()
    await page.get_by_test_id(f"option-{seed.BEN}").click()
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_be_hidden()

    values = sandbox.desk.submitted[0]["view"]["state"]["values"]
    assert [value["text"]["value"] for name, value in values.items() if name.startswith("text")] == ["Thank you, Emma!"]
    assert values["assign"]["who"]["selected_user"] == seed.BEN
    assert [one["value"] for one in values["after"]["after"]["selected_options"]] == ["close"]


async def test_the_apps_errors_stand_beside_their_fields_and_nothing_typed_is_lost(sandbox: Sandbox) -> None:
    sandbox.desk.errors = {"text0": "The customer wrote meanwhile."}
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("action-reply").click()
    await page.get_by_test_id("input-text0").fill("On its way.")
    await page.get_by_test_id("modal-submit").click()

    await expect(page.get_by_test_id("error-text0")).to_have_text("The customer wrote meanwhile.")
    await expect(page.get_by_test_id("input-text0")).to_have_value("On its way.")


async def test_too_long_a_text_is_counted_and_stopped_before_the_app_hears_of_it(sandbox: Sandbox) -> None:
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("action-reply").click()
    await page.get_by_test_id("input-text0").fill("x" * 203)
    await expect(page.locator(".counter-over")).to_have_text("-3")
    await page.get_by_test_id("modal-submit").click()

    await expect(page.get_by_test_id("error-text0")).to_have_text("At most 200 characters.")
    assert sandbox.desk.submitted == []


async def test_escape_closes_a_form(sandbox: Sandbox) -> None:
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("action-reply").click()
    await expect(page.get_by_test_id("input-text0")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("modal")).to_be_hidden()


async def test_what_asks_for_confirmation_is_done_only_after_yes(sandbox: Sandbox) -> None:
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("action-close").click()
    await page.get_by_test_id("confirm-no").click()
    assert sandbox.desk.pressed == []
    await page.get_by_test_id("action-close").click()
    async with page.expect_response("**/client/action"):
        await page.get_by_test_id("confirm-yes").click()
    assert [one["actions"][0]["action_id"] for one in sandbox.desk.pressed] == ["close"]


async def test_hostile_words_are_only_words(sandbox: Sandbox) -> None:
    ts = await sandbox.desk.post_card(seed.SUPPORT, 1042, "parcel", HOSTILE)
    sandbox.slack.say(seed.BEN, "#support", HOSTILE.replace("<", "&lt;").replace(">", "&gt;"))
    sandbox.slack.say(seed.BEN, "#support", "<javascript:document.title=1|press me>")
    await sandbox.customers.phone.say(find_person("hina"), HOSTILE)
    await sandbox.customers.mailbox.send(find_person("emma"), HOSTILE, HOSTILE)
    page = await sandbox.look()
    await page.get_by_test_id("tab-line").click()
    await page.get_by_test_id("line-person-hina").click()
    await expect(page.get_by_test_id("line-bubbles")).to_contain_text(HOSTILE)
    await page.get_by_test_id("tab-mail").click()
    await page.locator(".thread-row").click()

    await expect(page.locator(".letter-text")).to_have_text(HOSTILE)
    await expect(page.get_by_test_id(f"message-{ts}")).to_contain_text(HOSTILE)
    await expect(page.get_by_role("link", name="press me")).to_have_count(0)
    assert await page.title() == "Madoguchi · 窓口"


async def test_a_thread_is_talked_in_and_counted(sandbox: Sandbox) -> None:
    ts = await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id(f"message-{ts}").hover()
    await page.get_by_test_id("reply-in-thread").click()
    await page.get_by_test_id("thread-composer").fill("I <called> the *carrier* & asked")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("thread-messages")).to_contain_text("I <called> the carrier & asked")
    await expect(page.get_by_test_id(f"replies-{ts}")).to_contain_text("1 reply")
    assert sandbox.slack.thread("#support", ts)[1]["text"] == "I &lt;called&gt; the *carrier* &amp; asked"


async def test_commands_are_offered_in_rooms_and_refused_in_threads(sandbox: Sandbox) -> None:
    ts = await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("composer").fill("/de")
    await expect(page.get_by_test_id("hints")).to_contain_text("/desk")
    await page.keyboard.press("Tab")
    await page.keyboard.type("mine")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("3 open")).to_be_visible()
    await page.get_by_test_id(f"message-{ts}").hover()
    await page.get_by_test_id("reply-in-thread").first.click()
    await page.get_by_test_id("thread-composer").fill("/desk mine")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("toast")).to_contain_text("does not work in threads")


async def test_a_message_shortcut_opens_a_form(sandbox: Sandbox) -> None:
    ts = str(sandbox.slack.say(seed.BEN, "#support", "Tell her it is on its way")["ts"])
    page = await sandbox.look()
    await page.get_by_test_id(f"message-{ts}").hover()
    await page.get_by_test_id("message-menu").click()
    await page.get_by_test_id("shortcut-send_to_customer").click()
    await expect(page.get_by_test_id("modal-title")).to_have_text("Reply to Emma")


async def test_news_in_another_room_is_counted_and_a_mention_stands_out(sandbox: Sandbox) -> None:
    page = await sandbox.look()
    sandbox.slack.say(seed.BEN, "#billing", "one")
    await expect(page.get_by_test_id("unread-billing")).to_have_text("1")
    sandbox.slack.say(seed.BEN, "#billing", f"<@{seed.AKI}> two")
    await expect(page.locator(".badge-mention[data-testid=unread-billing]")).to_have_text("1")
    await page.get_by_test_id("room-billing").click()
    await expect(page.get_by_test_id("unread-billing")).to_have_count(0)


async def test_one_can_be_somebody_else(sandbox: Sandbox) -> None:
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("me").click()
    await page.get_by_test_id(f"be-{seed.BEN}").click()
    await expect(page.get_by_test_id("me")).to_contain_text("Ben Carter")
    async with page.expect_response("**/client/action"):
        await page.get_by_test_id("action-claim").click()
    assert sandbox.desk.pressed[0]["user"]["id"] == seed.BEN


async def test_the_home_tab_is_shown_and_works(sandbox: Sandbox) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("home-link").click()
    await expect(page.get_by_test_id("home")).to_contain_text("2 tickets are yours")
    await page.get_by_test_id("home").get_by_test_id("action-reply").click()
    await expect(page.get_by_test_id("modal-submit")).to_be_visible()


async def test_a_customer_writes_a_mail_with_an_attachment(sandbox: Sandbox, program: Program) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("tab-mail").click()
    await page.get_by_test_id("mail-person-james").click()
    await page.get_by_test_id("mail-subject").fill("Refund")
    await page.get_by_test_id("mail-text").fill("Where is it?")
    file = {"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"84.50"}
    await page.get_by_test_id("mail-attachment").set_input_files(file)  # type: ignore[arg-type]  # a literal is a FilePayload
    await page.get_by_test_id("mail-send").click()
    await program.until(lambda: len(program.mails) == 1)

    (mail,) = program.mails
    assert (mail["From"], mail["Subject"]) == ("James Carter <james.carter@customer.example>", "Refund")
    assert [part.get_filename() for part in mail.iter_attachments()] == ["receipt.txt"]
    await expect(page.locator(".thread-row")).to_contain_text("Refund")


async def test_a_customer_answers_from_the_mailbox(sandbox: Sandbox, program: Program) -> None:
    await sandbox.customers.mailbox.send(find_person("emma"), "Where is my parcel?", "It is late.")
    page = await sandbox.look()
    await page.get_by_test_id("tab-mail").click()
    await page.locator(".thread-row").click()
    await page.get_by_test_id("mail-reply-text").fill("Any news?")
    await page.get_by_test_id("mail-reply-send").click()
    await program.until(lambda: len(program.mails) == 2)
    assert program.mails[1]["In-Reply-To"] == program.mails[0]["Message-ID"]


async def test_a_customer_chats_sticks_and_takes_back(sandbox: Sandbox, program: Program) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("tab-line").click()
    await page.get_by_test_id("line-person-misaki").click()
    await page.get_by_test_id("line-text").fill("こんにちは")
    await page.keyboard.press("Enter")
    await program.until(lambda: len(program.webhooks) == 1)
    await page.get_by_test_id("line-sticker").click()
    await page.get_by_test_id("sticker-1988").click()
    await program.until(lambda: len(program.webhooks) == 2)
    await page.locator(".bubble-row").first.hover()
    await page.locator(".bubble-menu").first.click()
    await page.get_by_test_id("line-unsend").click()
    await program.until(lambda: len(program.webhooks) == 3)

    kinds = [one.json["events"][0]["type"] for one in program.webhooks]
    assert kinds == ["message", "message", "unsend"]
    await expect(page.get_by_test_id("line-bubbles")).to_contain_text("You unsent a message")


async def test_a_sample_customer_is_set_going_by_a_press(sandbox: Sandbox, program: Program) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("tab-samples").click()
    await page.get_by_test_id("sample-haisou-chien").click()
    await program.until(lambda: len(program.mails) == 1)
    assert "注文番号 20871" in program.mails[0]["Subject"]


async def test_the_page_speaks_japanese_and_turns_dark(sandbox: Sandbox) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("tab-mail")).to_contain_text("メール")
    await expect(page.get_by_test_id("home-link")).to_contain_text("マイデスク")
    await page.get_by_test_id("theme").click()
    await expect(page.locator("html[data-theme=dark]")).to_have_count(1)


async def test_slack_is_made_to_stumble_and_stops_when_told(sandbox: Sandbox) -> None:
    page = await sandbox.look()
    await page.get_by_test_id("tab-stumble").click()
    switch = page.get_by_test_id("stumble-slack-wait")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    assert [(one.method, one.mode, one.times) for one in sandbox.slack.platform.stumbles.orders()] == [("*", "429", 5)]
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "false")
    assert sandbox.slack.platform.stumbles.orders() == []


async def test_the_guide_goes_along_and_can_be_sent_away(sandbox: Sandbox) -> None:
    page = await sandbox.look()
    await expect(page.locator(".guide .now")).to_contain_text("A customer writes")
    await sandbox.desk.post_card(seed.SUPPORT, 1042, "Where is my parcel?", "It is late.")
    await expect(page.locator(".guide .now")).to_contain_text("Claim")
    await page.get_by_test_id("action-claim").click()
    await expect(page.locator(".guide .now")).to_contain_text("Reply")
    await page.get_by_test_id("guide-close").click()
    await expect(page.get_by_test_id("guide")).to_be_hidden()
