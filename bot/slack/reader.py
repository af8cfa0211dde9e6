"""Reads what Slack sends of a press, a submit, a shortcut or a command as an action of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.slack.buttons import MENU, Pressed, read_value
from bot.slack.events import BotWords
from bot.slack.inputs import OpenView, read_view
from bot.slack.kept import NO_TICKET, Origin, field_of
from bot.slack.payload import Json, object_of, objects_of, text_of
from bot.slack.seal import Seal
from bot.slack.texts import harmless
from bot.slack.written import Names, from_mrkdwn, mentioned, people_in, words
from bot.surface import COMMAND, HOME, Action, Spoken, ThreadMessage, Who
from routing.errors import Malformed

SURFACE = "slack"


class Gesture(StrEnum):
    """By which way a person asked, for each is answered in its own way."""

    PRESS = "press"
    FORM_PRESS = "form_press"
    SUBMIT = "submit"
    SHORTCUT = "shortcut"
    COMMAND = "command"
    CLOSE = "close"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Asked:
    """An action with what is needed to answer the person who asked for it. `mark` is the same only for a repetition.

    `whispered`: the press was on a message that this person alone sees.
    """

    gesture: Gesture
    action: Action
    origin: Origin
    opens_form: bool = False
    trigger: str = ""
    response_url: str = ""
    whispered: bool = False
    view: OpenView | None = None
    mark: str = ""


def read_interaction(payload: Json, seal: Seal, workspace: str, names: Names) -> Asked | None:
    """What an interaction asks for; None when it asks for nothing (a choice in a form that needs no answer).

    Raises BadSignature when a value is not as we drew it, Malformed when the payload is not one of Slack's.
    """
    who = Who(SURFACE, workspace, text_of(object_of(payload, "user"), "id"))
    if not who.user:
        raise Malformed("an interaction without a user")
    match payload.get("type"):
        case "block_actions" if object_of(payload, "view").get("type") == "home":
            return _read_home_press(payload, seal, who)
        case "block_actions" if payload.get("view"):
            return _read_form_press(payload, seal, who)
        case "block_actions":
            return _read_press(payload, seal, who)
        case "view_submission":
            return _read_submit(payload, seal, who)
        case "view_closed":
            return _read_close(payload, seal, who)
        case "message_action":
            return _read_message_shortcut(payload, who, names)
        case "shortcut":
            return Asked(
                Gesture.SHORTCUT,
                Action(text_of(payload, "callback_id"), who, NO_TICKET),
                Origin(),
                opens_form=True,
                trigger=text_of(payload, "trigger_id"),
                mark=_mark(payload, who, "shortcut"),
            )
        case _:
            return None


def read_command(payload: Json, workspace: str, names: Names) -> Asked:
    """What a slash command asks for. People in it come as tokens, for the manifest asks for it (`should_escape`)."""
    place = text_of(payload, "channel_id")
    trigger = text_of(payload, "trigger_id")
    action = Action(
        COMMAND,
        Who(SURFACE, workspace, text_of(payload, "user_id")),
        NO_TICKET,
        values=_said(text_of(payload, "text"), names, key=f"{SURFACE}:{workspace}:command:{trigger}"),
        place=place,
    )
    return Asked(
        Gesture.COMMAND,
        action,
        Origin(place, text_of(payload, "thread_ts"), in_thread=bool(payload.get("thread_ts"))),
        trigger=trigger,
        response_url=text_of(payload, "response_url"),
        mark=f"command {workspace} {trigger}",
    )


def read_words(said: BotWords, workspace: str, names: Names) -> Asked:
    """What somebody asks for by mentioning the bot or in a direct message. Such words bring no right to open a form."""
    reference = text_of(said.message, "ts")
    thread = text_of(said.message, "thread_ts")
    action = Action(
        COMMAND,
        Who(SURFACE, workspace, said.user),
        NO_TICKET,
        values=_said(said.words, names, key=f"{SURFACE}:{workspace}:{said.place}:{reference}"),
        place=said.place,
        message=ThreadMessage(said.place, thread or reference, reference, text=""),
        opens_forms=False,
    )
    return Asked(
        Gesture.WORDS,
        action,
        Origin(said.place, thread, in_thread=bool(thread)),
        mark=f"words {workspace} {said.place} {reference}",
    )


def _said(text: str, names: Names, *, key: str) -> dict[str, str]:
    return {
        "text": harmless(from_mrkdwn(text, names)).strip(),
        "people": ",".join(people_in(text)),
        "key": key,
    }


def read_thread_message(message: Json, place: str, names: Names) -> ThreadMessage:
    """A message as the desk keeps it. Outside a thread it is its own card. One that was edited says so also when it is
    read again later, for the event may have been missed."""
    reference = text_of(message, "ts")
    files = (text_of(file, "id") for file in objects_of(message, "files"))
    return ThreadMessage(
        place=place,
        card=text_of(message, "thread_ts") or reference,
        reference=reference,
        text=words(message, names),
        files=tuple(file for file in files if file),
        spoken=Spoken.EDITED if message.get("edited") else Spoken.WRITTEN,
        mentions=tuple(sorted(mentioned(message))),
    )


def _read_press(payload: Json, seal: Seal, who: Who) -> Asked | None:
    act = _first_action(payload)
    if act.get("type") not in ("button", "overflow", "static_select"):
        return None
    container = object_of(payload, "container")
    place = text_of(container, "channel_id") or text_of(object_of(payload, "channel"), "id")
    message, thread = text_of(container, "message_ts"), text_of(container, "thread_ts")
    in_thread = bool(thread) and thread != message
    # An ephemeral answer in the room stands under no card.
    whispered = container.get("is_ephemeral") is True
    card = thread or ("" if whispered else message)
    pressed = read_value(_chosen(act), seal)
    return Asked(
        Gesture.PRESS,
        _action(pressed, who, place, pressed.values),
        Origin(place, card, in_thread),
        opens_form=pressed.opens_form,
        trigger=text_of(payload, "trigger_id"),
        response_url=text_of(payload, "response_url"),
        whispered=whispered,
        mark=_mark(payload, who, message),
    )


def _read_home_press(payload: Json, seal: Seal, who: Who) -> Asked | None:
    """A press on a person's own page. One that only opens an address asks for nothing."""
    act = _first_action(payload)
    if act.get("type") not in ("button", "static_select") or not (value := _chosen(act)):
        return None
    pressed = read_value(value, seal)
    return Asked(
        Gesture.PRESS,
        _action(pressed, who, HOME, pressed.values),
        Origin(HOME),
        opens_form=pressed.opens_form,
        trigger=text_of(payload, "trigger_id"),
        mark=_mark(payload, who, text_of(object_of(payload, "view"), "id")),
    )


def _read_form_press(payload: Json, seal: Seal, who: Who) -> Asked | None:
    act = _first_action(payload)
    view, kept, values = read_view(payload, seal)
    common = {**values, **kept.keep}
    field, _, _ = field_of(text_of(act, "block_id"))
    if field in view.standing.typed:
        action = Action(f"form.{kept.form}.{field}", who, kept.ticket, values=common, place=kept.origin.place)
    elif act.get("type") in ("button", "overflow") or text_of(act, "action_id").startswith(MENU):
        pressed = read_value(_chosen(act), seal)
        action = _action(pressed, who, kept.origin.place, {**common, **pressed.values})
    else:
        return None
    mark = _mark(payload, who, view.id)
    return Asked(Gesture.FORM_PRESS, action, kept.origin, trigger=text_of(payload, "trigger_id"), view=view, mark=mark)


def _read_submit(payload: Json, seal: Seal, who: Who) -> Asked:
    view, kept, values = read_view(payload, seal)
    action = Action(kept.form, who, kept.ticket, values={**values, **kept.keep}, place=kept.origin.place)
    return Asked(
        Gesture.SUBMIT,
        action,
        kept.origin,
        trigger=text_of(payload, "trigger_id"),
        view=view,
        mark=f"submit {who.workspace} {who.user} {view.id} {view.hash}",
    )


def _read_close(payload: Json, seal: Seal, who: Who) -> Asked:
    view, kept, _ = read_view(payload, seal)
    action = Action(f"form.{kept.form}.closed", who, kept.ticket, values=dict(kept.keep), place=kept.origin.place)
    return Asked(Gesture.CLOSE, action, kept.origin, view=view, mark=f"close {who.workspace} {who.user} {view.id}")


def _read_message_shortcut(payload: Json, who: Who, names: Names) -> Asked:
    place = text_of(object_of(payload, "channel"), "id")
    shown = read_thread_message(object_of(payload, "message"), place, names)
    in_thread = shown.card != shown.reference
    return Asked(
        Gesture.SHORTCUT,
        Action(text_of(payload, "callback_id"), who, NO_TICKET, place=place, message=shown),
        Origin(place, shown.card, in_thread),
        opens_form=True,
        trigger=text_of(payload, "trigger_id"),
        response_url=text_of(payload, "response_url"),
        mark=_mark(payload, who, shown.reference),
    )


def _action(pressed: Pressed, who: Who, place: str, values: Mapping[str, str]) -> Action:
    return Action(pressed.action, who, pressed.ticket, pressed.version, values, place)


def _first_action(payload: Json) -> Json:
    actions = objects_of(payload, "actions")
    if not actions:
        raise Malformed("a press without an action")
    return actions[0]


def _chosen(act: Json) -> str:
    """The value of a button, or of the chosen line of a menu."""
    return text_of(act, "value") or text_of(object_of(act, "selected_option"), "value")


def _mark(payload: Json, who: Who, container: str) -> str:
    act = next(iter(objects_of(payload, "actions")), payload)
    moment = text_of(act, "action_ts") or text_of(payload, "action_ts")
    return f"press {who.workspace} {who.user} {container} {moment} {text_of(act, 'action_id')}" if moment else ""
