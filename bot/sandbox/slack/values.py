"""Keeps what people typed and chose: the `state.values` of views and messages, complete as Slack sends it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.wire import JsonObject, copied

# Which field of a state value (and of an action) carries the choice, by element type.
VALUE_FIELD = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
_INITIAL_FIELD = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
}
_LISTS = frozenset({"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"})


@dataclass(frozen=True, slots=True)
class Placed:
    """An element and the block it stands in."""

    block: JsonObject
    element: JsonObject

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])


def elements(blocks: list[JsonObject]) -> Iterator[Placed]:
    """Every interactive element, in reading order, also inside containers, cards and carousels."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory"), *block.get("elements", []), *block.get("actions", [])]
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield Placed(block, element)
        if block.get("type") == "carousel":
            yield from elements(block["elements"])
        yield from elements(block.get("child_blocks", []))


def find_element(blocks: list[JsonObject], action_id: str, block_id: str | None = None) -> Placed | None:
    return next(
        (p for p in elements(blocks) if p.action_id == action_id and block_id in (None, p.block_id)),
        None,
    )


def options_of(element: JsonObject) -> list[JsonObject]:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def full_option(element: JsonObject, given: Any) -> Any:
    """The option object as the app wrote it, found by its value; external options come whole from the client."""
    wanted = given.get("value") if isinstance(given, dict) else given
    for option in options_of(element):
        if option.get("value") == wanted:
            return copied(option)
    return given


def choice(element: JsonObject, given: Any) -> Any:
    """What was chosen, completed: options are whole objects, lists are lists, emptiness is null."""
    field = VALUE_FIELD[element["type"]]
    if field in _LISTS:
        chosen = list(given or [])
        return [full_option(element, one) for one in chosen] if field == "selected_options" else chosen
    if field == "selected_option":
        return None if given is None else full_option(element, given)
    return None if given == "" else given


def current_values(blocks: list[JsonObject], given: JsonObject, before: JsonObject) -> JsonObject:
    """The complete `state.values`: what was given now, else what stood there before, else the initial values."""
    values: JsonObject = {}
    for placed in elements(blocks):
        type_ = placed.element["type"]
        field = VALUE_FIELD.get(type_)
        if field is None:
            continue
        now = given.get(placed.block_id, {}).get(placed.action_id)
        then = before.get(placed.block_id, {}).get(placed.action_id)
        if now is not None:
            chosen = now.get(field)
        elif then is not None and then.get("type") == type_:
            chosen = then.get(field)
        else:
            chosen = placed.element.get(_INITIAL_FIELD.get(field, ""))
        values.setdefault(placed.block_id, {})[placed.action_id] = {
            "type": type_,
            field: choice(placed.element, chosen),
        }
    return values


def missing_or_wrong(blocks: list[JsonObject], values: JsonObject) -> dict[str, str]:
    """What Slack's own client refuses to submit, by block id, before it asks the app."""
    errors: dict[str, str] = {}
    for placed in elements(blocks):
        if placed.block.get("type") != "input":
            continue
        element = placed.element
        value = values[placed.block_id][placed.action_id][VALUE_FIELD[element["type"]]]
        problem = _problem(element, value, optional=placed.block.get("optional", False))
        if problem is not None:
            errors[placed.block_id] = problem
    return errors


def _problem(element: JsonObject, value: Any, *, optional: bool) -> str | None:
    if value in (None, [], "") or (isinstance(value, str) and not value.strip()):
        return None if optional else "Please complete this required field."
    if element["type"] == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if element["type"] == "email_text_input" and "@" not in value.strip("@"):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in value:
        return "Please enter a valid URL."
    if element["type"] == "number_input":
        return _number_problem(element, value)
    return None


def _number_problem(element: JsonObject, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed", False) and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
