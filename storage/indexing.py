"""Brings the search index up to date with the tickets that changed, some at a time.

Every transaction that changes what can be found of a ticket marks it as waiting (`storage.tx`), so that nothing can be
forgotten; until it is indexed a search looks through it by itself. The index knows for each word the tickets that hold
it, and for each ticket its words, so that words which were taken back leave it entirely.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, select

from routing.contacts import Contact, Conversation
from routing.errors import TryLater
from routing.ids import OrganisationId
from routing.messages import Attachment, Message
from routing.ports import Urgency
from routing.search import Holding
from routing.ticket import Ticket
from storage import tables
from storage.marking import HEAD, WHOLE
from storage.search_bits import packed, placed, unpacked
from storage.search_entry import body_words, head_words
from storage.statements import Among, Statement, deleting, keeping, ours
from storage.tables import SEARCH_TICKETS, SEARCH_WAITING, SEARCH_WORDS
from storage.wire import Batch, Database, Interfered, Wire
from storage.writes import TAKE_NUMBERS

AT_ONCE = 40
SOON = timedelta(seconds=1)
IDLE = timedelta(minutes=1)
_INDEX = "search"  # the counter whose row lets only one write the index at a time
_MOST_WORDS = 4_000
_QUICKLY = 1

_s, _w, _b = SEARCH_TICKETS, SEARCH_WAITING, SEARCH_WORDS
_t, _m, _a, _p = tables.TICKETS, tables.MESSAGES, tables.ATTACHMENTS, tables.POSTINGS
_c, _n = tables.CONTACTS, tables.CONVERSATIONS

_WAITING = Statement(
    select(_w.c.ticket, _w.c.what, _w.c.asked)
    .where(ours(_w), _w.c.ticket > bindparam("after"))
    .order_by(_w.c.ticket)
    .limit(bindparam("limit"))
)
_TICKETS = Statement(select(_t).where(ours(_t), Among(_t.c.id, "tickets")))
_KNOWN = Statement(select(_s.c.ticket, _s.c.seq, _s.c.head, _s.c.body).where(ours(_s), Among(_s.c.ticket, "tickets")))
_SEQS = Statement(select(_s.c.ticket, _s.c.seq).where(ours(_s), Among(_s.c.ticket, "tickets")))
_MESSAGES = Statement(
    select(_m)
    .where(ours(_m), _m.c.ticket == bindparam("ticket"), _m.c.seq > bindparam("after"), tables.HAS_PLACE)
    .order_by(_m.c.seq)
)
_FILES = Statement(
    select(_a).where(ours(_a), _a.c.ticket == bindparam("ticket"), _a.c.seq > bindparam("after"), tables.HAS_PLACE)
)
_ROOMS = Statement(select(_p.c.ticket, _p.c.room).where(ours(_p), Among(_p.c.ticket, "tickets")))
_CONTACTS = Statement(select(_c).where(ours(_c), Among(_c.c.id, "contacts")))
_CONVERSATIONS = Statement(select(_n).where(ours(_n), Among(_n.c.id, "conversations")))
_WORDS = Statement(
    select(_b.c.word, _b.c.tickets).where(ours(_b), _b.c.block == bindparam("its_block"), Among(_b.c.word, "words"))
)
_STILL_WAITING = Statement(select(_w.c.ticket, _w.c.asked).where(ours(_w), Among(_w.c.ticket, "tickets")))
_KEEP_WORDS = keeping(_b, ("tickets",))
_DROP_WORDS = deleting(_b, ("organisation", "word", "block"))
_KEEP_TICKETS = keeping(_s, ("number", "seq", "head", "body"))
_UNMARK = deleting(_w, ("organisation", "ticket", "asked"))


@dataclass(frozen=True, slots=True)
class _Mark:
    ticket: str
    what: int
    asked: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a ticket: its words, and up to which place; from `since` on, where the earlier ones stay."""

    mark: _Mark
    number: int
    head: set[str]
    body: set[str]
    since: int | None
    seq: int


@dataclass(slots=True)
class _Changes:
    """Which tickets come under which words of a block, and which go."""

    added: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)

    def change(self, place: int, old: set[str], new: set[str]) -> None:
        bit = 1 << place
        for word in new - old:
            self.added[word] = self.added.get(word, 0) | bit
        for word in old - new:
            self.gone[word] = self.gone.get(word, 0) | bit


class SqlIndexer:
    """The index of one organisation."""

    def __init__(self, database: Database, organisation: OrganisationId, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._organisation = organisation
        self._clock = clock

    async def index(self, *, rounds: int = 25) -> datetime:
        """Indexes what waits, and returns when to come again: at once when there is more, soon after work (somebody may
        have marked a ticket and not yet committed), later when there was none."""
        after, done = "", 0
        for _ in range(rounds):
            marks = await self._marks(after)
            if not marks:
                return self._clock() + (SOON if done else IDLE)
            after = marks[-1].ticket
            await self._index(marks)
            done += len(marks)
        return self._clock()

    async def _marks(self, after: str) -> list[_Mark]:
        rows = await self._database.read_once(_WAITING, organisation=self._organisation, after=after, limit=AT_ONCE)
        return [_Mark(*row) for row in rows]

    async def _index(self, marks: Sequence[_Mark]) -> None:
        readings = await self._database.look(lambda wire: self._read(wire, marks))
        gone = [mark for mark in marks if mark.ticket not in {one.mark.ticket for one in readings}]
        try:
            await self._database.transact(lambda wire: self._write(wire, readings, gone), urgency=Urgency.BATCH)
        except Interfered as fault:
            raise TryLater(f"the index is being written by another: {fault}", after=SOON) from fault

    # --- reading -----------------------------------------------------------------------------------------------------

    async def _read(self, wire: Wire, marks: Sequence[_Mark]) -> list[_Reading]:
        ours = self._organisation
        ids = [mark.ticket for mark in marks]
        tickets: dict[str, Ticket] = {
            row[0]: tables.TICKET.read(row) for row in await wire.rows(_TICKETS, organisation=ours, tickets=ids)
        }
        rooms: dict[str, list[str]] = {}
        for ticket, room in await wire.rows(_ROOMS, organisation=ours, tickets=ids):
            rooms.setdefault(ticket, []).append(room)
        contacts: dict[str, Contact] = {
            row[0]: tables.CONTACT.read(row)
            for row in await wire.rows(_CONTACTS, organisation=ours, contacts=[one.contact for one in tickets.values()])
        }
        conversations: dict[str, Conversation] = {
            row[0]: tables.CONVERSATION.read(row)
            for row in await wire.rows(
                _CONVERSATIONS, organisation=ours, conversations=[one.conversation for one in tickets.values()]
            )
        }
        seqs = {ticket: int(seq) for ticket, seq in await wire.rows(_SEQS, organisation=ours, tickets=ids)}
        readings: list[_Reading] = []
        for mark in marks:
            found = tickets.get(mark.ticket)
            if found is None:
                continue
            since = seqs.get(mark.ticket) if mark.what < WHOLE else None
            said, files = await self._said(wire, mark, since)
            contact = contacts.get(found.contact)
            name = contact.name if contact else ""
            holding = Holding(found, name, conversations.get(found.conversation), said, files)
            seq = max((since or 0, *(one.seq for one in said), *(one.seq for one in files)))
            head = head_words(holding, rooms.get(mark.ticket, ()))
            readings.append(_Reading(mark, found.number, head, body_words(holding), since, seq))
        return readings

    async def _said(self, wire: Wire, mark: _Mark, since: int | None) -> tuple[list[Message], list[Attachment]]:
        if mark.what == HEAD and since is not None:
            return [], []
        its = {"organisation": self._organisation, "ticket": mark.ticket, "after": since or 0}
        said = [tables.MESSAGE.read(row) for row in await wire.rows(_MESSAGES, **its)]
        return said, [tables.ATTACHMENT.read(row) for row in await wire.rows(_FILES, **its)]

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, wire: Wire, readings: Sequence[_Reading], gone: Sequence[_Mark]) -> None:
        """Under the counter's lock, so that two who index at once do not undo each other's bits."""
        ours = self._organisation
        await wire.rows(TAKE_NUMBERS, organisation=ours, named=_INDEX, more=1)
        ids = [one.mark.ticket for one in readings]
        known = {row[0]: row for row in await wire.rows(_KNOWN, organisation=ours, tickets=ids)}
        waiting = {
            ticket: int(asked) for ticket, asked in await wire.rows(_STILL_WAITING, organisation=ours, tickets=ids)
        }
        blocks: dict[int, _Changes] = {}
        kept: list[tuple[Any, ...]] = []
        done = list(gone)
        for one in readings:
            was = known.get(one.mark.ticket)
            overtaken = one.since is not None and (was is None or was[1] != one.since)
            if overtaken or waiting.get(one.mark.ticket, -1) < one.mark.asked:
                continue  # another has indexed it meanwhile, and what they read may be newer
            head, body = (_opened(was[2]), _opened(was[3])) if was else (set(), set())
            said = one.body if one.since is None else body | one.body
            block, place = placed(one.number)
            blocks.setdefault(block, _Changes()).change(place, head | body, one.head | said)
            kept.append((ours, one.mark.ticket, one.number, one.seq, _closed(one.head), _closed(said)))
            done.append(one.mark)
        batches = [await self._words(wire, block, changes) for block, changes in blocks.items()]
        flushed = [batch for some in batches for batch in some]
        if kept:
            flushed.append(Batch(_KEEP_TICKETS, list(zip(*kept, strict=True)), len(kept)))
        if done:
            struck = sorted((ours, one.ticket, one.asked) for one in done)
            flushed.append(Batch(_UNMARK, list(zip(*struck, strict=True)), len(struck)))
        if flushed:
            await wire.flush(flushed)

    async def _words(self, wire: Wire, block: int, changes: _Changes) -> list[Batch]:
        ours = self._organisation
        words = iter(sorted(changes.added.keys() | changes.gone.keys()))
        kept: list[tuple[Any, ...]] = []
        dropped: list[tuple[Any, ...]] = []
        while part := list(islice(words, _MOST_WORDS)):
            rows = await wire.rows(_WORDS, organisation=ours, its_block=block, words=part)
            known = {word: unpacked(tickets) for word, tickets in rows}
            for word in part:
                was = known.get(word, 0)
                bits = (was | changes.added.get(word, 0)) & ~changes.gone.get(word, 0)
                if bits and bits != was:
                    kept.append((ours, word, block, packed(bits)))
                elif was and not bits:
                    dropped.append((ours, word, block))
        found: list[Batch] = []
        for bulk, written in ((_KEEP_WORDS, kept), (_DROP_WORDS, dropped)):
            if written:
                found.append(Batch(bulk, list(zip(*written, strict=True)), len(written)))
        return found


def _closed(words: set[str]) -> bytes:
    return zlib.compress("\n".join(sorted(words)).encode(), _QUICKLY)


def _opened(stored: bytes) -> set[str]:
    text = zlib.decompress(stored).decode()
    return set(text.split("\n")) if text else set()
