"""views.*: opening, updating, pushing and publishing views."""

from bot.sandbox.slack.modals import open_view, publish_home, push_view, update_view
from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, refuse_arguments


def _view(call: Call) -> JsonObject:
    view = call.args.structure("view", malformed="invalid_arguments")
    if view is None:
        raise refuse_arguments("missing required field: view")
    if not isinstance(view, dict):
        raise refuse_arguments("must provide an object [json-pointer:/view]")
    return view


def open_(call: Call) -> JsonObject:
    view = _view(call)
    return {"ok": True, "view": open_view(call.platform, call.args.text("trigger_id"), view).as_sent()}


def push(call: Call) -> JsonObject:
    view = _view(call)
    return {"ok": True, "view": push_view(call.platform, call.args.text("trigger_id"), view).as_sent()}


def update(call: Call) -> JsonObject:
    args = call.args
    updated = update_view(
        call.platform,
        args.optional_text("view_id"),
        args.optional_text("external_id"),
        _view(call),
        args.optional_text("hash"),
    )
    return {"ok": True, "view": updated.as_sent()}


def publish(call: Call) -> JsonObject:
    user = call.args.text("user_id")
    if user not in call.platform.workspace.users:
        raise SlackRefusal("user_not_found")
    home = publish_home(call.platform, user, _view(call), call.args.optional_text("hash"))
    return {"ok": True, "view": home.as_sent()}


METHODS = {
    "views.open": Method(open_),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
