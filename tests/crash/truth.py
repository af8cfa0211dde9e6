"""Reads what really happened: the append-only journals of Slack's stand-in and of the customers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.slack.journal import read_journal
from tests.crash.crowd import token_in
from tests.crash.orders import Place
from tests.crash.outside import customers_journal, slack_journal


@dataclass(frozen=True, slots=True)
class Post:
    """One message that our bot posted. `thread` is empty for a card, `key` what its metadata carry."""

    key: str
    channel: str
    thread: str
    ts: str
    shown: str


@dataclass(slots=True)
class Truth:
    accepted: list[str] = field(default_factory=list)  # Message-IDs of mails that the door answered 250
    returned: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)  # events that the webhook answered 200
    given_up: list[str] = field(default_factory=list)
    mails: list[tuple[str, str]] = field(default_factory=list)  # (Message-ID, token) of answers that arrived
    pushes: list[str] = field(default_factory=list)  # tokens of LINE messages that arrived
    posts: list[Post] = field(default_factory=list)


def read_truth(place: Place) -> Truth:
    truth = Truth()
    for entry in _lines(customers_journal(place)):
        match entry["kind"]:
            case "mail_delivered":
                truth.accepted.append(entry["message_id"].strip("<>"))
            case "mail_returned":
                truth.returned.append(entry["message_id"].strip("<>"))
            case "line_webhook_taken":
                truth.webhooks.append(entry["event_id"])
            case "line_webhook_given_up":
                truth.given_up.append(entry["event_id"])
            case "mail_received":
                truth.mails.append((entry["message_id"].strip("<>"), token_in(entry["text"])))
            case "line_push" | "line_reply":
                truth.pushes.extend(token_in(str(message.get("text", ""))) for message in entry["messages"])
    truth.posts = [post for entry in read_journal(slack_journal(place)) if (post := _post(entry)) is not None]
    return truth


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def _post(entry: dict[str, Any]) -> Post | None:
    if entry.get("method") != "chat.postMessage" or not (entry.get("answer") or {}).get("ok"):
        return None
    arguments = entry["args"]
    payload = (arguments.get("metadata") or {}).get("event_payload") or {}
    return Post(
        key=str(payload.get("key", "")),
        channel=str(arguments["channel"]),
        thread=str(arguments.get("thread_ts") or ""),
        ts=str(entry["answer"]["ts"]),
        shown=json.dumps(arguments.get("blocks"), ensure_ascii=False),
    )
