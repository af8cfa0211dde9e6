"""Rows to put into a store under test."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from routing.contacts import Contact, Conversation, Identity
from routing.deliveries import NewDelivery
from routing.ids import (
    AccountId,
    AttachmentId,
    ContactId,
    ConversationId,
    DeliveryId,
    IdentityId,
    MessageId,
    RoomId,
    TicketId,
    new_id,
)
from routing.messages import Attachment, Direction, Fetching, ItemRecord, Kind, Message, Outcome
from routing.postings import Posting, PostingState
from routing.replies import Outbound, SendClass, Sending
from routing.ticket import Priority, Status, Ticket
from storage.statements import Statement
from storage.tables import METADATA
from storage.wire import Database
from tests.conftest import ORGANISATION

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ACCOUNT = AccountId("support")


def a_ticket(**changes: Any) -> Ticket:
    values: dict[str, Any] = {
        "id": TicketId(new_id()),
        "organisation": ORGANISATION,
        "number": 1,
        "account": ACCOUNT,
        "channel": "email",
        "contact": ContactId("contact"),
        "conversation": ConversationId("conversation"),
        "subject": "珈琲が冷たい",
        "status": Status.NEW,
        "priority": Priority.NORMAL,
        "assignee": None,
        "claimed_at": None,
        "latest": "It is cold",
        "latest_by": "Aki",
        "latest_seq": 1,
        "latest_masked": False,
        "latest_automatic": False,
        "sending": "",
        "seq": 1,
        "version": 1,
        "claims_number": None,
        "created_at": NOON,
        "updated_at": NOON,
        "last_customer_at": NOON,
        "last_agent_at": None,
        "closed_at": None,
    }
    return Ticket(**values | changes)


def a_message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": MessageId(new_id()),
        "organisation": ORGANISATION,
        "ticket": TicketId("ticket"),
        "conversation": ConversationId("conversation"),
        "account": ACCOUNT,
        "seq": 1,
        "direction": Direction.INBOUND,
        "kind": Kind.MAIL,
        "external_id": None,
        "identity": IdentityId("identity"),
        "agent": None,
        "author": "Aki",
        "subject": "Coffee",
        "text": "It is cold",
        "full_text": "",
        "automatic": "",
        "verified": True,
        "created_at": NOON,
        "sent_at": NOON,
    }
    return Message(**values | changes)


def a_conversation(**changes: Any) -> Conversation:
    values: dict[str, Any] = {
        "id": ConversationId(new_id()),
        "organisation": ORGANISATION,
        "account": ACCOUNT,
        "channel": "email",
        "key": "",
        "ticket": TicketId("ticket"),
        "contact": ContactId("contact"),
        "identity": IdentityId("identity"),
        "address": "aki@example.com",
        "subject": "Coffee",
        "participants": ("aki@example.com",),
        "refs": ("<1@example.com>",),
        "handle": {"token": "t"},
        "last_customer_at": NOON,
    }
    return Conversation(**values | changes)


def a_contact(**changes: Any) -> Contact:
    values: dict[str, Any] = {
        "id": ContactId(new_id()),
        "organisation": ORGANISATION,
        "name": "Aki",
        "language": "ja",
        "created_at": NOON,
    }
    return Contact(**values | changes)


def an_identity(**changes: Any) -> Identity:
    values: dict[str, Any] = {
        "id": IdentityId(new_id()),
        "organisation": ORGANISATION,
        "scope": "email",
        "address": "aki@example.com",
        "contact": ContactId("contact"),
        "name": "Aki",
        "created_at": NOON,
    }
    return Identity(**values | changes)


def an_item(**changes: Any) -> ItemRecord:
    values: dict[str, Any] = {
        "delivery": DeliveryId(new_id()),
        "position": 0,
        "organisation": ORGANISATION,
        "account": ACCOUNT,
        "external_id": "1",
        "outcome": Outcome.TICKETED,
    }
    return ItemRecord(**values | changes)


def a_delivery(provider_id: str, **changes: Any) -> NewDelivery:
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "provider_id": provider_id,
        "lane": "conversation",
        "headers": {"content-type": "application/json"},
        "body": b"{}",
        "received_at": NOON,
    }
    return NewDelivery(**values | changes)


def a_posting(**changes: Any) -> Posting:
    values: dict[str, Any] = {
        "id": new_id(),
        "organisation": ORGANISATION,
        "ticket": TicketId("ticket"),
        "room": RoomId("support"),
        "reference": "",
        "card_version": 0,
        "seq": 0,
        "step": "",
        "state": PostingState.SHOWN,
        "updated_at": NOON,
    }
    return Posting(**values | changes)


def an_attachment(**changes: Any) -> Attachment:
    values: dict[str, Any] = {
        "id": AttachmentId(new_id()),
        "organisation": ORGANISATION,
        "ticket": TicketId("ticket"),
        "message": MessageId("message"),
        "account": ACCOUNT,
        "seq": 0,
        "name": "請求書.pdf",
        "media_type": "application/pdf",
        "size": 10,
        "blob": "",
        "source": "https://example.com/1",
        "state": Fetching.WANTED,
    }
    return Attachment(**values | changes)


def an_outbound(**changes: Any) -> Outbound:
    values: dict[str, Any] = {
        "message": MessageId(new_id()),
        "organisation": ORGANISATION,
        "account": ACCOUNT,
        "conversation": ConversationId("conversation"),
        "ticket": TicketId("ticket"),
        "agent": None,
        "state": Sending.HELD,
        "closing": False,
        "held_until": NOON,
        "order": 0,
        "operation": "smtp",
        "send_class": SendClass.ASK,
        "provider_ids": ("<ours@us>",),
        "fence": 0,
        "attempts": 0,
        "first_attempt_at": None,
        "fault": "",
        "delivered": "",
        "asked_after_seq": 0,
        "updated_at": NOON,
    }
    return Outbound(**values | changes)


async def everything_in(database: Database) -> str:
    """Every value of every row of every table, as one text."""
    values: list[str] = []
    for table in METADATA.tables.values():
        for row in await database.read_once(Statement(select(table))):
            values += [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(values)
