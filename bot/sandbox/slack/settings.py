"""Says which app is installed in the stand-in workspace, with its tokens, scopes, commands and shortcuts."""

from dataclasses import dataclass
from typing import Literal

ALL_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "pins:read",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users.profile:read",
        "users:read",
        "users:read.email",
    }
)

SUBSCRIPTIONS = frozenset(
    {
        "message",
        "app_mention",
        "app_home_opened",
        "channel_archive",
        "channel_deleted",
        "channel_rename",
        "channel_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "reaction_added",
        "reaction_removed",
        "user_change",
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as it stands in the app's manifest."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut as it stands in the app's manifest."""

    type: Literal["message", "global"]
    callback_id: str
    name: str


@dataclass(frozen=True, slots=True)
class AppSettings:
    """The installed app. What Slack sends goes to `request_url`, or with `socket_mode` to the app's own WebSockets."""

    request_url: str | None = None
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105  a demo secret, public by design
    bot_token: str = "xoxb-sandbox"  # noqa: S105  likewise
    app_token: str = "xapp-sandbox"  # noqa: S105  likewise
    verification_token: str = "sandbox-verification"  # noqa: S105  likewise
    app_id: str = "A0MADOGUCHI"
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = SUBSCRIPTIONS
    commands: tuple[Command, ...] = (Command("/desk", "Find, open and set up tickets", "[help | find | new | mine]"),)
    shortcuts: tuple[Shortcut, ...] = (
        Shortcut("message", "send_to_customer", "Send to customer"),
        Shortcut("global", "new_ticket", "New ticket"),
        Shortcut("global", "search", "Find tickets"),
        Shortcut("global", "templates", "Templates"),
        Shortcut("global", "group_reply", "Group reply"),
    )
    socket_mode: bool = False
    real_limits: bool = False
    page_url: str | None = None
    home_tab: bool = True
    messages_tab: bool = True
