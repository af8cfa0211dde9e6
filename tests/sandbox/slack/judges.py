"""What others say of payloads: JSON schemas made from Slack's own types, and the models of slack_sdk."""

import functools
import json
import logging
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs" / "slack"


def schema(name: str) -> jsonschema.Draft7Validator:
    """The schema of that name; skips the test where the shared specs are not at hand."""
    path = SPECS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the shared specs are not here: {path}")
    return _read(path)


@functools.cache
def _read(path: Path) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(_load(path))


@functools.cache
def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def structure_accepts(name: str, payload: Any) -> bool:
    return bool(schema(name).is_valid(payload))


def structure_accepts_blocks(blocks: list[Any]) -> bool:
    """The same verdict as the whole schema's, but each block is held only to the definition of its own type."""
    schema("strict.Blocks")
    return all(_of_type(block.get("type") if isinstance(block, dict) else None).is_valid(block) for block in blocks)


def _of_type(type_: Any) -> jsonschema.Draft7Validator:
    definitions = _load(SPECS / "strict.Blocks.json")["definitions"]
    for name in (ref["$ref"].rpartition("/")[2] for ref in definitions["KnownBlock"]["anyOf"]):
        kinds = definitions[name].get("anyOf", [definitions[name]])
        if kinds[0]["properties"]["type"]["const"] == type_:
            return _part(name)
    return _part("KnownBlock")


@functools.cache
def _part(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator({**_load(SPECS / "strict.Blocks.json"), "$ref": f"#/definitions/{name}"})


def lengths_accept_blocks(blocks: Any) -> bool:
    """slack_sdk's verdict; it knows lengths, but passes over properties and blocks that it does not know."""
    return _forms(lambda: [block.to_dict() for block in Block.parse_all(blocks)])


def lengths_accept_view(view: dict[str, Any]) -> bool:
    return _forms(lambda: View(**view).to_dict())


def _forms(build: Any) -> bool:
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    try:
        build()
    except (SlackObjectFormationError, TypeError, AttributeError, KeyError, ValueError):
        return False
    return True
