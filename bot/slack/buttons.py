"""Draws buttons and menus, and reads back what a press carries."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.model import Button, Confirm, Style
from bot.slack.seal import Seal, packed
from bot.slack.texts import cut, tidy
from routing.errors import BadSignature, Rejected
from routing.ids import TicketId

Json = dict[str, Any]

MOST_IN_A_ROW = 25
MOST_IN_OVERFLOW = 5
MOST_IN_SELECT = 100
LONGEST_VALUE = 2000
LONGEST_CHOICE_VALUE = 150
LONGEST_LABEL = 75
MENU = "menu"
_PURPOSE = "button"


def rows(
    buttons: Sequence[Button], seal: Seal, *, menu: Sequence[Button] = (), menu_label: str = "", name: str = "row"
) -> list[Json]:
    """Action blocks with the buttons and, at the end, the menu.

    A menu entry that asks for confirmation, or whose value is too long for a menu, is drawn as a button: Slack confirms
    menus only as a whole.
    """
    values = [sealed(button, seal) for button in menu]
    listed = [
        (button, value)
        for button, value in zip(menu, values, strict=True)
        if button.confirm is None and len(value) <= LONGEST_CHOICE_VALUE
    ]
    inside = {id(button) for button, _ in listed}
    elements = [_button(button, seal) for button in (*buttons, *(b for b in menu if id(b) not in inside))]
    elements += _menus(listed, menu_label)
    version = max((button.version for button in (*buttons, *menu)), default=0)
    return [
        # A new block id with every version: Slack would go on showing the last choice of a menu under an old one.
        {"type": "actions", "block_id": f"{name}{number}:{version}", "elements": _told_apart(part)}
        for number, part in enumerate(_parts(elements, MOST_IN_A_ROW))
    ]


def label(text: str, longest: int) -> Json:
    """A plain text of ours, never empty."""
    return {"type": "plain_text", "text": cut(tidy(text), longest) or "–", "emoji": True}


def _button(button: Button, seal: Seal) -> Json:
    value = sealed(button, seal)
    if len(value) > LONGEST_VALUE:
        raise Rejected(f"the button {button.action} carries {len(value)} characters; Slack takes {LONGEST_VALUE}")
    drawn: Json = {
        "type": "button",
        "action_id": button.action,
        "text": label(button.label, LONGEST_LABEL),
        "value": value,
    }
    if button.style is not Style.DEFAULT:
        drawn["style"] = button.style.value
    if button.confirm:
        drawn["confirm"] = _confirmation(button.confirm, button.style)
    return drawn


def _confirmation(confirm: Confirm, style: Style) -> Json:
    drawn: Json = {
        "title": label(confirm.title, 100),
        "text": label(confirm.text, 300),
        "confirm": label(confirm.yes, 30),
        "deny": label(confirm.no, 30),
    }
    if style is not Style.DEFAULT:
        drawn["style"] = style.value
    return drawn


def _menus(listed: Sequence[tuple[Button, str]], menu_label: str) -> list[Json]:
    options = [{"text": label(button.label, LONGEST_LABEL), "value": value} for button, value in listed]
    if not options:
        return []
    if len(options) <= MOST_IN_OVERFLOW:
        return [{"type": "overflow", "action_id": MENU, "options": options}]
    return [
        {"type": "static_select", "action_id": MENU, "placeholder": label(menu_label or "…", 150), "options": part}
        for part in _parts(options, MOST_IN_SELECT)
    ]


def _parts(elements: list[Json], most: int) -> Iterable[list[Json]]:
    return (elements[start : start + most] for start in range(0, len(elements), most))


def _told_apart(elements: list[Json]) -> list[Json]:
    """Slack wants every action id once in a block; what a press means is in its value."""
    seen: dict[str, int] = {}
    for element in elements:
        action = str(element["action_id"])[:240]
        seen[action] = seen.get(action, 0) + 1
        element["action_id"] = action if seen[action] == 1 else f"{action}#{seen[action]}"
    return elements


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button said of itself when it was drawn."""

    action: str
    ticket: TicketId
    version: int
    opens_form: bool
    values: dict[str, str]


def sealed(button: Button, seal: Seal) -> str:
    """What a press on the button brings back to us."""
    carried = [button.action, button.ticket, button.version, int(button.opens_form), dict(button.values)]
    return seal.close(_PURPOSE, packed(carried))


def read_value(value: str, seal: Seal) -> Pressed:
    """What the pressed button carries. Raises BadSignature unless we drew exactly that."""
    try:
        action, ticket, version, opens_form, values = json.loads(seal.open(_PURPOSE, value))
        return Pressed(str(action), TicketId(str(ticket)), int(version), bool(opens_form), dict(values))
    except (ValueError, TypeError, RecursionError) as fault:
        raise BadSignature("a button's value is not of this version") from fault
