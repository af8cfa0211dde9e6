"""Good and bad blocks and views of every kind, to hold the stand-in's judgement to that of others."""

from collections.abc import Iterator
from typing import Any

from tests.sandbox.slack.cards import Json, button, mrkdwn, option, plain, reply_form, ticket_card

CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("It *leaves*."), "confirm": plain("Yes"), "deny": plain("No")}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Hi ", "style": {"bold": True}},
                {"type": "user", "user_id": "U0AKI"},
                {"type": "link", "url": "https://sunrise-coffee.example", "text": "shop"},
                {"type": "emoji", "name": "coffee"},
                {"type": "channel", "channel_id": "C0SUPPORT"},
                {"type": "broadcast", "range": "here"},
                {"type": "date", "timestamp": 1720710212, "format": "{date_num}"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ],
}
SELECTS: list[Json] = [
    {"type": "static_select", "action_id": "a", "options": [option("x")], "initial_option": option("x")},
    {
        "type": "multi_static_select",
        "action_id": "a",
        "placeholder": plain("Tags"),
        "option_groups": [{"label": plain("Group"), "options": [option("x"), option("y")]}],
        "max_selected_items": 2,
    },
    {"type": "external_select", "action_id": "a", "min_query_length": 2},
    {"type": "multi_external_select", "action_id": "a"},
    {"type": "users_select", "action_id": "a", "initial_user": "U0AKI", "confirm": CONFIRM},
    {"type": "multi_users_select", "action_id": "a", "initial_users": ["U0AKI"]},
    {"type": "conversations_select", "action_id": "a", "filter": {"include": ["im"], "exclude_bot_users": True}},
    {"type": "multi_conversations_select", "action_id": "a", "default_to_current_conversation": True},
    {"type": "channels_select", "action_id": "a", "initial_channel": "C0SUPPORT"},
    {"type": "multi_channels_select", "action_id": "a"},
    {"type": "radio_buttons", "action_id": "a", "options": [option("x"), option("y")], "initial_option": option("y")},
    {
        "type": "checkboxes",
        "action_id": "a",
        "options": [{"text": mrkdwn("*x*"), "value": "x", "description": plain("why")}],
    },
    {"type": "datepicker", "action_id": "a", "initial_date": "2026-11-22"},
    {"type": "timepicker", "action_id": "a", "initial_time": "09:30"},
]
INPUTS: list[Json] = [
    *SELECTS,
    {"type": "datetimepicker", "action_id": "a", "initial_date_time": 1_700_000_000},
    {
        "type": "plain_text_input",
        "action_id": "a",
        "multiline": True,
        "min_length": 1,
        "max_length": 3000,
        "initial_value": "Dear",
        "placeholder": plain("Write"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        "focus_on_load": True,
    },
    {"type": "email_text_input", "action_id": "a", "initial_value": "a@b.example"},
    {"type": "url_text_input", "action_id": "a"},
    {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    {"type": "rich_text_input", "action_id": "a", "initial_value": RICH},
    {"type": "file_input", "action_id": "a", "filetypes": ["png"], "max_files": 3},
]
IMAGE = {"type": "image", "image_url": "https://sunrise-coffee.example/a.png", "alt_text": "a cup"}
GOOD_BLOCKS: list[list[Json]] = [
    ticket_card(),
    [{"type": "divider"}],
    [{**IMAGE, "title": plain("Cup")}],
    [{"type": "image", "slack_file": {"id": "F123"}, "alt_text": "a cup"}],
    [{"type": "section", "fields": [mrkdwn("*Status*"), plain("open")], "accessory": IMAGE}],
    [
        {
            "type": "section",
            "text": mrkdwn("x"),
            "accessory": {**button("b", "Do"), "confirm": CONFIRM, "style": "danger"},
        }
    ],
    [{"type": "section", "text": plain("x"), "accessory": {**button("b", "Go"), "url": "https://a.example"}}],
    *[[{"type": "section", "text": mrkdwn("x"), "accessory": one}] for one in SELECTS],
    *[[{"type": "actions", "elements": [one]}] for one in SELECTS],
    *[[{"type": "input", "label": plain("L"), "hint": plain("H"), "element": one}] for one in INPUTS],
    [{"type": "context", "elements": [mrkdwn("x"), plain("y"), IMAGE]}],
    [{"type": "markdown", "text": "# Hi\n* there"}],
    [RICH],
    [
        {
            "type": "table",
            "column_settings": [{"align": "right", "is_wrapped": True}],
            "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]],
        }
    ],
    [{"type": "card", "title": mrkdwn("t"), "body": mrkdwn("b"), "actions": [button("b", "B")]}],
    [{"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("t")}]}],
    [{"type": "container", "title": plain("c"), "child_blocks": [{"type": "divider"}], "is_collapsible": True}],
    [
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "fb",
                    "positive_button": {"text": plain("Good"), "value": "+"},
                    "negative_button": {"text": plain("Bad"), "value": "-"},
                }
            ],
        }
    ],
    [
        {
            "type": "video",
            "alt_text": "v",
            "thumbnail_url": "https://a.example/t.png",
            "title": plain("v"),
            "video_url": "https://a.example/v",
        }
    ],
    [],
]
GOOD_VIEWS: list[Json] = [
    reply_form(),
    reply_form(clear_on_close=True, notify_on_close=True, external_id="x"),
    {"type": "modal", "title": plain("Note"), "blocks": [{"type": "alert", "text": mrkdwn("!"), "level": "error"}]},
    {
        "type": "home",
        "blocks": [{"type": "header", "text": plain("Mine")}],
        "private_metadata": "p",
        "callback_id": "h",
    },
]


def _section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def _with_button(**changes: Any) -> list[Json]:
    return [{"type": "actions", "elements": [{**button("a", "A"), **changes}]}]


BAD_BLOCKS: dict[str, list[Json]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "unknown block": [{"type": "sparkle"}],
    "section text too long": [_section("x" * 3001)],
    "empty text": [_section("")],
    "section without text and fields": [{"type": "section"}],
    "11 fields": [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    "field too long": [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
    "mrkdwn header": [{"type": "header", "text": mrkdwn("x")}],
    "header too long": [{"type": "header", "text": plain("x" * 151)}],
    "text as a string": [{"type": "section", "text": "x"}],
    "misspelt property": [_section(acessory=button("a", "A"))],
    "26 elements": [{"type": "actions", "elements": [button(f"a{n}", "A") for n in range(26)]}],
    "no elements": [{"type": "actions", "elements": []}],
    "11 context elements": [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    "button in context": [{"type": "context", "elements": [button("a", "A")]}],
    "text input in actions": [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
    "mrkdwn button": _with_button(text=mrkdwn("A")),
    "button text too long": _with_button(text=plain("A" * 76)),
    "button value too long": _with_button(value="v" * 2001),
    "button url too long": _with_button(url="https://a.example/" + "u" * 3000),
    "bad style": _with_button(style="green"),
    "action_id too long": _with_button(action_id="a" * 256),
    "block_id too long": [{"type": "divider", "block_id": "b" * 256}],
    "block_id twice": [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
    "action_id twice": [{"type": "actions", "elements": [button("a", "A"), button("a", "B")]}],
    "option without value": [
        _section(accessory={"type": "overflow", "action_id": "a", "options": [{"text": plain("x")}]})
    ],
    "option value too long": [
        _section(accessory={"type": "static_select", "action_id": "a", "options": [option("x" * 151, "x")]})
    ],
    "101 options": [
        _section(accessory={"type": "static_select", "action_id": "a", "options": [option(str(n)) for n in range(101)]})
    ],
    "no options": [_section(accessory={"type": "static_select", "action_id": "a", "options": []})],
    "options and groups": [
        _section(
            accessory={
                "type": "static_select",
                "action_id": "a",
                "options": [option("x")],
                "option_groups": [{"label": plain("g"), "options": [option("y")]}],
            }
        )
    ],
    "initial option that is none": [
        _section(
            accessory={
                "type": "static_select",
                "action_id": "a",
                "options": [option("x")],
                "initial_option": option("y"),
            }
        )
    ],
    "6 in overflow": [
        _section(accessory={"type": "overflow", "action_id": "a", "options": [option(str(n)) for n in range(6)]})
    ],
    "11 radio buttons": [
        _section(accessory={"type": "radio_buttons", "action_id": "a", "options": [option(str(n)) for n in range(11)]})
    ],
    "confirm text too long": _with_button(confirm={**CONFIRM, "text": mrkdwn("x" * 301)}),
    "image without alt text": [{"type": "image", "image_url": "https://a.example/a.png"}],
    "image without address": [{"type": "image", "alt_text": "a"}],
    "markdown too long": [{"type": "markdown", "text": "x" * 12_001}],
    "input without label": [{"type": "input", "element": {"type": "plain_text_input", "action_id": "a"}}],
    "button as input": [{"type": "input", "label": plain("L"), "element": button("a", "A")}],
    "placeholder too long": [
        _section(accessory={"type": "users_select", "action_id": "a", "placeholder": plain("x" * 151)})
    ],
    "bad date": [_section(accessory={"type": "datepicker", "action_id": "a", "initial_date": "tomorrow"})],
    "bad time": [_section(accessory={"type": "timepicker", "action_id": "a", "initial_time": "25:00"})],
    "101 table rows": [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}],
    "11 cards": [{"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("t")}] * 11}],
    "alert in a message": [{"type": "alert", "text": mrkdwn("!")}],
    "null accessory": [_section(accessory=None)],
}
BAD_VIEWS: dict[str, Json] = {
    "title too long": reply_form(title=plain("x" * 25)),
    "submit too long": reply_form(submit=plain("x" * 25)),
    "close too long": reply_form(close=plain("x" * 25)),
    "no title": {key: value for key, value in reply_form().items() if key != "title"},
    "no blocks": reply_form(blocks=[]),
    "101 blocks": reply_form(blocks=[{"type": "divider"}] * 101),
    "metadata too long": reply_form(private_metadata="x" * 3001),
    "callback_id too long": reply_form(callback_id="x" * 256),
    "input without submit": {key: value for key, value in reply_form().items() if key != "submit"},
    "unknown property": reply_form(colour="red"),
    "Slack's own fields sent back": reply_form(hash="1.x", state={"values": {}}),
    "home with submit": {"type": "home", "blocks": [{"type": "divider"}], "submit": plain("x")},
}


def mutations(value: Any) -> Iterator[Any]:
    """The value with one thing wrong: a property gone, added, emptied, overlong, or of another type."""
    if isinstance(value, dict):
        yield {**value, "bogus": "x"}
        for key, inner in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            for wrong in mutations(inner):
                yield {**value, key: wrong}
    elif isinstance(value, list):
        yield {"not": "a list"}
        yield []
        for index, inner in enumerate(value):
            for wrong in mutations(inner):
                yield [*value[:index], wrong, *value[index + 1 :]]
    elif isinstance(value, str):
        yield from (5, None, "", value + "x" * 80, value + "x" * 260, value + "x" * 3001)
    else:
        yield "a string"
