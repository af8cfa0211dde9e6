"""users.* and usergroups.list: the people of the workspace."""

from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, copied


def _shown(call: Call, user: JsonObject) -> JsonObject:
    """A user as the caller's scopes let it be seen: no address without `users:read.email`."""
    shown: JsonObject = copied(user)
    if "users:read.email" not in call.caller.scopes:
        shown["profile"].pop("email", None)
    if not call.args.flag("include_locale"):
        shown.pop("locale", None)
    return shown


def info(call: Call) -> JsonObject:
    return {"ok": True, "user": _shown(call, call.platform.workspace.user(call.args.text("user")))}


def list_(call: Call) -> JsonObject:
    everybody = [_shown(call, user) for user in call.platform.workspace.users.values()]
    members, cursor = call.page(everybody, default=1000)
    return {
        "ok": True,
        "members": members,
        "cache_ts": int(call.platform.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(call: Call) -> JsonObject:
    email = call.args.text("email").casefold()
    for user in call.platform.workspace.users.values():
        if user["profile"].get("email", "").casefold() == email and not user["deleted"]:
            return {"ok": True, "user": _shown(call, user)}
    raise SlackRefusal("users_not_found")


def profile_get(call: Call) -> JsonObject:
    wanted = call.args.optional_text("user") or call.caller.user
    return {"ok": True, "profile": _shown(call, call.platform.workspace.user(wanted))["profile"]}


def usergroups_list(call: Call) -> JsonObject:
    return {"ok": True, "usergroups": call.platform.workspace.usergroups}


METHODS = {
    "users.info": Method(info, ("users:read",)),
    "users.list": Method(list_, ("users:read",)),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "users.profile.get": Method(profile_get, ("users.profile:read",)),
    "usergroups.list": Method(usergroups_list, ("usergroups:read",)),
}
