"""Searches tickets: the index says which may fit, in order; of these it hands out those that do and may be seen.

What the index does not know yet is looked through by itself, so a search is right at any moment.
Who may see a ticket is part of the statement that reads it: of others nothing, not even their number, leaves storage.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, exists, func, or_, select

from routing.agents import Agent
from routing.contacts import Contact, Conversation
from routing.ids import AgentId
from routing.messages import Attachment, Message
from routing.postings import PostingState
from routing.queries import ME, NOBODY, Query, Sort
from routing.search import (
    Counted,
    Holding,
    Page,
    RoomReference,
    Sight,
    TicketHit,
    agent_is_named,
    fields_match,
    shown_words,
    words_match,
)
from routing.ticket import Ticket
from storage import tables
from storage.search_plan import Plan, plan
from storage.search_windows import Rows, fitting
from storage.shapes import micros
from storage.statements import Among, Statement, ours

LARGEST = 2**63 - 1
_WALKED = 50
_LARGEST_CHUNK = 800
_MOST_WAITING = 500  # of more, every ticket is looked through rather than the index

_t, _p, _m, _a, _n = tables.TICKETS, tables.POSTINGS, tables.MESSAGES, tables.ATTACHMENTS, tables.CONVERSATIONS
_w = tables.SEARCH_WAITING
_r, _l, _i, _c, _g = tables.ROOM_MEMBERS, tables.ROSTERS, tables.AGENT_IDENTITIES, tables.CONTACTS, tables.AGENTS

ROOMS_OF = Statement(
    select(_r.c.room)
    .select_from(
        _i.join(
            _r,
            (_r.c.organisation == _i.c.organisation)
            & (_r.c.user == _i.c.user)
            & (_r.c.workspace == _i.c.workspace)
            & (_r.c.surface == _i.c.surface),
        ).join(_l, (_l.c.organisation == _r.c.organisation) & (_l.c.room == _r.c.room))
    )
    .where(
        ours(_i),
        _i.c.agent == bindparam("agent"),
        _i.c.allowed,
        _r.c.present,
        _l.c.refreshed_at > bindparam("trusted", type_=BigInteger),
    )
    .distinct()
)
_AGENTS = Statement(select(_g).where(ours(_g)))
_NUMBERS_DOWN = Statement(
    select(_t.c.number)
    .where(ours(_t), _t.c.number < bindparam("bound"))
    .order_by(_t.c.number.desc())
    .limit(bindparam("limit"))
)
_NUMBERS_UP = Statement(
    select(_t.c.number)
    .where(ours(_t), _t.c.number > bindparam("bound"))
    .order_by(_t.c.number)
    .limit(bindparam("limit"))
)
_WAITING = Statement(
    select(_t.c.number)
    .select_from(_w.join(_t, (_t.c.organisation == _w.c.organisation) & (_t.c.id == _w.c.ticket)))
    .where(ours(_w), _w.c.ticket > "")
    .order_by(_w.c.ticket)
    .limit(bindparam("limit"))
)
_THESE = (ours(_t), Among(_t.c.number, "numbers"))
_shown_to_them = exists(
    select(_p.c.id).where(
        _p.c.organisation == _t.c.organisation,
        _p.c.ticket == _t.c.id,
        _p.c.state != PostingState.MOVED.value,
        Among(_p.c.room, "rooms"),
    )
).correlate(_t)
ALL_OF_THESE = Statement(select(_t).where(*_THESE))
THOSE_SEEN = Statement(select(_t).where(*_THESE, or_(_t.c.assignee == bindparam("agent", type_=Text), _shown_to_them)))
HOW_MANY_SEEN = Statement(
    select(func.count())
    .select_from(_t)
    .where(*_THESE, or_(_t.c.assignee == bindparam("agent", type_=Text), _shown_to_them))
)
_MESSAGES_OF = Statement(
    select(_m).where(ours(_m), Among(_m.c.ticket, "tickets"), tables.HAS_PLACE).order_by(_m.c.ticket, _m.c.seq)
)
_FILES_OF = Statement(select(_a).where(ours(_a), Among(_a.c.ticket, "tickets"), tables.HAS_PLACE))
_CARDS_OF = Statement(
    select(_p).where(ours(_p), Among(_p.c.ticket, "tickets"), _p.c.state == PostingState.SHOWN.value).order_by(_p.c.id)
)
_CONTACTS_OF = Statement(select(_c).where(ours(_c), Among(_c.c.id, "contacts")))
_CONVERSATIONS_OF = Statement(select(_n).where(ours(_n), Among(_n.c.id, "conversations")))


class Search:
    """One search on one snapshot."""

    def __init__(self, rows: Rows, query: Query, seen_by: Sight) -> None:
        self._rows, self._query, self._sight = rows, query, seen_by
        self._down = query.sort is Sort.NEWEST
        self._rooms: list[str] = []
        self._named: set[tuple[str, AgentId]] = set()

    async def page(self, *, limit: int, before: int | None) -> Page:
        """The next `limit` hits behind the ticket numbered `before`."""
        found: list[Holding] = []
        async for holding in self._fitting(before, size=limit + 1):
            found.append(holding)
            if len(found) > limit:
                break
        shown = found[:limit]
        cards = await self._cards([one.ticket for one in shown])
        hits = tuple(
            TicketHit(one.ticket, _called(one), shown_words(self._query, one), cards.get(one.ticket.id, ()))
            for one in shown
        )
        return Page(hits, shown[-1].ticket.number if len(found) > limit else None)

    async def count(self, *, most: int) -> Counted:
        """Where the index alone knows who fits, tickets need not be read to be counted."""
        asked = await self._prepare()
        waiting = await self._waiting()
        if waiting is None or not asked.exact:
            return await self._counted_one_by_one(most)
        number = 0
        async for numbers in fitting(self._rows, asked, waiting, bound=None, down=self._down):
            for some in _helpings(numbers, most + 1, most + 1):
                number += await self._how_many([one for one in some if one not in waiting])
                number += len(await self._filled([one for one in some if one in waiting]))
                if number > most:
                    return Counted(most, more=True)
        return Counted(number)

    async def _counted_one_by_one(self, most: int) -> Counted:
        number = 0
        async for _ in self._fitting(None, size=_LARGEST_CHUNK):
            if number == most:
                return Counted(number, more=True)
            number += 1
        return Counted(number)

    async def _how_many(self, numbers: Sequence[int]) -> int:
        if self._sight.everything or not numbers:
            return len(numbers)
        rows = await self._rows(HOW_MANY_SEEN, numbers=list(numbers), agent=self._sight.agent, rooms=self._rooms)
        return int(rows[0][0])

    async def _prepare(self) -> Plan:
        sight = self._sight
        rows = await self._rows(ROOMS_OF, agent=sight.agent, trusted=micros(sight.trusts_since))
        self._rooms = [row[0] for row in rows]
        names = {*self._query.wanted.assignees, *self._query.unwanted.assignees} - {ME, NOBODY}
        if names:
            agents: list[Agent] = [tables.AGENT.read(row) for row in await self._rows(_AGENTS)]
            self._named = {(name, one.id) for name in names for one in agents if agent_is_named(name, one)}
        return plan(self._query, sight, self._rooms, self._named)

    async def _waiting(self) -> frozenset[int] | None:
        """The tickets that the index does not know as they are now; None when they are too many to be looked through
        one by one."""
        rows = await self._rows(_WAITING, limit=_MOST_WAITING + 1)
        return frozenset(row[0] for row in rows) if len(rows) <= _MOST_WAITING else None

    async def _fitting(self, before: int | None, *, size: int) -> AsyncIterator[Holding]:
        """Every ticket that fits and may be seen, in order, read in growing helpings."""
        async for numbers in self._numbers(before, size):
            for holding in await self._filled(numbers):
                yield holding

    async def _filled(self, numbers: Sequence[int]) -> list[Holding]:
        """Those of the tickets that fit and may be seen, with all that is shown of them."""
        tickets = [one for one in await self._seen(numbers) if self._fields_fit(one)] if numbers else []
        return [one for one in await self._holdings(tickets) if words_match(self._query, one)]

    async def _numbers(self, before: int | None, size: int) -> AsyncIterator[Sequence[int]]:
        """The numbers of the tickets that may fit, in order."""
        asked = await self._prepare()
        wanted = self._query.wanted.numbers
        waiting = await self._waiting()
        if wanted:
            behind = [one for one in set(wanted) if before is None or (one < before if self._down else one > before)]
            yield sorted((one for one in behind if one <= LARGEST), reverse=self._down)
        elif waiting is None:
            async for numbers in self._every(before):
                yield numbers
        else:
            async for numbers in fitting(self._rows, asked, waiting, bound=before, down=self._down):
                for some in _helpings(numbers, size, _LARGEST_CHUNK):
                    yield some

    async def _every(self, before: int | None) -> AsyncIterator[list[int]]:
        """All tickets, one after the other: while much is not indexed yet, a slow search that finds everything is
        better than a quick one that does not."""
        statement = _NUMBERS_DOWN if self._down else _NUMBERS_UP
        bound, size = before if before is not None else (LARGEST if self._down else 0), _WALKED
        while True:
            numbers = [row[0] for row in await self._rows(statement, bound=bound, limit=size)]
            if numbers:
                yield numbers
            if len(numbers) < size:
                return
            bound, size = numbers[-1], min(2 * size, _LARGEST_CHUNK)

    async def _seen(self, numbers: Sequence[int]) -> list[Ticket]:
        if self._sight.everything:
            rows = await self._rows(ALL_OF_THESE, numbers=list(numbers))
        else:
            rows = await self._rows(THOSE_SEEN, numbers=list(numbers), agent=self._sight.agent, rooms=self._rooms)
        return sorted(map(tables.TICKET.read, rows), key=lambda one: one.number, reverse=self._down)

    def _fields_fit(self, ticket: Ticket) -> bool:
        return fields_match(self._query, ticket, self._sight.agent, self._named)

    async def _holdings(self, tickets: Sequence[Ticket]) -> list[Holding]:
        if not tickets:
            return []
        ids = [one.id for one in tickets]
        messages: dict[str, list[Message]] = {}
        for row in await self._rows(_MESSAGES_OF, tickets=ids):
            message = tables.MESSAGE.read(row)
            messages.setdefault(message.ticket, []).append(message)
        files: dict[str, list[Attachment]] = {}
        for row in await self._rows(_FILES_OF, tickets=ids):
            file = tables.ATTACHMENT.read(row)
            files.setdefault(file.ticket, []).append(file)
        contacts = await self._by_id(_CONTACTS_OF, tables.CONTACT.read, contacts=[one.contact for one in tickets])
        conversations = await self._by_id(
            _CONVERSATIONS_OF, tables.CONVERSATION.read, conversations=[one.conversation for one in tickets]
        )
        return [_holding(one, contacts, conversations, messages, files) for one in tickets]

    async def _by_id(
        self, statement: Statement, read: Callable[[Sequence[Any]], Any], **ids: list[Any]
    ) -> dict[str, Any]:
        return {value.id: value for value in map(read, await self._rows(statement, **ids))}

    async def _cards(self, tickets: Sequence[Ticket]) -> dict[str, tuple[RoomReference, ...]]:
        """Where the tickets' cards stand, in rooms that the one who looks may enter."""
        found: dict[str, tuple[RoomReference, ...]] = {}
        if not tickets:
            return found
        for row in await self._rows(_CARDS_OF, tickets=[one.id for one in tickets]):
            posting = tables.POSTING.read(row)
            if posting.reference and (self._sight.everything or posting.room in self._rooms):
                place = RoomReference(posting.room, posting.reference)
                found[posting.ticket] = (*found.get(posting.ticket, ()), place)
        return found


def _helpings(numbers: Sequence[int], size: int, largest: int) -> Iterator[Sequence[int]]:
    """The numbers in helpings that grow to the largest."""
    at = 0
    while at < len(numbers):
        yield numbers[at : at + size]
        at, size = at + size, min(2 * size, largest)


def _holding(
    ticket: Ticket,
    contacts: Mapping[str, Contact],
    conversations: Mapping[str, Conversation],
    messages: Mapping[str, list[Message]],
    files: Mapping[str, list[Attachment]],
) -> Holding:
    contact = contacts.get(ticket.contact)
    return Holding(
        ticket,
        contact.name if contact else "",
        conversations.get(ticket.conversation),
        messages.get(ticket.id, ()),
        files.get(ticket.id, ()),
    )


def _called(holding: Holding) -> str:
    """The customer's name; one whom nobody knows by name is known by a mail address."""
    conversation = holding.conversation
    if holding.contact or conversation is None:
        return holding.contact or holding.ticket.latest_by
    return holding.ticket.latest_by or (conversation.address if "@" in conversation.address else "")
