"""Pressing buttons and choosing from menus, in messages, modals and the Home tab; and asking for menu options."""

from bot.sandbox.slack.modals import grant_trigger
from bot.sandbox.slack.model import Channel, View, without_metadata
from bot.sandbox.slack.outgoing.courier import Kind
from bot.sandbox.slack.person.outcome import Outcome, ask, complain
from bot.sandbox.slack.person.payloads import envelope, grant_response_url, place
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.values import VALUE_FIELD, Placed, choice, current_values, find_element, full_option
from bot.sandbox.slack.wire import JsonObject, SlackRefusal

_FAILED = "This app did not respond"


async def press_in_message(
    platform: Platform,
    user: str,
    channel: Channel,
    ts: str,
    action: JsonObject,
    *,
    ephemeral: bool = False,
    state: JsonObject | None = None,
) -> Outcome:
    """An element of a message is used; `action` names it by action_id (and block_id) and carries what was chosen."""
    payload = envelope(platform, "block_actions", user)
    if ephemeral:
        whispered = platform.workspace.ephemeral(user, ts)
        if whispered is None:
            raise SlackRefusal("message_not_found")
        message = whispered.message
    else:
        message = platform.workspace.message(channel, ts)
    placed = _find(message.get("blocks", []), action)
    thread_ts = message.get("thread_ts")
    payload |= in_message(channel, message, ephemeral=ephemeral)
    payload |= {
        "trigger_id": grant_trigger(platform, user),
        "state": {"values": _state(message["blocks"], placed, action, state)},
        "response_url": grant_response_url(
            platform, user, channel, message_ts=ts, thread_ts=thread_ts, ephemeral=ephemeral
        ),
        "actions": [_acted(platform, placed, action)],
    }
    return await _send(platform, user, payload)


async def press_in_view(
    platform: Platform, user: str, view: View, action: JsonObject, *, state: JsonObject | None = None
) -> Outcome:
    """An element of a modal or of the Home tab is used."""
    placed = _find(view.shown["blocks"], action)
    view.values = current_values(view.shown["blocks"], _with(placed, action, state), view.values)
    payload = envelope(platform, "block_actions", user) | {
        **in_view(view),
        "trigger_id": grant_trigger(platform, user, in_modal=view.shown["type"] == "modal"),
        "actions": [_acted(platform, placed, action)],
    }
    return await _send(platform, user, payload)


async def suggest(
    platform: Platform, user: str, blocks: list[JsonObject], where: JsonObject, action: JsonObject, typed: str
) -> list[JsonObject]:
    """The options an app offers for what was typed into an external menu: options or option groups."""
    placed = _find(blocks, action)
    payload = envelope(platform, "block_suggestion", user) | {
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "value": typed,
        **where,
    }
    reply = await ask(platform, user, Kind.INTERACTION, payload, _FAILED)
    if isinstance(reply, Outcome):
        return []
    answer = reply.payload() or {}
    options: list[JsonObject] = answer.get("options") or answer.get("option_groups") or []
    if len(options) > 100:
        complain(platform, user, "This app offered more than 100 options")
        return []
    return options


def in_message(channel: Channel, message: JsonObject, *, ephemeral: bool = False) -> JsonObject:
    """Where it happened, for a message; Slack does not send back the content of an ephemeral one."""
    container: JsonObject = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.get("thread_ts") is not None:
        container["thread_ts"] = message["thread_ts"]
    where: JsonObject = {"container": container, "channel": place(channel)}
    return where if ephemeral else {**where, "message": without_metadata(message)}


def in_view(view: View) -> JsonObject:
    return {"container": {"type": "view", "view_id": view.id}, "view": view.as_sent()}


async def _send(platform: Platform, user: str, payload: JsonObject) -> Outcome:
    reply = await ask(platform, user, Kind.INTERACTION, payload, _FAILED)
    return reply if isinstance(reply, Outcome) else Outcome(ok=True, payload=payload)


def _find(blocks: list[JsonObject], action: JsonObject) -> Placed:
    placed = find_element(blocks, action.get("action_id", ""), action.get("block_id"))
    if placed is None:
        raise SlackRefusal("action_not_found")
    return placed


def _with(placed: Placed, action: JsonObject, state: JsonObject | None) -> JsonObject:
    """The state as typed, with the element that was just used."""
    values: JsonObject = {block: dict(inner) for block, inner in (state or {}).items()}
    if placed.element["type"] in VALUE_FIELD:
        values.setdefault(placed.block_id, {})[placed.action_id] = action
    return values


def _state(blocks: list[JsonObject], placed: Placed, action: JsonObject, state: JsonObject | None) -> JsonObject:
    return current_values(blocks, _with(placed, action, state), {})


def _acted(platform: Platform, placed: Placed, action: JsonObject) -> JsonObject:
    """One entry of `actions`, as Slack fills it for each kind of element."""
    element = placed.element
    acted: JsonObject = {
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "type": element["type"],
        "action_ts": platform.workspace.mint_ts(),
    }
    for key in ("text", "value", "style", "url", "icon", "placeholder"):
        if key in element and not (key == "value" and element["type"] in VALUE_FIELD):
            acted[key] = element[key]
    for key, value in element.items():
        if key.startswith("initial_") and element["type"] not in ("plain_text_input", "rich_text_input"):
            acted[key] = value
    if element["type"] == "overflow":
        acted["selected_option"] = full_option(element, action.get("selected_option"))
        if not isinstance(acted["selected_option"], dict):
            raise SlackRefusal("option_not_found")
    elif element["type"] == "feedback_buttons":
        chosen = _feedback(element, action.get("value"))
        acted |= {"text": chosen["text"], "value": chosen["value"]}
    elif element["type"] in VALUE_FIELD:
        field = VALUE_FIELD[element["type"]]
        acted[field] = choice(element, action.get(field))
    return acted


def _feedback(element: JsonObject, value: str | None) -> JsonObject:
    buttons: list[JsonObject] = [element["positive_button"], element["negative_button"]]
    for button in buttons:
        if button["value"] == value:
            return button
    raise SlackRefusal("option_not_found")
