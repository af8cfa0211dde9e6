"""The rules of blocks, and of where each kind of block may stand."""

from bot.sandbox.slack.blocks.composition import IMAGE_ELEMENT, PICTURE, PICTURE_SOURCE, either_text, mrkdwn, plain
from bot.sandbox.slack.blocks.elements import (
    BUTTON,
    BUTTONS,
    CHOICES,
    FEEDBACK_BUTTONS,
    ICON_BUTTON,
    MULTI_SELECTS,
    OVERFLOW,
    PICKERS,
    RICH_TEXT_INPUT,
    SELECTS,
    TEXT_INPUTS,
)
from bot.sandbox.slack.blocks.rich_text import RICH_TEXT
from bot.sandbox.slack.blocks.shapes import (
    Check,
    anything,
    at_least_one_of,
    both,
    exactly_one_of,
    flag,
    listed,
    number,
    one_of,
    record,
    string,
    tagged,
    typed,
)

_ID: dict[str, Check] = {"block_id": string(most=255)}
_MENUS: dict[str, Check] = {**SELECTS, **MULTI_SELECTS, **CHOICES, "overflow": OVERFLOW, **BUTTONS}

_ACTIONS = typed(
    "actions",
    {"elements": listed(tagged({**_MENUS, **PICKERS, "rich_text_input": RICH_TEXT_INPUT}), least=1, most=25)},
    _ID,
)
_ACCESSORY = tagged(
    {
        **_MENUS,
        "datepicker": PICKERS["datepicker"],
        "timepicker": PICKERS["timepicker"],
        "image": IMAGE_ELEMENT,
    }
)
_SECTION = both(
    typed(
        "section",
        {},
        {
            **_ID,
            "text": either_text(3000),
            "fields": listed(either_text(2000), least=1, most=10),
            "accessory": _ACCESSORY,
            "expand": flag,
        },
    ),
    at_least_one_of("text", "fields"),
)
_CONTEXT = typed(
    "context",
    {"elements": listed(tagged({"image": IMAGE_ELEMENT, "plain_text": plain(), "mrkdwn": mrkdwn()}), least=1, most=10)},
    _ID,
)
_CONTEXT_ACTIONS = typed(
    "context_actions",
    {"elements": listed(tagged({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON}), least=1, most=5)},
    _ID,
)
_INPUT = typed(
    "input",
    {
        "label": plain(2000),
        "element": tagged({**TEXT_INPUTS, **SELECTS, **MULTI_SELECTS, **CHOICES, **PICKERS}),
    },
    {**_ID, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
)
_IMAGE = both(
    typed("image", PICTURE, {**_ID, **PICTURE_SOURCE, "title": plain(2000)}),
    exactly_one_of("image_url", "slack_file"),
)
_HEADER = typed("header", {"text": plain(150)}, _ID)
_DIVIDER = typed("divider", {}, _ID)
_MARKDOWN = typed("markdown", {"text": string(least=1, most=12_000)}, _ID)
_ALERT = typed(
    "alert", {"text": either_text()}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}
)
_VIDEO = typed(
    "video",
    {
        "alt_text": string(),
        "thumbnail_url": string(),
        "title": plain(199),
        "video_url": string(),
    },
    {
        **_ID,
        "author_name": string(most=49),
        "description": plain(),
        "provider_icon_url": string(),
        "provider_name": string(),
        "title_url": string(),
    },
)
_RAW: dict[str, Check] = {
    "raw_text": typed("raw_text", {"text": string(least=1)}),
    "raw_number": typed("raw_number", {"value": number(), "text": string(least=1)}),
    "rich_text": RICH_TEXT,
}
_TABLE = typed(
    "table",
    {"rows": listed(listed(tagged(_RAW), most=20), least=1, most=100)},
    {
        **_ID,
        "column_settings": listed(
            record({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), most=20
        ),
    },
)
_DATA_TABLE = typed(
    "data_table",
    {"caption": string(), "rows": listed(listed(tagged(_RAW)), least=1)},
    {**_ID, "page_size": number(least=1, most=100), "row_header_column_index": number(least=0)},
)
_CARD = both(
    typed(
        "card",
        {},
        {
            **_ID,
            "title": mrkdwn(150),
            "subtitle": mrkdwn(150),
            "body": mrkdwn(200),
            "hero_image": IMAGE_ELEMENT,
            "icon": IMAGE_ELEMENT,
            "actions": listed(BUTTON),
        },
    ),
    at_least_one_of("hero_image", "title", "body", "actions"),
)
_CAROUSEL = typed("carousel", {"elements": listed(tagged({"card": _CARD}), least=1, most=10)}, _ID)
_TASK_CARD = typed(
    "task_card",
    {
        "task_id": string(),
        "title": string(),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    {
        **_ID,
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": listed(typed("url", {"url": string(), "text": string()})),
    },
)
_PLAN = typed("plan", {"title": string()}, {**_ID, "tasks": listed(anything)})

_EVERYWHERE: dict[str, Check] = {
    "actions": _ACTIONS,
    "context": _CONTEXT,
    "divider": _DIVIDER,
    "header": _HEADER,
    "image": _IMAGE,
    "input": _INPUT,
    "rich_text": RICH_TEXT,
    "section": _SECTION,
    "video": _VIDEO,
}
_CONTAINER = both(
    typed(
        "container",
        {"child_blocks": listed(tagged({**_EVERYWHERE, "table": _TABLE}), least=1, most=10)},
        {
            **_ID,
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": either_text(150),
            "icon": IMAGE_ELEMENT,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
    ),
    exactly_one_of("title", "rich_text_title"),
)
MESSAGE_BLOCKS: dict[str, Check] = {
    **_EVERYWHERE,
    "card": _CARD,
    "carousel": _CAROUSEL,
    "container": _CONTAINER,
    "context_actions": _CONTEXT_ACTIONS,
    "data_table": _DATA_TABLE,
    "markdown": _MARKDOWN,
    "plan": _PLAN,
    "table": _TABLE,
    "task_card": _TASK_CARD,
}
MODAL_BLOCKS: dict[str, Check] = {**_EVERYWHERE, "alert": _ALERT}
HOME_BLOCKS: dict[str, Check] = dict(_EVERYWHERE)
