"""What customers' channels say to us: the items that a delivery yields, and the messages kept of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing.ids import (
    AccountId,
    AgentId,
    AttachmentId,
    ConversationId,
    DeliveryId,
    IdentityId,
    MessageId,
    OrganisationId,
    TicketId,
)


class Kind(StrEnum):
    """What sort of thing was said."""

    MAIL = "mail"
    FORM = "form"
    DM = "dm"


class Direction(StrEnum):
    INBOUND = "in"
    OUTBOUND = "out"
    NOTE = "note"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Party:
    """One address on one channel, as the channel names it.

    `scope` is what the address is unique in: `email` for mail addresses everywhere, `line:<account>` for LINE user ids.
    """

    scope: str
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that came with a message: its bytes, or (when `content` is None) `source`, by which to fetch it.

    Before the desk sees it the bytes were put into the blob store: then `blob` names them and `content` is None.
    """

    name: str
    media_type: str
    content: bytes | None = None
    source: str = ""
    inline: bool = False
    blob: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """How to find the conversation a message belongs to; the first hint that leads somewhere wins.

    `key`: the provider's own name of the conversation; always joins. The others join only if the sender takes part in
    that conversation already: `signed` (our signature in an address or id, already verified), `references` (ids the
    message points at, newest first), `number` (a ticket number in the subject).
    """

    key: str = ""
    signed: ConversationId | None = None
    references: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A customer said something.

    `external_id` is unique in the account for ever. `ids` are names by which later messages may point at this one.
    `text` is what to show; `full_text` is the whole when `text` folded something away. `automatic` names why this looks
    written by a machine (then it never reopens and is never answered automatically). `handle` is whatever the
    connector needs to answer (a reply token), kept with the conversation.
    """

    external_id: str
    kind: Kind
    channel: str
    sender: Party
    thread: Thread
    text: str
    sent_at: datetime
    subject: str = ""
    full_text: str = ""
    ids: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    attachments: tuple[NewAttachment, ...] = ()
    automatic: str = ""
    verified: bool = False
    handle: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """A customer changed the words of the message `original`; `external_id` names this edit."""

    external_id: str
    original: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unsent:
    """A customer took the message `original` back: its words must no longer be shown anywhere."""

    external_id: str
    original: str
    at: datetime


class Delivered(StrEnum):
    """How far a message of ours got; only ever moves forward, but for a failure."""

    DELIVERED = "delivered"
    READ = "read"
    DELAYED = "delayed"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Report:
    """A provider tells what became of a reply of ours, named by any of `references`.

    If no reply of ours is meant, `otherwise` is received in its place.
    """

    external_id: str
    references: tuple[str, ...]
    state: Delivered
    at: datetime
    reason: str = ""
    otherwise: Received | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to know that nobody said: the customer followed or blocked the account. Becomes a line in the ticket,
    if there is one, and is otherwise only counted."""

    external_id: str
    thread: Thread
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item we understand well enough to know that it needs nobody; `reason` is kept and counted."""

    external_id: str
    reason: str


Item = Received | Edited | Unsent | Report | Happening | Skipped


class Outcome(StrEnum):
    """What became of an item. Every item of every delivery ends in exactly one."""

    TICKETED = "ticketed"
    APPENDED = "appended"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One line of the ledger: the outcome of one item of one delivery."""

    delivery: DeliveryId
    position: int
    organisation: OrganisationId
    account: AccountId
    external_id: str
    outcome: Outcome
    reason: str = ""
    ticket: TicketId | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a ticket. `seq` is its place in the ticket's thread; a held reply has none yet (0).

    `revision` grows with everything that changes how it is shown (an edit, an unsend, a sending state, a name learned
    later); `edited` says that its customer changed the words. For an EVENT
    `text` is the key of its sentence and `full_text` the values, as JSON. `needs_no_answer`: it only says thanks.
    """

    id: MessageId
    organisation: OrganisationId
    ticket: TicketId
    conversation: ConversationId
    account: AccountId
    seq: int
    direction: Direction
    kind: Kind
    external_id: str | None
    identity: IdentityId | None
    agent: AgentId | None
    author: str
    subject: str
    text: str
    full_text: str
    automatic: str
    verified: bool
    created_at: datetime
    sent_at: datetime
    revision: int = 0
    unsent: bool = False
    edited: bool = False
    needs_no_answer: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """The words a message had before its customer edited it."""

    message: MessageId
    revision: int
    organisation: OrganisationId
    text: str
    replaced_at: datetime


class Fetching(StrEnum):
    """Where an attachment's bytes are."""

    STORED = "stored"
    WANTED = "wanted"
    LOST = "lost"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. It takes its own place (`seq`) in the ticket's thread once its bytes are stored."""

    id: AttachmentId
    organisation: OrganisationId
    ticket: TicketId
    message: MessageId
    account: AccountId
    seq: int
    name: str
    media_type: str
    size: int
    blob: str
    source: str
    state: Fetching
    reason: str = ""
