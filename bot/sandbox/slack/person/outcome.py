"""Says how an interaction ended for the person who caused it."""

from dataclasses import dataclass, field

from bot.sandbox.slack.outgoing.courier import Kind, Reply, Unanswered
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ok` when the app answered in time, else `notice` is what Slack's client shows; `errors` stand in the form."""

    ok: bool
    notice: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    payload: JsonObject = field(default_factory=dict)


async def ask(platform: Platform, user: str, kind: Kind, payload: JsonObject, failed: str) -> Reply | Outcome:
    """Delivers an interaction. When the app does not answer well, the person sees why: that is the Outcome."""
    try:
        reply = await platform.courier.deliver(kind, payload)
    except Unanswered as unanswered:
        reason = "operation_timeout" if unanswered.reason == "http_timeout" else "dispatch_failed"
        return complain(platform, user, f"{failed} ({reason})")
    if not reply.ok:
        return complain(platform, user, f"{failed} (http_client_error: status {reply.status})")
    return reply


def complain(platform: Platform, user: str, text: str) -> Outcome:
    platform.journal.write("notice", user=user, text=text)
    platform.feed.tell_one(user, {"type": "notice", "level": "error", "text": text})
    return Outcome(ok=False, notice=text)
