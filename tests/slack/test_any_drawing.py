"""Whatever stands in a card, an entry or a form: Slack takes it, and nothing in it acts."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings

from bot.cards.model import Card, Entry, Form
from bot.slack.blocks import draw_card, draw_entry
from bot.slack.forms import draw_form
from bot.slack.kept import Origin
from bot.slack.phrases import ENGLISH
from routing.errors import Rejected
from tests.slack.any_drawing import any_of
from tests.slack.judges import Json, approve_blocks, approve_view, texts, units, walk
from tests.slack.samples import SEAL

# What would make a person's words do something.
_ACTING = {"link", "usergroup", "channel", "broadcast", "section", "markdown"}
_quick = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _is_inert(blocks: list[Json]) -> None:
    parts = list(walk(blocks))
    assert not _ACTING & {part["type"] for part in parts if isinstance(part.get("type"), str)}
    for part in parts:
        if part.get("type") == "mrkdwn":
            assert part["text"].startswith("<!date^")
            assert part["text"].count("<") == 1
        if part.get("type") == "user":
            assert part["user_id"].isalnum()


@_quick
@given(any_of(Card))
def test_any_card_is_taken_and_inert(card: Any) -> None:
    drawn = draw_card(card, SEAL)
    approve_blocks(drawn.blocks)
    _is_inert(drawn.blocks)
    assert "<" not in drawn.text
    assert sum(units(text) for text in texts(drawn.blocks)) < 12_000


@_quick
@given(any_of(Entry))
def test_any_entry_is_taken_and_inert(entry: Any) -> None:
    drawn = draw_entry(entry, SEAL)
    approve_blocks(drawn.blocks)
    _is_inert(drawn.blocks)
    assert "<" not in drawn.text


def _told_apart(form: Any) -> Any:
    """Two fields of one form never have the same id: handlers would get one value for both."""
    named = [replace(one, id=f"f{place}") if hasattr(one, "id") else one for place, one in enumerate(form.fields)]
    return replace(form, fields=tuple(named))


@_quick
@given(any_of(Form).map(_told_apart))
def test_any_form_is_taken_and_inert(form: Any) -> None:
    """A choice whose value is too long for Slack is a fault of ours, and is said; everything else is drawn."""
    try:
        view = draw_form(form, SEAL, Origin("C0SUPPORT", "1.1"), ENGLISH)
    except Rejected as fault:
        assert "Slack takes" in str(fault) or "too large" in str(fault)  # noqa: PT017  either drawn or explained
        return
    if view["blocks"]:
        approve_view(view)
    _is_inert(view["blocks"])
