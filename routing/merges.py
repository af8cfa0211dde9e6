"""What is remembered of a merge, so that it can be undone exactly."""

from dataclasses import dataclass
from datetime import datetime

from routing.ids import AgentId, ConversationId, OrganisationId, TicketId
from routing.ticket import Status


@dataclass(frozen=True, slots=True)
class Merge:
    """`source` was merged into `target`. At most one that is not undone for each source.

    `place` was the last place in the target's thread: what stands behind it came since. `conversations` are those whose
    next messages went to the source, `conversation` is its own. The rest says how both tickets stood before, and how
    the target stood after.
    """

    id: str
    organisation: OrganisationId
    source: TicketId
    target: TicketId
    agent: AgentId | None
    at: datetime
    place: int
    conversation: ConversationId
    conversations: tuple[str, ...]
    source_status: Status
    source_closed_at: datetime | None
    target_status: Status
    target_closed_at: datetime | None
    target_became: Status
    lent: AgentId | None
    undone_at: datetime | None = None
    undone_by: AgentId | None = None
