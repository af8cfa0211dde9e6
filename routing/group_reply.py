"""Group replies: one answer to many tickets, reviewed as a whole, taken back as a whole, and counted one by one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.errors import Refused
from routing.ids import AgentId, ConversationId, MessageId, OrganisationId, TicketId
from routing.replies import Outbound, Sending

MOST_RECIPIENTS = 500
UNDO = timedelta(seconds=30)
REVIEW_HOLDS = timedelta(minutes=30)
JUST_NOW = timedelta(minutes=1)  # who wrote so lately may be writing on


class GroupState(StrEnum):
    """reviewed → held → leaving → done; undone from held."""

    REVIEWED = "reviewed"
    HELD = "held"
    UNDONE = "undone"
    LEAVING = "leaving"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class GroupReply:
    """One answer to many. `texts` by language, with blanks; `chosen` says in words which tickets were looked for.

    `surface`, `workspace` and `user` are where its author is told what became of it. `count` is how many replies were
    reviewed to leave.
    """

    id: str
    organisation: OrganisationId
    agent: AgentId
    surface: str
    workspace: str
    user: str
    chosen: str
    template: str
    texts: Mapping[str, str]
    closing: bool
    state: GroupState
    count: int
    reviewed_at: datetime
    held_until: datetime
    updated_at: datetime

    def hold(self, typed: str, *, at: datetime) -> "GroupReply":
        """Confirmed by typing how many there are; itself when it was confirmed before. Raises Refused."""
        if self.state in (GroupState.HELD, GroupState.LEAVING, GroupState.DONE):
            return self
        if self.state is GroupState.UNDONE:
            raise Refused("group.was_undone")
        if typed.strip() != str(self.count):
            raise Refused("group.count", count=str(self.count))
        if not self.count:
            raise Refused("group.nobody")
        if at - self.reviewed_at > REVIEW_HOLDS:
            raise Refused("group.too_old")
        return replace(self, state=GroupState.HELD, held_until=at + UNDO, updated_at=at)

    def take_back(self, *, at: datetime) -> "GroupReply":
        """Raises Refused when the first has left."""
        if self.state is GroupState.UNDONE:
            return self
        if self.state is not GroupState.HELD or at >= self.held_until:
            raise Refused("undo.too_late")
        return replace(self, state=GroupState.UNDONE, updated_at=at)

    def leave(self, *, at: datetime) -> "GroupReply":
        return self if self.state is GroupState.LEAVING else replace(self, state=GroupState.LEAVING, updated_at=at)

    def finish(self, *, at: datetime) -> "GroupReply":
        return self if self.state is GroupState.DONE else replace(self, state=GroupState.DONE, updated_at=at)


class RecipientState(StrEnum):
    """waiting → placed (its reply is a reply like any other) or excluded."""

    WAITING = "waiting"
    PLACED = "placed"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One ticket of a group reply. `message` is the id of the reply to be, made from the group's and the ticket's, so
    that nobody can be answered twice by one group reply. `reason` (a refusal's key, with its `values`) is why it is
    excluded.
    """

    message: MessageId
    organisation: OrganisationId
    group_reply: str
    place: int
    ticket: TicketId
    number: int
    conversation: ConversationId
    channel: str
    seen: int
    state: RecipientState
    reason: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def excluded(self, refusal: Refused) -> "Recipient":
        values = {name: str(value) for name, value in refusal.values.items()}
        return replace(self, state=RecipientState.EXCLUDED, reason=refusal.key, values=values)

    @property
    def refusal(self) -> Refused:
        return Refused(self.reason, **self.values)


def message_of(group: str, ticket: TicketId) -> MessageId:
    """The reply's id: it sorts by the group's age among other ids, and is the same however often it is asked for."""
    return MessageId(group[:14] + hashlib.sha256(f"{group}/{ticket}".encode()).hexdigest()[:14])


class Fate(StrEnum):
    """What became of one recipient."""

    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TAKEN_BACK = "taken_back"
    EXCLUDED = "excluded"


_FATES = {
    Sending.SENT: Fate.SENT,
    Sending.FAILED: Fate.FAILED,
    Sending.UNKNOWN: Fate.UNKNOWN,
    Sending.UNDONE: Fate.TAKEN_BACK,
    Sending.DROPPED: Fate.TAKEN_BACK,
}


@dataclass(frozen=True, slots=True)
class GroupReport:
    """A group reply with what became of each recipient, and each one's reply as far as there is one."""

    group: GroupReply
    recipients: Sequence[Recipient]
    replies: Mapping[str, Outbound]

    def fate(self, recipient: Recipient) -> Fate:
        if recipient.state is RecipientState.EXCLUDED:
            return Fate.EXCLUDED
        reply = self.replies.get(recipient.message)
        return Fate.PENDING if reply is None else _FATES.get(reply.state, Fate.PENDING)

    def of(self, *fates: Fate) -> list[Recipient]:
        return [one for one in self.recipients if self.fate(one) in fates]

    @property
    def counts(self) -> dict[Fate, int]:
        fates = [self.fate(one) for one in self.recipients]
        return {fate: fates.count(fate) for fate in Fate}
