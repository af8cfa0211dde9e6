"""What a connector promises, and what it is given.

A connector is a module with a `DECLARATION`. `DECLARATION.connect(account, config, tools)` makes the connection of one
account. A connection has `limits`, `window`, `probe`, and as many of the abilities below as its provider allows; who
needs an ability asks `isinstance(connection, Webhooks)` and so on. Reading is pure; whatever calls out is async and
raises only the errors of `routing.errors`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import aiohttp
from pydantic import BaseModel

from routing.contacts import Conversation
from routing.deliveries import Delivery as Delivery
from routing.deliveries import Ledger as Ledger
from routing.deliveries import NewDelivery as NewDelivery
from routing.deliveries import Receipt as Receipt
from routing.ids import AccountId
from routing.messages import Item
from routing.replies import Letter, Limits, Prepared, Sent, Window


class Ability(StrEnum):
    """What a channel can do beside receiving and answering text; shown in the generated table."""

    EDITS = "edits"
    UNSENDS = "unsends"
    ATTACHMENTS_IN = "attachments_in"
    ATTACHMENTS_OUT = "attachments_out"
    READ_STATE = "read_state"
    DELIVERY_STATE = "delivery_state"
    TYPING = "typing"
    PROFILE = "profile"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Request:
    """What a webhook door was sent, headers in lower case, the body as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str


class Cursors(Protocol):
    """How far a long-lived source has read, kept with a fence: an older holder of the source cannot move it back."""

    async def read(self, account: AccountId, name: str) -> Mapping[str, int]: ...
    async def write(self, account: AccountId, name: str, value: Mapping[str, int], *, fence: int) -> None: ...


class Blobs(Protocol):
    """Bytes by content hash."""

    async def put(self, content: bytes) -> str: ...
    async def get(self, blob: str) -> bytes: ...


class Signer(Protocol):
    """Signs what leaves (reply addresses, Message-IDs, file links) with a versioned key, and knows its own again."""

    def sign(self, purpose: str, text: str) -> str: ...
    def verifies(self, purpose: str, text: str, signature: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a connection is given: everything it may touch beside its own configuration."""

    http: aiohttp.ClientSession
    blobs: Blobs
    signer: Signer
    clock: Callable[[], datetime]
    public_url: str
    link: Callable[[str, str, str], str]  # (blob, name, media type) -> signed, expiring public address
    own_addresses: frozenset[str]  # every mail address of the organisation's accounts, case-folded


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe found: `ok`, or what is wrong and how to mend it. `facts` are shown beside (quota, expiry…)."""

    ok: bool
    summary: str
    mend: str = ""
    facts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel a connector serves, as declared: the generated table and the cards are made from it."""

    name: str
    title: Mapping[str, str]  # language -> what people call it
    icon: str  # an emoji name that Slack knows
    abilities: frozenset[Ability]


@dataclass(frozen=True, slots=True)
class Operation:
    """One way of sending, with what may be done when its outcome is unclear."""

    name: str
    send_class: str
    note: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a connector's module says of itself."""

    name: str
    channels: tuple[Channel, ...]
    config: type[BaseModel]
    operations: tuple[Operation, ...]
    permissions: tuple[str, ...]
    connect: Callable[[AccountId, Any, Tools], "Connection"]
    public: bool = False  # the provider calls us: a public https address is needed


class Connection(Protocol):
    """One connected account. `read` is pure, raises Unreadable, and may be called in another process."""

    account: AccountId

    def read(self, delivery: Delivery) -> Sequence[Item]: ...
    def limits(self, channel: str) -> Limits: ...
    def window(self, conversation: Conversation, now: datetime) -> Window: ...
    def sender_name(self) -> str:
        """As whom we answer: shown in the reply form before anything leaves."""
        ...

    async def probe(self) -> Health: ...


@runtime_checkable
class Signs(Protocol):
    """Puts a signature under every reply; the reply form's preview shows it."""

    @property
    def signature(self) -> str: ...


@runtime_checkable
class Guards(Protocol):
    """Reads what is large or suspicious in a child process with limits; `read` is for everything else."""

    def needs_guard(self, delivery: Delivery) -> bool: ...
    async def read_guarded(self, delivery: Delivery) -> Sequence[Item]:
        """The same items as `read`. Raises Unreadable, also when the child ran out of time or memory."""
        ...


@dataclass(frozen=True, slots=True)
class Verified:
    """A webhook request that is genuine. `provider_id` empty: nothing to keep (a verification ping), answer 200.

    `headers` are those that reading will need; no others are kept.
    """

    provider_id: str
    lane: str
    headers: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Webhooks(Protocol):
    """Takes signed requests at /hooks/<account>, none longer than `body_limit` bytes. `connector` is the declaration's
    name, for the counters."""

    connector: str
    body_limit: int

    def verify(self, request: Request) -> Verified:
        """Raises BadSignature or Malformed. Pure."""
        ...


@runtime_checkable
class Sends(Protocol):
    """Answers customers."""

    def prepare(self, letter: Letter, now: datetime) -> Prepared:
        """Pure: chooses the operation and the ids, which are stored before `send` is called."""
        ...

    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        """Raises TryLater (surely not sent), Rejected (never will be), NeedsAttention (not sent, account broken),
        Unclear (may have been sent). Called again with the same letter only as the operation's class allows."""
        ...


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail of the program's own to somebody of the team. `key` stays the same over every attempt."""

    key: str
    address: str
    name: str
    subject: str
    text: str


@runtime_checkable
class WritesToStaff(Protocol):
    """Can write to people of the team: never into a customer's thread, and marked as written by a machine."""

    async def write_to_staff(self, mail: StaffMail) -> None:
        """Raises TryLater, Rejected or NeedsAttention (surely not sent), Unclear (may have been sent)."""
        ...


@runtime_checkable
class AnswersThrough(Protocol):
    """Receives, and lets the connection of another account answer: a form's answers leave as mail. The conversation
    stays the form's; limits, window, `prepare` and `send` are the other's."""

    answers_through: AccountId


@runtime_checkable
class LooksBack(Protocol):
    """Can find out whether an unclear send arrived (operations of class B)."""

    async def look(self, letter: Letter, prepared: Prepared) -> Sent | None: ...


@runtime_checkable
class Fetches(Protocol):
    """Fetches attachments that did not come with their message. Raises TryLater, or Gone."""

    async def fetch(self, source: str) -> bytes: ...


@runtime_checkable
class Profiles(Protocol):
    """Knows customers' names."""

    async def profile(self, address: str) -> Mapping[str, str] | None:
        """`{"name": …, "language": …}`, or None when the provider does not tell."""
        ...


@runtime_checkable
class Pulls(Protocol):
    """Has history: finds what the webhook missed since a moment."""

    def pull(self, since: datetime) -> AsyncIterator[NewDelivery]: ...


@runtime_checkable
class Listens(Protocol):
    """Holds a long-lived source (IMAP, a stream). Runs until cancelled or raises NeedsAttention or TryLater. `listens`
    says whether this account has such a source at all.

    `alive` is called at least every minute of waiting and renews the lease; it raises when the lease was lost.
    """

    @property
    def listens(self) -> bool: ...

    async def listen(
        self, ledger: Ledger, cursors: Cursors, *, fence: int, alive: Callable[[], Awaitable[None]]
    ) -> None: ...
