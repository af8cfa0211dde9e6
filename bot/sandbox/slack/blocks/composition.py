"""The rules of what blocks are composed of: texts, options, confirmation dialogs, pictures."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.blocks.shapes import (
    Check,
    both,
    exactly_one_of,
    flag,
    listed,
    one_of,
    problem,
    record,
    string,
    tagged,
    typed,
)


def plain(most: int = 3000) -> Check:
    return typed("plain_text", {"text": string(least=1, most=most)}, {"emoji": flag})


def mrkdwn(most: int = 3000) -> Check:
    return typed("mrkdwn", {"text": string(least=1, most=most)}, {"verbatim": flag})


def either_text(most: int = 3000) -> Check:
    return tagged({"plain_text": plain(most), "mrkdwn": mrkdwn(most)})


STYLE = one_of("primary", "danger")
CONFIRM = record(
    {"title": plain(100), "text": either_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
DISPATCH = record({}, {"trigger_actions_on": listed(one_of("on_enter_pressed", "on_character_entered"))})
CONVERSATION_FILTER = record(
    {},
    {
        "include": listed(one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)


def option(text: Check) -> Check:
    return record({"text": text, "value": string(most=150)}, {"description": plain(75), "url": string(most=3000)})


PLAIN_OPTION = option(plain(75))
OPTION = option(either_text(75))
OPTION_GROUP = record({"label": plain(75), "options": listed(PLAIN_OPTION, least=1, most=100)})

SLACK_FILE = both(record({}, {"id": string(), "url": string()}), exactly_one_of("id", "url"))
PICTURE = {"alt_text": string(most=2000)}
PICTURE_SOURCE = {"image_url": string(most=3000), "slack_file": SLACK_FILE}
IMAGE_ELEMENT = both(typed("image", PICTURE, PICTURE_SOURCE), exactly_one_of("image_url", "slack_file"))


def initial_is_an_option(value: Any, pointer: str) -> Iterator[str]:
    """An initial choice must be one of the options, word for word."""
    grouped = [one for group in value.get("option_groups") or [] for one in group["options"]]
    options = [_essence(one) for one in [*(value.get("options") or []), *grouped]]
    chosen = value.get("initial_options") or []
    if value.get("initial_option") is not None:
        chosen = [value["initial_option"], *chosen]
    for one in chosen:
        if _essence(one) not in options:
            yield problem("initial option must match exactly one of the provided options", pointer)


def _essence(one: Any) -> tuple[str, str]:
    return one["text"]["text"], one["value"]
