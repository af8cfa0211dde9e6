"""auth.test, team.info, bots.info and apps.connections.open: who is calling and how to connect."""

from bot.sandbox.slack.outgoing.over_socket import SocketCourier
from bot.sandbox.slack.web.call import Call, Method
from bot.sandbox.slack.wire import JsonObject, SlackRefusal


def auth_test(call: Call) -> JsonObject:
    workspace = call.platform.workspace
    user = workspace.user(call.caller.user)
    answer: JsonObject = {
        "ok": True,
        "url": workspace.team["url"],
        "team": workspace.team["name"],
        "user": user["name"],
        "team_id": workspace.team_id,
        "user_id": user["id"],
        "is_enterprise_install": False,
    }
    if call.caller.is_bot:
        answer["bot_id"] = workspace.bot_id
    return answer


def team_info(call: Call) -> JsonObject:
    workspace = call.platform.workspace
    wanted = call.args.optional_text("team")
    if wanted not in (None, workspace.team_id):
        raise SlackRefusal("team_not_found")
    return {"ok": True, "team": workspace.team}


def bots_info(call: Call) -> JsonObject:
    workspace = call.platform.workspace
    if call.args.optional_text("bot") != workspace.bot_id:
        raise SlackRefusal("bot_not_found")
    return {"ok": True, "bot": workspace.bot_profile()}


def connections_open(socket: SocketCourier, call: Call) -> JsonObject:
    address = call.platform.base_url.replace("http", "ws", 1)
    return {"ok": True, "url": f"{address}/link/?ticket={socket.open_ticket()}&app_id={call.platform.app.app_id}"}


METHODS = {
    "auth.test": Method(auth_test, tokens=frozenset({"bot", "user", "app"})),
    "team.info": Method(team_info, ("team:read",)),
    "bots.info": Method(bots_info, ("users:read",)),
}
