"""Every table we keep. The tables of the domain's values are derived from their dataclasses: one column for each
field, in the same order; the others stand beside them."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

from routing.agents import Agent, AgentIdentity
from routing.contacts import Contact, Conversation, Identity, Reference
from routing.group_reply import GroupReply, Recipient
from routing.history import AuditRow, HistoryEntry
from routing.homes import Home
from routing.links import Link
from routing.merges import Merge
from routing.messages import Attachment, ItemRecord, Message, Version
from routing.notices import Notice, NoticeSettings
from routing.panels import Panel
from routing.postings import PostedEntry, Posting
from routing.replies import Outbound
from routing.rosters import RoomMember, Roster
from routing.rushes import Rush
from routing.tags import Tag
from routing.templates import Template, TemplateUse
from routing.ticket import Ticket
from storage.shapes import Shape

K = TypeVar("K")

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Small rows stand in the index of their key itself: on SQLite a table beside it would be a second tree to write to.
_SMALL: dict[str, Any] = {"sqlite_with_rowid": False}
# Rows that change often leave room in their page, so that PostgreSQL need not touch the indexes for every change.
_CHANGES_OFTEN: dict[str, Any] = {"postgresql_with": {"fillfactor": 70}}

# In every key the organisation comes last. Before PostgreSQL has gathered statistics it takes any first column for
# selective, and would read a whole organisation to find one row of it.

# Conditions of partial indexes. Finders repeat them word by word, or the index would not be used.
COUNTS_AS_SEEN = text("outcome <> 'duplicate'")
HAS_KEY = text("key <> ''")
HAS_EXTERNAL_ID = text("external_id IS NOT NULL")
HAS_PLACE = text("seq > 0")
HAS_REFERENCE = text("reference <> ''")
HAS_BLOB = text("blob <> ''")
HAS_EMAIL = text("email <> ''")
NOT_SETTLED = text("status NOT IN ('closed', 'spam')")
IS_CLOSED = text("closed_at IS NOT NULL")
HAS_TICKET = text("ticket IS NOT NULL")
NOT_YET_PLACED = text("state = 'waiting'")
TO_SEND = text("state IN ('held', 'queued', 'sending', 'unknown', 'failed')")
NOT_TOLD = text("state IN ('waiting', 'leaving')")
WAS_TOLD = text("state = 'told'")
HIDDEN = text("state <> 'shown'")
# A delivery's state is one letter, so that SQLite changes it in place without writing the body behind it anew.
WAITING, READ, QUARANTINED = "w", "r", "q"
WAITS = text(f"state = '{WAITING}'")
SET_ASIDE = text(f"state = '{QUARANTINED}'")
CAME_AGAIN = text("repeats > 0")
NOT_UNDONE = text("undone_at IS NULL")


def _partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _table(name: str, shape: Shape[K], *more: Any, **options: Any) -> Table:
    return Table(name, METADATA, *shape.columns, PrimaryKeyConstraint(*shape.primary), *more, **options)


AGENT = Shape(Agent, primary=("id",))
AGENT_IDENTITY = Shape(AgentIdentity, primary=("surface", "workspace", "user"))
ATTACHMENT = Shape(Attachment, primary=("id",))
AUDIT_ROW = Shape(AuditRow, primary=("id",))
CONTACT = Shape(Contact, primary=("id",))
CONVERSATION = Shape(Conversation, primary=("id",), keys=("key",))
GROUP_REPLY = Shape(GroupReply, primary=("id",))
HISTORY_ENTRY = Shape(HistoryEntry, primary=("id",))
HOME = Shape(Home, primary=("surface", "workspace", "user"))
IDENTITY = Shape(Identity, primary=("id",), keys=("scope", "address"))
ITEM = Shape(ItemRecord, primary=("delivery", "position"), keys=("external_id",))
LINK = Shape(Link, primary=("id",))
MERGE = Shape(Merge, primary=("id",))
MESSAGE = Shape(Message, primary=("id",), keys=("external_id",))
NOTICE = Shape(Notice, primary=("id",))
NOTICE_SETTINGS = Shape(NoticeSettings, primary=("agent",))
OUTBOUND = Shape(Outbound, primary=("message",))
PANEL = Shape(Panel, primary=("id",))
POSTED_ENTRY = Shape(PostedEntry, primary=("posting", "subject"))
POSTING = Shape(Posting, primary=("id",), keys=("reference",))
RECIPIENT = Shape(Recipient, primary=("message",))
REFERENCE = Shape(Reference, primary=("ref",), keys=("ref",))
ROOM_MEMBER = Shape(RoomMember, primary=("room", "surface", "workspace", "user"), keys=("surface", "workspace", "user"))
ROSTER = Shape(Roster, primary=("room",))
RUSH = Shape(Rush, primary=("room",))
TAG = Shape(Tag, primary=("name",), keys=("name",))
TEMPLATE = Shape(Template, primary=("id",))
TEMPLATE_USE = Shape(TemplateUse, primary=("id",))
TICKET = Shape(Ticket, primary=("id",))
VERSION = Shape(Version, primary=("message", "revision"))

AGENTS = _table(
    "agents",
    AGENT,
    _partial("ix_agents_email", "email", "organisation", where=HAS_EMAIL),
)
AGENT_IDENTITIES = _table(
    "agent_identities",
    AGENT_IDENTITY,
    Index("ix_agent_identities_agent", "agent", "organisation"),
    **_SMALL,
)
ATTACHMENTS = _table(
    "attachments",
    ATTACHMENT,
    Index("ix_attachments_message", "message", "organisation"),
    _partial("ix_attachments_blob", "blob", where=HAS_BLOB),
    _partial("uq_attachments_place", "ticket", "organisation", "seq", where=HAS_PLACE, unique=True),
    **_CHANGES_OFTEN,
)
AUDIT_ROWS = _table(
    "audit_rows",
    AUDIT_ROW,
    _partial("ix_audit_rows_ticket", "ticket", "organisation", "id", where=HAS_TICKET),
    **_SMALL,
)
CONTACTS = _table("contacts", CONTACT, **_SMALL)
CONVERSATIONS = _table(
    "conversations",
    CONVERSATION,
    _partial("uq_conversations_key", "key", "account", "organisation", where=HAS_KEY, unique=True),
    Index("ix_conversations_ticket", "ticket", "organisation"),
    Index("ix_conversations_identity", "identity", "organisation"),
    **_CHANGES_OFTEN,
)
GROUP_REPLIES = _table("group_replies", GROUP_REPLY)
HISTORY_ENTRIES = _table(
    "history_entries",
    HISTORY_ENTRY,
    Index("ix_history_entries_ticket", "ticket", "organisation"),
    **_SMALL,
)
HOMES = _table("homes", HOME, **_CHANGES_OFTEN, **_SMALL)
IDENTITIES = _table(
    "identities",
    IDENTITY,
    UniqueConstraint("address", "scope", "organisation", name="uq_identities_address"),
    Index("ix_identities_contact", "contact", "organisation"),
    **_SMALL,
)
ITEMS = _table(
    "items",
    ITEM,
    _partial("uq_items_external_id", "external_id", "account", "organisation", where=COUNTS_AS_SEEN, unique=True),
    Index("ix_items_outcome", "outcome", "organisation"),
    **_SMALL,
)
LINKS = _table(
    "links",
    LINK,
    _partial("uq_links_identity", "identity", "organisation", where=NOT_UNDONE, unique=True),
)
MERGES = _table(
    "merges",
    MERGE,
    _partial("uq_merges_source", "source", "organisation", where=NOT_UNDONE, unique=True),
    _partial("ix_merges_target", "target", "organisation", where=NOT_UNDONE),
)
MESSAGES = _table(
    "messages",
    MESSAGE,
    _partial("uq_messages_external_id", "external_id", "account", "organisation", where=HAS_EXTERNAL_ID, unique=True),
    _partial("uq_messages_place", "ticket", "organisation", "seq", where=HAS_PLACE, unique=True),
)
NOTICES = _table(
    "notices",
    NOTICE,
    _partial("ix_notices_not_told", "agent", "organisation", where=NOT_TOLD),
    _partial("ix_notices_told", "agent", "organisation", "changed_at", where=WAS_TOLD),
    **_CHANGES_OFTEN,
)
NOTICE_SETTINGS_OF_AGENTS = _table("notice_settings", NOTICE_SETTINGS, **_SMALL)
OUTBOUNDS = _table(
    "outbounds",
    OUTBOUND,
    Index("ix_outbounds_ticket", "ticket", "organisation"),
    _partial("ix_outbounds_to_send", "conversation", "organisation", where=TO_SEND),
    **_CHANGES_OFTEN,
)
PANELS = _table("panels", PANEL, **_CHANGES_OFTEN, **_SMALL)
POSTED_ENTRIES = _table("posted_entries", POSTED_ENTRY, **_CHANGES_OFTEN, **_SMALL)
POSTINGS = _table(
    "postings",
    POSTING,
    UniqueConstraint("ticket", "room", "organisation", name="uq_postings_room"),
    _partial("ix_postings_reference", "reference", "room", "organisation", where=HAS_REFERENCE),
    _partial("ix_postings_hidden", "room", "state", "organisation", "id", where=HIDDEN),
    **_CHANGES_OFTEN,
    **_SMALL,
)
RECIPIENTS = _table(
    "recipients",
    RECIPIENT,
    UniqueConstraint("group_reply", "ticket", "organisation", name="uq_recipients_ticket"),
    _partial("ix_recipients_waiting", "group_reply", "organisation", "place", where=NOT_YET_PLACED),
    **_CHANGES_OFTEN,
)
REFERENCES = _table("refs", REFERENCE, **_SMALL)
ROOM_MEMBERS = _table(
    "room_members",
    ROOM_MEMBER,
    Index("ix_room_members_user", "user", "workspace", "surface", "organisation"),
    **_SMALL,
)
ROSTERS = _table("rosters", ROSTER, **_SMALL)
RUSHES = _table("rushes", RUSH, **_CHANGES_OFTEN, **_SMALL)
TAGS = _table("tags", TAG, Index("ix_tags_uses", "uses", "name", "organisation"), **_SMALL)
TEMPLATES = _table("templates", TEMPLATE, Index("ix_templates_archived", "archived", "organisation"))
TEMPLATE_USES = _table(
    "template_uses",
    TEMPLATE_USE,
    Index("ix_template_uses_template", "template", "organisation"),
    **_CHANGES_OFTEN,
    **_SMALL,
)
TICKETS = _table(
    "tickets",
    TICKET,
    UniqueConstraint("number", "organisation", name="uq_tickets_number"),
    Index("ix_tickets_contact", "contact", "organisation"),
    _partial("ix_tickets_not_settled", "updated_at", "organisation", where=NOT_SETTLED),
    _partial("ix_tickets_at_work", "status", "organisation", where=NOT_SETTLED),
    _partial("ix_tickets_closed", "closed_at", "organisation", where=IS_CLOSED),
    Index("ix_tickets_created", "created_at", "organisation"),
    **_CHANGES_OFTEN,
)
VERSIONS = _table("versions", VERSION)

TABLES: dict[type, tuple[Table, Shape[Any]]] = {
    # In the order in which they are written: what others point at comes first.
    Agent: (AGENTS, AGENT),
    AgentIdentity: (AGENT_IDENTITIES, AGENT_IDENTITY),
    Contact: (CONTACTS, CONTACT),
    Identity: (IDENTITIES, IDENTITY),
    Ticket: (TICKETS, TICKET),
    Tag: (TAGS, TAG),
    Conversation: (CONVERSATIONS, CONVERSATION),
    Link: (LINKS, LINK),
    Merge: (MERGES, MERGE),
    Reference: (REFERENCES, REFERENCE),
    Message: (MESSAGES, MESSAGE),
    Version: (VERSIONS, VERSION),
    Attachment: (ATTACHMENTS, ATTACHMENT),
    Outbound: (OUTBOUNDS, OUTBOUND),
    GroupReply: (GROUP_REPLIES, GROUP_REPLY),
    Recipient: (RECIPIENTS, RECIPIENT),
    Template: (TEMPLATES, TEMPLATE),
    TemplateUse: (TEMPLATE_USES, TEMPLATE_USE),
    Posting: (POSTINGS, POSTING),
    Panel: (PANELS, PANEL),
    Rush: (RUSHES, RUSH),
    PostedEntry: (POSTED_ENTRIES, POSTED_ENTRY),
    NoticeSettings: (NOTICE_SETTINGS_OF_AGENTS, NOTICE_SETTINGS),
    Notice: (NOTICES, NOTICE),
    ItemRecord: (ITEMS, ITEM),
    RoomMember: (ROOM_MEMBERS, ROOM_MEMBER),
    Roster: (ROSTERS, ROSTER),
    HistoryEntry: (HISTORY_ENTRIES, HISTORY_ENTRY),
    AuditRow: (AUDIT_ROWS, AUDIT_ROW),
    Home: (HOMES, HOME),
}


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _whole(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


DELIVERIES = Table(
    "deliveries",
    METADATA,
    _text("organisation"),
    _text("id"),
    _text("account"),
    _text("provider_id"),
    _text("lane"),
    _text("state"),
    _whole("repeats"),
    _whole("received_at"),
    _whole("size"),
    _text("fault"),
    _text("blob"),
    _text("headers"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", "organisation"),
    UniqueConstraint("provider_id", "account", "organisation", name="uq_deliveries_provider_id"),
    _partial("ix_deliveries_waiting", "lane", "organisation", "id", where=WAITS),
    _partial("ix_deliveries_set_aside", "id", "organisation", where=SET_ASIDE),
    _partial("ix_deliveries_blob", "blob", where=HAS_BLOB),
    _partial("ix_deliveries_came_again", "repeats", "organisation", where=CAME_AGAIN),
    **_CHANGES_OFTEN,
)
# Blobs whose words were taken back: their bytes go as soon as nobody else points at them.
MASKED_BLOBS = Table(
    "masked_blobs",
    METADATA,
    _text("organisation"),
    _text("blob"),
    _whole("masked_at"),
    PrimaryKeyConstraint("blob", "organisation"),
    **_SMALL,
)
OUTBOUND_IDS = Table(
    "outbound_ids",
    METADATA,
    _text("organisation"),
    _text("ref"),
    _text("message"),
    PrimaryKeyConstraint("ref", "organisation"),
    **_SMALL,
)
COUNTERS = Table(
    "counters",
    METADATA,
    _text("organisation"),
    _text("name"),
    _whole("value"),
    PrimaryKeyConstraint("name", "organisation"),
    **_CHANGES_OFTEN,
    **_SMALL,
)
# `due` is when the job may be taken next: while it is leased, the end of its lease. `again` is the earliest time it
# was asked for while leased. `fence` begins with the clock, so that a job struck out and asked anew does not give
# an old holder's fence out a second time.
JOBS = Table(
    "jobs",
    METADATA,
    _text("organisation"),
    _text("topic"),
    _text("key"),
    _whole("due"),
    _whole("again", optional=True),
    _whole("asked"),
    _whole("attempts"),
    _whole("fence"),
    _whole("leased_until", optional=True),
    _text("fault"),
    PrimaryKeyConstraint("key", "topic", "organisation"),
    Index("ix_jobs_due", "due", "topic", "organisation"),
    **_CHANGES_OFTEN,
    **_SMALL,
)
CURSORS = Table(
    "cursors",
    METADATA,
    _text("organisation"),
    _text("account"),
    _text("name"),
    _text("value"),
    _whole("fence"),
    PrimaryKeyConstraint("account", "name", "organisation"),
    **_SMALL,
)
ALERTS = Table(
    "alerts",
    METADATA,
    _text("organisation"),
    _text("key"),
    _text("what"),
    _text("values"),
    _whole("raised_at"),
    _whole("told_at", optional=True),
    PrimaryKeyConstraint("key", "organisation"),
)
# `key` names the encryption key of a secret; it is empty for what anybody may read.
SETTINGS = Table(
    "settings",
    METADATA,
    _text("organisation"),
    _text("name"),
    _text("value"),
    _text("key"),
    _whole("updated_at"),
    PrimaryKeyConstraint("name", "organisation"),
    **_SMALL,
)
KEYS = Table(
    "keys",
    METADATA,
    _text("organisation"),
    _text("id"),
    _text("check_value"),
    _whole("created_at"),
    PrimaryKeyConstraint("id", "organisation"),
    **_SMALL,
)

# The search index (`storage.indexing`): under which word stand which tickets, in blocks of numbers; which words each
# ticket was given; which tickets wait to be read again. Words are compared byte by byte, for ranges of beginnings.
_WORD = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEARCH_WORDS = Table(
    "search_words",
    METADATA,
    _text("organisation"),
    Column("word", _WORD, nullable=False),
    _whole("block"),
    Column("tickets", LargeBinary, nullable=False),
    PrimaryKeyConstraint("word", "organisation", "block"),
    **_CHANGES_OFTEN,
    **_SMALL,
)
SEARCH_TICKETS = Table(
    "search_tickets",
    METADATA,
    _text("organisation"),
    _text("ticket"),
    _whole("number"),
    _whole("seq"),
    Column("head", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("ticket", "organisation"),
)
SEARCH_WAITING = Table(
    "search_waiting",
    METADATA,
    _text("organisation"),
    _text("ticket"),
    _whole("what"),
    _whole("asked"),
    PrimaryKeyConstraint("ticket", "organisation"),
    **_CHANGES_OFTEN,
    **_SMALL,
)

OWN_ID: dict[type, Callable[[Any], str]] = {
    kind: attrgetter(shape.primary[0]) for kind, (_, shape) in TABLES.items() if len(shape.primary) == 2
}
