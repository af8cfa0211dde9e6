"""Submitting and closing modals, and doing what the app's answer asks for."""

from bot.sandbox.slack.modals import clear, close_view, grant_trigger, push_onto, replace_view
from bot.sandbox.slack.model import View
from bot.sandbox.slack.outgoing.courier import Kind
from bot.sandbox.slack.person.outcome import Outcome, ask, complain
from bot.sandbox.slack.person.payloads import envelope, grant_response_url
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.values import VALUE_FIELD, current_values, elements, missing_or_wrong
from bot.sandbox.slack.wire import JsonObject, SlackRefusal

_FAILED = "We had some trouble connecting. Try again?"


async def submit(platform: Platform, user: str, view: View, given: JsonObject) -> Outcome:
    """The form is sent. What Slack's client refuses by itself never reaches the app."""
    blocks = view.shown["blocks"]
    view.values = current_values(blocks, given, view.values)
    errors = missing_or_wrong(blocks, view.values)
    if errors:
        return Outcome(ok=True, errors=errors)
    payload = envelope(platform, "view_submission", user) | {
        "trigger_id": grant_trigger(platform, user, in_modal=True),
        "view": view.as_sent(),
        "response_urls": _response_urls(platform, user, view),
    }
    reply = await ask(platform, user, Kind.INTERACTION, payload, _FAILED)
    if isinstance(reply, Outcome):
        return reply
    if reply.text.strip() and reply.payload() is None:
        return complain(platform, user, f"{_FAILED} (the answer is no JSON object)")
    return _obey(platform, view, reply.payload() or {}, payload)


def _obey(platform: Platform, view: View, answer: JsonObject, payload: JsonObject) -> Outcome:
    user = view.user
    try:
        match answer.get("response_action"):
            case None:
                close_view(platform, view)
            case "clear":
                clear(platform, user)
            case "update":
                replace_view(platform, view, answer.get("view", {}))
            case "push":
                push_onto(platform, user, answer.get("view", {}))
            case "errors":
                return _show_errors(platform, view, answer.get("errors"), payload)
            case unknown:
                return complain(platform, user, f"{_FAILED} (unknown response_action: {unknown})")
    except SlackRefusal as refusal:
        messages = refusal.extra.get("response_metadata", {}).get("messages", [])
        return complain(platform, user, f"{_FAILED} ({refusal.code} {'; '.join(messages)})".replace(" )", ")"))
    return Outcome(ok=True, payload=payload)


def _show_errors(platform: Platform, view: View, errors: object, payload: JsonObject) -> Outcome:
    inputs = {block["block_id"] for block in view.shown["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        return complain(platform, view.user, f"{_FAILED} (errors must name input blocks)")
    return Outcome(ok=True, errors={block_id: str(text) for block_id, text in errors.items()}, payload=payload)


async def close(platform: Platform, user: str, view: View, *, everything: bool = False) -> Outcome:
    """Cancel closes one view, or all when the view says so; the X closes everything. The app hears if it asked to."""
    cleared = everything or bool(view.shown["clear_on_close"])
    closing = list(reversed(platform.workspace.modals.get(user, []))) if cleared else [view]
    outcome = Outcome(ok=True)
    for one in closing:
        close_view(platform, one)
        if one.shown["notify_on_close"]:
            payload = envelope(platform, "view_closed", user) | {"view": one.as_sent(), "is_cleared": cleared}
            reply = await ask(platform, user, Kind.INTERACTION, payload, _FAILED)
            outcome = reply if isinstance(reply, Outcome) else Outcome(ok=True, payload=payload)
    return outcome


def _response_urls(platform: Platform, user: str, view: View) -> list[JsonObject]:
    """One for every chosen conversation of an element that asked for it."""
    urls: list[JsonObject] = []
    for placed in elements(view.shown["blocks"]):
        if not placed.element.get("response_url_enabled"):
            continue
        value = view.values[placed.block_id][placed.action_id]
        channel = platform.workspace.channels.get(value.get(VALUE_FIELD[placed.element["type"]]) or "")
        if channel is not None:
            urls.append(
                {
                    "block_id": placed.block_id,
                    "action_id": placed.action_id,
                    "channel_id": channel.id,
                    "response_url": grant_response_url(platform, user, channel),
                }
            )
    return urls
