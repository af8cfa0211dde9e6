"""Blocks and views of the kind a help desk shows, for the tests of the stand-in."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(action_id: str, text: str, value: str = "1042") -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": value}


def option(value: str, text: str | None = None) -> Json:
    return {"text": plain(text or value), "value": value}


def ticket_card() -> list[Json]:
    return [
        {"type": "header", "text": plain("#1042 Cold coffee")},
        {"type": "section", "block_id": "quote", "text": mrkdwn(">My coffee was cold.")},
        {
            "type": "actions",
            "block_id": "acts",
            "elements": [
                button("claim", "Claim"),
                button("reply", "Reply"),
                {
                    "type": "static_select",
                    "action_id": "priority",
                    "placeholder": plain("Priority"),
                    "options": [option("low"), option("urgent", "Urgent!")],
                },
                {"type": "overflow", "action_id": "more", "options": [option("spam"), option("history")]},
            ],
        },
    ]


def reply_form(**more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "reply",
        "private_metadata": "1042",
        "title": plain("Reply"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": "text",
                "label": plain("Your reply"),
                "element": {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 100},
            },
            {
                "type": "input",
                "block_id": "after",
                "optional": True,
                "label": plain("Then"),
                "element": {
                    "type": "static_select",
                    "action_id": "after",
                    "options": [option("wait", "Wait"), option("close", "Close")],
                    "initial_option": option("wait", "Wait"),
                },
            },
        ],
        **more,
    }


def loading_view(title: str = "Reply") -> Json:
    return {"type": "modal", "title": plain(title), "blocks": [{"type": "section", "text": mrkdwn("Loading…")}]}
