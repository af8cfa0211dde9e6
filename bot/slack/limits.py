"""Holds how often Slack lets each method be called, and how much of that is kept for what cannot wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.urgency import Urgency
from routing.rates import Share


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls at once, coming back evenly over `per`."""

    allowance: int
    per: timedelta


def _a_minute(calls: int) -> Limit:
    """Half a minute's calls may come at once: Slack counts by the minute, and does not say from which moment."""
    return Limit(calls // 2, timedelta(seconds=30))


# https://docs.slack.dev/apis/web-api/rate-limits: per method, app and workspace.
TIER_2, TIER_3, TIER_4 = _a_minute(20), _a_minute(50), _a_minute(100)
# Messages have rules of their own: about one a second in a room, and some hundreds a minute in a workspace.
IN_A_ROOM = Limit(4, timedelta(seconds=4))
IN_A_WORKSPACE = Limit(50, timedelta(seconds=10))

# What opens or draws a form has no limit of ours: a person waits for it, their trigger lives three seconds, and only
# Slack itself knows whether there is room for it. The same goes for stand-ins that have no limits.
NONE = Limit(1_000_000, timedelta(seconds=1))

POST = "chat.postMessage"
METHODS: Mapping[str, Limit] = {
    POST: IN_A_WORKSPACE,
    "chat.delete": TIER_3,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.delete": TIER_3,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "pins.add": TIER_2,
    "users.info": TIER_4,
}
# Which part of a bucket stays for the more urgent. What presses change, and urgent tickets, may have all of it.
_KEPT: Mapping[Urgency, float] = {Urgency.NOW: 0.0, Urgency.ROUTINE: 0.25, Urgency.SPARE: 0.5}


def key_of(team: str, method: str, place: str = "") -> str:
    """How the bucket is called: by workspace and method, for messages also by room."""
    return f"slack:{team}:{method}:{place}" if place and method == POST else f"slack:{team}:{method}"


def shares(team: str, method: str, place: str, urgency: Urgency, *, limited: bool = True) -> list[Share]:
    """Everything that one call takes. Where nothing is limited, a door that Slack has shut is still a shut one."""
    limits = {key_of(team, method): METHODS.get(method, NONE)}
    if method == POST and place:
        limits[key_of(team, method, place)] = IN_A_ROOM
    if not limited:
        limits = dict.fromkeys(limits, NONE)
    return [Share(key, one.allowance, one.per, int(one.allowance * _KEPT[urgency])) for key, one in limits.items()]
