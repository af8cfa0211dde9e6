"""What is remembered when somebody says that an identity belongs to a contact, so that it can be undone exactly."""

from dataclasses import dataclass
from datetime import datetime

from routing.ids import AgentId, ContactId, IdentityId, OrganisationId


@dataclass(frozen=True, slots=True)
class Link:
    """`identity` belonged to `before` and belongs to `after`. At most one that is not undone for each identity."""

    id: str
    organisation: OrganisationId
    identity: IdentityId
    before: ContactId
    after: ContactId
    agent: AgentId | None
    reason: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: AgentId | None = None
