"""Every sentence exists in every language, with the same blanks, and every sentence that the code says exists."""

import ast
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from bot.cards.times import PRESETS
from bot.cards.words import LANGUAGES, catalogue, say
from routing.desk.linking import Evidence
from routing.desk.scheduling import REASONS
from routing.group_reply import Fate
from routing.homes import View
from routing.messages import Delivered
from routing.notices import Occasion, Way
from routing.quiet import Day
from routing.replies import Sending
from routing.snoozing import Preset
from routing.ticket import Priority, Status

ROOT = Path(__file__).parents[2]
BLANK = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
SPOKEN = {"say", "line", "answer"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_blanks(language: str) -> None:
    reference, other = catalogue("en"), catalogue(language)
    assert set(other) == set(reference)
    for key, sentence in reference.items():
        assert set(BLANK.findall(other[key])) == set(BLANK.findall(sentence)), key


def _keys_in(path: Path) -> set[str]:
    """Literal sentence keys handed to say(), line(), answer() and Refused() in a module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        literals = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in SPOKEN:
            found |= {one for one in literals if re.fullmatch(r"[a-z_]+(\.[\w -]+)+", one)}
        elif name == "Refused":
            found |= {f"refused.{one}" for one in literals[:1]}
    return found


def _modules() -> list[Path]:
    return [path for folder in ("bot/cards", "bot/actions", "routing") for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_that_the_code_says_is_in_the_catalogue(path: Path) -> None:
    assert _keys_in(path) <= set(catalogue("en"))


def test_every_state_has_a_name() -> None:
    keys = set(catalogue("en"))
    assert {f"status.{one}" for one in Status} <= keys
    assert {f"priority.{one}" for one in Priority} <= keys
    assert {f"sending.{one}" for one in Sending} <= keys


def test_a_value_is_never_read_as_a_blank_or_a_format() -> None:
    said = say("en", "tell.assigned", number="1", who="{number.__class__} {0} %s")
    assert said == "#1 is now with {number.__class__} {0} %s."


def _literals() -> set[str]:
    """Every piece of text that stands in our code by itself."""
    modules = [path for folder in ("bot", "routing", "connectors") for path in (ROOT / folder).rglob("*.py")]
    return {
        node.value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


# Sentences whose key is put together: what stands before, and what may follow.
_MADE: Mapping[str, AbstractSet[str]] = {
    "status.": set(Status),
    "priority.": set(Priority),
    "snooze.": set(Preset),
    "home.view.": set(View),
    "home.empty.": set(View),
    "home.all.": {"channel", "priority", "status"},
    "sending.": {*Sending, *Delivered},
    "evidence.": set(Evidence),
    "history.reply.": {*Delivered, "decided_arrived", "decided_again", "decided_drop"},
    "when.": set(PRESETS),
    "returned.": REASONS,
    "language.": set(LANGUAGES),
    "refused.schedule.": REASONS,
    "group.": set(Fate),
    "event.reply.failed_": {"rejected", "window_closed"},
    "history.reply.failed_": {"rejected", "window_closed"},
    "occasion.": set(Occasion),
    "way.": set(Way),
    "day.": set(Day),
    "notice.reply_": {Sending.FAILED, Sending.UNKNOWN, Delivered.BOUNCED},
    "form.notices.quiet_": {"begin", "end"},
}
_NAMED = (
    "button.",
    "help.words.",
    "refused.",
    "event.",
    "history.",
    "unit.",
)  # by an action, a refusal, a happening, a limit


def test_every_sentence_is_said_somewhere() -> None:
    literals = _literals()
    said = literals | {before + after for before, afters in _MADE.items() for after in afters}
    unused = {
        key
        for key in catalogue("en")
        if key not in said and not any(key.startswith(one) and key.removeprefix(one) in literals for one in _NAMED)
    }
    assert unused == set()
