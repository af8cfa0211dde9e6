"""Forms open within Slack's three seconds, are redrawn without losing words, and close only when the desk has them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.cards.model import Entry, Form, Plain
from bot.sandbox.slack import View, seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.errors import TryLater
from tests.slack.judges import approve_view, texts
from tests.slack.samples import card, form
from tests.slack.side import SUPPORT, Running, running

TOLD = Done(Entry("Sent", lines=((Plain("It leaves in 10 seconds"),),)))


async def opened(one: Running, answer: Any = None) -> View:
    """The reply form, opened from a card."""
    one.desk.answers["reply"] = answer or form("Hello")
    reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
    assert (await one.slack.press(seed.AKI, "#support", reference, "reply")).ok
    await one.idle()
    return one.slack.open_view(seed.AKI)


def words(view: View) -> str:
    return "".join(texts(view.shown["blocks"]))


def whispers(one: Running) -> list[str]:
    return ["".join(texts(each.message["blocks"])) for each in one.slack.ephemerals(seed.AKI)]


def block_of(view: View, field: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        block for block in view.shown["blocks"] if str(block.get("block_id", "")).startswith(f"{field}~")
    )
    return found


async def test_a_view_opens_before_the_desk_has_answered() -> None:
    async with running() as one:
        release = asyncio.Event()

        async def slowly(_action: Action) -> Answer:
            await release.wait()
            return form("Hello")

        one.desk.answers["reply"] = slowly
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        assert (await one.slack.press(seed.AKI, "#support", reference, "reply")).ok
        await one.slack.until(lambda: bool(one.slack.views(seed.AKI)))
        assert words(one.slack.open_view(seed.AKI)) == "One moment…"
        release.set()
        await one.idle()
        view = one.slack.open_view(seed.AKI)
        assert view.shown["title"]["text"] == "Reply"
        assert block_of(view, "text")["element"]["initial_value"] == "Hello"
        assert len(one.slack.views(seed.AKI)) == 1


async def test_what_the_desk_refuses_stands_in_the_opened_view() -> None:
    async with running() as one:
        view = await opened(one, Done(Entry("x", lines=((Plain("The window has closed."),),))))
        assert words(view) == "The window has closed."
        assert "submit" not in view.shown or view.shown["submit"] is None


async def test_a_desk_that_cannot_be_had_is_said_in_the_opened_view() -> None:
    async with running() as one:
        assert words(await opened(one, TryLater("away"))).startswith("This could not be done just now")


async def test_a_view_that_cannot_be_opened_is_said_in_the_room() -> None:
    async with running() as one:
        one.desk.answers["reply"] = form()
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        one.slack.answer_error("views.open", "expired_trigger_id")
        await one.slack.press(seed.AKI, "#support", reference, "reply")
        await one.idle()
        assert one.slack.views(seed.AKI) == []
        assert whispers(one) == ["The form could not be opened just now. Please press again."]


async def test_a_throttled_update_is_tried_again_until_the_form_stands() -> None:
    async with running() as one:
        one.side.gestures.sleep = lambda _seconds: asyncio.sleep(0)
        one.slack.throttle("views.update", times=1, retry_after=0)
        one.slack.fail("views.update", times=1)
        one.desk.answers["reply"] = form("Hello")
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        await one.slack.press(seed.AKI, "#support", reference, "reply")
        await one.idle()
        assert len(one.slack.views(seed.AKI)) == 1


async def test_a_view_closed_meanwhile_troubles_nobody() -> None:
    async with running() as one:
        release = asyncio.Event()

        async def slowly(_action: Action) -> Answer:
            await release.wait()
            return form()

        one.desk.answers["reply"] = slowly
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        await one.slack.press(seed.AKI, "#support", reference, "reply")
        await one.slack.until(lambda: bool(one.slack.views(seed.AKI)))
        await one.slack.close_view(one.slack.open_view(seed.AKI))
        release.set()
        await one.idle()
        assert one.slack.views(seed.AKI) == []
        assert whispers(one) == []


async def test_a_submit_that_the_desk_has_kept_closes_the_form_and_tells_its_writer() -> None:
    async with running() as one:
        view = await opened(one)
        one.desk.answers["reply"] = TOLD
        outcome = await one.slack.submit(view, {"text": "Here you are", "template": "=sorry"})
        assert outcome.ok
        assert not outcome.errors
        await one.idle()
        assert one.slack.views(seed.AKI) == []
        action = one.desk.asked[-1]
        assert (action.values["text"], action.values["template"], action.values["message"]) == (
            "Here you are",
            "sorry",
            "m1",
        )
        assert action.place == seed.SUPPORT
        assert whispers(one) == ["It leaves in 10 seconds"]


async def test_errors_stand_beside_their_fields_and_the_words_stay() -> None:
    async with running() as one:
        view = await opened(one)
        one.desk.answers["reply"] = FieldErrors({"text": "Too long by 3", "nowhere": "Mind this"})
        outcome = await one.slack.submit(view, {"text": "Here you are"})
        assert outcome.errors == {"text~0": "Too long by 3", "template~0": "Mind this"}
        assert len(one.slack.views(seed.AKI)) == 1


@pytest.mark.parametrize("fault", [TryLater("away"), RuntimeError("a bug")])
async def test_a_submit_that_could_not_be_kept_leaves_the_form_with_its_words(fault: Exception) -> None:
    async with running() as one:
        view = await opened(one)
        one.desk.answers["reply"] = fault
        outcome = await one.slack.submit(view, {"text": "Here you are"})
        assert list(outcome.errors) == ["template~0"]
        assert "still here" in outcome.errors["template~0"]
        one.desk.answers["reply"] = Done()
        again = await one.slack.submit(view, {"text": "Here you are"})
        assert again.ok
        assert not again.errors
        assert one.slack.views(seed.AKI) == []
        assert [action.values["text"] for action in one.desk.asked[1:]] == ["Here you are"] * 2


async def test_the_customer_wrote_meanwhile_so_the_form_asks_and_keeps_the_words() -> None:
    async with running() as one:
        view = await opened(one)
        asks = replace(form("Here you are"), title="They wrote again", submit="Send anyway", keep={"seen": "13"})
        one.desk.answers["reply"] = asks
        outcome = await one.slack.submit(view, {"text": "Here you are"})
        assert outcome.ok
        shown = one.slack.open_view(seed.AKI)
        assert shown.shown["title"]["text"] == "They wrote again"
        one.desk.answers["reply"] = Done()
        await one.slack.submit(shown)
        assert one.desk.asked[-1].values["text"] == "Here you are"
        assert one.desk.asked[-1].values["seen"] == "13"
        assert one.slack.views(seed.AKI) == []


async def test_a_slow_submit_keeps_the_form_and_says_so_when_it_was_kept_after_all() -> None:
    async with running(patience=0.02) as one:
        view = await opened(one)
        release = asyncio.Event()

        async def slowly(_action: Action) -> Answer:
            await release.wait()
            return Done()

        one.desk.answers["reply"] = slowly
        outcome = await one.slack.submit(view, {"text": "Here you are"})
        assert "still here" in next(iter(outcome.errors.values()))
        release.set()
        await one.idle()
        assert words(one.slack.open_view(seed.AKI)).startswith("It is saved after all")


async def test_a_form_without_inputs_says_its_errors_over_itself() -> None:
    async with running() as one:
        bare = Form("sure", "Sure?", (), form().ticket, submit="Yes")
        bare = replace(bare, fields=(form().fields[0],))
        view = await opened(one, bare)
        one.desk.answers["sure"] = FieldErrors({"x": "Not now"})
        await one.slack.submit(view)
        assert words(one.slack.open_view(seed.AKI)) == "Not now"
        assert len(one.slack.views(seed.AKI)) == 2


async def test_choosing_a_template_fills_the_text_and_keeps_the_rest() -> None:
    async with running() as one:
        view = await opened(one)

        async def fill(action: Action) -> Answer:
            return form(f"Sorry! ({action.values['text']})", action.values["template"])

        one.desk.answers["form.reply.template"] = fill
        await one.slack.press_in_view(view, "template", "=sorry", values={"text": "half"})
        await one.idle()
        shown = one.slack.open_view(seed.AKI)
        assert block_of(shown, "text")["element"]["initial_value"] == "Sorry! (half)"
        assert block_of(shown, "text")["block_id"] == "text~1"
        one.desk.answers["reply"] = Done()
        await one.slack.submit(shown, {"text": "Sorry! Here"})
        assert (one.desk.asked[-1].values["text"], one.desk.asked[-1].values["template"]) == ("Sorry! Here", "sorry")


async def test_of_two_quick_choices_the_later_one_counts() -> None:
    async with running() as one:
        view = await opened(one)
        first, second = asyncio.Event(), asyncio.Event()

        async def fill(action: Action) -> Answer:
            await {"sorry": first, "thanks": second}[action.values["template"]].wait()
            return form(action.values["template"], action.values["template"])

        one.desk.answers["form.reply.template"] = fill
        await one.slack.press_in_view(view, "template", "=sorry")
        await one.slack.press_in_view(view, "template", "=thanks")
        second.set()
        await one.slack.until(lambda: block_of(one.slack.open_view(seed.AKI), "text")["block_id"] == "text~1")
        first.set()
        await one.idle()
        assert block_of(one.slack.open_view(seed.AKI), "text")["element"]["initial_value"] == "thanks"


async def test_an_answer_that_was_overtaken_by_an_earlier_one_is_drawn_all_the_same() -> None:
    async with running() as one:
        view = await opened(one)
        one.desk.answers["form.reply.template"] = form("Sorry!", "sorry")
        one.slack.answer_error("views.update", "hash_conflict")
        await one.slack.press_in_view(view, "template", "=sorry")
        await one.idle()
        assert block_of(one.slack.open_view(seed.AKI), "text")["element"]["initial_value"] == "Sorry!"


async def test_a_failed_choice_is_said_over_the_form_whose_words_stay() -> None:
    async with running() as one:
        view = await opened(one)
        one.desk.answers["form.reply.template"] = TryLater("away")
        await one.slack.press_in_view(view, "template", "=sorry", values={"text": "half"})
        await one.idle()
        assert words(one.slack.open_view(seed.AKI)).startswith("This could not be done")
        assert len(one.slack.views(seed.AKI)) == 2


async def test_a_message_of_the_thread_is_taken_into_the_form_as_it_reads() -> None:
    async with running() as one:
        reference = await one.side.surface.post_card(SUPPORT, card(), key="card")
        said = one.slack.say(seed.BEN, "#support", f"Tell <@{seed.AKI}> &amp; all", thread_ts=reference)
        one.desk.answers["send_to_customer"] = form("…")
        outcome = await one.slack.shortcut(seed.AKI, "send_to_customer", "#support", said["ts"])
        assert outcome.ok
        await one.idle()
        message = one.desk.asked[-1].message
        assert message is not None
        assert (message.card, message.reference) == (reference, said["ts"])
        assert message.text in ("Tell @Aki Tanaka & all", "Tell @aki & all")
        assert one.slack.open_view(seed.AKI).shown["callback_id"] == "reply"


async def test_every_view_we_show_is_one_that_slack_takes() -> None:
    async with running() as one:
        approve_view(_sent(await opened(one)))
        approve_view(_sent(await opened(one, Done(Entry("x")))))
        approve_view(_sent(await opened(one, TryLater("away"))))


def _sent(view: View) -> dict[str, Any]:
    """The view without what Slack adds."""
    keys = ("type", "callback_id", "title", "close", "submit", "private_metadata", "blocks")
    return {key: view.shown[key] for key in keys if view.shown.get(key) is not None}
