"""Holds the things of a Slack workspace that change: channels, open views, triggers, files, ephemeral messages."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.wire import JsonObject, copied


@dataclass(slots=True)
class Channel:
    """A channel or direct conversation with everything said in it, by ts."""

    id: str
    name: str
    creator: str
    created: int
    team_id: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_general: bool = False
    topic: str = ""
    purpose: str = ""
    shared_team_ids: list[str] = field(default_factory=list)
    messages: dict[str, JsonObject] = field(default_factory=dict)
    pins: dict[str, JsonObject] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What events call `channel_type`."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    def is_seen_by(self, user_id: str) -> bool:
        return user_id in self.members or not (self.is_private or self.is_im)

    def shown_to(self, viewer: str) -> JsonObject:
        """The Slack channel object as this user sees it."""
        if self.is_im:
            other = next((member for member in self.members if member != viewer), viewer)
            return {
                "id": self.id,
                "created": self.created,
                "is_archived": self.is_archived,
                "is_im": True,
                "is_org_shared": False,
                "context_team_id": self.team_id,
                "updated": self.created * 1000,
                "user": other,
                "is_user_deleted": False,
                "is_open": True,
                "priority": 0,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": self.is_general,
            "unlinked": 0,
            "is_frozen": False,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "context_team_id": self.team_id,
            "updated": self.created * 1000,
            "parent_conversation": None,
            "creator": self.creator,
            "is_ext_shared": self.is_ext_shared,
            "shared_team_ids": self.shared_team_ids or [self.team_id],
            "pending_connected_team_ids": [],
            "is_member": viewer in self.members,
            "topic": {"value": self.topic, "creator": self.creator if self.topic else "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": self.creator if self.purpose else "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }


@dataclass(slots=True)
class View:
    """A modal or Home tab as one user has it open, with what was typed into it so far."""

    user: str
    shown: JsonObject
    values: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.shown["id"])

    def as_sent(self) -> JsonObject:
        """The view object as it travels in API answers and interaction payloads."""
        return {**copied(self.shown), "state": {"values": copied(self.values)}}


@dataclass(slots=True)
class Trigger:
    """A right to open one view, given with an interaction; lives three seconds and works once."""

    user: str
    expires: float
    in_modal: bool
    used: bool = False


@dataclass(slots=True)
class StoredFile:
    """A file and its bytes; `shown` is the Slack file object."""

    shown: JsonObject
    content: bytes = b""
    complete: bool = False
    expected_length: int = 0
    upload_key: str = ""
    alt_text: str = ""

    @property
    def id(self) -> str:
        return str(self.shown["id"])


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A message that only one person saw."""

    user: str
    channel: str
    thread_ts: str | None
    message: JsonObject

    @property
    def ts(self) -> str:
        return str(self.message["ts"])


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer an interaction: five times within thirty minutes."""

    user: str
    channel: str
    expires: float
    message_ts: str | None = None
    thread_ts: str | None = None
    ephemeral: bool = False
    uses_left: int = 5


def without_metadata(message: JsonObject) -> JsonObject:
    shown: dict[str, Any] = copied(message)
    shown.pop("metadata", None)
    return shown
