"""Opening, stacking, updating and closing views, with Slack's rules for trigger ids and hashes."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import HandClock, SlackStandin, seed
from bot.sandbox.slack.modals import grant_trigger
from tests.sandbox.slack.bolt_app import bolt_desk
from tests.sandbox.slack.calls import refusal, refused, slack_and_client
from tests.sandbox.slack.cards import button, loading_view, mrkdwn, option, plain, reply_form

Body = dict[str, Any]


async def opened(slack: SlackStandin, client: AsyncWebClient, view: Body | None = None) -> Body:
    trigger = grant_trigger(slack.platform, seed.AKI)
    answer = await client.views_open(trigger_id=trigger, view=view or reply_form())
    view_shown: Body = answer["view"]
    return view_shown


async def test_a_trigger_works_once_and_for_three_seconds() -> None:
    clock = HandClock()
    async with slack_and_client(clock=clock) as (slack, client):
        trigger = grant_trigger(slack.platform, seed.AKI)
        clock.advance(3.0)
        await client.views_open(trigger_id=trigger, view=reply_form())
        again = client.views_open(trigger_id=trigger, view=reply_form())
        assert await refusal(again) == "exchanged_trigger_id"
        late = grant_trigger(slack.platform, seed.AKI)
        clock.advance(3.1)
        assert await refusal(client.views_open(trigger_id=late, view=reply_form())) == "expired_trigger_id"
        unknown = client.views_open(trigger_id="1.2.abc", view=reply_form())
        assert await refusal(unknown) == "invalid_trigger_id"


async def test_a_refused_view_does_not_use_up_the_trigger() -> None:
    async with slack_and_client() as (slack, client):
        trigger = grant_trigger(slack.platform, seed.AKI)
        response = await refused(client.views_open(trigger_id=trigger, view=reply_form(title=plain("x" * 25))))
        assert response["error"] == "invalid_arguments"
        assert response["response_metadata"]["messages"] == [
            "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
        ]
        assert (await client.views_open(trigger_id=trigger, view=reply_form()))["ok"]


async def test_an_opened_view_has_every_field_slack_gives() -> None:
    async with slack_and_client() as (slack, client):
        view = await opened(slack, client)
        assert view["root_view_id"] == view["id"]
        assert view["previous_view_id"] is None
        assert (view["callback_id"], view["private_metadata"]) == ("reply", "1042")
        assert view["bot_id"] == seed.BOT_ID
        assert view["state"]["values"]["text"]["text"] == {"type": "plain_text_input", "value": None}
        assert view["state"]["values"]["after"]["after"]["selected_option"]["value"] == "wait"
        assert slack.open_view(seed.AKI).id == view["id"]


async def test_an_update_with_an_old_hash_is_a_conflict() -> None:
    async with slack_and_client() as (slack, client):
        view = await opened(slack, client)
        updated = await client.views_update(view_id=view["id"], hash=view["hash"], view=loading_view("New"))
        stale = client.views_update(view_id=view["id"], hash=view["hash"], view=loading_view("Old"))
        assert await refusal(stale) == "hash_conflict"
        assert updated["view"]["id"] == view["id"]
        assert updated["view"]["hash"] != view["hash"]
        assert (await client.views_update(view_id=view["id"], view=loading_view("Free")))["ok"]


async def test_an_update_keeps_what_was_typed_under_the_same_ids() -> None:
    async with bolt_desk() as desk:
        form = reply_form()
        form["blocks"].append({"type": "actions", "block_id": "acts", "elements": [button("preview", "Preview")]})

        @desk.app.action("preview")
        async def preview(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            changed = reply_form(title=plain("Preview"))
            changed["blocks"][1]["block_id"] = "elsewhere"
            await client.views_update(view_id=body["view"]["id"], view=changed)
            await ack()

        view = await opened(desk.slack, desk.client, form)
        shown = desk.slack.open_view(seed.AKI)
        assert shown.id == view["id"]
        await desk.slack.press_in_view(shown, "preview", values={"text": "half a rep", "after": "close"})
        assert shown.shown["title"]["text"] == "Preview"
        assert shown.values["text"]["text"]["value"] == "half a rep"
        assert shown.values["elsewhere"]["after"]["selected_option"]["value"] == "wait"


async def test_a_stack_holds_three_views() -> None:
    async with slack_and_client() as (slack, client):

        async def push() -> Any:
            trigger = grant_trigger(slack.platform, seed.AKI, in_modal=True)
            return await client.views_push(trigger_id=trigger, view=loading_view())

        assert await refusal(push()) == "not_found"
        first = await opened(slack, client)
        second = (await push())["view"]
        third = (await push())["view"]
        assert second["previous_view_id"] == first["id"]
        assert third["root_view_id"] == first["id"]
        assert await refusal(push()) == "push_limit_reached"
        assert [view.id for view in slack.views(seed.AKI)] == [first["id"], second["id"], third["id"]]


async def test_a_closed_view_cannot_be_updated() -> None:
    async with slack_and_client() as (slack, client):
        view = await opened(slack, client)
        await slack.close_view(slack.open_view(seed.AKI))
        assert await refusal(client.views_update(view_id=view["id"], view=loading_view())) == "not_found"


async def test_an_external_id_names_one_view() -> None:
    async with slack_and_client() as (slack, client):
        await opened(slack, client, reply_form(external_id="draft-7"))
        updated = await client.views_update(external_id="draft-7", view=loading_view("By name"))
        assert updated["view"]["title"]["text"] == "By name"
        trigger = grant_trigger(slack.platform, seed.BEN)
        await client.views_open(trigger_id=trigger, view=reply_form(external_id="draft-7"))
        clash = client.views_open(
            trigger_id=grant_trigger(slack.platform, seed.YUI), view=reply_form(external_id="draft-7")
        )
        assert await refusal(clash) == "duplicate_external_id"


async def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    async with slack_and_client() as (slack, client):
        big = {**loading_view(), "blocks": [{"type": "section", "text": mrkdwn("あ" * 2900)} for _ in range(40)]}
        trigger = grant_trigger(slack.platform, seed.AKI)
        assert await refusal(client.views_open(trigger_id=trigger, view=big)) == "view_too_large"


async def test_the_home_tab_is_published_and_opened() -> None:
    async with bolt_desk() as desk:
        home = {"type": "home", "blocks": [{"type": "section", "text": mrkdwn("Nothing waits for you")}]}
        told: list[Body] = []
        done = asyncio.Event()

        @desk.app.event("app_home_opened")
        async def publish(event: Body, client: AsyncWebClient) -> None:
            told.append(event)
            await client.views_publish(user_id=event["user"], view=home)
            done.set()

        desk.slack.open_home(seed.AKI)
        async with asyncio.timeout(5):
            await done.wait()
        shown = desk.slack.home(seed.AKI)
        assert shown is not None
        assert told[0]["tab"] == "home"
        assert "view" not in told[0]
        stale = desk.client.views_publish(user_id=seed.AKI, view=home, hash="1.old")
        assert await refusal(stale) == "hash_conflict"
        modal = desk.client.views_publish(user_id=seed.AKI, view=loading_view())
        assert await refusal(modal) == "invalid_arguments"
        nobody = desk.client.views_publish(user_id="U0NOBODY", view=home)
        assert await refusal(nobody) == "user_not_found"


async def test_closing_is_told_where_it_was_asked_for() -> None:
    async with bolt_desk() as desk:
        closed: list[Body] = []

        @desk.app.view_closed("reply")
        async def on_close(ack: AsyncAck, body: Body) -> None:
            closed.append(body)
            await ack()

        await opened(desk.slack, desk.client)
        await desk.slack.close_view(desk.slack.open_view(seed.AKI))
        assert closed == []
        await opened(desk.slack, desk.client, reply_form(notify_on_close=True))
        await desk.slack.close_view(desk.slack.open_view(seed.AKI))
        await opened(desk.slack, desk.client, reply_form(notify_on_close=True))
        await desk.slack.close_view(desk.slack.open_view(seed.AKI), everything=True)
        assert [body["is_cleared"] for body in closed] == [False, True]


async def test_an_external_menu_asks_the_app_for_its_options() -> None:
    async with bolt_desk() as desk:
        menu = {
            "type": "input",
            "block_id": "who",
            "label": plain("Customer"),
            "element": {"type": "external_select", "action_id": "who", "min_query_length": 1},
        }

        @desk.app.options("who")
        async def offer(ack: AsyncAck, payload: Body) -> None:
            await ack(options=[option("c1", f"{payload['value']}son")])

        @desk.app.view("reply")
        async def take(ack: AsyncAck) -> None:
            await ack()

        await opened(desk.slack, desk.client, reply_form(blocks=[menu]))
        view = desk.slack.open_view(seed.AKI)
        options = await desk.slack.suggest(view, "who", "John")
        assert options[0]["text"]["text"] == "Johnson"
        state = await desk.slack.submit(view, {"who": options[0]})
        assert state.payload["view"]["state"]["values"]["who"]["who"]["selected_option"]["value"] == "c1"


async def test_a_wrong_answer_to_a_form_keeps_it_open_and_says_so() -> None:
    async with bolt_desk() as desk:

        @desk.app.view("reply")
        async def take(ack: AsyncAck, view: Body) -> None:
            match view["state"]["values"]["text"]["text"]["value"]:
                case "field":
                    await ack(response_action="errors", errors={"no_such_block": "?"})
                case "view":
                    await ack(response_action="update", view={"type": "modal", "title": plain("No blocks")})
                case _:
                    await ack(response_action="dance")

        await opened(desk.slack, desk.client)
        view = desk.slack.open_view(seed.AKI)
        for text in ("field", "view", "other"):
            outcome = await desk.slack.submit(view, {"text": text})
            assert not outcome.ok
        assert desk.slack.views(seed.AKI) == [view]
        assert len(desk.slack.notices(seed.AKI)) == 3
