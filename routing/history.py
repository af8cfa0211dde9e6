"""What happened to a ticket, told twice: for people (history) and for the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing.ids import AgentId, OrganisationId, TicketId


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a ticket's history; `what` and `values` make the sentence."""

    id: str
    organisation: OrganisationId
    ticket: TicketId
    at: datetime
    agent: AgentId | None
    what: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act, not yet chained: `digest` is the salted hash of its content, sealed into the chain later in order."""

    id: str
    organisation: OrganisationId
    at: datetime
    agent: AgentId | None
    surface: str
    action: str
    ticket: TicketId | None
    details: Mapping[str, str]
    salt: str
    digest: str
