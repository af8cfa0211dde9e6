"""Draws the workspace as one person's client shows it when it starts."""

from bot.sandbox.slack.model import Channel, without_metadata
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import JsonObject, copied


def snapshot(platform: Platform, user: str) -> JsonObject:
    """Everything this person may see, in Slack's own objects."""
    workspace = platform.workspace
    seen = [channel for channel in workspace.channels.values() if channel.is_seen_by(user)]
    home = workspace.homes.get(user)
    frame: JsonObject = {
        "type": "snapshot",
        "team": workspace.team,
        "me": user,
        "users": list(workspace.users.values()),
        "channels": [_with_messages(platform, channel, user) for channel in seen if not channel.is_im],
        "dms": [_with_messages(platform, channel, user) for channel in seen if channel.is_im],
        "threads": {key: thread for channel in seen for key, thread in _threads(platform, channel)},
        "commands": [
            {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
            for one in platform.app.commands
        ],
        "shortcuts": [
            {"type": one.type, "callback_id": one.callback_id, "name": one.name} for one in platform.app.shortcuts
        ],
        "views": [view.as_sent() for view in workspace.modals.get(user, [])],
        "home": None if home is None else home.as_sent(),
    }
    return dict(copied(frame))


def _with_messages(platform: Platform, channel: Channel, user: str) -> JsonObject:
    messages = [without_metadata(message) for message in platform.workspace.top_level(channel)]
    return {**channel.shown_to(user), "messages": messages}


def _threads(platform: Platform, channel: Channel) -> list[tuple[str, list[JsonObject]]]:
    """The replies of every thread, without the parents, which stand in the channel."""
    threads: dict[str, list[JsonObject]] = {}
    for message in platform.workspace.in_order(channel):
        root = message.get("thread_ts")
        if root not in (None, message["ts"]):
            threads.setdefault(f"{channel.id}:{root}", []).append(without_metadata(message))
    return list(threads.items())
