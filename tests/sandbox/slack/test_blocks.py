"""The stand-in judges blocks and views as Slack's own types and slack_sdk's models do."""

import json
import re
from typing import Any

import pytest

from bot.sandbox.slack.blocks import check_blocks, check_view
from tests.sandbox.slack.corpus import BAD_BLOCKS, BAD_VIEWS, GOOD_BLOCKS, GOOD_VIEWS, mutations
from tests.sandbox.slack.judges import (
    lengths_accept_blocks,
    lengths_accept_view,
    structure_accepts,
    structure_accepts_blocks,
)

# Where the stand-in is stricter than both judges, because Slack itself is: neither judge looks at these.
STRICTER = {
    "option without value": "Slack requires a value in every option; the types call it optional",
    "block_id twice": "ids must be unique within a message or view",
    "action_id twice": "ids must be unique within a block",
    "no elements": "Slack wants at least one element",
    "no options": "Slack wants at least one option",
    "initial option that is none": "an initial option must be one of the options",
    "11 radio buttons": "documented in Slack's types: at most 10",
    "101 table rows": "documented in Slack's types: at most 100",
    "alert in a message": "documented in Slack's types: modals only",
    "input without submit": "documented in Slack's types: submit is required when there is an input block",
    "51 blocks": "documented: 50 blocks in a message",
    "empty text": "documented in Slack's types: at least one character; slack_sdk looks at lone texts only",
    "option value too long": "slack_sdk knows the limit (150) but does not look inside accessories",
    "field too long": "documented: 2000 characters in a field",
}
# The same for mutated payloads, by what the stand-in says of them.
STRICTER_WORDS = re.compile(
    r"missing required field: (value|submit|confirm|deny)"
    r"|initial option must match"
    r"|no fewer than 1 items|must be more than 0 characters|must provide exactly one of|must provide at least one of"
    r"|must be less than (31|50|76|101|151|200|201|256|2001|3001) characters"
    r"|unsupported type: |must be a valid (date|time)"
)


@pytest.mark.parametrize("blocks", GOOD_BLOCKS, ids=lambda blocks: "+".join(block["type"] for block in blocks))
def test_good_blocks_are_taken_by_all_judges(blocks: list[dict[str, Any]]) -> None:
    assert check_blocks(blocks) == []
    assert structure_accepts("strict.Blocks", blocks)
    assert lengths_accept_blocks(blocks)


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_bad_blocks_are_refused(name: str) -> None:
    blocks = BAD_BLOCKS[name]
    assert check_blocks(blocks)
    others_refuse = not structure_accepts("strict.Blocks", blocks) or not lengths_accept_blocks(blocks)
    assert others_refuse == (name not in STRICTER)


@pytest.mark.parametrize("view", GOOD_VIEWS, ids=lambda view: view["type"])
def test_good_views_are_taken_by_all_judges(view: dict[str, Any]) -> None:
    assert check_view(view, view["type"]) == []
    assert structure_accepts(f"strict.{view['type'].title()}", view)
    assert lengths_accept_view(view)


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_bad_views_are_refused(name: str) -> None:
    view = BAD_VIEWS[name]
    assert check_view(view, view["type"])
    others_refuse = not structure_accepts(f"strict.{view['type'].title()}", view) or not lengths_accept_view(view)
    assert others_refuse == (name not in STRICTER)


# Every element stands once in an input block; the same in an actions block would only take longer.
BROKEN = [blocks for blocks in GOOD_BLOCKS if [block["type"] for block in blocks] != ["actions"]]


@pytest.mark.parametrize("blocks", BROKEN, ids=lambda blocks: "+".join(block["type"] for block in blocks))
def test_whatever_the_others_refuse_the_stand_in_refuses_too(blocks: list[dict[str, Any]]) -> None:
    """Every single fault put into good blocks gets the same verdict, or a stricter one that Slack documents."""
    for wrong in mutations(blocks):
        if not isinstance(wrong, list):
            continue
        problems = check_blocks(wrong)
        accepted = structure_accepts_blocks(wrong) and lengths_accept_blocks(wrong)
        if problems and accepted:
            assert all(STRICTER_WORDS.search(one) for one in problems), (problems, json.dumps(wrong)[:500])
        assert problems or accepted, f"others refuse what the stand-in takes: {json.dumps(wrong)[:500]}"
