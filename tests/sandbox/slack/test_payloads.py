"""Everything the stand-in sends is of the shape that Slack's own types declare."""

import json
from typing import Any

from bot.sandbox.slack import SlackStandin, running_standin, seed
from bot.sandbox.slack.modals import grant_trigger
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.cards import button, mrkdwn, option, plain, reply_form, ticket_card
from tests.sandbox.slack.corpus import INPUTS, SELECTS
from tests.sandbox.slack.judges import schema
from tests.sandbox.slack.receiver import receiver

Json = dict[str, Any]

SCHEMAS = {
    "block_actions": "in.BlockActionP",
    "block_suggestion": "in.SuggestP",
    "event_callback": "in.EnvelopeP",
    "message_action": "in.MsgShortcutP",
    "shortcut": "in.GlobalShortcutP",
    "slash_command": "in.SlashP",
    "view_closed": "in.ViewClosedP",
    "view_submission": "in.ViewSubmitP",
}


def as_the_types_see_it(payload: Json) -> Json:
    """Takes away the four differences between what Slack sends and what its types say."""
    seen: Json = json.loads(json.dumps(payload))
    # Checkboxes and radio buttons may have options in mrkdwn, which come back so; the types know plain text only.
    for values in (seen.get("state", {}), seen.get("view", {}).get("state", {})):
        for option_ in _chosen(values):
            option_["text"] = {"type": "plain_text", "text": option_["text"]["text"]}
    if seen.get("enterprise", "") is None:
        # Slack writes null outside Enterprise Grid; the types know only an object or nothing.
        del seen["enterprise"]
    if seen.get("type") == "block_actions" and seen["container"]["type"] == "view":
        # There is no response_url for what happens in a view; the types demand one of every block action.
        seen["response_url"] = ""
    if seen.get("type") == "event_callback" and seen["context_enterprise_id"] is None:
        del seen["context_enterprise_id"]
    return seen


def _chosen(state: Json) -> list[Json]:
    values = [value for block in state.get("values", {}).values() for value in block.values()]
    return [
        one for value in values for one in [value.get("selected_option"), *value.get("selected_options", [])] if one
    ]


def judge(slack: SlackStandin, *types: str) -> None:
    """Holds all that was sent to the schemas, and sees that these types were among it."""
    sent = slack.journal.outgoing()
    for entry in sent:
        validator = schema(SCHEMAS[entry["type"]])
        faults = [
            f"{fault.json_path}: {fault.message[:300]}"
            for fault in validator.iter_errors(as_the_types_see_it(entry["payload"]))
        ]
        assert not faults, (entry["type"], faults)
        if entry["type"] == "event_callback":
            event = entry["payload"]["event"]
            faults = [f"{fault.json_path}: {fault.message[:300]}" for fault in schema("in.EventP").iter_errors(event)]
            assert not faults, (event["type"], event.get("subtype"), faults)
    assert set(types) <= {entry["type"] for entry in sent}


async def test_presses_in_messages() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        client = client_for(slack)
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        ts = posted["ts"]
        await slack.press(seed.AKI, seed.SUPPORT, ts, "claim")
        await slack.press(seed.AKI, seed.SUPPORT, ts, "priority", "urgent")
        await slack.press(seed.AKI, seed.SUPPORT, ts, "more", "spam")
        reply = await client.chat_postMessage(channel=seed.MANAGERS, text="card", blocks=ticket_card())
        await slack.press(seed.AKI, seed.MANAGERS, reply["ts"], "claim")
        await client.chat_postEphemeral(channel=seed.SUPPORT, user=seed.AKI, text="undo?", blocks=ticket_card())
        (whisper,) = slack.ephemerals(seed.AKI)
        await slack.press(seed.AKI, seed.SUPPORT, whisper.ts, "claim", ephemeral=True)
        judge(slack, "block_actions")
        actions = [entry["payload"] for entry in slack.journal.outgoing("block_actions")]
        assert actions[1]["actions"][0]["selected_option"]["text"]["text"] == "Urgent!"
        assert actions[1]["state"]["values"]["acts"]["priority"]["selected_option"]["value"] == "urgent"
        assert actions[2]["actions"][0]["selected_option"]["value"] == "spam"
        assert actions[3]["channel"]["name"] == "privategroup"
        assert actions[4]["container"]["is_ephemeral"]
        assert "message" not in actions[4]


async def test_every_kind_of_element_is_pressed_in_a_message_and_in_a_view() -> None:
    choices: dict[str, Any] = {
        "static_select": "x",
        "multi_static_select": ["x", "y"],
        "external_select": option("e"),
        "multi_external_select": [option("e")],
        "users_select": seed.AKI,
        "multi_users_select": [seed.AKI, seed.BEN],
        "conversations_select": seed.SUPPORT,
        "multi_conversations_select": [seed.SUPPORT],
        "channels_select": seed.SUPPORT,
        "multi_channels_select": [seed.SUPPORT],
        "radio_buttons": "x",
        "checkboxes": ["x"],
        "datepicker": "2026-12-01",
        "timepicker": "10:00",
    }
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        client = client_for(slack)
        for element in SELECTS:
            blocks = [{"type": "section", "text": mrkdwn("x"), "accessory": element}]
            posted = await client.chat_postMessage(channel=seed.SUPPORT, text="x", blocks=blocks)
            await slack.press(seed.AKI, seed.SUPPORT, posted["ts"], "a", choices[element["type"]])
            view = {"type": "modal", "title": plain("t"), "blocks": blocks}
            await client.views_open(trigger_id=grant_trigger(slack.platform, seed.AKI), view=view)
            await slack.press_in_view(slack.open_view(seed.AKI), "a", choices[element["type"]])
        judge(slack, "block_actions")


async def test_forms_with_every_kind_of_input() -> None:
    blocks = [
        {
            "type": "input",
            "optional": True,
            "block_id": f"b{n}",
            "label": plain("L"),
            "element": {**one, "action_id": f"a{n}"},
        }
        for n, one in enumerate(INPUTS)
    ]
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        client = client_for(slack)
        form = reply_form(blocks=blocks, notify_on_close=True)
        await client.views_open(trigger_id=grant_trigger(slack.platform, seed.AKI), view=form)
        view = slack.open_view(seed.AKI)
        assert (await slack.submit(view)).ok
        await client.views_open(trigger_id=grant_trigger(slack.platform, seed.AKI), view=form)
        view = slack.open_view(seed.AKI)
        filled = {f"a{n}": "5" for n, one in enumerate(INPUTS) if one["type"] in ("number_input", "plain_text_input")}
        await slack.suggest(view, "a2", "Jo")
        assert (await slack.submit(view, filled)).ok
        await client.views_open(trigger_id=grant_trigger(slack.platform, seed.AKI), view=form)
        await slack.close_view(slack.open_view(seed.AKI))
        judge(slack, "view_submission", "view_closed", "block_suggestion")
        empty, full = [entry["payload"] for entry in slack.journal.outgoing("view_submission")]
        assert empty["view"]["state"]["values"].keys() == {f"b{n}" for n in range(len(INPUTS))}
        numbers = [v for block in full["view"]["state"]["values"].values() for v in block.values()]
        assert {"type": "number_input", "value": "5"} in numbers


async def test_shortcuts_and_commands() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        said = slack.say(seed.AKI, seed.SUPPORT, "please send this")
        assert (await slack.shortcut(seed.AKI, "send_to_customer", seed.SUPPORT, said["ts"])).ok
        assert (await slack.shortcut(seed.AKI, "new_ticket")).ok
        assert (await slack.command(seed.AKI, "#support", "/desk", "find cold coffee")).ok
        await slack.settled()
        judge(slack, "message_action", "shortcut", "slash_command")


async def test_events_of_every_kind() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        client = client_for(slack)
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        said = slack.say(
            seed.AKI, seed.SUPPORT, f"<@{seed.BOT_USER}> help & <#C0SUPPORT|support>", thread_ts=posted["ts"]
        )
        slack.edit(seed.AKI, seed.SUPPORT, said["ts"], "help <https://a.example|there>")
        slack.react(seed.AKI, seed.SUPPORT, posted["ts"], "eyes")
        slack.react(seed.AKI, seed.SUPPORT, posted["ts"], "eyes")
        slack.delete(seed.AKI, seed.SUPPORT, said["ts"])
        await client.chat_postMessage(channel=seed.SUPPORT, text="all", thread_ts=posted["ts"], reply_broadcast=True)
        await client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="closed")
        slack.say(seed.AKI, seed.SUPPORT, "", files=[slack.file(seed.AKI, "cup.png", b"png")])
        direct = (await client.conversations_open(users=seed.AKI))["channel"]["id"]
        slack.say(seed.AKI, direct, "hello")
        slack.say(seed.AKI, seed.PARTNERS, "shared")
        room = slack.add_channel("fresh", members=[seed.AKI, seed.BOT_USER])
        slack.join(room.id, seed.BEN, inviter=seed.AKI)
        slack.rename(room.id, "stale", seed.AKI)
        slack.leave(room.id, seed.BEN)
        slack.archive(room.id, seed.AKI)
        slack.unarchive(room.id, seed.AKI)
        slack.delete_channel(room.id, seed.AKI)
        slack.change_user(seed.BEN, profile={"status_text": "away"})
        slack.open_home(seed.AKI)
        await client.views_publish(user_id=seed.AKI, view={"type": "home", "blocks": [{"type": "divider"}]})
        slack.open_home(seed.AKI)
        await slack.settled()
        judge(slack, "event_callback")
        events = [entry["payload"]["event"] for entry in slack.journal.outgoing("event_callback")]
        kinds = {(event["type"], event.get("subtype")) for event in events}
        assert kinds >= {
            ("message", None),
            ("message", "message_changed"),
            ("message", "message_deleted"),
            ("message", "thread_broadcast"),
            ("message", "file_share"),
            ("message", "channel_join"),
            ("app_mention", None),
            ("reaction_added", None),
            ("reaction_removed", None),
            ("member_joined_channel", None),
            ("member_left_channel", None),
            ("channel_rename", None),
            ("channel_archive", None),
            ("channel_unarchive", None),
            ("channel_deleted", None),
            ("user_change", None),
            ("app_home_opened", None),
        }
        shared = [
            entry["payload"]
            for entry in slack.journal.outgoing("event_callback")
            if entry["payload"]["event"].get("text") == "shared"
        ]
        assert shared[0]["is_ext_shared_channel"]


async def test_buttons_in_the_home_tab() -> None:
    async with receiver() as app, running_standin(request_url=app.url) as slack:
        home = {"type": "home", "blocks": [{"type": "actions", "elements": [button("next", "Take next")]}]}
        await client_for(slack).views_publish(user_id=seed.AKI, view=home)
        shown = slack.home(seed.AKI)
        assert shown is not None
        assert (await slack.press_in_view(shown, "next")).ok
        judge(slack, "block_actions")
