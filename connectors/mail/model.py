"""The plain values that one mail is read into, before anything is decided about it."""

from dataclasses import dataclass
from datetime import datetime

from routing.messages import Delivered, NewAttachment


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of anything a mail may have; beyond it the mail is kept whole, unread, in quarantine."""

    size: int = 25 * 1024 * 1024
    parts: int = 1_000
    depth: int = 50
    header_line: int = 64 * 1024
    headers: int = 256 * 1024
    addresses: int = 500
    shown: int = 100_000
    kept: int = 1_000_000


DEFAULT_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address in lower case, and the name its owner goes by."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a delivery report or a bounce says: about which of our mails, and what became of it."""

    state: Delivered
    reason: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it says of itself; nothing here has been believed or checked yet.

    `marks` are the signs that a machine wrote it. `own_mark` is what stands in our own id header. Message-IDs come
    without their angle brackets. `digest` names the content, the Message-ID included.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Address | None
    several_senders: bool
    reply_to: tuple[Address, ...]
    recipients: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    date: datetime | None
    marks: tuple[str, ...]
    list_id: str
    authentication: tuple[str, ...]
    own_mark: str
    text: str
    full_text: str
    attachments: tuple[NewAttachment, ...]
    notice: Notice | None
    digest: str
    language: str
