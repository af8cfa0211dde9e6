"""Judges of Block Kit made by others: Slack's own types as schemas, and the lengths that slack_sdk knows."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Json = dict[str, Any]
SPECS = Path(__file__).parents[2].parent / "shared" / "specs" / "slack"


@cache
def schema(name: str) -> Any:
    """A validator made from a schema of Slack's types; skips the test where it is not at hand."""
    path = SPECS / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand: Slack's types are not part of this repository")
    found = json.loads(path.read_text())
    return jsonschema.Draft7Validator(found)


def approve_blocks(blocks: list[Json]) -> None:
    """Raises when Slack would refuse the blocks of a message."""
    assert 1 <= len(blocks) <= 50
    schema("strict.Blocks.json").validate(blocks)
    for block in Block.parse_all(blocks):
        block.to_dict()
    approve_everywhere(blocks)


def approve_view(view: Json) -> None:
    """Raises when Slack would refuse the view."""
    assert 1 <= len(view["blocks"]) <= 100
    schema("strict.Modal.json").validate(view)
    View(**view).to_dict()
    approve_everywhere(view["blocks"])
    assert len(view["private_metadata"]) <= 3000
    assert len(json.dumps(view)) < 250_000


def approve_everywhere(blocks: list[Json]) -> None:
    """What neither judge looks at: empty texts, doubled ids, long words, characters that act on their surroundings."""
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids))
    for block in blocks:
        actions = [element["action_id"] for element in block.get("elements", []) if "action_id" in element]
        assert len(actions) == len(set(actions))
        assert len(actions) <= 25
    for text in texts(blocks):
        assert text.strip() or text == " " or text.startswith("  ")
        assert units(text) <= 3000
        assert not any(character in text for character in "\x00\u202e\u2066\ufeff\u200b\x1b")
        text.encode("utf-8")


def texts(value: Any) -> Iterator[str]:
    """Every `text` that stands anywhere."""
    for part in walk(value):
        if isinstance(part.get("text"), str):
            yield part["text"]


def walk(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
