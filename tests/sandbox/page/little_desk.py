"""Is a very small help-desk app for the page's own tests: it posts cards, opens forms and answers presses like ours."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


def card(
    number: int, subject: str, words: str, *, assignee: str = "", status: str = "New", when: int = 0
) -> list[Json]:
    """A ticket's card in the blocks that a desk would send."""
    quote = [{"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]}]
    who = f"<@{assignee}>" if assignee else "nobody"
    first = (
        {"action_id": "claim", "text": plain("Claim"), "style": "primary"}
        if not assignee
        else {"action_id": "release", "text": plain("Release")}
    )
    return [
        {"type": "header", "block_id": "head", "text": plain(f"📧 #{number} {subject}")},
        {
            "type": "section",
            "block_id": "facts",
            "fields": [
                {"type": "mrkdwn", "text": "*Customer*\nEmma Wilson · 4th ticket"},
                {"type": "mrkdwn", "text": "*Channel*\nE-mail · support@shop.example"},
                {"type": "mrkdwn", "text": f"*Status*\n:large_green_circle: {status}"},
                {"type": "mrkdwn", "text": f"*Assignee*\n{who}"},
            ],
        },
        {"type": "rich_text", "block_id": "words", "elements": quote},
        {
            "type": "context",
            "block_id": "foot",
            "elements": [{"type": "mrkdwn", "text": f"Last word <!date^{when}^{{date_short_pretty}} {{time}}|then>"}],
        },
        {
            "type": "actions",
            "block_id": "acts",
            "elements": [
                {"type": "button", "value": str(number), **first},
                {"type": "button", "action_id": "reply", "text": plain("Reply"), "value": str(number)},
                {
                    "type": "button",
                    "action_id": "close",
                    "text": plain("Close"),
                    "value": str(number),
                    "confirm": {
                        "title": plain("Close the ticket?"),
                        "text": plain("The customer can reopen it by writing."),
                        "confirm": plain("Close it"),
                        "deny": plain("Not yet"),
                    },
                },
                {
                    "type": "overflow",
                    "action_id": "menu",
                    "options": [option("Assign…", "assign"), option("Priority…", "priority"), option("Note…", "note")],
                },
            ],
        },
    ]


def loading_form() -> Json:
    return {"type": "modal", "title": plain("Reply"), "blocks": [{"type": "section", "text": plain("Loading…")}]}


def reply_form(text: str = "") -> Json:
    """The form with one of each field that our forms use."""
    templates = {
        "type": "static_select",
        "action_id": "template",
        "placeholder": plain("Choose a template"),
        "options": [
            option("Delivery status", "delivery"),
            option("返金のご案内", "refund"),
            option("Thank you", "thanks"),
        ],
    }
    return {
        "type": "modal",
        "callback_id": "reply",
        "private_metadata": "1042",
        "title": plain("Reply to Emma"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": [
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": ":email: E-mail to emma.wilson@customer.example"}],
            },
            {
                "type": "section",
                "block_id": "pick",
                "text": {"type": "mrkdwn", "text": "*Template*"},
                "accessory": templates,
            },
            {
                "type": "input",
                "block_id": f"text{len(text)}",
                "label": plain("Message"),
                "hint": plain("At most 200 characters here, to see the counter."),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "max_length": 200,
                    "initial_value": text,
                }
                if text
                else {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 200},
            },
            {
                "type": "input",
                "block_id": "assign",
                "optional": True,
                "label": plain("Hand over to"),
                "element": {"type": "users_select", "action_id": "who", "placeholder": plain("Somebody")},
            },
            {
                "type": "input",
                "block_id": "after",
                "optional": True,
                "label": plain("After sending"),
                "element": {
                    "type": "checkboxes",
                    "action_id": "after",
                    "options": [option("Close the ticket", "close"), option("Tell me when they answer", "tell")],
                },
            },
            {
                "type": "input",
                "block_id": "when",
                "optional": True,
                "label": plain("Send"),
                "element": {
                    "type": "radio_buttons",
                    "action_id": "when",
                    "initial_option": option("Now", "now"),
                    "options": [option("Now", "now"), option("Tomorrow morning", "later")],
                },
            },
            {
                "type": "input",
                "block_id": "files",
                "optional": True,
                "label": plain("Attachments"),
                "element": {"type": "file_input", "action_id": "files", "max_files": 3},
            },
        ],
    }


class LittleDesk:
    """Serves one request URL; `pressed` and `submitted` keep what came."""

    def __init__(self) -> None:
        self.api = ""
        self.pressed: list[Json] = []
        self.submitted: list[Json] = []
        self.errors: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Starts; gives the request URL."""
        self._session = aiohttp.ClientSession(headers={"Authorization": "Bearer xoxb-sandbox"})
        app = web.Application()
        app.add_routes([web.post("/slack", self._take)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack"

    async def close(self) -> None:
        for task in list(self._work):
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, **arguments: Any) -> Json:
        assert self._session is not None
        async with self._session.post(f"{self.api}{method}", json=arguments) as response:
            answer: Json = await response.json()
        assert answer["ok"], answer
        return answer

    async def post_card(self, channel: str, number: int, subject: str, words: str) -> str:
        """A new card; gives its ts."""
        blocks = card(number, subject, words, when=1_700_000_000)
        return str((await self.call("chat.postMessage", channel=channel, text=subject, blocks=blocks))["ts"])

    async def _take(self, request: web.Request) -> web.Response:
        text = await request.text()
        if request.content_type == "application/json":
            body = json.loads(text)
            if body.get("type") == "event_callback" and body["event"]["type"] == "app_home_opened":
                self._later(self._show_home(body["event"]["user"]))
            return web.Response()
        fields = {name: values[0] for name, values in parse_qs(text).items()}
        if "command" in fields:
            return web.json_response(
                {"response_type": "ephemeral", "text": f"`/desk {fields.get('text', '')}`: 3 open"}
            )
        payload: Json = json.loads(fields["payload"])
        match payload["type"]:
            case "block_actions":
                self.pressed.append(payload)
                self._later(self._act(payload))
            case "block_suggestion":
                return web.json_response({"options": [option(f"Found {payload['value']}", "found")]})
            case "message_action":
                self._later(self._open_reply(payload, loading=False))
            case "view_submission":
                self.submitted.append(payload)
                if self.errors:
                    return web.json_response({"response_action": "errors", "errors": self.errors})
        return web.Response()

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _act(self, payload: Json) -> None:
        action = payload["actions"][0]
        user = payload["user"]["id"]
        if action["action_id"] == "claim":
            message = payload["message"]
            subject = message["text"]
            blocks = card(
                int(action["value"]), subject, "Where is my parcel?", assignee=user, status="Open", when=1_700_000_000
            )
            await self.call(
                "chat.update", channel=payload["channel"]["id"], ts=message["ts"], text=subject, blocks=blocks
            )
            await self.call(
                "chat.postEphemeral", channel=payload["channel"]["id"], user=user, text="You have claimed it."
            )
        if action["action_id"] == "reply":
            await self._open_reply(payload, loading=True)
        if action["action_id"] == "template":
            view = payload["view"]
            await self.call(
                "views.update", view_id=view["id"], hash=view["hash"], view=reply_form("Thank you for writing!")
            )

    async def _open_reply(self, payload: Json, *, loading: bool) -> None:
        view = loading_form() if loading else reply_form()
        opened = await self.call("views.open", trigger_id=payload["trigger_id"], view=view)
        if loading:
            await self.call("views.update", view_id=opened["view"]["id"], view=reply_form())

    async def _show_home(self, user: str) -> None:
        blocks = [
            {"type": "header", "text": plain("Good morning")},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"<@{user}>, *2* tickets are yours and *3* wait."}},
            {"type": "divider"},
            *card(
                1042,
                "Where is my parcel?",
                "Could you find out where it is?",
                assignee=user,
                status="Open",
                when=1_700_000_000,
            ),
        ]
        await self.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks})
