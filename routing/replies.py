"""Replies: the states a reply goes through on its way out, the limits it must keep, and the window it must meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from routing.ids import AccountId, AgentId, AttachmentId, ConversationId, MessageId, OrganisationId, TicketId


class Sending(StrEnum):
    """held → queued → sending → sent | failed | unknown; undone from held; dropped by a person's decision; returned to
    its author when a scheduled reply must not leave as it was planned."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"
    DROPPED = "dropped"
    RETURNED = "returned"


UNDECIDED = (Sending.UNKNOWN, Sending.FAILED)
"""A person decides what becomes of these."""


NEVER_LEFT = frozenset({Sending.UNDONE, Sending.RETURNED, Sending.DROPPED, Sending.FAILED, Sending.UNKNOWN})
"""What somebody may write anew: it did not leave, or they decide about it first."""


class SendClass(StrEnum):
    """What may be done about a send whose outcome is unclear."""

    KEYED = "A"  # the provider takes an idempotency key: send again with the same key
    READ_BACK = "B"  # it can be looked up: look after a quiet time, then decide
    ASK = "C"  # neither: a person is asked, never a timer


@dataclass(frozen=True, slots=True)
class Outbound:
    """The sending life of one outbound message. `message` is its key, and the form's: a double submit is one reply.

    `order` is its place in the conversation's queue, given when it is queued. `provider_ids` are how the provider
    names it (for mail: our Message-ID, stored before sending). `fence` counts sending attempts: a worker whose lease
    ran out cannot write its outcome over its successor's. `scheduled`: its agent chose when it leaves, so that it is
    judged again then; `announced` is the line in the thread that tells of it. `changed` is how much of the `template`
    it was made from was changed, in thousandths. `source`
    is the surface's name of the thread message that it was made of, `shown_in` the posting whose thread shows its words
    already; `outdated`: that message was changed when the reply could no longer follow.
    """

    message: MessageId
    organisation: OrganisationId
    account: AccountId
    conversation: ConversationId
    ticket: TicketId
    agent: AgentId | None
    state: Sending
    closing: bool
    held_until: datetime
    order: int
    operation: str
    send_class: SendClass
    provider_ids: tuple[str, ...]
    fence: int
    attempts: int
    first_attempt_at: datetime | None
    fault: str
    delivered: str
    asked_after_seq: int
    updated_at: datetime
    scheduled: bool = False
    announced: MessageId | None = None
    template: str = ""
    changed: int = 0
    source: str = ""
    shown_in: str = ""
    outdated: bool = False

    @property
    def waits_for_its_time(self) -> bool:
        return self.scheduled and self.state is Sending.HELD


@dataclass(frozen=True, slots=True)
class Window:
    """Until when one may answer, and how. `until` None means at any time."""

    open: bool
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reply on a channel may be. `measure` counts text in the channel's own unit, named by `unit`."""

    text: int
    unit: str
    measure: Callable[[str], int]
    attachments: int = 0
    attachment_bytes: int = 0
    undo: timedelta = timedelta(seconds=10)


def written_anew(message: MessageId) -> MessageId:
    """The id of the reply that takes the place of one that did not leave: always the same, so that whoever begins it
    twice writes one reply."""
    return MessageId(sha256(f"anew:{message}".encode()).hexdigest()[:28])


def code_points(text: str) -> int:
    return len(text)


def utf16_units(text: str) -> int:
    """Characters beyond the Basic Multilingual Plane (emoji, some kanji) count as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class SentAttachment:
    """A file that leaves with a reply."""

    id: AttachmentId
    name: str
    media_type: str
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a connector needs to send one reply, and nothing that changes while it does.

    `key` is a UUID that stays the same over every attempt (for providers with idempotency keys).
    """

    message: MessageId
    key: str
    account: AccountId
    conversation: ConversationId
    channel: str
    address: str
    address_name: str
    subject: str
    text: str
    refs: tuple[str, ...]
    ticket_number: int
    agent_name: str
    created_at: datetime
    copies: tuple[str, ...] = ()
    attachments: tuple[SentAttachment, ...] = ()
    handle: Mapping[str, str] = field(default_factory=dict)
    handle_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Decided and stored before the call: which of the connector's operations, its class, and the ids the message
    will be known by as far as we choose them."""

    operation: str
    send_class: SendClass
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has it. `ids` are its names for the message, beside those chosen by us. `note` is what the agent
    should know though it left: a copy that was refused."""

    ids: tuple[str, ...] = ()
    note: str = ""
