"""Lists and counts open tickets, within what their reader may see."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, bindparam, case, exists, func, literal_column, or_, select

from routing.history import AuditRow
from routing.homes import Home
from routing.ids import OrganisationId, TicketId
from routing.overview import Flow, Reach, Tally, Wanted, Whose
from routing.postings import Posting, PostingState
from routing.ticket import Priority, Status, Ticket
from storage import tables
from storage.shapes import clean, micros
from storage.statements import Among, Statement, ours
from storage.wire import Wire

_t, _p, _a, _h = tables.TICKETS, tables.POSTINGS, tables.AUDIT_ROWS, tables.HOMES


def _flag(name: str) -> ColumnElement[bool]:
    return bindparam(name, type_=Integer) == literal_column("1")


def _if_asked(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return or_(bindparam(name, type_=Text) == literal_column("''"), column == bindparam(name, type_=Text))


_STILL_SHOWN = _p.c.state != literal_column(f"'{PostingState.MOVED}'")


def _shown_in(rooms: str) -> ColumnElement[bool]:
    return exists().where(ours(_p), _p.c.ticket == _t.c.id, Among(_p.c.room, rooms), _STILL_SHOWN).correlate(_t)


_VISIBLE = or_(_flag("everything"), _t.c.assignee == bindparam("viewer", type_=Text), _shown_in("seen"))
_AT_WORK = (ours(_t), Among(_t.c.status, "statuses"), tables.NOT_SETTLED)
_WANTED = (
    *_AT_WORK,
    _VISIBLE,
    _if_asked(_t.c.assignee, "assignee"),
    or_(bindparam("unassigned", type_=Integer) == literal_column("0"), _t.c.assignee.is_(None)),
    _if_asked(_t.c.channel, "channel"),
    _if_asked(_t.c.priority, "priority"),
    or_(_flag("anywhere"), _shown_in("rooms")),
)
_RANK = case(
    *((_t.c.priority == literal_column(f"'{one}'"), literal_column(str(rank))) for rank, one in enumerate(Priority)),
    else_=literal_column("0"),
)
_QUEUE = Statement(
    select(_t)
    .where(*_WANTED)
    .order_by(_RANK.desc(), _t.c.created_at, _t.c.id)
    .limit(bindparam("limit"))
    .offset(bindparam("start"))
)
_QUEUE_SIZE = Statement(select(func.count()).select_from(_t).where(*_WANTED))
_OF_CONTACT = Statement(
    select(_t)
    .where(ours(_t), _t.c.contact == bindparam("contact"), _VISIBLE)
    .order_by(_t.c.number.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("start"))
)
_WHOSE = case(
    (_t.c.assignee.is_(None), literal_column(f"'{Whose.NOBODYS}'")),
    (_t.c.assignee == bindparam("viewer", type_=Text), literal_column(f"'{Whose.MINE}'")),
    else_=literal_column(f"'{Whose.OTHERS}'"),
).label("whose")
_NEAR = case((_shown_in("seen"), literal_column("1")), else_=literal_column("0")).label("near")
_TALLIES = Statement(
    select(_t.c.status, _t.c.channel, _WHOSE, _NEAR, func.count())
    .where(*_AT_WORK, _VISIBLE)
    .group_by(_t.c.status, _t.c.channel, literal_column("whose"), literal_column("near"))
)
_SINCE = bindparam("since", type_=_t.c.created_at.type)
_CAME = Statement(
    select(_t.c.channel, func.count()).where(ours(_t), _t.c.created_at >= _SINCE, _VISIBLE).group_by(_t.c.channel)
)
_CLOSED = Statement(
    select(_t.c.channel, func.count())
    .where(ours(_t), tables.IS_CLOSED, _t.c.closed_at >= _SINCE, _VISIBLE)
    .group_by(_t.c.channel)
)
_MAY_SEE = Statement(select(_t.c.id).where(ours(_t), _t.c.id == bindparam("ticket"), _VISIBLE))
_POSTINGS_OF_ALL = Statement(
    select(_p).where(ours(_p), Among(_p.c.ticket, "tickets"), tables.HAS_REFERENCE, _STILL_SHOWN).order_by(_p.c.id)
)
_HOME = Statement(
    select(_h).where(
        ours(_h),
        _h.c.surface == bindparam("surface"),
        _h.c.workspace == bindparam("workspace"),
        _h.c.user == bindparam("person"),
    )
)
_AUDIT_OF = Statement(
    select(_a)
    .where(ours(_a), _a.c.ticket == bindparam("ticket"), tables.HAS_TICKET)
    .order_by(_a.c.id.desc())
    .limit(bindparam("limit"))
)


def _seen_by(reach: Reach) -> dict[str, Any]:
    return {"everything": int(reach.everything), "viewer": reach.agent, "seen": list(reach.rooms)}


def _asked(reach: Reach, wanted: Wanted) -> dict[str, Any]:
    return _seen_by(reach) | {
        "statuses": [str(status) for status in wanted.statuses],
        "assignee": wanted.assignee or "",
        "unassigned": int(wanted.unassigned),
        "channel": clean(wanted.channel),
        "priority": wanted.priority.value if wanted.priority else "",
        "anywhere": int(wanted.rooms is None),
        "rooms": list(wanted.rooms or ()),
    }


class SqlOverview:
    """The finders of lists and figures; none of them locks."""

    def __init__(self, wire: Wire, organisation: OrganisationId) -> None:
        self._wire = wire
        self.organisation = organisation

    async def _rows(self, statement: Statement, **values: Any) -> Sequence[Sequence[Any]]:
        return await self._wire.rows(statement, organisation=self.organisation, **values)

    async def queue(self, reach: Reach, wanted: Wanted, *, start: int, limit: int) -> Sequence[Ticket]:
        rows = await self._rows(_QUEUE, **_asked(reach, wanted), start=start, limit=limit)
        return [tables.TICKET.read(row) for row in rows]

    async def queue_size(self, reach: Reach, wanted: Wanted) -> int:
        return int((await self._rows(_QUEUE_SIZE, **_asked(reach, wanted)))[0][0])

    async def seen_of_contact(self, reach: Reach, contact: str, *, start: int, limit: int) -> Sequence[Ticket]:
        rows = await self._rows(_OF_CONTACT, **_seen_by(reach), contact=contact, start=start, limit=limit)
        return [tables.TICKET.read(row) for row in rows]

    async def tallies(self, reach: Reach, statuses: Collection[Status]) -> Sequence[Tally]:
        rows = await self._rows(_TALLIES, **_seen_by(reach), statuses=[str(status) for status in statuses])
        return [
            Tally(Status(status), channel, Whose(whose), bool(near), int(count))
            for status, channel, whose, near, count in rows
        ]

    async def flow(self, reach: Reach, since: datetime) -> Mapping[str, Flow]:
        asked = {**_seen_by(reach), "since": micros(since)}
        came = {row[0]: int(row[1]) for row in await self._rows(_CAME, **asked)}
        closed = {row[0]: int(row[1]) for row in await self._rows(_CLOSED, **asked)}
        return {channel: Flow(came.get(channel, 0), closed.get(channel, 0)) for channel in came.keys() | closed.keys()}

    async def may_see(self, reach: Reach, ticket: TicketId) -> bool:
        return bool(await self._rows(_MAY_SEE, **_seen_by(reach), ticket=ticket))

    async def postings_of_all(self, tickets: Collection[TicketId]) -> Sequence[Posting]:
        if not tickets:
            return []
        return [tables.POSTING.read(row) for row in await self._rows(_POSTINGS_OF_ALL, tickets=list(tickets))]

    async def home(self, surface: str, workspace: str, user: str) -> Home | None:
        rows = await self._rows(_HOME, surface=clean(surface), workspace=clean(workspace), person=clean(user))
        return tables.HOME.read(rows[0]) if rows else None

    async def audit_of(self, ticket: TicketId, *, limit: int) -> Sequence[AuditRow]:
        return [tables.AUDIT_ROW.read(row) for row in await self._rows(_AUDIT_OF, ticket=ticket, limit=limit)]
