"""Mints and names the identifiers of everything we keep."""

import hashlib
import os
import time
from datetime import datetime
from typing import NewType

OrganisationId = NewType("OrganisationId", str)
AccountId = NewType("AccountId", str)
RoomId = NewType("RoomId", str)
AgentId = NewType("AgentId", str)
TeamId = NewType("TeamId", str)
ContactId = NewType("ContactId", str)
IdentityId = NewType("IdentityId", str)
ConversationId = NewType("ConversationId", str)
TicketId = NewType("TicketId", str)
MessageId = NewType("MessageId", str)
AttachmentId = NewType("AttachmentId", str)
DeliveryId = NewType("DeliveryId", str)

_last = [0]


def new_id() -> str:
    """A fresh identifier of 28 hexadecimal characters: microseconds, then 56 random bits.

    Ids minted by one process sort in the order of minting, so rows that arrive together stand together in the index.
    """
    now = time.time_ns() // 1_000
    _last[0] = now = max(now, _last[0] + 1)
    return f"{now:014x}{os.urandom(7).hex()}"


def id_of(name: str, at: datetime) -> str:
    """The identifier of what the outside calls `name` and dates `at`: the same each time. Sorts with those of
    `new_id`."""
    micros = int(at.timestamp() * 1_000_000)
    return f"{micros:014x}{hashlib.sha256(name.encode()).hexdigest()[:14]}"
