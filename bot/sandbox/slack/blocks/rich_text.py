"""The rules of rich text."""

from bot.sandbox.slack.blocks.shapes import Check, flag, listed, number, one_of, record, string, tagged, typed

_STYLE = {"style": record({}, dict.fromkeys(("bold", "code", "italic", "strike", "underline"), flag))}
_BORDER = {"border": one_of(0, 1)}

_TEXT = typed("text", {"text": string()}, _STYLE)
_LINK = typed("link", {"url": string()}, {**_STYLE, "text": string(), "unsafe": flag})
_ELEMENTS: dict[str, Check] = {
    "text": _TEXT,
    "link": _LINK,
    "broadcast": typed("broadcast", {"range": one_of("here", "channel", "everyone")}, _STYLE),
    "channel": typed("channel", {"channel_id": string()}, _STYLE),
    "color": typed("color", {"value": string()}, _STYLE),
    "date": typed(
        "date", {"timestamp": number(), "format": string()}, {**_STYLE, "fallback": string(), "url": string()}
    ),
    "emoji": typed("emoji", {"name": string()}, {**_STYLE, "unicode": string(), "url": string()}),
    "team": typed("team", {"team_id": string()}, _STYLE),
    "user": typed("user", {"user_id": string()}, _STYLE),
    "usergroup": typed("usergroup", {"usergroup_id": string()}, _STYLE),
}
_INLINE = listed(tagged(_ELEMENTS))
_SECTION = typed("rich_text_section", {"elements": _INLINE})

RICH_TEXT = typed(
    "rich_text",
    {
        "elements": listed(
            tagged(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": typed(
                        "rich_text_list",
                        {"elements": listed(_SECTION), "style": one_of("bullet", "ordered")},
                        {**_BORDER, "indent": number()},
                    ),
                    "rich_text_quote": typed("rich_text_quote", {"elements": _INLINE}, _BORDER),
                    "rich_text_preformatted": typed(
                        "rich_text_preformatted",
                        {"elements": listed(tagged({"text": _TEXT, "link": _LINK}))},
                        _BORDER,
                    ),
                }
            )
        )
    },
    {"block_id": string(most=255)},
)
