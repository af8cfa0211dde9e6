"""What Slack sends when somebody presses, submits or uses a shortcut on what we drew."""

from typing import Any

Json = dict[str, Any]
TEAM, USER, PLACE, CARD = "T0SUNRISE", "U0AKI", "C0SUPPORT", "1772443800.000100"


def pressed(blocks: list[Json], number: int = 0, choice: int = 0, **container: Any) -> Json:
    """A press on the `number`th element of a message (in a menu on its `choice`th line)."""
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "sunrise"},
        "user": {"id": USER, "username": "aki", "team_id": TEAM},
        "trigger_id": "1.2.abc",
        "response_url": "https://hooks.slack.com/actions/T/1/x",
        "container": {"type": "message", "message_ts": CARD, "channel_id": PLACE, "is_ephemeral": False, **container},
        "channel": {"id": PLACE, "name": "support"},
        "message": {"ts": CARD},
        "actions": [_acted(elements[number], choice)],
    }


def pressed_in_view(view: Json, element: Json, block: str, typed: Json | None = None) -> Json:
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "sunrise"},
        "user": {"id": USER, "team_id": TEAM},
        "trigger_id": "1.2.abc",
        "container": {"type": "view", "view_id": "V1"},
        "view": shown(view, typed),
        "actions": [{**_acted(element, 0), "block_id": block}],
    }


def submitted(view: Json, typed: Json | None = None) -> Json:
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "sunrise"},
        "user": {"id": USER, "team_id": TEAM},
        "trigger_id": "1.2.abc",
        "view": shown(view, typed),
    }


def shown(view: Json, typed: Json | None = None) -> Json:
    """The view with what stands in its inputs: `typed` by field (before the ~), else what it was drawn with."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        values[block["block_id"]] = {
            element["action_id"]: {"type": element["type"], **_state(element, block["block_id"], typed or {})}
        }
    return {**view, "id": "V1", "hash": "156772938.1827394", "state": {"values": values}}


def _state(element: Json, block: str, typed: Json) -> Json:
    field = block.split("~")[0]
    match element["type"]:
        case "plain_text_input":
            return {"value": typed.get(field, element.get("initial_value"))}
        case "static_select":
            chosen = typed.get(field)
            options = element.get("options") or [one for group in element["option_groups"] for one in group["options"]]
            named = next((option for option in options if option["value"] == chosen), None)
            return {"selected_option": named or element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            return {"selected_options": typed.get(field, element.get("initial_options", []))}
        case "users_select":
            return {"selected_user": typed.get(field, element.get("initial_user"))}
        case "datepicker":
            return {"selected_date": typed.get(field, element.get("initial_date"))}
        case "datetimepicker":
            return {"selected_date_time": typed.get(field, element.get("initial_date_time"))}
        case "file_input":
            return {"files": [{"id": one} for one in typed.get(field, [])]}
    raise AssertionError(element["type"])


def _acted(element: Json, choice: int) -> Json:
    act = {"type": element["type"], "action_id": element["action_id"], "action_ts": "1772443900.000200"}
    if "options" in element:
        return {**act, "selected_option": element["options"][choice]}
    return {**act, "value": element.get("value")}
