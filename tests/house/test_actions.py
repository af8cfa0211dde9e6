"""Every action that a card, entry or form offers has a handler, and every handler is offered somewhere."""

import ast
from collections.abc import Iterable
from pathlib import Path

from bot.actions.dispatch import HANDLERS, WORDS
from bot.duties import duties
from routing.jobs import Topic

ROOT = Path(__file__).parents[2]
FORM_NAMES_WITHOUT_SUBMIT = {
    "contact",
    "decided",
    "group_held",
    "group_undone",
    "history",
    "merged_words",
    "template",
    "whole",
}
OFFERED_BY_SURFACES = {"send_to_customer"}  # message shortcuts stand in the surface's own menu


def _offered() -> set[str]:
    """The names in Button(…), _button(…, …) and Form(name=…) of the cards."""
    found: set[str] = set()
    for path in (ROOT / "bot/cards").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= _names(node)
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "names":
                found |= _words(ast.walk(node.value))
    return found


def _words(nodes: Iterable[ast.AST]) -> set[str]:
    return {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _names(call: ast.Call) -> set[str]:
    called = getattr(call.func, "id", "")
    literals = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if called in ("Button", "_button"):
        return set(literals[:1])
    if called == "Form":
        names = _words(one.value for one in call.keywords if one.arg == "name")
        tells_close = any(one.arg == "tells_close" for one in call.keywords)
        return names | {f"form.{name}.closed" for name in names} if tells_close else names
    if called == "Choice" and any(one.arg == "refreshes" for one in call.keywords):
        return {f"form.send.{literals[0]}"}
    return set()


def test_every_offered_action_has_a_handler() -> None:
    assert _offered() - FORM_NAMES_WITHOUT_SUBMIT <= set(HANDLERS)


def test_every_handler_is_offered_somewhere() -> None:
    assert set(HANDLERS) <= _offered() | OFFERED_BY_SURFACES | set(WORDS.actions.values())


def test_every_word_names_its_action_and_no_word_is_another_ones_name() -> None:
    assert all(WORDS.actions[name] == name for name in WORDS.actions.values())
    assert {name for name, entitled in HANDLERS.items() if entitled.word} == set(WORDS.actions.values())


def test_every_topic_has_a_worker() -> None:
    source = ast.parse((ROOT / "bot/duties.py").read_text("utf-8"))
    worked = {
        call.args[0].attr
        for call in ast.walk(source)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "Duty"
        and isinstance(call.args[0], ast.Attribute)
    }
    assert worked == {topic.name for topic in Topic}
    assert callable(duties)
