"""What the desk needs of its storage: one transaction at a time, finders that lock, and a to-do list."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol, TypeVar

from routing.agents import Agent, AgentIdentity
from routing.contacts import Contact, Conversation, Identity, Reference
from routing.group_reply import GroupReply, Recipient
from routing.history import AuditRow, HistoryEntry
from routing.homes import Home
from routing.ids import (
    AccountId,
    AgentId,
    ContactId,
    ConversationId,
    DeliveryId,
    IdentityId,
    MessageId,
    OrganisationId,
    RoomId,
    TicketId,
)
from routing.jobs import Alert, Job, Topic
from routing.links import Link
from routing.merges import Merge
from routing.messages import Attachment, ItemRecord, Message, Version
from routing.notices import Notice, NoticeSettings
from routing.overview import Flow, Reach, Tally, Wanted
from routing.panels import Panel
from routing.postings import PostedEntry, Posting
from routing.queries import Query
from routing.queue import Count
from routing.replies import Outbound
from routing.rosters import RoomMember, Roster
from routing.rushes import Rush
from routing.search import Counted, Page, Sight
from routing.tags import Tag
from routing.templates import Template, TemplateUse
from routing.ticket import Status, Ticket

Row = (
    Agent
    | AgentIdentity
    | Attachment
    | AuditRow
    | Contact
    | Conversation
    | GroupReply
    | HistoryEntry
    | Home
    | Identity
    | ItemRecord
    | Link
    | Merge
    | Message
    | Notice
    | NoticeSettings
    | Outbound
    | Panel
    | PostedEntry
    | Posting
    | Rush
    | Recipient
    | Reference
    | RoomMember
    | Roster
    | Tag
    | Template
    | TemplateUse
    | Ticket
    | Version
)
T = TypeVar("T")
R = TypeVar(
    "R",
    Agent,
    Attachment,
    Contact,
    Conversation,
    GroupReply,
    Identity,
    Link,
    Merge,
    Message,
    Notice,
    NoticeSettings,
    Outbound,
    Panel,
    Posting,
    Roster,
    Rush,
    Tag,
    Template,
    TemplateUse,
    Ticket,
)


class Urgency(IntEnum):
    """Who goes first where writes stand in one queue (SQLite)."""

    PRESS = 0
    LEDGER = 1
    WORK = 2
    BATCH = 3


class Reads(Protocol):
    """Looks things up; everything is of one organisation."""

    async def get(self, kind: type[R], ids: Collection[str]) -> dict[str, R]:
        """Rows by their own id (an Outbound by its message's)."""
        ...

    async def timeline(self, ticket: TicketId, *, after: int, limit: int) -> Sequence[Message | Attachment]:
        """What the ticket's thread shows after place `after`, in order."""
        ...

    async def attachments_of(self, messages: Collection[MessageId]) -> Sequence[Attachment]: ...
    async def postings_of(self, ticket: TicketId) -> Sequence[Posting]: ...
    async def posting_by_reference(self, room: RoomId, reference: str) -> Posting | None: ...
    async def entries_of(self, posting: str, subjects: Collection[str]) -> dict[str, PostedEntry]: ...
    async def stale_entries(self, posting: str) -> Sequence[tuple[PostedEntry, Message]]:
        """Entries whose message has a newer revision than the one shown, in the thread's order."""
        ...

    async def open_postings(self, *, limit: int) -> Sequence[Posting]:
        """Postings of tickets that are not closed, those changed last first (for pulling missed thread messages)."""
        ...

    async def missed_postings(self, room: RoomId, *, limit: int) -> Sequence[Posting]:
        """Postings of a room that could not be brought up to date because it was not to be reached, oldest first."""
        ...

    async def collected_postings(self, room: RoomId, *, limit: int) -> Sequence[Posting]:
        """Postings of a room's tickets that are collected, oldest first."""
        ...

    async def collected_tickets(self, room: RoomId, *, after: int, limit: int) -> Sequence[Ticket]:
        """The tickets collected in a room that are not settled, by number, from above `after`."""
        ...

    async def latest_collected(self, room: RoomId, *, limit: int) -> Sequence[Ticket]:
        """The same, newest first."""
        ...

    async def collected_count(self, room: RoomId) -> int: ...
    async def urgent_in_queue(self, room: RoomId) -> int:
        """How many urgent tickets of a room wait for somebody."""
        ...

    async def queue_counts(self, room: RoomId) -> Sequence[Count]:
        """The tickets shown in a room that are not settled, counted by state."""
        ...

    async def next_in_queue(self, room: RoomId, *, limit: int) -> Sequence[Ticket]:
        """The tickets shown in a room that are nobody's and to be worked, as they are to be taken: urgent ones first,
        then those whose customers wait longest."""
        ...

    async def last_claimed(self, room: RoomId, agent: str) -> Ticket | None:
        """Of the agent's tickets in a room that are not settled, the one that they got last."""
        ...

    async def replies_of(self, ticket: TicketId) -> Sequence[Outbound]:
        """Every outbound of the ticket, oldest first."""
        ...

    async def history_of(self, ticket: TicketId) -> Sequence[HistoryEntry]: ...
    async def tickets_of_contact(self, contact: str) -> int: ...
    async def contact_tickets(self, contact: str, *, skip: int, limit: int) -> Sequence[Ticket]:
        """Newest first."""
        ...

    async def open_tickets_of(self, contact: str) -> Sequence[TicketId]: ...
    async def tags_in_use(self, *, limit: int) -> Sequence[Tag]:
        """Most used first."""
        ...

    async def find_tickets(self, query: Query, *, seen_by: Sight, limit: int, before_key: int | None = None) -> Page:
        """The tickets that fit, as far as `seen_by` may see them, from `before_key` on (a page's `next_key`)."""
        ...

    async def count_tickets(self, query: Query, *, seen_by: Sight, most: int) -> Counted:
        """How many of those there are; counting stops at `most`."""
        ...

    async def members_of(self, room: RoomId) -> Sequence[RoomMember]:
        """Everybody who was ever known to read the room."""
        ...

    async def conversations_of(self, ticket: TicketId) -> Sequence[Conversation]:
        """Those whose next message goes to the ticket."""
        ...

    async def conversations_with(self, identity: IdentityId) -> Sequence[Conversation]: ...
    async def identities_of(self, contact: ContactId) -> Sequence[Identity]:
        """Those known longest first."""
        ...

    async def link_of(self, identity: IdentityId) -> Link | None:
        """The link by which the identity came to its contact, if it was not undone."""
        ...

    async def merge_of(self, source: TicketId) -> Merge | None:
        """The merge of this ticket into another that was not undone."""
        ...

    async def merges_into(self, target: TicketId) -> Sequence[Merge]:
        """What was merged into the ticket and not undone, oldest first."""
        ...

    async def recently_at_work(self, *, limit: int) -> Sequence[Ticket]:
        """Tickets that are not settled, those changed last first."""
        ...

    async def latest_inbound(self, ticket: TicketId, *, limit: int) -> Sequence[Message]:
        """The customers' last messages, newest first."""
        ...

    async def alert(self, key: str) -> Alert | None:
        """An alert that was not told yet."""
        ...

    async def told_of(self, agent: AgentId, *, since: datetime) -> dict[TicketId, datetime]:
        """Of which tickets the agent was told after `since`, and when last."""
        ...

    async def ticket_by_number(self, number: int) -> Ticket | None: ...
    async def agent_by_identity(
        self, surface: str, workspace: str, user: str
    ) -> tuple[Agent, AgentIdentity] | None: ...
    async def identities_of_agent(self, agent: str) -> Sequence[AgentIdentity]: ...
    async def agent_by_email(self, email: str) -> Agent | None: ...
    async def templates(self, *, archived: bool) -> Sequence[Template]:
        """Those made in chat, oldest first."""
        ...

    async def recipients_of(self, group: str) -> Sequence[Recipient]:
        """Of a group reply, in their order."""
        ...

    async def waiting_in(self, conversations: Collection[ConversationId]) -> Sequence[Outbound]:
        """The replies of these conversations that are held, queued, sending, unknown or failed."""
        ...

    async def uses_of(self, templates: Collection[str]) -> Sequence[TemplateUse]: ...
    async def home(self, surface: str, workspace: str, user: str) -> Home | None: ...
    async def queue(self, reach: Reach, wanted: Wanted, *, start: int, limit: int) -> Sequence[Ticket]:
        """Open tickets within what may be seen: the most urgent first, among these the oldest."""
        ...

    async def queue_size(self, reach: Reach, wanted: Wanted) -> int: ...
    async def seen_of_contact(self, reach: Reach, contact: str, *, start: int, limit: int) -> Sequence[Ticket]:
        """A customer's tickets within what may be seen, settled ones too, newest first."""
        ...

    async def tallies(self, reach: Reach, statuses: Collection[Status]) -> Sequence[Tally]: ...
    async def flow(self, reach: Reach, since: datetime) -> Mapping[str, Flow]:
        """By channel, what came in and what was closed since then."""
        ...

    async def rooms_read_by(self, agent: AgentId, *, known_since: datetime) -> Sequence[RoomId]:
        """The rooms that the agent is in, of those whose members were read later than `known_since`."""
        ...

    async def may_see(self, reach: Reach, ticket: TicketId) -> bool: ...
    async def postings_of_all(self, tickets: Collection[TicketId]) -> Sequence[Posting]:
        """The cards of several tickets, as far as they are posted."""
        ...

    async def audit_of(self, ticket: TicketId, *, limit: int) -> Sequence[AuditRow]:
        """The newest audit rows of a ticket, newest first."""
        ...


class Tx(Reads, Protocol):
    """One transaction. Finders that say so lock what they return until its end, in key order. Writes are gathered and
    written together before the commit (or at `flush`)."""

    async def lock(self, kind: type[R], ids: Collection[str]) -> dict[str, R]: ...
    async def seen(self, account: AccountId, external_ids: Collection[str]) -> set[str]:
        """Which of these items were already recorded for the account (in any transaction before)."""
        ...

    async def conversations_by_key(self, account: AccountId, keys: Collection[str]) -> dict[str, ConversationId]: ...
    async def references(self, refs: Collection[str]) -> dict[str, Reference]: ...
    async def replies_known_as(self, refs: Collection[str]) -> dict[str, MessageId]:
        """Our replies that left under these ids."""
        ...

    async def conversations_by_number(self, numbers: Collection[int]) -> dict[int, ConversationId]: ...
    async def identities(self, parties: Collection[tuple[str, str]]) -> dict[tuple[str, str], Identity]:
        """By (scope, address)."""
        ...

    async def messages_by_external_id(self, account: AccountId, ids: Collection[str]) -> dict[str, Message]: ...
    async def take_numbers(self, count: int) -> int:
        """Reserves `count` ticket numbers in a row and returns the first."""
        ...

    async def queued(self, conversation: ConversationId) -> Sequence[Outbound]:
        """Locks and returns the replies of a conversation that are held, queued, sending, unknown or failed, in
        order."""
        ...

    async def open_notices(self, agent: AgentId) -> Sequence[Notice]:
        """Locks and returns what the agent was not told yet, or perhaps, oldest first."""
        ...

    async def next_recipient(self, group: str) -> Recipient | None:
        """The next of a group reply that waits, locked."""
        ...

    async def mask(self, message: MessageId) -> None:
        """Forgets the words of a message its customer took back: earlier versions go, its attachments are MASKED
        without blob or name, and the raw body of the delivery it came in is emptied."""
        ...

    def add(self, *rows: Row) -> None: ...
    def put(self, *rows: Row) -> None: ...
    def know_reply_as(self, message: MessageId, conversation: ConversationId, refs: Collection[str]) -> None: ...
    def ask(self, topic: Topic, key: str, *, due: datetime | None = None) -> None:
        """Asks for a job, at once or at `due`; asked again while it waits, the earlier time holds; asked while it is
        being done, it goes round again."""
        ...

    def raise_alert(self, alert: Alert) -> None:
        """Keeps an alert and asks for it to be told; of several with one key only the first is ever told."""
        ...

    def alert_told(self, key: str) -> None: ...

    def settle(self, deliveries: Collection[DeliveryId], *, quarantined: Mapping[DeliveryId, str] = ...) -> None:
        """Marks deliveries as read; those quarantined keep their whole body and the reason."""
        ...

    async def flush(self) -> None: ...


class Store(Protocol):
    """The memory of one organisation."""

    organisation: OrganisationId

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        """Runs `work` in one transaction and commits. When another transaction got in between (a unique key taken, a
        deadlock, a serialisation failure) it is rolled back and run again, so `work` touches nothing outside. Raises
        TryLater when the database cannot be had. Rings the bell for the jobs asked for, after the commit."""
        ...

    async def look(self, work: Callable[[Reads], Awaitable[T]]) -> T:
        """Runs `work` on a consistent snapshot, locking nothing."""
        ...


class Jobs(Protocol):
    """The to-do list as workers see it."""

    async def take(self, topics: Collection[Topic], *, limit: int, lease: timedelta) -> Sequence[Job]:
        """Takes due jobs, oldest first: their lease is ours for `lease`. A job whose lease ran out is taken again."""
        ...

    async def finish(self, job: Job) -> None:
        """Strikes the job out, or leaves it due if it was asked for meanwhile. Without the lease nothing happens."""
        ...

    async def postpone(self, job: Job, *, until: datetime, fault: str, count: bool = True) -> None:
        """Gives the job back, due at `until`. `count`: this was an attempt that failed."""
        ...

    async def renew(self, job: Job, *, lease: timedelta) -> None:
        """Raises LeaseLost when somebody else has it now."""
        ...

    async def next_due(self, topics: Collection[Topic]) -> datetime | None: ...


class Bell(Protocol):
    """Wakes workers; may lose or double a ring, for the to-do list is the truth."""

    async def ring(self, topics: Collection[Topic]) -> None: ...
    async def wait(self, *, timeout: timedelta) -> None:
        """Returns when it rang since the last wait, or after `timeout`."""
        ...
