"""Changes who and what there is: joining, leaving, inviting, renaming, archiving, deleting; and tells the app."""

from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.posting import emit_in, post
from bot.sandbox.slack.wire import JsonObject, SlackRefusal


def create_channel(
    platform: Platform,
    name: str,
    *,
    creator: str,
    members: tuple[str, ...] = (),
    is_private: bool = False,
    is_ext_shared: bool = False,
    id_: str | None = None,
) -> Channel:
    workspace = platform.workspace
    channel = Channel(
        id=id_ or workspace.mint("C"),
        name=name,
        creator=creator,
        created=int(platform.clock.now()),
        team_id=workspace.team_id,
        members=list(dict.fromkeys((creator, *members))),
        is_private=is_private,
        is_ext_shared=is_ext_shared,
    )
    workspace.channels[channel.id] = channel
    _show(platform, channel)
    return channel


def direct(platform: Platform, one: str, other: str) -> Channel:
    """The direct conversation of two users; both see it as soon as somebody opens it."""
    known = len(platform.workspace.channels)
    channel = platform.workspace.direct_channel(one, other)
    if len(platform.workspace.channels) > known:
        _show(platform, channel)
    return channel


def join(platform: Platform, channel: Channel, user: str, *, inviter: str | None = None) -> None:
    """Adds a member. The app hears of it if its bot is (now) there."""
    if user in channel.members:
        return
    channel.members.append(user)
    _show(platform, channel)
    invited = {} if inviter is None else {"inviter": inviter}
    _note(platform, channel, user, "channel_join", f"<@{user}> has joined the channel", **invited)
    event = _member_event(platform, "member_joined_channel", channel, user)
    emit_in(platform, channel, {**event, **invited})


def invite(platform: Platform, channel: Channel, user: str, *, inviter: str) -> None:
    join(platform, channel, user, inviter=inviter)


def leave(platform: Platform, channel: Channel, user: str) -> None:
    """Takes a member away; when it is the bot itself, the app still hears of its own leaving."""
    if user not in channel.members:
        raise SlackRefusal("not_in_channel")
    _note(platform, channel, user, "channel_leave", f"<@{user}> has left the channel")
    event = _member_event(platform, "member_left_channel", channel, user)
    emit_in(platform, channel, event)
    channel.members.remove(user)
    _show(platform, channel)


def set_topic(platform: Platform, channel: Channel, topic: str, user: str) -> None:
    channel.topic = topic
    _note(platform, channel, user, "channel_topic", f"<@{user}> set the channel topic: {topic}", topic=topic)
    _show(platform, channel)


def archive(platform: Platform, channel: Channel, user: str) -> None:
    _note(platform, channel, user, "channel_archive", f"<@{user}> archived the channel", members=channel.members)
    channel.is_archived = True
    _show(platform, channel)
    emit_in(platform, channel, _channel_event(platform, "channel_archive", channel, user=user))


def unarchive(platform: Platform, channel: Channel, user: str) -> None:
    channel.is_archived = False
    _note(platform, channel, user, "channel_unarchive", f"<@{user}> un-archived the channel")
    _show(platform, channel)
    emit_in(platform, channel, _channel_event(platform, "channel_unarchive", channel, user=user))


def rename(platform: Platform, channel: Channel, name: str, user: str) -> None:
    old_name, channel.name = channel.name, name
    text = f'<@{user}> has renamed the channel from "{old_name}" to "{name}"'
    _note(platform, channel, user, "channel_name", text, old_name=old_name, name=name)
    _show(platform, channel)
    event = {
        "type": "channel_rename",
        "channel": {
            "id": channel.id,
            "name": name,
            "name_normalized": name,
            "created": channel.created,
            "is_channel": True,
            "is_mpim": False,
        },
        "event_ts": platform.workspace.mint_ts(),
    }
    emit_in(platform, channel, event)


def delete_channel(platform: Platform, channel: Channel, user: str) -> None:
    emit_in(platform, channel, _channel_event(platform, "channel_deleted", channel, actor_id=user))
    del platform.workspace.channels[channel.id]
    platform.feed.tell({"type": "channel_deleted", "channel": channel.id}, who=channel.is_seen_by)


def change_user(platform: Platform, user: JsonObject) -> None:
    """Puts a user's changed object in place of the old one and tells everybody."""
    now = platform.workspace.mint_ts()
    user["updated"] = int(platform.clock.now())
    platform.workspace.users[user["id"]] = user
    platform.feed.tell({"type": "user", "user": user})
    platform.events.emit({"type": "user_change", "user": user, "cache_ts": int(platform.clock.now()), "event_ts": now})


def _note(platform: Platform, channel: Channel, user: str, subtype: str, text: str, **more: object) -> None:
    """The line that Slack itself writes into a channel when it changes."""
    post(platform, channel, {"subtype": subtype, "user": user, "text": text, **more})


def _show(platform: Platform, channel: Channel) -> None:
    for user in platform.workspace.users:
        if channel.is_seen_by(user):
            platform.feed.tell_one(user, {"type": "channel", "channel": channel.shown_to(user)})


def _member_event(platform: Platform, type_: str, channel: Channel, user: str) -> JsonObject:
    return {
        "type": type_,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": platform.workspace.user(user)["team_id"],
        "event_ts": platform.workspace.mint_ts(),
    }


def _channel_event(platform: Platform, type_: str, channel: Channel, **who: str) -> JsonObject:
    return {"type": type_, "channel": channel.id, **who, "event_ts": platform.workspace.mint_ts()}
