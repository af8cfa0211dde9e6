"""Says in our own errors what a refusal of Slack's, or its silence, means for the caller."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp

from routing.errors import Gone, MadoguchiError, NeedsAttention, Rejected, RoomGone, TryLater, Unclear


class Overtaken(Rejected):
    """What was to be drawn over is not what stands there any more."""


class AskedForPatience(TryLater):
    """Slack itself said how long nobody should call this again."""


class Already(Rejected):
    """It is so already: nothing had to be done."""


LONGEST_WAIT = timedelta(hours=1)
_USUAL_WAIT = timedelta(seconds=5)

ROOM_GONE = frozenset({"channel_not_found", "is_archived", "is_inactive", "not_in_channel"})
GONE = frozenset(
    {
        "message_not_found",
        "cant_update_message",  # ours, so it is the gravestone that Slack leaves where a message with a thread stood
        "thread_not_found",
        "file_not_found",
        "file_deleted",
        "not_found",
        "view_not_found",
        "user_not_found",
        "user_not_visible",
        "user_not_in_channel",
        "users_not_found",
    }
)
NEEDS_ATTENTION: Mapping[str, str] = {
    "invalid_auth": "the bot token is not valid: install the app again and write the new token into the configuration",
    "not_authed": "no bot token was sent: write it into the configuration",
    "token_revoked": "the bot token was revoked: install the app again",
    "token_expired": "the bot token has expired: install the app again",
    "account_inactive": "the app was removed from the workspace: install it again",
    "missing_scope": "the app lacks a permission: install it again with the manifest that comes with this version",
    "no_permission": "the app may not do this: ask an administrator of the workspace",
    "team_access_not_granted": "the app may not work in this workspace: ask its administrator",
    "org_login_required": "the workspace is being moved: wait, then install the app again",
    "ekm_access_denied": "the workspace's administrators have suspended posting",
    "restricted_action": "a setting of the workspace forbids apps to post in this room",
    "restricted_action_read_only_channel": "the room is read-only: allow the app to post there",
    "restricted_action_thread_only_channel": "the room allows only threads: allow the app to post there",
    "access_denied": "the app may not do this: ask an administrator of the workspace",
    "app_missing_action_url": "interactivity is off in the app's settings: switch it on and give it the address",
    "invalid_app_id": "the app does not exist any more",
    "messages_tab_disabled": "the app's Messages tab is off, so nobody can be written to: update it from the manifest",
    "not_allowed_token_type": "this token is of the wrong kind: the bot token begins with xoxb-",
}
# The view was drawn anew since we last saw it.
_OVERTAKEN = frozenset({"hash_conflict"})
_ALREADY = frozenset({"already_pinned"})
# The request surely had no effect, or may be repeated as it is.
_PATIENCE = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "service_unavailable",
        "team_added_to_org",
        "accesslimited",
        "message_limit_exceeded",
    }
)
# Slack failed while it worked on it.
_STUMBLED = frozenset({"internal_error", "fatal_error", "request_timeout"})


def refusal(
    method: str, answer: Mapping[str, Any], status: int, headers: Mapping[str, str], *, posts: bool
) -> MadoguchiError:
    """What Slack's answer means. `posts`: doing it twice would show it twice."""
    code = str(answer.get("error") or "")
    if status == 429:
        return AskedForPatience(f"slack {method}: {code or status}", after=wait_asked(headers))
    if code in _PATIENCE:
        return TryLater(f"slack {method}: {code}", after=wait_asked(headers))
    if code in _STUMBLED or status >= 500:
        return _unanswered(f"slack {method}: {code or status}", posts=posts)
    if code in _ALREADY:
        return Already(f"slack {method}: {code}")
    if code in _OVERTAKEN:
        return Overtaken(f"slack {method}: {code}")
    if code in ROOM_GONE:
        return RoomGone(f"slack {method}: {code}")
    if code in GONE:
        return Gone(f"slack {method}: {code}")
    if mend := NEEDS_ATTENTION.get(code):
        needed = f" ({answer['needed']})" if isinstance(answer.get("needed"), str) else ""
        return NeedsAttention(f"slack {method}: {code}{needed}: {mend}")
    if not code:
        # A page of some proxy's, not an answer of Slack's.
        return _unanswered(f"slack {method}: status {status} without an answer", posts=posts)
    return Rejected(f"slack {method}: {code}{_details(answer)}")


def silence(method: str, failure: BaseException, *, posts: bool) -> MadoguchiError:
    """What it means that no answer came."""
    reason = f"slack {method}: {type(failure).__name__}"
    # Name look-up, connection and TLS come before anything of the request is written.
    if isinstance(failure, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return TryLater(reason)
    return _unanswered(reason, posts=posts)


def wait_asked(headers: Mapping[str, str]) -> timedelta:
    """How long Slack wants us to wait, within reason."""
    asked = headers.get("Retry-After", "").strip()
    if not (asked.isascii() and asked.isdigit()):
        return _USUAL_WAIT
    return max(timedelta(seconds=1), min(timedelta(seconds=int(asked[:9])), LONGEST_WAIT))


def _unanswered(reason: str, *, posts: bool) -> MadoguchiError:
    return Unclear(reason) if posts else TryLater(reason)


def _details(answer: Mapping[str, Any]) -> str:
    """What Slack says beside its code: which block is wrong and why. It names places, not words of the message."""
    found = answer.get("response_metadata")
    messages = found.get("messages") if isinstance(found, dict) else None
    return (
        f" {'; '.join(str(message) for message in messages)[:500]}" if isinstance(messages, list) and messages else ""
    )
