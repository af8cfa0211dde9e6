"""Reads what LINE's webhooks tell: one delivery may hold several events, of several people.

Unknown fields and types come without notice, and the published schema lags the platform, so everything is read by hand
and tolerantly. An event that makes no sense is skipped with its reason and costs the others nothing.
https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.social.line_fields import Odd, an_id, an_object, message_id, moment, word
from connectors.social.line_messages import read_content
from connectors.text import clean, one_line
from routing.ids import AccountId
from routing.messages import Edited, Happening, Item, Kind, Party, Received, Skipped, Thread, Unsent

CHANNEL = "line"


@dataclass(frozen=True, slots=True)
class Source:
    """Who said it and where: `to` is whom an answer goes to, `key` names the conversation, one per person and group."""

    key: str
    to: str
    person: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event with what all events have in common. `id` is unique in the account for ever."""

    id: str
    at: datetime
    standby: bool
    reply_token: str
    fields: Mapping[str, Any]

    @property
    def source(self) -> Source:
        return read_source(self.fields.get("source"))


def read_envelope(body: bytes) -> tuple[str, list[Any]]:
    """For whom the delivery is, and its events. Raises Odd."""
    try:
        envelope = json.loads(body.decode())
    except (ValueError, RecursionError) as failure:
        raise Odd("not JSON") from failure
    if not isinstance(envelope, dict) or not isinstance(envelope.get("events"), list):
        raise Odd("no list of events")
    destination = envelope.get("destination")
    return destination if isinstance(destination, str) else "", envelope["events"]


def delivery_id(events: Sequence[Any], body: bytes) -> str:
    """The same for a redelivery, whose `isRedelivery` and so whose bytes differ."""
    ids = [an_id(event, "webhookEventId") for event in events]
    if len(ids) == 1 and ids[0]:
        return ids[0]
    return hashlib.sha256(",".join(ids).encode() if all(ids) else body).hexdigest()


def lane(events: Sequence[Any], account: AccountId) -> str:
    """The conversation, if all events are of one; else the account."""
    keys = set()
    for event in events:
        try:
            keys.add(read_source(event.get("source") if isinstance(event, dict) else None).key)
        except Odd:
            return account
    return keys.pop() if len(keys) == 1 else account


def read_events(events: Sequence[Any], account: AccountId, received_at: datetime, body: bytes) -> list[Item]:
    """One item for every event, in their order. An event without an id is named after the body it stood in."""
    digest = hashlib.sha256(body).hexdigest()[:40]
    items: list[Item] = []
    for position, fields in enumerate(events):
        if not isinstance(fields, dict):
            items.append(Skipped(f"{digest}-{position}", "unreadable: the event is not an object"))
            continue
        event = _event(fields, f"{digest}-{position}", received_at)
        try:
            items.append(_read_event(event, account))
        except Odd as oddity:
            items.append(Skipped(event.id, f"unreadable: {oddity}"))
    return items


def read_source(found: object) -> Source:
    """Raises Odd."""
    if not isinstance(found, dict):
        raise Odd("no source")
    person, place = an_id(found, "userId"), an_id(found, "groupId") or an_id(found, "roomId")
    if place:
        return Source(key=f"{place}:{person}", to=place, person=person or place)
    if person:
        return Source(key=person, to=person, person=person)
    raise Odd("a source without an id")


def _event(fields: Mapping[str, Any], otherwise: str, received_at: datetime) -> Event:
    return Event(
        id=an_id(fields, "webhookEventId") or otherwise,
        at=moment(fields.get("timestamp"), received_at),
        standby=fields.get("mode") == "standby",
        reply_token=word(fields, "replyToken"),
        fields=fields,
    )


def _read_event(event: Event, account: AccountId) -> Item:
    kind = event.fields.get("type")
    if kind == "message":
        return _read_message(event, account)
    if kind == "messageEdited":
        message = an_object(event.fields, "message")
        return Edited(event.id, message_id(message), _new_text(message), event.at)
    if kind == "unsend":
        return Unsent(event.id, message_id(an_object(event.fields, "unsend"), "messageId"), event.at)
    if isinstance(kind, str) and kind in _HAPPENINGS:
        return Happening(event.id, Thread(key=event.source.key), _HAPPENINGS[kind](event.fields), event.at)
    return Skipped(event.id, f"event type {one_line(kind)[:40]}" if isinstance(kind, str) else "event without a type")


def _read_message(event: Event, account: AccountId) -> Received:
    message = an_object(event.fields, "message")
    external_id = message_id(message)
    source = event.source
    content = read_content(message)
    handle = {
        "to": source.to,
        "reply_token": event.reply_token,
        "quote_token": word(message, "quoteToken", longest=500),
        "read_token": word(message, "markAsReadToken", longest=500),
        "mode": "standby" if event.standby else "",
    }
    return Received(
        external_id=external_id,
        kind=Kind.DM,
        channel=CHANNEL,
        sender=Party(f"line:{account}", source.person),
        thread=Thread(key=source.key),
        text=content.text,
        sent_at=event.at,
        ids=(external_id,),
        participants=(source.person.casefold(),),
        attachments=content.attachments,
        verified=True,
        handle={name: value for name, value in handle.items() if value},
    )


def _new_text(message: Mapping[str, Any]) -> str:
    """Only a text can take the place of a text."""
    text = message.get("text")
    if not isinstance(text, str):
        raise Odd("an edit without text")
    return clean(text)


def _followed(fields: Mapping[str, Any]) -> str:
    follow = fields.get("follow")
    again = isinstance(follow, dict) and follow.get("isUnblocked") is True
    return "customer.unblocked" if again else "customer.followed"


# The keys of the sentences that tell of them in a ticket.
_HAPPENINGS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "follow": _followed,
    "unfollow": lambda _: "customer.blocked",
    "join": lambda _: "group.joined",
    "leave": lambda _: "group.left",
    "memberJoined": lambda _: "group.member_joined",
    "memberLeft": lambda _: "group.member_left",
    "postback": lambda _: "customer.pressed",
}
