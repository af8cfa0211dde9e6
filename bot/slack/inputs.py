"""Reads what stands in the fields of an open view."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.slack.forms import VALUE_MARK
from bot.slack.kept import Kept, Standing, Typed, field_of, read_metadata
from bot.slack.payload import Json, object_of, objects_of, text_of
from bot.slack.rich import is_user
from bot.slack.seal import Seal
from bot.slack.texts import harmless


@dataclass(frozen=True, slots=True)
class OpenView:
    """The view that somebody has before them."""

    id: str
    hash: str
    standing: Standing
    blocks: Mapping[str, str]  # field -> the first block that shows it, in the order of the form


def read_view(payload: Json, seal: Seal) -> tuple[OpenView, Kept, dict[str, str]]:
    """The view, what it keeps, and the value of each field. Raises BadSignature when we did not draw it."""
    view = object_of(payload, "view")
    kept = read_metadata(text_of(view, "private_metadata"), seal)
    states = object_of(object_of(view, "state"), "values")
    values: dict[str, str] = {}
    typed: dict[str, Typed] = {}
    first: dict[str, str] = {}
    joints: dict[str, str] = {}
    for block in _input_blocks(view, states):
        field, drawing, joint = field_of(block)
        value = _state(object_of(states, block))
        values[field] = values[field] + joints[field] + value if field in values else value
        joints[field] = joint
        first.setdefault(field, block)
        typed[field] = Typed(drawing, values[field])
    standing = Standing(kept.drawing, typed)
    return OpenView(text_of(view, "id"), text_of(view, "hash"), standing, first), kept, values


def _input_blocks(view: Json, states: Json) -> list[str]:
    """The view's inputs in the order of the form; the state alone has none that can be relied on."""
    shown = [text_of(block, "block_id") for block in objects_of(view, "blocks") if block.get("type") == "input"]
    return [*shown, *(block for block in states if block not in shown and field_of(block)[0] != block)]


def _state(elements: Json) -> str:
    """What stands in one input, as text."""
    element = next((one for one in elements.values() if isinstance(one, dict)), {})
    match element.get("type"):
        case "static_select":
            return _unmarked(object_of(element, "selected_option"))
        case "checkboxes" | "multi_static_select":
            return ",".join(_unmarked(option) for option in objects_of(element, "selected_options"))
        case "users_select":
            return text_of(element, "selected_user")
        case "datepicker":
            return text_of(element, "selected_date")
        case "datetimepicker":
            seconds = element.get("selected_date_time")
            return str(seconds) if isinstance(seconds, int) else ""
        case "multi_users_select":
            chosen = element.get("selected_users")
            return ",".join(user for user in chosen if is_user(str(user))) if isinstance(chosen, list) else ""
        case "file_input":
            return ",".join(file for file in (text_of(one, "id") for one in objects_of(element, "files")) if file)
        case _:
            return harmless(text_of(element, "value"))


def _unmarked(option: Json) -> str:
    return text_of(option, "value").removeprefix(VALUE_MARK)
