"""The rules of interactive elements: buttons, menus, pickers and inputs."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.sandbox.slack.blocks.composition import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    OPTION,
    OPTION_GROUP,
    PLAIN_OPTION,
    STYLE,
    initial_is_an_option,
    plain,
)
from bot.sandbox.slack.blocks.rich_text import RICH_TEXT
from bot.sandbox.slack.blocks.shapes import (
    Check,
    both,
    exactly_one_of,
    flag,
    listed,
    number,
    problem,
    record,
    string,
    typed,
)

_ACTION_ID = {"action_id": string(most=255)}
_CONFIRM = {"confirm": CONFIRM}
_PLACEHOLDER = {"placeholder": plain(150)}
_FOCUS = {"focus_on_load": flag}
_MENU = {**_ACTION_ID, **_CONFIRM, **_PLACEHOLDER, **_FOCUS}
_MANY = {**_MENU, "max_selected_items": number(least=1)}
_INPUT = {**_ACTION_ID, **_PLACEHOLDER, **_FOCUS, "dispatch_action_config": DISPATCH}
_LABEL = {"accessibility_label": string(most=75)}
_IDS = listed(string())


def _date(value: Any, pointer: str) -> Iterator[str]:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield problem("must be a valid date", pointer)


def _time(value: Any, pointer: str) -> Iterator[str]:
    if not isinstance(value, str) or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) is None:
        yield problem("must be a valid time", pointer)


def _lengths_in_order(value: Any, pointer: str) -> Iterator[str]:
    least, most = value.get("min_length"), value.get("max_length")
    if least is not None and most is not None and least > most:
        yield problem("min_length must be less than or equal to max_length", pointer)


BUTTON = typed(
    "button",
    {"text": plain(75)},
    {**_ACTION_ID, **_CONFIRM, **_LABEL, "style": STYLE, "url": string(most=3000), "value": string(most=2000)},
)
WORKFLOW_BUTTON = typed(
    "workflow_button",
    {
        "text": plain(75),
        "workflow": record(
            {
                "trigger": record(
                    {"url": string()},
                    {"customizable_input_parameters": listed(record({"name": string(), "value": string()}))},
                )
            }
        ),
    },
    {**_ACTION_ID, **_CONFIRM, **_LABEL, "style": STYLE},
)
_FEEDBACK = record({"text": plain(75), "value": string(most=2000)}, _LABEL)
FEEDBACK_BUTTONS = typed("feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION_ID)
ICON_BUTTON = typed(
    "icon_button",
    {"icon": string(), "text": plain()},
    {**_ACTION_ID, **_CONFIRM, **_LABEL, "value": string(most=2000), "visible_to_user_ids": _IDS},
)

OVERFLOW = typed("overflow", {"options": listed(PLAIN_OPTION, least=1, most=5)}, {**_ACTION_ID, **_CONFIRM})
CHECKBOXES = both(
    typed(
        "checkboxes",
        {"options": listed(OPTION, least=1, most=10)},
        {**_ACTION_ID, **_CONFIRM, **_FOCUS, "initial_options": listed(OPTION, least=1)},
    ),
    initial_is_an_option,
)
RADIO_BUTTONS = both(
    typed(
        "radio_buttons",
        {"options": listed(OPTION, least=1, most=10)},
        {**_ACTION_ID, **_CONFIRM, **_FOCUS, "initial_option": OPTION},
    ),
    initial_is_an_option,
)

_OPTIONS: dict[str, Check] = {
    "options": listed(PLAIN_OPTION, least=1, most=100),
    "option_groups": listed(OPTION_GROUP, least=1, most=100),
}
SELECTS: dict[str, Check] = {
    "static_select": both(
        typed("static_select", {}, {**_MENU, **_OPTIONS, "initial_option": PLAIN_OPTION}),
        exactly_one_of("options", "option_groups"),
        initial_is_an_option,
    ),
    "external_select": typed(
        "external_select", {}, {**_MENU, "initial_option": PLAIN_OPTION, "min_query_length": number(least=0)}
    ),
    "users_select": typed("users_select", {}, {**_MENU, "initial_user": string()}),
    "channels_select": typed(
        "channels_select", {}, {**_MENU, "initial_channel": string(), "response_url_enabled": flag}
    ),
    "conversations_select": typed(
        "conversations_select",
        {},
        {
            **_MENU,
            "initial_conversation": string(),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": CONVERSATION_FILTER,
        },
    ),
}
MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": both(
        typed("multi_static_select", {}, {**_MANY, **_OPTIONS, "initial_options": listed(PLAIN_OPTION, least=1)}),
        exactly_one_of("options", "option_groups"),
        initial_is_an_option,
    ),
    "multi_external_select": typed(
        "multi_external_select",
        {},
        {**_MANY, "initial_options": listed(PLAIN_OPTION), "min_query_length": number(least=0)},
    ),
    "multi_users_select": typed("multi_users_select", {}, {**_MANY, "initial_users": _IDS}),
    "multi_channels_select": typed("multi_channels_select", {}, {**_MANY, "initial_channels": _IDS}),
    "multi_conversations_select": typed(
        "multi_conversations_select",
        {},
        {
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": flag,
            "filter": CONVERSATION_FILTER,
        },
    ),
}
PICKERS: dict[str, Check] = {
    "datepicker": typed("datepicker", {}, {**_MENU, "initial_date": _date}),
    "timepicker": typed("timepicker", {}, {**_MENU, "initial_time": _time, "timezone": string()}),
    "datetimepicker": typed(
        "datetimepicker",
        {},
        {**_ACTION_ID, **_CONFIRM, **_FOCUS, "initial_date_time": number(least=0, most=9_999_999_999)},
    ),
}
RICH_TEXT_INPUT = typed(
    "rich_text_input",
    {},
    {
        **_INPUT,
        "initial_value": RICH_TEXT,
        "min_lines": number(least=1, most=100),
        "max_lines": number(least=1, most=100),
    },
)
TEXT_INPUTS: dict[str, Check] = {
    "plain_text_input": both(
        typed(
            "plain_text_input",
            {},
            {
                **_INPUT,
                "initial_value": string(most=3000),
                "multiline": flag,
                "min_length": number(least=0, most=3000),
                "max_length": number(least=1, most=3000),
            },
        ),
        _lengths_in_order,
    ),
    "email_text_input": typed("email_text_input", {}, {**_INPUT, "initial_value": string()}),
    "url_text_input": typed("url_text_input", {}, {**_INPUT, "initial_value": string()}),
    "number_input": typed(
        "number_input",
        {"is_decimal_allowed": flag},
        {**_INPUT, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "rich_text_input": RICH_TEXT_INPUT,
    "file_input": typed(
        "file_input", {}, {**_ACTION_ID, "filetypes": listed(string()), "max_files": number(least=1, most=10)}
    ),
}
CHOICES: dict[str, Check] = {"checkboxes": CHECKBOXES, "radio_buttons": RADIO_BUTTONS}
BUTTONS: dict[str, Check] = {"button": BUTTON, "workflow_button": WORKFLOW_BUTTON}
