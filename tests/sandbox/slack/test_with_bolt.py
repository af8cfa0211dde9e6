"""A production-like Bolt app posts cards, is pressed, opens forms and takes what they hold."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import seed
from tests.sandbox.slack.bolt_app import bolt_desk
from tests.sandbox.slack.cards import loading_view, plain, reply_form, ticket_card

Body = dict[str, Any]


async def test_a_pressed_button_reaches_the_app_which_edits_the_card() -> None:
    async with bolt_desk() as desk:
        pressed: list[Body] = []

        @desk.app.action("claim")
        async def claim(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            pressed.append(body)
            await client.chat_update(
                channel=body["channel"]["id"], ts=body["message"]["ts"], text="claimed", blocks=ticket_card()[:2]
            )

        posted = await desk.client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        outcome = await desk.slack.press(seed.AKI, seed.SUPPORT, posted["ts"], "claim")
        assert outcome.ok
        await desk.slack.until(lambda: desk.slack.message(seed.SUPPORT, posted["ts"])["text"] == "claimed")
        assert pressed[0]["user"]["id"] == seed.AKI
        assert pressed[0]["actions"][0]["value"] == "1042"
        assert "edited" in desk.slack.message(seed.SUPPORT, posted["ts"])


async def test_a_form_opens_loads_and_is_submitted() -> None:
    async with bolt_desk() as desk:
        sent: list[Body] = []

        @desk.app.action("reply")
        async def open_form(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            opened = await client.views_open(trigger_id=body["trigger_id"], view=loading_view())
            await client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=reply_form())

        @desk.app.view("reply")
        async def send(ack: AsyncAck, view: Body) -> None:
            values = view["state"]["values"]
            if values["text"]["text"]["value"] == "bad":
                await ack(response_action="errors", errors={"text": "Not that"})
                return
            sent.append(values)
            await ack()

        posted = await desk.client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        await desk.slack.press(seed.BEN, seed.SUPPORT, posted["ts"], "reply")
        await desk.slack.until(lambda: any(v.shown["callback_id"] == "reply" for v in desk.slack.views(seed.BEN)))
        view = desk.slack.open_view(seed.BEN)

        assert (await desk.slack.submit(view, {})).errors == {"text": "Please complete this required field."}
        assert (await desk.slack.submit(view, {"text": "x" * 101})).errors.keys() == {"text"}
        assert (await desk.slack.submit(view, {"text": "bad"})).errors == {"text": "Not that"}
        assert desk.slack.views(seed.BEN) == [view]
        outcome = await desk.slack.submit(view, {"text": "We are sorry!", "after": "close"})
        assert outcome.ok
        assert not outcome.errors
        assert desk.slack.views(seed.BEN) == []
        assert sent[-1]["after"]["after"]["selected_option"] == {
            "text": {"type": "plain_text", "text": "Close", "emoji": True},
            "value": "close",
        }


async def test_the_app_hears_what_people_say_in_its_rooms_and_nothing_elsewhere() -> None:
    async with bolt_desk() as desk:
        heard: list[Body] = []
        done = asyncio.Event()

        @desk.app.event("message")
        async def hear(event: Body) -> None:
            heard.append(event)
            if event["text"] == "third":
                done.set()

        desk.slack.say(seed.BEN, "#lounge", "first")
        posted = await desk.client.chat_postMessage(channel=seed.SUPPORT, text="card")
        desk.slack.say(seed.BEN, "#support", "third", thread_ts=posted["ts"])
        async with asyncio.timeout(5):
            await done.wait()
        assert [event["text"] for event in heard] == ["third"]
        assert heard[0]["thread_ts"] == posted["ts"]
        assert heard[0]["parent_user_id"] == seed.BOT_USER


async def test_a_form_may_be_answered_with_another_view() -> None:
    async with bolt_desk() as desk:

        @desk.app.command("/desk")
        async def open_form(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=reply_form())

        @desk.app.view("reply")
        async def send(ack: AsyncAck, view: Body) -> None:
            text = view["state"]["values"]["text"]["text"]["value"]
            match text:
                case "update":
                    await ack(response_action="update", view=loading_view("Are you sure?"))
                case "push":
                    await ack(response_action="push", view=reply_form(title=plain("Another")))
                case _:
                    await ack(response_action="clear")

        slack = desk.slack

        async def open_again() -> None:
            await slack.command(seed.AKI, "#support", "/desk", "new")
            await slack.until(lambda: len(slack.views(seed.AKI)) == 1)

        await open_again()
        await slack.submit(slack.open_view(seed.AKI), {"text": "update"})
        assert slack.open_view(seed.AKI).shown["title"]["text"] == "Are you sure?"

        await open_again()
        await slack.until(lambda: slack.open_view(seed.AKI).shown["title"]["text"] == "Reply")
        await slack.submit(slack.open_view(seed.AKI), {"text": "push"})
        assert [view.shown["title"]["text"] for view in slack.views(seed.AKI)] == ["Reply", "Another"]
        await slack.submit(slack.open_view(seed.AKI), {"text": "enough"})
        assert slack.views(seed.AKI) == []
