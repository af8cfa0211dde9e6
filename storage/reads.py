"""Looks things up, on a snapshot or inside a transaction: every finder is one statement served by an index."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Table, bindparam, case, func, literal_column, select

from routing.agents import Agent, AgentIdentity
from routing.contacts import Conversation, Identity
from routing.group_reply import Recipient
from routing.history import HistoryEntry
from routing.ids import AgentId, ContactId, ConversationId, IdentityId, MessageId, RoomId, TicketId
from routing.jobs import Alert
from routing.links import Link
from routing.merges import Merge
from routing.messages import Attachment, Direction, Message
from routing.ports import R
from routing.postings import PostedEntry, Posting
from routing.queries import Query
from routing.queue import QUEUED, RANK, Count
from routing.replies import Outbound
from routing.rosters import RoomMember
from routing.search import Counted, Page, Sight
from routing.tags import Tag
from routing.templates import MOST_TEMPLATES, Template, TemplateUse
from routing.ticket import SETTLED, Priority, Status, Ticket
from storage import tables
from storage.overview import SqlOverview
from storage.searching import ROOMS_OF, Search
from storage.shapes import clean, clean_key, micros, moment, read_mapping
from storage.statements import Among, Statement
from storage.statements import ours as ours

LARGEST = 2**63 - 1


def _by_id(kind: type) -> Statement:
    table, shape = tables.TABLES[kind]
    return Statement(select(table).where(ours(table), Among(table.c[shape.primary[0]], "ids")))


_OWN_ID = {kind: _by_id(kind) for kind, (_, shape) in tables.TABLES.items() if len(shape.primary) == 2}

_m, _a, _e, _p, _t, _o = (
    tables.MESSAGES,
    tables.ATTACHMENTS,
    tables.POSTED_ENTRIES,
    tables.POSTINGS,
    tables.TICKETS,
    tables.OUTBOUNDS,
)
_i, _g, _n = tables.AGENT_IDENTITIES, tables.AGENTS, tables.NOTICES


def _timeline(table: Table) -> Statement:
    its = (ours(table), table.c.ticket == bindparam("ticket"), table.c.seq > bindparam("after"), tables.HAS_PLACE)
    return Statement(select(table).where(*its).order_by(table.c.seq).limit(bindparam("limit")))


_MESSAGES_OF = _timeline(_m)
_FILES_OF = _timeline(_a)
_ATTACHMENTS_OF = Statement(select(_a).where(ours(_a), Among(_a.c.message, "messages")).order_by(_a.c.id))
_POSTINGS_OF = Statement(select(_p).where(ours(_p), _p.c.ticket == bindparam("ticket")).order_by(_p.c.id))
_POSTING_BY_REFERENCE = Statement(
    select(_p)
    .where(ours(_p), _p.c.room == bindparam("room"), _p.c.reference == bindparam("named"), tables.HAS_REFERENCE)
    .order_by(_p.c.id)
    .limit(1)
)
_ENTRIES_OF = Statement(
    select(_e).where(ours(_e), _e.c.posting == bindparam("posting"), Among(_e.c.subject, "subjects"))
)
_STALE_ENTRIES = Statement(
    select(_e, _m)
    .join(_m, (_m.c.organisation == _e.c.organisation) & (_m.c.id == _e.c.subject))
    .where(ours(_e), _e.c.posting == bindparam("posting"), _m.c.revision > _e.c.revision)
    .order_by(_m.c.seq)
)
_OPEN_POSTINGS = Statement(
    select(_p)
    .select_from(_t.join(_p, (_p.c.organisation == _t.c.organisation) & (_p.c.ticket == _t.c.id)))
    .where(ours(_t), tables.NOT_SETTLED)
    .order_by(_t.c.updated_at.desc(), _p.c.id)
    .limit(bindparam("limit"))
)
_MISSED_POSTINGS = Statement(
    select(_p)
    .where(ours(_p), _p.c.room == bindparam("room"), _p.c.state == literal_column("'gone'"), tables.HIDDEN)
    .order_by(_p.c.id)
    .limit(bindparam("limit"))
)
# What `routing.queue` says of one ticket, for all tickets of a room at once.
_in_room = _t.join(
    _p,
    (_p.c.organisation == _t.c.organisation)
    & (_p.c.ticket == _t.c.id)
    & (_p.c.room == bindparam("room"))
    & (_p.c.state != literal_column("'moved'")),
)
_since = case(
    (_t.c.last_agent_at.is_(None), _t.c.created_at), else_=func.coalesce(_t.c.last_customer_at, _t.c.created_at)
)
_rank = case(
    *((_t.c.priority == literal_column(f"'{name}'"), literal_column(str(place))) for name, place in RANK.items()),
    else_=literal_column(str(len(RANK))),
)
_assigned = case((_t.c.assignee.is_(None), literal_column("0", BigInteger)), else_=literal_column("1", BigInteger))
_to_be_worked = _t.c.status.in_([literal_column(f"'{one}'") for one in sorted(QUEUED)])
_in_work = _t.c.status.in_([literal_column(f"'{one}'") for one in Status if one not in SETTLED])
# What somebody has taken gets its card in a moment.
_nobodys = (_to_be_worked, _t.c.assignee.is_(None))
_collected = (_p.c.state == literal_column("'collected'"), tables.HIDDEN)
_COLLECTED_POSTINGS = Statement(
    select(_p).where(ours(_p), _p.c.room == bindparam("room"), *_collected).order_by(_p.c.id).limit(bindparam("limit"))
)
_COLLECTED_TICKETS = Statement(
    select(_t)
    .select_from(_in_room)
    .where(ours(_t), *_collected, *_nobodys, _t.c.number > bindparam("after"))
    .order_by(_t.c.number)
    .limit(bindparam("limit"))
)
_LATEST_COLLECTED = Statement(
    select(_t)
    .select_from(_in_room)
    .where(ours(_t), *_collected, *_nobodys)
    .order_by(_t.c.number.desc())
    .limit(bindparam("limit"))
)
_COLLECTED_COUNT = Statement(select(func.count()).select_from(_in_room).where(ours(_t), *_collected, *_nobodys))
_URGENT_IN_QUEUE = Statement(
    select(func.count())
    .select_from(_in_room)
    .where(
        ours(_t),
        tables.NOT_SETTLED,
        _to_be_worked,
        _t.c.assignee.is_(None),
        _t.c.priority == literal_column(f"'{Priority.URGENT}'"),
    )
)
_QUEUE_COUNTS = Statement(
    select(_t.c.status, _assigned.label("assigned"), func.count(), func.min(_since))
    .select_from(_in_room)
    .where(ours(_t), tables.NOT_SETTLED, _in_work)
    .group_by(_t.c.status, _assigned)
)
_NEXT_IN_QUEUE = Statement(
    select(_t)
    .select_from(_in_room)
    .where(ours(_t), tables.NOT_SETTLED, _to_be_worked, _t.c.assignee.is_(None))
    .order_by(_rank, _since, _t.c.number)
    .limit(bindparam("limit"))
)
_LAST_CLAIMED = Statement(
    select(_t)
    .select_from(_in_room)
    .where(ours(_t), tables.NOT_SETTLED, _in_work, _t.c.assignee == bindparam("agent"))
    .order_by(_t.c.claimed_at.desc(), _t.c.number)
    .limit(literal_column("1"))
)
_REPLIES_OF = Statement(select(_o).where(ours(_o), _o.c.ticket == bindparam("ticket")).order_by(_o.c.message))
_HISTORY_OF = Statement(
    select(tables.HISTORY_ENTRIES)
    .where(ours(tables.HISTORY_ENTRIES), tables.HISTORY_ENTRIES.c.ticket == bindparam("ticket"))
    .order_by(tables.HISTORY_ENTRIES.c.id)
)
_TICKETS_OF_CONTACT = Statement(select(func.count()).where(ours(_t), _t.c.contact == bindparam("contact")))
_CONTACT_TICKETS = Statement(
    select(_t)
    .where(ours(_t), _t.c.contact == bindparam("contact"))
    .order_by(_t.c.number.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("skip"))
)
_OPEN_TICKETS_OF = Statement(
    select(_t.c.id).where(ours(_t), _t.c.contact == bindparam("contact"), tables.NOT_SETTLED).order_by(_t.c.id)
)
_TAGS_IN_USE = Statement(
    select(tables.TAGS)
    .where(ours(tables.TAGS), tables.TAGS.c.uses > 0)
    .order_by(tables.TAGS.c.uses.desc(), tables.TAGS.c.name.desc())
    .limit(bindparam("limit"))
)
_MEMBERS_OF = Statement(
    select(tables.ROOM_MEMBERS).where(ours(tables.ROOM_MEMBERS), tables.ROOM_MEMBERS.c.room == bindparam("room"))
)
_CONVERSATIONS_OF = Statement(
    select(tables.CONVERSATIONS)
    .where(ours(tables.CONVERSATIONS), tables.CONVERSATIONS.c.ticket == bindparam("ticket"))
    .order_by(tables.CONVERSATIONS.c.id)
)
_CONVERSATIONS_WITH = Statement(
    select(tables.CONVERSATIONS)
    .where(ours(tables.CONVERSATIONS), tables.CONVERSATIONS.c.identity == bindparam("identity"))
    .order_by(tables.CONVERSATIONS.c.id)
)
_IDENTITIES_OF = Statement(
    select(tables.IDENTITIES)
    .where(ours(tables.IDENTITIES), tables.IDENTITIES.c.contact == bindparam("contact"))
    .order_by(tables.IDENTITIES.c.id)
)
_LINK_OF = Statement(
    select(tables.LINKS).where(ours(tables.LINKS), tables.LINKS.c.identity == bindparam("identity"), tables.NOT_UNDONE)
)
_MERGE_OF = Statement(
    select(tables.MERGES).where(ours(tables.MERGES), tables.MERGES.c.source == bindparam("source"), tables.NOT_UNDONE)
)
_MERGES_INTO = Statement(
    select(tables.MERGES)
    .where(ours(tables.MERGES), tables.MERGES.c.target == bindparam("target"), tables.NOT_UNDONE)
    .order_by(tables.MERGES.c.id)
)
_RECENTLY_AT_WORK = Statement(
    select(_t).where(ours(_t), tables.NOT_SETTLED).order_by(_t.c.updated_at.desc()).limit(bindparam("limit"))
)
_LATEST_INBOUND = Statement(
    select(_m)
    .where(ours(_m), _m.c.ticket == bindparam("ticket"), _m.c.direction == Direction.INBOUND.value, tables.HAS_PLACE)
    .order_by(_m.c.seq.desc())
    .limit(bindparam("limit"))
)
_ALERT = Statement(
    select(tables.ALERTS.c.key, tables.ALERTS.c.what, tables.ALERTS.c["values"]).where(
        ours(tables.ALERTS), tables.ALERTS.c.key == bindparam("named"), tables.ALERTS.c.told_at.is_(None)
    )
)
_TICKET_BY_NUMBER = Statement(select(_t).where(ours(_t), _t.c.number == bindparam("number")))
_AGENT_BY_IDENTITY = Statement(
    select(_g, _i)
    .select_from(_i.join(_g, (_g.c.organisation == _i.c.organisation) & (_g.c.id == _i.c.agent)))
    .where(
        ours(_i),
        _i.c.surface == bindparam("surface"),
        _i.c.workspace == bindparam("workspace"),
        _i.c.user == bindparam("person"),
    )
)
_IDENTITIES_OF_AGENT = Statement(
    select(_i).where(ours(_i), _i.c.agent == bindparam("agent")).order_by(_i.c.surface, _i.c.workspace, _i.c.user)
)
_TOLD_OF = Statement(
    select(_n.c.ticket, _n.c.changed_at).where(
        ours(_n), _n.c.agent == bindparam("agent"), _n.c.changed_at > bindparam("since"), tables.WAS_TOLD
    )
)
_AGENT_BY_EMAIL = Statement(
    select(_g).where(ours(_g), _g.c.email == bindparam("email"), tables.HAS_EMAIL).order_by(_g.c.id).limit(1)
)
_TEMPLATES = Statement(
    select(tables.TEMPLATES)
    .where(ours(tables.TEMPLATES), tables.TEMPLATES.c.archived == bindparam("archived"))
    .order_by(tables.TEMPLATES.c.id)
    .limit(bindparam("limit"))
)
_USES_OF = Statement(
    select(tables.TEMPLATE_USES)
    .where(ours(tables.TEMPLATE_USES), Among(tables.TEMPLATE_USES.c.template, "templates"))
    .order_by(tables.TEMPLATE_USES.c.id)
)
_RECIPIENTS_OF = Statement(
    select(tables.RECIPIENTS)
    .where(ours(tables.RECIPIENTS), tables.RECIPIENTS.c.group_reply == bindparam("group"))
    .order_by(tables.RECIPIENTS.c.place)
)
_WAITING_IN = Statement(
    select(_o).where(ours(_o), Among(_o.c.conversation, "conversations"), tables.TO_SEND).order_by(_o.c.message)
)


class SqlReads(SqlOverview):
    """The finders that lock nothing."""

    async def get(self, kind: type[R], ids: Collection[str]) -> dict[str, R]:
        return await self._by_id(_OWN_ID[kind], kind, ids)

    async def _by_id(self, statement: Statement, kind: type[R], ids: Collection[str]) -> dict[str, R]:
        if not ids:
            return {}
        read = tables.TABLES[kind][1].read
        own_id = tables.OWN_ID[kind]
        values = [read(row) for row in await self._rows(statement, ids=list(ids))]
        return {own_id(value): value for value in values}

    async def timeline(self, ticket: TicketId, *, after: int, limit: int) -> Sequence[Message | Attachment]:
        messages = await self._rows(_MESSAGES_OF, ticket=ticket, after=after, limit=limit)
        files = await self._rows(_FILES_OF, ticket=ticket, after=after, limit=limit)
        entries: list[Message | Attachment] = [tables.MESSAGE.read(row) for row in messages]
        entries += [tables.ATTACHMENT.read(row) for row in files]
        return sorted(entries, key=lambda entry: entry.seq)[:limit]

    async def attachments_of(self, messages: Collection[MessageId]) -> Sequence[Attachment]:
        if not messages:
            return []
        return [tables.ATTACHMENT.read(row) for row in await self._rows(_ATTACHMENTS_OF, messages=list(messages))]

    async def postings_of(self, ticket: TicketId) -> Sequence[Posting]:
        return [tables.POSTING.read(row) for row in await self._rows(_POSTINGS_OF, ticket=ticket)]

    async def posting_by_reference(self, room: RoomId, reference: str) -> Posting | None:
        if not reference:
            return None
        rows = await self._rows(_POSTING_BY_REFERENCE, room=room, named=clean_key(reference))
        return tables.POSTING.read(rows[0]) if rows else None

    async def entries_of(self, posting: str, subjects: Collection[str]) -> dict[str, PostedEntry]:
        if not subjects:
            return {}
        rows = await self._rows(_ENTRIES_OF, posting=posting, subjects=list(subjects))
        return {entry.subject: entry for entry in map(tables.POSTED_ENTRY.read, rows)}

    async def stale_entries(self, posting: str) -> Sequence[tuple[PostedEntry, Message]]:
        width = len(tables.POSTED_ENTRY.names)
        return [
            (tables.POSTED_ENTRY.read(tuple(row)[:width]), tables.MESSAGE.read(tuple(row)[width:]))
            for row in await self._rows(_STALE_ENTRIES, posting=posting)
        ]

    async def open_postings(self, *, limit: int) -> Sequence[Posting]:
        return [tables.POSTING.read(row) for row in await self._rows(_OPEN_POSTINGS, limit=limit)]

    async def missed_postings(self, room: RoomId, *, limit: int) -> Sequence[Posting]:
        return [tables.POSTING.read(row) for row in await self._rows(_MISSED_POSTINGS, room=room, limit=limit)]

    async def collected_postings(self, room: RoomId, *, limit: int) -> Sequence[Posting]:
        return [tables.POSTING.read(row) for row in await self._rows(_COLLECTED_POSTINGS, room=room, limit=limit)]

    async def collected_tickets(self, room: RoomId, *, after: int, limit: int) -> Sequence[Ticket]:
        rows = await self._rows(_COLLECTED_TICKETS, room=room, after=after, limit=limit)
        return [tables.TICKET.read(row) for row in rows]

    async def latest_collected(self, room: RoomId, *, limit: int) -> Sequence[Ticket]:
        return [tables.TICKET.read(row) for row in await self._rows(_LATEST_COLLECTED, room=room, limit=limit)]

    async def collected_count(self, room: RoomId) -> int:
        return int((await self._rows(_COLLECTED_COUNT, room=room))[0][0])

    async def urgent_in_queue(self, room: RoomId) -> int:
        return int((await self._rows(_URGENT_IN_QUEUE, room=room))[0][0])

    async def queue_counts(self, room: RoomId) -> Sequence[Count]:
        rows = await self._rows(_QUEUE_COUNTS, room=room)
        return [Count(Status(row[0]), bool(row[1]), int(row[2]), moment(row[3])) for row in rows]

    async def next_in_queue(self, room: RoomId, *, limit: int) -> Sequence[Ticket]:
        return [tables.TICKET.read(row) for row in await self._rows(_NEXT_IN_QUEUE, room=room, limit=limit)]

    async def last_claimed(self, room: RoomId, agent: str) -> Ticket | None:
        rows = await self._rows(_LAST_CLAIMED, room=room, agent=agent)
        return tables.TICKET.read(rows[0]) if rows else None

    async def replies_of(self, ticket: TicketId) -> Sequence[Outbound]:
        return [tables.OUTBOUND.read(row) for row in await self._rows(_REPLIES_OF, ticket=ticket)]

    async def history_of(self, ticket: TicketId) -> Sequence[HistoryEntry]:
        return [tables.HISTORY_ENTRY.read(row) for row in await self._rows(_HISTORY_OF, ticket=ticket)]

    async def tickets_of_contact(self, contact: str) -> int:
        return int((await self._rows(_TICKETS_OF_CONTACT, contact=contact))[0][0])

    async def contact_tickets(self, contact: str, *, skip: int, limit: int) -> Sequence[Ticket]:
        rows = await self._rows(_CONTACT_TICKETS, contact=contact, skip=skip, limit=limit)
        return [tables.TICKET.read(row) for row in rows]

    async def open_tickets_of(self, contact: str) -> Sequence[TicketId]:
        return [TicketId(row[0]) for row in await self._rows(_OPEN_TICKETS_OF, contact=contact)]

    async def tags_in_use(self, *, limit: int) -> Sequence[Tag]:
        return [tables.TAG.read(row) for row in await self._rows(_TAGS_IN_USE, limit=limit)]

    async def find_tickets(self, query: Query, *, seen_by: Sight, limit: int, before_key: int | None = None) -> Page:
        return await Search(self._rows, query, seen_by).page(limit=limit, before=before_key)

    async def count_tickets(self, query: Query, *, seen_by: Sight, most: int) -> Counted:
        return await Search(self._rows, query, seen_by).count(most=most)

    async def rooms_read_by(self, agent: AgentId, *, known_since: datetime) -> Sequence[RoomId]:
        return [RoomId(row[0]) for row in await self._rows(ROOMS_OF, agent=agent, trusted=micros(known_since))]

    async def members_of(self, room: RoomId) -> Sequence[RoomMember]:
        return [tables.ROOM_MEMBER.read(row) for row in await self._rows(_MEMBERS_OF, room=room)]

    async def conversations_of(self, ticket: TicketId) -> Sequence[Conversation]:
        return [tables.CONVERSATION.read(row) for row in await self._rows(_CONVERSATIONS_OF, ticket=ticket)]

    async def conversations_with(self, identity: IdentityId) -> Sequence[Conversation]:
        return [tables.CONVERSATION.read(row) for row in await self._rows(_CONVERSATIONS_WITH, identity=identity)]

    async def identities_of(self, contact: ContactId) -> Sequence[Identity]:
        return [tables.IDENTITY.read(row) for row in await self._rows(_IDENTITIES_OF, contact=contact)]

    async def link_of(self, identity: IdentityId) -> Link | None:
        rows = await self._rows(_LINK_OF, identity=identity)
        return tables.LINK.read(rows[0]) if rows else None

    async def merge_of(self, source: TicketId) -> Merge | None:
        rows = await self._rows(_MERGE_OF, source=source)
        return tables.MERGE.read(rows[0]) if rows else None

    async def merges_into(self, target: TicketId) -> Sequence[Merge]:
        return [tables.MERGE.read(row) for row in await self._rows(_MERGES_INTO, target=target)]

    async def recently_at_work(self, *, limit: int) -> Sequence[Ticket]:
        return [tables.TICKET.read(row) for row in await self._rows(_RECENTLY_AT_WORK, limit=limit)]

    async def latest_inbound(self, ticket: TicketId, *, limit: int) -> Sequence[Message]:
        return [tables.MESSAGE.read(row) for row in await self._rows(_LATEST_INBOUND, ticket=ticket, limit=limit)]

    async def alert(self, key: str) -> Alert | None:
        rows = await self._rows(_ALERT, named=clean_key(key))
        return Alert(rows[0][0], rows[0][1], read_mapping(rows[0][2])) if rows else None

    async def told_of(self, agent: AgentId, *, since: datetime) -> dict[TicketId, datetime]:
        found: dict[TicketId, datetime] = {}
        for ticket, at in sorted(map(tuple, await self._rows(_TOLD_OF, agent=agent, since=micros(since)))):
            found[TicketId(ticket)] = moment(at)
        return found

    async def ticket_by_number(self, number: int) -> Ticket | None:
        if not 0 < number <= LARGEST:
            return None
        rows = await self._rows(_TICKET_BY_NUMBER, number=number)
        return tables.TICKET.read(rows[0]) if rows else None

    async def agent_by_identity(self, surface: str, workspace: str, user: str) -> tuple[Agent, AgentIdentity] | None:
        rows = await self._rows(
            _AGENT_BY_IDENTITY, surface=clean(surface), workspace=clean(workspace), person=clean(user)
        )
        if not rows:
            return None
        row, width = tuple(rows[0]), len(tables.AGENT.names)
        return tables.AGENT.read(row[:width]), tables.AGENT_IDENTITY.read(row[width:])

    async def identities_of_agent(self, agent: str) -> Sequence[AgentIdentity]:
        return [tables.AGENT_IDENTITY.read(row) for row in await self._rows(_IDENTITIES_OF_AGENT, agent=agent)]

    async def agent_by_email(self, email: str) -> Agent | None:
        if not email:
            return None
        rows = await self._rows(_AGENT_BY_EMAIL, email=clean(email))
        return tables.AGENT.read(rows[0]) if rows else None

    async def templates(self, *, archived: bool) -> Sequence[Template]:
        rows = await self._rows(_TEMPLATES, archived=archived, limit=MOST_TEMPLATES)
        return [tables.TEMPLATE.read(row) for row in rows]

    async def recipients_of(self, group: str) -> Sequence[Recipient]:
        return [tables.RECIPIENT.read(row) for row in await self._rows(_RECIPIENTS_OF, group=group)]

    async def waiting_in(self, conversations: Collection[ConversationId]) -> Sequence[Outbound]:
        if not conversations:
            return []
        return [tables.OUTBOUND.read(row) for row in await self._rows(_WAITING_IN, conversations=list(conversations))]

    async def uses_of(self, templates: Collection[str]) -> Sequence[TemplateUse]:
        if not templates:
            return []
        return [tables.TEMPLATE_USE.read(row) for row in await self._rows(_USES_OF, templates=list(templates))]
