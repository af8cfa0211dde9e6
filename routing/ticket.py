"""The life of a ticket: every change is a method that returns the new ticket, or itself when nothing changes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from routing.errors import Refused
from routing.ids import AccountId, AgentId, ContactId, ConversationId, OrganisationId, TeamId, TicketId


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    SPAM = "spam"


SETTLED = frozenset({Status.CLOSED, Status.SPAM})
"""Nobody works at these any more."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


SNIPPET = 600


@dataclass(frozen=True, slots=True)
class Ticket:
    """A numbered conversation somebody should look after.

    `version` counts every change that a card shows: how new a card is. `seq` is the last place given out in the
    ticket's thread. `latest` is the beginning of the customer's latest words. `fields` holds the organisation's own
    fields by their id. `needs_no_answer`: the latest words only say thanks. `follows` and `followed_by` are the numbers
    of the tickets before and after this one, where a customer took an old matter up again. `merged_into`: this one's
    matter is looked after in that ticket; `split_from`: it was once a part of that one.
    """

    id: TicketId
    organisation: OrganisationId
    number: int
    account: AccountId
    channel: str
    contact: ContactId
    conversation: ConversationId
    subject: str
    status: Status
    priority: Priority
    assignee: AgentId | None
    claimed_at: datetime | None
    latest: str
    latest_by: str
    latest_seq: int
    latest_masked: bool
    latest_automatic: bool
    sending: str
    seq: int
    version: int
    claims_number: int | None
    created_at: datetime
    updated_at: datetime
    last_customer_at: datetime | None
    last_agent_at: datetime | None
    closed_at: datetime | None
    team: TeamId | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    needs_no_answer: bool = False
    follows: int | None = None
    followed_by: int | None = None
    merged_into: TicketId | None = None
    split_from: TicketId | None = None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    def refuse_settled(self) -> None:
        """Raises Refused where nobody works any more, with what to do first."""
        if self.status is Status.CLOSED:
            raise Refused("ticket.closed")
        if self.status is Status.SPAM:
            raise Refused("ticket.spam")

    def _changed(self, at: datetime, **changes: object) -> "Ticket":
        return self._with(version=self.version + 1, updated_at=at, **changes)

    def _with(self, **changes: object) -> "Ticket":
        """Does what `dataclasses.replace` does in a third of its time: every mail changes its ticket several times."""
        values = list(_VALUES(self))
        for name, value in changes.items():
            values[_PLACES[name]] = value
        return Ticket(*values)

    def next_seq(self) -> "Ticket":
        return self._with(seq=self.seq + 1)

    def taken_up_in(self, number: int, *, at: datetime) -> "Ticket":
        """Closed long ago: what its customer writes now belongs to a new ticket."""
        return self._changed(at, followed_by=number)

    def numbered(self, number: int) -> "Ticket":
        """A new ticket gets its number."""
        return self._with(number=number)

    def customer_wrote(
        self, *, text: str, author: str, automatic: bool, at: datetime, thanks: bool = False
    ) -> "Ticket":
        """A customer's message takes the next place. A machine's words never reopen a closed ticket nor wake a snoozed
        one, and spam stays spam. A bare thanks for our answer needs none."""
        seq = self.seq + 1
        status = self.status
        settles = thanks and status in (Status.CLOSED, Status.WAITING)
        wakes = status is Status.WAITING or (status in (Status.CLOSED, Status.SNOOZED) and not automatic)
        if wakes and not settles:
            status = Status.OPEN
        return self._changed(
            at,
            seq=seq,
            status=status,
            closed_at=self.closed_at if status in SETTLED else None,
            snoozed_until=self.snoozed_until if status is Status.SNOOZED else None,
            needs_no_answer=settles,
            latest=text[:SNIPPET],
            latest_by=author,
            latest_seq=seq,
            latest_masked=False,
            latest_automatic=automatic,
            last_customer_at=at if not automatic else self.last_customer_at,
        )

    def latest_edited(self, *, seq: int, text: str, at: datetime) -> "Ticket":
        if seq != self.latest_seq:
            return self._changed(at)
        return self._changed(at, latest=text[:SNIPPET])

    def latest_unsent(self, *, seq: int, at: datetime) -> "Ticket":
        if seq != self.latest_seq:
            return self._changed(at)
        return self._changed(at, latest="", latest_masked=True)

    def claim(self, agent: AgentId, *, at: datetime) -> "Ticket":
        """Raises Refused when somebody else has it (the desk adds who and when)."""
        if self.assignee == agent:
            return self
        if self.assignee is not None:
            raise Refused("claim.taken")
        self.refuse_settled()
        return self._changed(at, assignee=agent, claimed_at=at, status=self._taken_up())

    def release(self, *, at: datetime) -> "Ticket":
        if self.assignee is None:
            return self
        return self._changed(at, assignee=None, claimed_at=None)

    def assign(self, agent: AgentId, *, at: datetime) -> "Ticket":
        if self.assignee == agent:
            return self
        self.refuse_settled()
        return self._changed(at, assignee=agent, claimed_at=at, status=self._taken_up())

    def _taken_up(self) -> Status:
        return Status.OPEN if self.status is Status.NEW else self.status

    def prioritise(self, priority: Priority, *, at: datetime) -> "Ticket":
        return self if priority is self.priority else self._changed(at, priority=priority)

    def close(self, *, at: datetime) -> "Ticket":
        if self.status is Status.CLOSED:
            return self
        if self.status is Status.SPAM:
            raise Refused("ticket.spam")
        return self._changed(at, status=Status.CLOSED, closed_at=at, snoozed_until=None)

    def reopen(self, *, at: datetime) -> "Ticket":
        """Closed, or waiting with words that were taken for mere thanks: somebody is to look at it after all."""
        if self.status is Status.SPAM:
            raise Refused("ticket.spam")
        if self.status is not Status.CLOSED and not self.needs_no_answer:
            return self
        return self._changed(at, status=Status.OPEN, closed_at=None, snoozed_until=None, needs_no_answer=False)

    def snooze(self, until: datetime, *, at: datetime) -> "Ticket":
        """Raises Refused when `until` is not to come, or nobody works at the ticket any more."""
        self.refuse_settled()
        if until <= at:
            raise Refused("snooze.past")
        if self.status is Status.SNOOZED and self.snoozed_until == until:
            return self
        return self._changed(at, status=Status.SNOOZED, snoozed_until=until)

    def wake(self, *, at: datetime) -> "Ticket":
        """Its time has come, or somebody does not want to wait for that."""
        if self.status is not Status.SNOOZED:
            return self
        return self._changed(at, status=self._awake(), snoozed_until=None)

    def _awake(self) -> Status:
        return Status.NEW if self.assignee is None and self.last_agent_at is None else Status.OPEN

    def filled(self, fields: Mapping[str, str], *, at: datetime) -> "Ticket":
        """With exactly these values of the organisation's own fields; empty ones are left out."""
        kept = {name: value for name, value in fields.items() if value}
        return self if kept == dict(self.fields) else self._changed(at, fields=kept)

    def hand_to(self, team: TeamId, *, at: datetime) -> "Ticket":
        """To another team: whoever had it does not any more. Raises Refused when nobody works at it."""
        self.refuse_settled()
        if self.team == team:
            return self
        return self._changed(at, team=team, assignee=None, claimed_at=None)

    def mark_spam(self, *, at: datetime) -> "Ticket":
        """Settled without an answer."""
        if self.status is Status.SPAM:
            return self
        return self._changed(at, status=Status.SPAM, closed_at=at, snoozed_until=None, needs_no_answer=False)

    def not_spam(self, *, at: datetime) -> "Ticket":
        """It was a customer after all: they wait since they wrote."""
        if self.status is not Status.SPAM:
            return self
        return self._changed(at, status=self._awake(), closed_at=None)

    def tagged(self, tags: tuple[str, ...], *, at: datetime) -> "Ticket":
        """With exactly these tags; `routing.tags` says what a tag may look like."""
        return self if tags == self.tags else self._changed(at, tags=tags)

    def merge(self, into: TicketId, *, at: datetime) -> "Ticket":
        """Its matter is looked after in `into` from now on; it is closed as long as that lasts."""
        if self.merged_into == into:
            return self
        if self.status is Status.SPAM:
            raise Refused("ticket.spam")
        closed_at = self.closed_at or at
        return self._changed(at, merged_into=into, status=Status.CLOSED, closed_at=closed_at, snoozed_until=None)

    def unmerge(self, *, status: Status, closed_at: datetime | None, at: datetime) -> "Ticket":
        """Stands by itself again, as it was before. What was snoozed is open: its time may have gone by meanwhile."""
        if self.merged_into is None:
            return self
        status = Status.OPEN if status is Status.SNOOZED else status
        return self._changed(at, merged_into=None, status=status, closed_at=closed_at)

    def take_in(self, other: "Ticket", *, at: datetime) -> "Ticket":
        """Another ticket was merged into this one. Whoever waited there waits here now, so this one is open again; and
        who looked after the other looks after this one if nobody did."""
        if self.status is Status.SPAM:
            raise Refused("ticket.spam")
        status = self.status
        waits_for_us = other.status in (Status.NEW, Status.OPEN) and status is not Status.NEW
        # What slept until a moment must not be forgotten in a ticket that nobody looks at.
        forgotten = other.status is Status.SNOOZED and status in (Status.WAITING, Status.CLOSED)
        if waits_for_us or forgotten:
            status = Status.OPEN
        taken = self.assignee is None and other.assignee is not None and status is not Status.CLOSED
        changed = self._changed(
            at,
            status=Status.OPEN if taken and status is Status.NEW else status,
            closed_at=self.closed_at if status is Status.CLOSED else None,
            snoozed_until=self.snoozed_until if status is Status.SNOOZED else None,
        )
        return changed._with(assignee=other.assignee, claimed_at=other.claimed_at) if taken else changed

    def let_go(self, *, status: Status, closed_at: datetime | None, assignee: AgentId | None, at: datetime) -> "Ticket":
        """What was merged into this ticket stands by itself again. What slept before is open: the merge woke it."""
        if status is Status.SNOOZED and self.snoozed_until is None:
            status = Status.OPEN
        claimed_at = self.claimed_at if assignee is not None else None
        return self._changed(at, status=status, closed_at=closed_at, assignee=assignee, claimed_at=claimed_at)

    def take_back(self, *, answered: bool, at: datetime) -> "Ticket":
        """Messages that came elsewhere belong here; `answered`: the last of them is ours."""
        status = self.status
        if answered and status in (Status.NEW, Status.OPEN):
            status = Status.WAITING
        if not answered and status in (Status.WAITING, Status.CLOSED):
            status = Status.OPEN
        return self._changed(at, status=status, closed_at=self.closed_at if status is Status.CLOSED else None)

    def belong_to(self, contact: ContactId, *, at: datetime) -> "Ticket":
        """Whoever wrote turned out to be this contact."""
        return self if contact == self.contact else self._changed(at, contact=contact)

    def split_off(
        self, fresh: TicketId, *, number: int, conversation: ConversationId, contact: ContactId, at: datetime
    ) -> "Ticket":
        """A new ticket beside this one, of the same account, team, subject and priority; nothing stands in it yet."""
        return Ticket(
            id=fresh,
            organisation=self.organisation,
            number=number,
            account=self.account,
            channel=self.channel,
            contact=contact,
            conversation=conversation,
            subject=self.subject,
            status=Status.NEW,
            priority=self.priority,
            assignee=None,
            claimed_at=None,
            latest="",
            latest_by="",
            latest_seq=0,
            latest_masked=False,
            latest_automatic=False,
            sending="",
            seq=0,
            version=1,
            claims_number=None,
            created_at=at,
            updated_at=at,
            last_customer_at=None,
            last_agent_at=None,
            closed_at=None,
            team=self.team,
            split_from=self.id,
        )

    def quote(
        self, *, text: str, author: str, seq: int, masked: bool, automatic: bool, said_at: datetime | None, at: datetime
    ) -> "Ticket":
        """Messages moved, so that other words than before are the customer's latest."""
        return self._changed(
            at,
            latest=text[:SNIPPET],
            latest_by=author,
            latest_seq=seq,
            latest_masked=masked,
            latest_automatic=automatic,
            last_customer_at=self.last_customer_at if automatic else said_at,
        )

    def reply_sent(self, *, place: int, closing: bool, at: datetime) -> "Ticket":
        """A person's reply, at `place` in the thread, left us: the ticket now waits for the customer, or is closed with
        it. When the customer wrote after that place, they are still waiting for us."""
        if self.latest_seq > place:
            return self._changed(at, last_agent_at=at)
        if closing and self.status is not Status.SPAM:
            return self._changed(at, status=Status.CLOSED, closed_at=at, last_agent_at=at, snoozed_until=None)
        # Who answers and snoozes wants to be reminded: that the answer leaves a moment later must not undo it.
        stays = self.is_settled or self.status is Status.SNOOZED
        return self._changed(at, status=self.status if stays else Status.WAITING, last_agent_at=at)

    def sending_is(self, state: str, *, at: datetime) -> "Ticket":
        return self if state == self.sending else self._changed(at, sending=state)

    def touched(self, *, at: datetime) -> "Ticket":
        """Something that the card or thread shows changed beside the ticket's own fields."""
        return self._changed(at)


_NAMES = [one.name for one in dataclasses.fields(Ticket)]
_PLACES = {name: place for place, name in enumerate(_NAMES)}
_VALUES = attrgetter(*_NAMES)
