"""Searches tickets: goes through those that may fit, in order, and hands out those that do and may be seen.

Who may see a ticket is part of the statement that reads it: of others nothing, not even their number, leaves storage.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, exists, or_, select

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
from storage.shapes import micros
from storage.statements import Among, Statement, ours

LARGEST = 2**63 - 1
_CHUNK = 50
_LARGEST_CHUNK = 800

_t, _p, _m, _a, _n = tables.TICKETS, tables.POSTINGS, tables.MESSAGES, tables.ATTACHMENTS, tables.CONVERSATIONS
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
_THESE = (ours(_t), Among(_t.c.number, "numbers"))
_shown_to_them = exists(
    select(_p.c.id).where(
        _p.c.organisation == _t.c.organisation,
        _p.c.ticket == _t.c.id,
        _p.c.state == PostingState.SHOWN.value,
        Among(_p.c.room, "rooms"),
    )
).correlate(_t)
ALL_OF_THESE = Statement(select(_t).where(*_THESE))
THOSE_SEEN = Statement(select(_t).where(*_THESE, or_(_t.c.assignee == bindparam("agent", type_=Text), _shown_to_them)))
_MESSAGES_OF = Statement(
    select(_m).where(ours(_m), Among(_m.c.ticket, "tickets"), tables.HAS_PLACE).order_by(_m.c.ticket, _m.c.seq)
)
_FILES_OF = Statement(select(_a).where(ours(_a), Among(_a.c.ticket, "tickets"), tables.HAS_PLACE))
_CARDS_OF = Statement(
    select(_p).where(ours(_p), Among(_p.c.ticket, "tickets"), _p.c.state == PostingState.SHOWN.value).order_by(_p.c.id)
)
_CONTACTS_OF = Statement(select(_c).where(ours(_c), Among(_c.c.id, "contacts")))
_CONVERSATIONS_OF = Statement(select(_n).where(ours(_n), Among(_n.c.id, "conversations")))

Rows = Callable[..., Awaitable[Sequence[Sequence[Any]]]]


class Search:
    """One search on one snapshot."""

    def __init__(self, rows: Rows, query: Query, seen_by: Sight) -> None:
        self._rows, self._query, self._sight = rows, query, seen_by
        self._rooms: list[str] = []
        self._named: set[tuple[str, AgentId]] = set()

    async def page(self, *, limit: int, before: int | None) -> Page:
        """The next `limit` hits behind the ticket numbered `before`."""
        await self._prepare()
        found: list[Holding] = []
        async for holding in self._fitting(before, more_than=limit):
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
        await self._prepare()
        number = 0
        async for _ in self._fitting(None, more_than=_LARGEST_CHUNK, held=False):
            if number == most:
                return Counted(number, more=True)
            number += 1
        return Counted(number)

    async def _prepare(self) -> None:
        sight = self._sight
        rows = await self._rows(ROOMS_OF, agent=sight.agent, trusted=micros(sight.trusts_since))
        self._rooms = [row[0] for row in rows]
        names = {*self._query.wanted.assignees, *self._query.unwanted.assignees} - {ME, NOBODY}
        if names:
            agents: list[Agent] = [tables.AGENT.read(row) for row in await self._rows(_AGENTS)]
            self._named = {(name, one.id) for name in names for one in agents if agent_is_named(name, one)}

    async def _fitting(self, before: int | None, *, more_than: int, held: bool = True) -> AsyncIterator[Holding]:
        """Every ticket that fits and may be seen, in order. Without `held` those that are only counted are not filled
        with what is shown of them."""
        asks_words = _asks_words(self._query)
        size = max(_CHUNK, more_than + 1)
        async for numbers in self._numbers(before, size):
            tickets = [one for one in await self._seen(numbers) if self._fields_fit(one)]
            holdings = await self._holdings(tickets) if held or asks_words else [_bare(one) for one in tickets]
            for holding in holdings:
                if not asks_words or words_match(self._query, holding):
                    yield holding

    async def _numbers(self, before: int | None, size: int) -> AsyncIterator[list[int]]:
        """The numbers of the tickets that may fit, in order, in growing helpings."""
        down = self._query.sort is Sort.NEWEST
        statement = _NUMBERS_DOWN if down else _NUMBERS_UP
        bound = before if before is not None else (LARGEST if down else 0)
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
        down = self._query.sort is Sort.NEWEST
        return sorted(map(tables.TICKET.read, rows), key=lambda one: one.number, reverse=down)

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


def _asks_words(query: Query) -> bool:
    return any((one.words or one.contacts) for one in (query.wanted, query.unwanted))


def _bare(ticket: Ticket) -> Holding:
    return Holding(ticket, "", None, (), ())


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
