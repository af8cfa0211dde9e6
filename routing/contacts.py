"""Who the customers are: contacts, their identities, and the conversations they hold with us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from routing.ids import AccountId, ContactId, ConversationId, IdentityId, OrganisationId, TicketId


@dataclass(frozen=True, slots=True)
class Contact:
    id: ContactId
    organisation: OrganisationId
    name: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """One address or handle of a contact; unique by organisation, scope and address. What a blocked one sends is kept
    but becomes no ticket."""

    id: IdentityId
    organisation: OrganisationId
    scope: str
    address: str
    contact: ContactId
    name: str
    created_at: datetime
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """One exchange with one customer at one account; `ticket` receives its next message.

    `participants` are the addresses (case-folded) whose messages may join by reference: the customer and those in copy.
    `refs` are the ids to answer with (newest last, the first one kept). `handle` is the connector's, newest wins.
    """

    id: ConversationId
    organisation: OrganisationId
    account: AccountId
    channel: str
    key: str
    ticket: TicketId
    contact: ContactId
    identity: IdentityId
    address: str
    subject: str
    participants: tuple[str, ...]
    refs: tuple[str, ...]
    handle: Mapping[str, str] = field(default_factory=dict)
    last_customer_at: datetime | None = None
    handle_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An id that messages may point at (a Message-ID, ours or theirs, seen or only mentioned) and where it leads.

    Unique by organisation and ref; adding one again keeps the first.
    """

    organisation: OrganisationId
    ref: str
    conversation: ConversationId


KEPT_REFS = 20


def with_refs(refs: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """The chain lengthened by `more`; beyond twenty the middle goes, the first and the newest stay."""
    chain = refs + tuple(ref for ref in more if ref not in refs)
    return chain if len(chain) <= KEPT_REFS else (chain[0], *chain[-(KEPT_REFS - 1) :])
