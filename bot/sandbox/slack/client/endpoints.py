"""The page's requests: talking, pressing, forms, shortcuts, commands, and the switch that makes Slack stumble."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sandbox.slack.client.asked import Asked
from bot.sandbox.slack.model import without_metadata
from bot.sandbox.slack.person import forms, pressing, starting, talking
from bot.sandbox.slack.person.outcome import Outcome
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.richtext import stored_text
from bot.sandbox.slack.stumbles import Mode, Stumble, read_mode
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, compact

Act = Callable[[Asked], Awaitable[JsonObject]]


async def post(asked: Asked) -> JsonObject:
    text = stored_text(asked.platform.workspace, asked.typed())
    message = talking.say(
        asked.platform, asked.user, asked.channel(), text, thread_ts=asked.thread_ts(), files=asked.files()
    )
    return {"ok": True, "message": without_metadata(message)}


async def edit(asked: Asked) -> JsonObject:
    text = stored_text(asked.platform.workspace, asked.text("text"))
    talking.edit(asked.platform, asked.user, asked.channel(), asked.text("ts"), text)
    return {"ok": True}


async def delete(asked: Asked) -> JsonObject:
    talking.delete(asked.platform, asked.user, asked.channel(), asked.text("ts"))
    return {"ok": True}


async def react(asked: Asked) -> JsonObject:
    talking.toggle_reaction(asked.platform, asked.user, asked.channel(), asked.text("ts"), asked.text("name"))
    return {"ok": True}


async def act(asked: Asked) -> JsonObject:
    container, action = asked.object("container"), asked.object("action")
    match container.get("type"):
        case "message":
            outcome = await pressing.press_in_message(
                asked.platform,
                asked.user,
                asked.channel(container),
                str(container.get("ts", "")),
                action,
                ephemeral=bool(container.get("ephemeral")),
                state=asked.state(),
            )
        case "view":
            view = asked.view(str(container.get("view_id", "")))
            outcome = await pressing.press_in_view(asked.platform, asked.user, view, action, state=asked.state())
        case "home":
            outcome = await pressing.press_in_view(
                asked.platform, asked.user, asked.home(), action, state=asked.state()
            )
        case _:
            raise SlackRefusal("invalid_container")
    return _told(outcome)


async def submit(asked: Asked) -> JsonObject:
    return _told(await forms.submit(asked.platform, asked.user, asked.view(), asked.state()))


async def close(asked: Asked) -> JsonObject:
    everything = asked.args.flag("all")
    return _told(await forms.close(asked.platform, asked.user, asked.view(), everything=everything))


async def shortcut(asked: Asked) -> JsonObject:
    callback_id = asked.text("callback_id")
    if asked.text("type") == "message":
        return _told(
            await starting.message_shortcut(asked.platform, asked.user, callback_id, asked.channel(), asked.text("ts"))
        )
    return _told(await starting.global_shortcut(asked.platform, asked.user, callback_id))


async def command(asked: Asked) -> JsonObject:
    if asked.thread_ts() is not None:
        raise SlackRefusal("command_not_in_threads")
    return _told(
        await starting.command(asked.platform, asked.user, asked.channel(), asked.text("command"), asked.typed())
    )


async def suggest(asked: Asked) -> JsonObject:
    """Options for an external menu: `options`, of which each may be an option or an option group."""
    action = {"block_id": asked.args.optional_text("block_id"), "action_id": asked.text("action_id")}
    container = asked.object("container")
    view_id = asked.args.optional_text("view_id") or container.get("view_id")
    if container.get("type") == "message":
        channel = asked.channel(container)
        message = asked.platform.workspace.message(channel, str(container.get("ts", "")))
        blocks = message.get("blocks", [])
        where = pressing.in_message(channel, message)
    else:
        view = asked.view(str(view_id)) if view_id else asked.home()
        blocks = view.shown["blocks"]
        where = pressing.in_view(view)
    options = await pressing.suggest(asked.platform, asked.user, blocks, where, action, asked.typed("value"))
    return {"ok": True, "options": options}


async def home(asked: Asked) -> JsonObject:
    shown = starting.open_home(asked.platform, asked.user)
    return {"ok": True, "view": None if shown is None else shown.as_sent()}


async def order_stumble(asked: Asked) -> JsonObject:
    """Makes a method (or `*`) go wrong `times` times, or for `seconds`; mode `off` takes its orders back."""
    mode, stumbles = asked.text("mode"), asked.platform.stumbles
    if mode == "off":
        stumbles.forget(asked.text("method"))
    else:
        stumbles.order(_stumble(asked, read_mode(mode)))
    return {"ok": True, "rules": [one.shown() for one in stumbles.orders()]}


def _stumble(asked: Asked, mode: Mode) -> Stumble:
    seconds = asked.args.number("seconds", default=0, most=3600)
    retry_after = asked.args.number("retry_after", default=1, most=3600)
    return Stumble(
        method=asked.text("method"),
        mode=mode,
        times=None if seconds else asked.args.number("times", default=1, most=10_000),
        until=asked.platform.clock.now() + seconds if seconds else None,
        retry_after=retry_after,
        latency=float(retry_after),
        error=asked.args.optional_text("error") or "fatal_error",
    )


def _told(outcome: Outcome) -> JsonObject:
    if not outcome.ok:
        return {"ok": False, "error": outcome.notice or "failed"}
    return {"ok": True, "errors": outcome.errors} if outcome.errors else {"ok": True}


ACTS: dict[str, Act] = {
    "post": post,
    "edit": edit,
    "delete": delete,
    "react": react,
    "action": act,
    "submit": submit,
    "close": close,
    "shortcut": shortcut,
    "command": command,
    "suggest": suggest,
    "home": home,
    "rules": order_stumble,
}


class ClientDoors:
    """The doors under /client/ that take JSON."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def take(self, request: web.Request) -> web.Response:
        act_ = ACTS.get(request.match_info["act"])
        if act_ is None:
            return _answer({"ok": False, "error": "unknown_request"}, status=404)
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _answer({"ok": False, "error": "invalid_json"}, status=400)
        try:
            return _answer(await act_(Asked(self._platform, body)))
        except SlackRefusal as refusal:
            return _answer(refusal.answer())

    async def rules(self, _request: web.Request) -> web.Response:
        stumbles = self._platform.stumbles
        return _answer(
            {"ok": True, "rules": [one.shown() for one in stumbles.orders()], "real_limits": stumbles.real_limits}
        )


def _answer(answer: JsonObject, *, status: int = 200) -> web.Response:
    return web.Response(text=compact(answer), content_type="application/json", status=status)
