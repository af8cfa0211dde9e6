"""Judges the blocks and views an app sends, by Slack's rules of structure and length."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.blocks.composition import plain
from bot.sandbox.slack.blocks.layouts import HOME_BLOCKS, MESSAGE_BLOCKS, MODAL_BLOCKS
from bot.sandbox.slack.blocks.shapes import Check, both, flag, listed, problem, string, tagged, typed
from bot.sandbox.slack.wire import JsonObject

MESSAGE_BLOCKS_AT_MOST = 50
VIEW_BLOCKS_AT_MOST = 100
# Slack refuses a message whose blocks hold more text than about this; the figure is observed, not documented.
BLOCK_TEXT_AT_MOST = 13_200


def check_blocks(blocks: Any) -> list[str]:
    """What is wrong with a message's blocks; nothing if Slack would take them."""
    return list(_IN_MESSAGE(blocks, "/blocks"))


def check_view(view: Any, type_: str) -> list[str]:
    """What is wrong with a view that should be a modal or a Home tab."""
    return list((_HOME if type_ == "home" else _MODAL)(view, "/view"))


def text_length(value: Any) -> int:
    """How much text blocks hold in all."""
    if isinstance(value, list):
        return sum(text_length(one) for one in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(text_length(inner) for inner in value.values())


def _ids_are_unique(blocks: Any, pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            yield problem(f"block_id already exists: {block_id}", f"{pointer}/{index}/block_id")
        seen.add(block_id or "")
        yield from _action_ids_are_unique(block, f"{pointer}/{index}")
        focused += sum(bool(element.get("focus_on_load")) for element in _elements(block))
    if focused > 1:
        yield problem("only one element may have focus_on_load", pointer)


def _action_ids_are_unique(block: JsonObject, pointer: str) -> Iterator[str]:
    ids = [element["action_id"] for element in _elements(block) if element.get("action_id")]
    for repeated in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        yield problem(f"action_id already exists: {repeated}", pointer)


def _elements(block: JsonObject) -> list[JsonObject]:
    inside = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    return [element for element in inside if isinstance(element, dict)]


def _inputs_need_submit(view: Any, pointer: str) -> Iterator[str]:
    if view.get("submit") is None and any(block["type"] == "input" for block in view["blocks"]):
        yield problem("missing required field: submit", pointer)


def _blocks(kinds: dict[str, Check], *, least: int, most: int) -> Check:
    return both(listed(tagged(kinds), least=least, most=most), _ids_are_unique)


_IN_MESSAGE = _blocks(MESSAGE_BLOCKS, least=0, most=MESSAGE_BLOCKS_AT_MOST)
_COMMON: dict[str, Check] = {
    "private_metadata": string(most=3000),
    "callback_id": string(most=255),
    "external_id": string(most=255),
}
_MODAL = both(
    typed(
        "modal",
        {"title": plain(24), "blocks": _blocks(MODAL_BLOCKS, least=1, most=VIEW_BLOCKS_AT_MOST)},
        {**_COMMON, "submit": plain(24), "close": plain(24), "clear_on_close": flag, "notify_on_close": flag},
    ),
    _inputs_need_submit,
)
_HOME = typed("home", {"blocks": _blocks(HOME_BLOCKS, least=1, most=VIEW_BLOCKS_AT_MOST)}, _COMMON)
