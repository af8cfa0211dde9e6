"""Completes blocks as Slack does when it takes them in: ids where none were given, and the defaults of texts."""

import secrets
import string
from typing import Any

from bot.sandbox.slack.wire import JsonObject, copied

_LETTERS = string.ascii_letters + string.digits
_WITH_ACTION_ID = frozenset(
    {
        "button",
        "checkboxes",
        "channels_select",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
    }
)


def completed_blocks(blocks: list[JsonObject]) -> list[JsonObject]:
    completed: list[JsonObject] = copied(blocks)
    for block in completed:
        _complete(block)
        _give_block_ids(block)
    return completed


def completed_text(text: JsonObject) -> JsonObject:
    completed: JsonObject = copied(text)
    _complete(completed)
    return completed


def _give_block_ids(block: JsonObject) -> None:
    if not block.get("block_id"):
        block["block_id"] = _mint(5)
    for key in ("child_blocks", "elements"):
        for inner in block.get(key, []) if block.get("type") in ("container", "carousel") else []:
            _give_block_ids(inner)


def _complete(value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _complete(one)
        return
    if not isinstance(value, dict):
        return
    type_ = value.get("type")
    if type_ == "plain_text" and "text" in value:
        value.setdefault("emoji", True)
    elif type_ == "mrkdwn":
        value.setdefault("verbatim", False)
    elif type_ in _WITH_ACTION_ID and not value.get("action_id"):
        value["action_id"] = _mint(5)
    for inner in value.values():
        _complete(inner)


def _mint(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
