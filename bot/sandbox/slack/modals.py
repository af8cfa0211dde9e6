"""Opens, stacks, updates and closes the modals and Home tabs of each user."""

import json
import secrets

from bot.sandbox.slack.blocks import check_view
from bot.sandbox.slack.completion import completed_blocks, completed_text
from bot.sandbox.slack.model import Trigger, View
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.values import current_values
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, refuse_arguments

TRIGGER_LIFE = 3.0
STACK_AT_MOST = 3
VIEW_BYTES_AT_MOST = 250_000


def grant_trigger(platform: Platform, user: str, *, in_modal: bool = False) -> str:
    """A fresh trigger id for this user's interaction."""
    now = platform.clock.now()
    triggers = platform.workspace.triggers
    for old in [key for key, trigger in triggers.items() if trigger.expires < now - 600]:
        del triggers[old]
    trigger_id = f"{int(now * 1000)}.{secrets.randbelow(10**12):012d}.{secrets.token_hex(16)}"
    triggers[trigger_id] = Trigger(user=user, expires=now + TRIGGER_LIFE, in_modal=in_modal)
    return trigger_id


def open_view(platform: Platform, trigger_id: str, view: JsonObject) -> View:
    """`views.open`: a new modal for the user who caused the trigger; one that stood open gives way."""
    _check(view, "modal")
    trigger = _redeem(platform, trigger_id)
    _refuse_taken_external_id(platform, view, None)
    clear(platform, trigger.user)
    opened = _make(platform, trigger.user, view, previous=None)
    platform.workspace.modals[trigger.user] = [opened]
    platform.feed.tell_one(trigger.user, {"type": "view_opened", "view": opened.as_sent()})
    return opened


def push_view(platform: Platform, trigger_id: str, view: JsonObject) -> View:
    """`views.push`: a modal on top of the open ones, three at most."""
    _check(view, "modal")
    trigger = _redeem(platform, trigger_id)
    return push_onto(platform, trigger.user, view)


def push_onto(platform: Platform, user: str, view: JsonObject) -> View:
    stack = platform.workspace.modals.get(user)
    if not stack:
        raise SlackRefusal("not_found")
    if len(stack) >= STACK_AT_MOST:
        raise SlackRefusal("push_limit_reached")
    _check(view, "modal")
    _refuse_taken_external_id(platform, view, None)
    pushed = _make(platform, user, view, previous=stack[-1])
    stack.append(pushed)
    platform.feed.tell_one(user, {"type": "view_pushed", "view": pushed.as_sent()})
    return pushed


def update_view(
    platform: Platform, view_id: str | None, external_id: str | None, view: JsonObject, hash_: str | None
) -> View:
    """`views.update`: replaces an open view; what was typed stays where block id and action id stay the same."""
    if view_id is not None:
        found = platform.workspace.view(view_id)
    elif external_id is not None:
        found = platform.workspace.view_by_external_id(external_id)
    else:
        raise refuse_arguments("missing required field: view_id")
    _check(view, "modal" if found is None else found.shown["type"])
    if found is None:
        raise SlackRefusal("not_found")
    if hash_ is not None and hash_ != found.shown["hash"]:
        raise SlackRefusal("hash_conflict")
    replace_view(platform, found, view)
    return found


def replace_view(platform: Platform, found: View, view: JsonObject) -> None:
    _check(view, found.shown["type"])
    _refuse_taken_external_id(platform, view, found)
    fresh = _shown(platform, view, view_id=found.id, previous_id=found.shown["previous_view_id"])
    fresh["root_view_id"] = found.shown["root_view_id"]
    found.shown = fresh
    found.values = current_values(fresh["blocks"], {}, found.values)
    frame = "home" if fresh["type"] == "home" else "view_updated"
    platform.feed.tell_one(found.user, {"type": frame, "view": found.as_sent()})


def publish_home(platform: Platform, user: str, view: JsonObject, hash_: str | None) -> View:
    """`views.publish`: the user's Home tab."""
    if not platform.app.home_tab:
        raise SlackRefusal("not_enabled")
    _check(view, "home")
    found = platform.workspace.homes.get(user)
    if found is None:
        found = _make(platform, user, view, previous=None)
        platform.workspace.homes[user] = found
        platform.feed.tell_one(user, {"type": "home", "view": found.as_sent()})
        return found
    if hash_ is not None and hash_ != found.shown["hash"]:
        raise SlackRefusal("hash_conflict")
    replace_view(platform, found, view)
    return found


def close_view(platform: Platform, view: View) -> None:
    """Takes one view off its user's stack; the one below comes to sight again."""
    stack = platform.workspace.modals.get(view.user, [])
    if view in stack:
        stack.remove(view)
        platform.feed.tell_one(view.user, {"type": "view_closed", "view": view.as_sent()})


def clear(platform: Platform, user: str) -> None:
    """Closes all modals of a user, the topmost first."""
    for view in reversed(list(platform.workspace.modals.get(user, []))):
        close_view(platform, view)


def _check(view: JsonObject, type_: str) -> None:
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES_AT_MOST:
        raise SlackRefusal("view_too_large")
    problems = check_view(view, type_)
    if problems:
        raise refuse_arguments(*problems)


def _redeem(platform: Platform, trigger_id: str) -> Trigger:
    trigger = platform.workspace.triggers.get(trigger_id)
    if trigger is None:
        raise SlackRefusal("invalid_trigger_id")
    if trigger.used:
        raise SlackRefusal("exchanged_trigger_id")
    if platform.clock.now() > trigger.expires:
        raise SlackRefusal("expired_trigger_id")
    trigger.used = True
    return trigger


def _refuse_taken_external_id(platform: Platform, view: JsonObject, mine: View | None) -> None:
    external_id = view.get("external_id")
    if not external_id:
        return
    holder = platform.workspace.view_by_external_id(external_id)
    if holder is not None and holder is not mine:
        raise SlackRefusal("duplicate_external_id")


def _make(platform: Platform, user: str, view: JsonObject, *, previous: View | None) -> View:
    view_id = platform.workspace.mint("V")
    shown = _shown(platform, view, view_id=view_id, previous_id=None if previous is None else previous.id)
    shown["root_view_id"] = view_id if previous is None else previous.shown["root_view_id"]
    return View(user=user, shown=shown, values=current_values(shown["blocks"], {}, {}))


def _shown(platform: Platform, view: JsonObject, *, view_id: str, previous_id: str | None) -> JsonObject:
    workspace = platform.workspace
    title = view.get("title", {"type": "plain_text", "text": "View Title"})
    return {
        "id": view_id,
        "team_id": workspace.team_id,
        "type": view["type"],
        "blocks": completed_blocks(view["blocks"]),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "state": {"values": {}},
        "hash": f"{int(platform.clock.now())}.{secrets.token_urlsafe(6)}",
        "title": completed_text(title),
        "clear_on_close": view.get("clear_on_close", False),
        "notify_on_close": view.get("notify_on_close", False),
        "close": completed_text(view["close"]) if view.get("close") else None,
        "submit": completed_text(view["submit"]) if view.get("submit") else None,
        "previous_view_id": previous_id,
        "root_view_id": view_id,
        "app_id": workspace.app_id,
        "external_id": view.get("external_id", ""),
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }
