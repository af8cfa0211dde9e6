"""The page's side: snapshot and frames of the WebSocket, and every request a person's client makes."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackStandin, seed
from tests.sandbox.slack.bolt_app import Desk, bolt_desk
from tests.sandbox.slack.calls import slack_and_client
from tests.sandbox.slack.cards import button, option, plain, reply_form, ticket_card

Json = dict[str, Any]


class Page:
    """A page that one person has open."""

    def __init__(self, slack: SlackStandin, user: str, session: aiohttp.ClientSession, socket: Any) -> None:
        self.slack, self.user, self.session, self.socket = slack, user, session, socket

    async def frame(self, type_: str) -> Json:
        """The next frame of this type; others are passed over."""
        while True:
            frame: Json = json.loads(await self.socket.receive_str(timeout=5))
            if frame["type"] == type_:
                return frame

    async def ask(self, path: str, **body: Any) -> Json:
        url = f"{self.slack.base_url}/client/{path}"
        async with self.session.post(url, json={"user": self.user, **body}) as response:
            answer: Json = await response.json()
            return answer


@contextlib.asynccontextmanager
async def page_of(slack: SlackStandin, user: str = seed.AKI) -> AsyncIterator[Page]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{slack.base_url}/client/ws?user={user}") as socket,
    ):
        yield Page(slack, user, session, socket)


async def test_the_snapshot_shows_what_this_person_may_see() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(
            channel=seed.SUPPORT, text="card", metadata={"event_type": "t", "event_payload": {}}
        )
        slack.say(seed.AKI, seed.SUPPORT, "note", thread_ts=posted["ts"])
        await client.chat_postMessage(channel=seed.AKI, text="for you")
        await client.chat_postMessage(channel=seed.MANAGERS, text="secret")
        async with page_of(slack, seed.AKI) as aki, page_of(slack, seed.BEN) as ben:
            of_aki, of_ben = await aki.frame("snapshot"), await ben.frame("snapshot")
        assert of_aki["me"] == seed.AKI
        assert of_aki["team"]["id"] == seed.TEAM_ID
        support = next(channel for channel in of_aki["channels"] if channel["id"] == seed.SUPPORT)
        assert [message["text"] for message in support["messages"]] == ["card"]
        assert "metadata" not in support["messages"][0]
        assert [m["text"] for m in of_aki["threads"][f"{seed.SUPPORT}:{posted['ts']}"]] == ["note"]
        assert of_aki["dms"][0]["messages"][0]["text"] == "for you"
        assert of_ben["dms"] == []
        assert seed.MANAGERS in {channel["id"] for channel in of_aki["channels"]}
        assert seed.MANAGERS not in {channel["id"] for channel in of_ben["channels"]}
        assert "secret" not in json.dumps(of_ben)
        assert of_aki["commands"][0]["command"] == "/desk"
        assert {shortcut["type"] for shortcut in of_aki["shortcuts"]} == {"message", "global"}
        assert (of_aki["views"], of_aki["home"]) == ([], None)


async def test_talk_arrives_at_those_who_may_hear_it() -> None:
    async with slack_and_client() as (slack, client), page_of(slack) as aki, page_of(slack, seed.BEN) as ben:
        posted = await aki.ask("post", channel=seed.SUPPORT, text="hi @ben <b> & <@U0MADOGUCHI> see #billing")
        text = f"hi <@{seed.BEN}> &lt;b&gt; &amp; <@{seed.BOT_USER}> see <#{seed.BILLING}|billing>"
        ts = posted["message"]["ts"]
        assert posted["message"]["text"] == text
        assert (await ben.frame("message"))["message"]["text"] == text
        await aki.ask("post", channel=seed.SUPPORT, text="more", thread_ts=ts)
        reply = (await ben.frame("message"))["message"]
        assert reply["thread_ts"] == ts
        assert (await ben.frame("message_changed"))["message"]["reply_count"] == 1
        await aki.ask("edit", channel=seed.SUPPORT, ts=reply["ts"], text="less")
        assert (await ben.frame("message_changed"))["message"]["text"] == "less"
        await ben.ask("react", channel=seed.SUPPORT, ts=ts, name="eyes")
        assert (await aki.frame("message"))["type"] == "message"
        await aki.ask("delete", channel=seed.SUPPORT, ts=reply["ts"])
        assert (await ben.frame("message_deleted"))["ts"] == reply["ts"]
        await client.chat_postMessage(channel=seed.MANAGERS, text="secret")
        await client.chat_postMessage(channel=seed.SUPPORT, text="open")
        assert (await ben.frame("message"))["message"]["text"] == "open"
        await client.chat_postEphemeral(channel=seed.SUPPORT, user=seed.BEN, text="psst")
        assert (await ben.frame("ephemeral"))["thread_ts"] is None


async def test_refusals_are_told_as_errors() -> None:
    async with slack_and_client() as (slack, client), page_of(slack) as aki:
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        edited = await aki.ask("edit", channel=seed.SUPPORT, ts=posted["ts"], text="x")
        assert edited == {"ok": False, "error": "cant_update_message"}
        assert (await aki.ask("post", channel=seed.OLD, text="x"))["error"] == "is_archived"
        assert (await aki.ask("dance"))["error"] == "unknown_request"
        assert (await aki.ask("submit", view_id="V0NONE", state={}))["error"] == "view_not_found"
        assert (await aki.ask("command", channel=seed.SUPPORT, command="/desk", thread_ts="1.0"))["ok"] is False


def add_listeners(desk: Desk) -> None:
    @desk.app.action("reply")
    async def open_form(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        form = reply_form(notify_on_close=True)
        form["blocks"].append(
            {
                "type": "input",
                "block_id": "who",
                "optional": True,
                "label": plain("Who"),
                "element": {"type": "external_select", "action_id": "who"},
            }
        )
        form["blocks"].append({"type": "actions", "block_id": "acts", "elements": [button("preview", "Preview")]})
        await client.views_open(trigger_id=body["trigger_id"], view=form)
        await ack()

    @desk.app.options("who")
    async def offer(ack: AsyncAck) -> None:
        await ack(options=[option("c1")])

    @desk.app.action("preview")
    async def preview(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await client.views_push(trigger_id=body["trigger_id"], view=reply_form(title=plain("Preview")))
        await ack()

    @desk.app.view("reply")
    async def take(ack: AsyncAck, view: Json) -> None:
        if view["state"]["values"]["text"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"text": "Not that"})
        else:
            await ack()

    @desk.app.view_closed("reply")
    async def closed(ack: AsyncAck) -> None:
        await ack()

    @desk.app.shortcut("send_to_customer")
    @desk.app.shortcut("new_ticket")
    async def shortcut(ack: AsyncAck) -> None:
        await ack()

    @desk.app.command("/desk")
    async def command(ack: AsyncAck) -> None:
        await ack("done")


async def test_a_person_presses_fills_and_closes_a_form() -> None:
    async with bolt_desk() as desk, page_of(desk.slack) as aki:
        add_listeners(desk)
        posted = await desk.client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        message = {"type": "message", "channel": seed.SUPPORT, "ts": posted["ts"]}
        assert await aki.ask("action", container=message, action={"block_id": "acts", "action_id": "reply"}) == {
            "ok": True
        }
        view = (await aki.frame("view_opened"))["view"]
        view_id = view["id"]
        assert view["state"]["values"]["after"]["after"]["selected_option"]["value"] == "wait"
        offered = await aki.ask("suggest", view_id=view_id, block_id="who", action_id="who", value="c")
        assert offered["options"][0]["value"] == "c1"
        state = {"values": {"text": {"text": {"type": "plain_text_input", "value": "half"}}}}
        act = {"block_id": "acts", "action_id": "preview"}
        await aki.ask("action", container={"type": "view", "view_id": view_id}, action=act, state=state)
        pushed = (await aki.frame("view_pushed"))["view"]
        await aki.ask("close", view_id=pushed["id"])
        assert (await aki.frame("view_closed"))["view"]["id"] == pushed["id"]
        async with page_of(desk.slack) as again:
            reopened = (await again.frame("snapshot"))["views"]
            assert reopened[0]["state"]["values"]["text"]["text"]["value"] == "half"
        bad = {"values": {"text": {"text": {"type": "plain_text_input", "value": "bad"}}}}
        answer = await aki.ask("submit", view_id=view_id, state=bad)
        assert answer == {"ok": True, "errors": {"text": "Not that"}}
        assert await aki.ask("submit", view_id=view_id, state=state) == {"ok": True}
        assert (await aki.frame("view_closed"))["view"]["id"] == view_id


async def test_shortcuts_commands_home_and_notices() -> None:
    async with bolt_desk() as desk, page_of(desk.slack) as aki:
        add_listeners(desk)
        said = desk.slack.say(seed.AKI, seed.SUPPORT, "hello")
        assert (
            await aki.ask(
                "shortcut", type="message", callback_id="send_to_customer", channel=seed.SUPPORT, ts=said["ts"]
            )
        )["ok"]
        assert (await aki.ask("shortcut", type="global", callback_id="new_ticket"))["ok"]
        assert (await aki.ask("shortcut", type="global", callback_id="nonsense"))["error"] == "shortcut_not_found"
        assert (await aki.ask("command", channel=seed.SUPPORT, command="/desk", text="help"))["ok"]
        assert (await aki.frame("ephemeral"))["message"]["text"] == "done"
        assert await aki.ask("home") == {"ok": True, "view": None}
        home = {"type": "home", "blocks": [{"type": "actions", "elements": [button("next", "Next")]}]}
        await desk.client.views_publish(user_id=seed.AKI, view=home)
        assert (await aki.frame("home"))["view"]["type"] == "home"
        pressed = await aki.ask("action", container={"type": "home"}, action={"action_id": "next"})
        assert not pressed["ok"]
        notice = await aki.frame("notice")
        assert notice["level"] == "error"
        assert pressed["error"] == notice["text"]


async def test_changes_of_people_and_rooms_are_shown() -> None:
    async with slack_and_client() as (slack, _), page_of(slack) as aki:
        slack.change_user(seed.BEN, real_name="Benjamin Carter")
        assert (await aki.frame("user"))["user"]["real_name"] == "Benjamin Carter"
        slack.rename(seed.SUPPORT, "helpdesk", seed.AKI)
        assert (await aki.frame("channel"))["channel"]["name"] == "helpdesk"
        slack.delete_channel(seed.BILLING, seed.AKI)
        assert (await aki.frame("channel_deleted"))["channel"] == seed.BILLING


async def test_files_go_up_and_come_down_safely() -> None:
    async with slack_and_client() as (slack, _), page_of(slack) as aki:
        url = f"{slack.base_url}/client"
        for name, content_type, disposition in (
            ("cup.png", "image/png", "inline"),
            ("page.html", "application/octet-stream", "attachment"),
            ("pic.svg", "application/octet-stream", "attachment"),
        ):
            form = aiohttp.FormData({"user": seed.AKI, "channel": seed.SUPPORT})
            form.add_field("file", b"bytes", filename=name)
            async with aki.session.post(f"{url}/upload", data=form) as response:
                file = (await response.json())["message"]["files"][0]
            async with aki.session.get(f"{url}/files/{file['id']}/{name}") as response:
                assert await response.read() == b"bytes"
                assert (response.content_type, response.headers["Content-Disposition"]) == (content_type, disposition)
                assert response.headers["X-Content-Type-Options"] == "nosniff"
        kept = aiohttp.FormData({"user": seed.AKI})
        kept.add_field("file", b"bytes", filename="later.txt")
        async with aki.session.post(f"{url}/upload", data=kept) as response:
            answer = await response.json()
        assert "message" not in answer
        posted = await aki.ask("post", channel=seed.SUPPORT, text="here", files=[answer["file"]["id"]])
        assert posted["message"]["files"][0]["name"] == "later.txt"


async def test_the_switch_that_makes_slack_stumble() -> None:
    async with slack_and_client() as (slack, client), page_of(slack) as aki:
        ordered = await aki.ask("rules", method="chat.update", mode="429", times=2, retry_after=3)
        assert ordered["rules"][0]["times"] == 2
        async with aki.session.get(f"{slack.base_url}/client/rules") as response:
            assert (await response.json())["rules"] == ordered["rules"]
        assert (await aki.ask("rules", method="*", mode="off"))["rules"] == []
        assert (await aki.ask("rules", method="*", mode="sing"))["error"] == "invalid_mode"
        assert (await client.auth_test())["ok"]


async def test_pages_of_other_sites_may_not_speak_for_people() -> None:
    async with slack_and_client() as (slack, _), aiohttp.ClientSession() as session:
        url = f"{slack.base_url}/client/post"
        body = {"user": seed.AKI, "channel": seed.SUPPORT, "text": "x"}
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
            async with session.post(url, json=body, headers=headers) as response:
                assert response.status == 403
        async with session.post(url, json=body, headers={"Origin": "http://localhost:8080"}) as response:
            assert response.status == 200


async def test_avatars_are_drawn_and_permalinks_lead_to_the_page() -> None:
    async with slack_and_client() as (_, client), aiohttp.ClientSession() as session:
        user = (await client.users_info(user=seed.AKI))["user"]
        async with session.get(user["profile"]["image_72"]) as response:
            assert response.content_type == "image/svg+xml"
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="x")
        link = (await client.chat_getPermalink(channel=seed.SUPPORT, message_ts=posted["ts"]))["permalink"]
        async with session.get(link, allow_redirects=False) as response:
            assert response.status == 404
