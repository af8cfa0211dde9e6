"""Deliveries: the raw requests and mails that doors are handed, and the ledger that keeps them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from routing.ids import AccountId, DeliveryId, OrganisationId
from routing.messages import Outcome


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One raw request or mail as a provider handed it over, about to be put in the ledger.

    `provider_id` is unique in the account: the same one again is a repeat. `lane` groups deliveries that must be read
    in order (the conversation, where the door can tell it; else anything stable).
    """

    account: AccountId
    provider_id: str
    lane: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the ledger gives it back for reading. `lost`: why its body is not there any more, else empty."""

    id: DeliveryId
    organisation: OrganisationId
    account: AccountId
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    lost: str = ""


class Receipt(StrEnum):
    KEPT = "kept"
    REPEAT = "repeat"


class Ledger(Protocol):
    """Where doors put what they are handed. Returns only when the delivery is on disk; raises TryLater when it cannot
    be kept now (the door then answers 503, 451 or leaves the mail where it is)."""

    async def accept(self, delivery: NewDelivery) -> Receipt: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The ledger's equation: items = sum of outcomes + waiting. `repeats` are deliveries that came again."""

    deliveries: int
    repeats: int
    waiting: int
    quarantined_deliveries: int
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What is told of a delivery that could not be read; it is kept whole. `size` is its body's, in bytes."""

    id: DeliveryId
    account: AccountId
    received_at: datetime
    size: int
    reason: str


class Inbox(Protocol):
    """The ledger as ingest workers and operators see it."""

    async def waiting(self, lane: str, *, limit: int, size: int) -> Sequence[Delivery]:
        """The oldest unread deliveries of a lane, in order: at most `limit`, and at most about `size` bytes."""
        ...

    async def quarantine(self, *, limit: int) -> Sequence[Quarantined]:
        """What is set aside, oldest first."""
        ...

    async def quarantined(self, delivery: DeliveryId) -> Delivery | None:
        """One that is set aside, as it came; None when it is not, or not any more."""
        ...

    async def retry(self, ids: Collection[DeliveryId] | None = None) -> int:
        """Puts quarantined deliveries (None: all) back in the line, after the reader was mended; returns how many."""
        ...

    async def figures(self) -> Figures: ...
