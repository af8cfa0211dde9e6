"""Starting something new: shortcuts, slash commands, opening the Home tab."""

from bot.sandbox.slack.content import read_content
from bot.sandbox.slack.membership import direct
from bot.sandbox.slack.modals import grant_trigger
from bot.sandbox.slack.model import Channel, View, without_metadata
from bot.sandbox.slack.outgoing.courier import Kind
from bot.sandbox.slack.person.outcome import Outcome, ask, complain
from bot.sandbox.slack.person.payloads import envelope, grant_response_url, place
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.posting import post, whisper
from bot.sandbox.slack.settings import Shortcut
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal

_FAILED = "This app did not respond"


async def global_shortcut(platform: Platform, user: str, callback_id: str) -> Outcome:
    _known(platform, "global", callback_id)
    payload = envelope(platform, "shortcut", user) | {
        "callback_id": callback_id,
        "trigger_id": grant_trigger(platform, user),
        "action_ts": platform.workspace.mint_ts(),
    }
    return await _send(platform, user, payload)


async def message_shortcut(platform: Platform, user: str, callback_id: str, channel: Channel, ts: str) -> Outcome:
    _known(platform, "message", callback_id)
    message = platform.workspace.message(channel, ts)
    payload = envelope(platform, "message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": grant_trigger(platform, user),
        "action_ts": platform.workspace.mint_ts(),
        "message_ts": ts,
        "channel": place(channel),
        "message": without_metadata(message),
        "response_url": grant_response_url(
            platform, user, channel, message_ts=None, thread_ts=message.get("thread_ts")
        ),
    }
    return await _send(platform, user, payload)


async def command(platform: Platform, user: str, channel: Channel, name: str, text: str) -> Outcome:
    """A slash command; what the app answers at once is shown to the person, or to all with `in_channel`."""
    if name not in {known.command for known in platform.app.commands}:
        return complain(platform, user, f"{name} is not a valid command.")
    workspace = platform.workspace
    payload: JsonObject = {
        "token": platform.app.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.team["domain"],
        "channel_id": channel.id,
        "channel_name": place(channel)["name"],
        "user_id": user,
        "user_name": workspace.user(user)["name"],
        "command": name,
        "text": text,
        "api_app_id": platform.app.app_id,
        "is_enterprise_install": "false",
        "response_url": grant_response_url(platform, user, channel),
        "trigger_id": grant_trigger(platform, user),
    }
    failed = f"{name} failed"
    reply = await ask(platform, user, Kind.COMMAND, payload, failed)
    if isinstance(reply, Outcome):
        return reply
    answer = reply.payload()
    if answer is None:
        answer = {"text": reply.text} if reply.text.strip() else {}
    if answer:
        try:
            show_answer(platform, user, channel, answer)
        except SlackRefusal as refusal:
            return complain(platform, user, f"{failed} ({refusal.code})")
    return Outcome(ok=True, payload=payload)


def show_answer(
    platform: Platform, user: str, channel: Channel, answer: JsonObject, *, thread_ts: str | None = None
) -> None:
    """A message given as an answer: for the person only, unless it says `in_channel`."""
    content, _ = read_content(Arguments(answer))
    workspace = platform.workspace
    content |= {
        "user": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "bot_profile": workspace.bot_profile(),
    }
    if answer.get("response_type") == "in_channel":
        if thread_ts is not None:
            content["thread_ts"] = thread_ts
        post(platform, channel, content)
    else:
        whisper(platform, user, channel.id, thread_ts, content)


def open_home(platform: Platform, user: str) -> View | None:
    """The person looks at the app's Home tab; the app hears of it and may publish."""
    home = platform.workspace.homes.get(user)
    channel = direct(platform, platform.workspace.bot_user, user)
    event: JsonObject = {
        "type": "app_home_opened",
        "user": user,
        "channel": channel.id,
        "tab": "home",
        "event_ts": platform.workspace.mint_ts(),
    }
    if home is not None:
        event["view"] = home.as_sent()
    platform.events.emit(event)
    return home


async def _send(platform: Platform, user: str, payload: JsonObject) -> Outcome:
    reply = await ask(platform, user, Kind.INTERACTION, payload, _FAILED)
    return reply if isinstance(reply, Outcome) else Outcome(ok=True, payload=payload)


def _known(platform: Platform, type_: str, callback_id: str) -> Shortcut:
    for shortcut in platform.app.shortcuts:
        if (shortcut.type, shortcut.callback_id) == (type_, callback_id):
            return shortcut
    raise SlackRefusal("shortcut_not_found")
