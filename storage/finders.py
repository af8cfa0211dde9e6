"""What a transaction finds: by what the outside calls things, and with locks that hold until its end."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from typing_extensions import override

from routing.contacts import Identity, Reference
from routing.group_reply import Recipient
from routing.ids import AccountId, AgentId, ConversationId, MessageId, OrganisationId
from routing.messages import Message
from routing.notices import Notice
from routing.ports import R
from routing.replies import Outbound
from storage import tables
from storage.reads import LARGEST, SqlReads, ours
from storage.shapes import clean_key
from storage.statements import Among, PairAmong, Statement
from storage.wire import Wire
from storage.writes import TAKE_NUMBERS


def _locking(query: Select[Any]) -> Statement:
    """NO KEY: nobody may change the rows, but rows that point at them may be written."""
    return Statement(query.with_for_update(key_share=True))


def _lock_by_id(kind: type) -> Statement:
    table, shape = tables.TABLES[kind]
    own_id = table.c[shape.primary[0]]
    return _locking(select(table).where(ours(table), Among(own_id, "ids")).order_by(own_id))


_LOCK = {kind: _lock_by_id(kind) for kind in tables.OWN_ID}
_i, _c, _r, _t, _m, _o, _n = (
    tables.ITEMS,
    tables.CONVERSATIONS,
    tables.REFERENCES,
    tables.TICKETS,
    tables.MESSAGES,
    tables.OUTBOUNDS,
    tables.IDENTITIES,
)
_SEEN = Statement(
    select(_i.c.external_id).where(
        ours(_i), _i.c.account == bindparam("account"), Among(_i.c.external_id, "ids"), tables.COUNTS_AS_SEEN
    )
)
_BY_KEY = Statement(
    select(_c.c.key, _c.c.id).where(
        ours(_c), _c.c.account == bindparam("account"), Among(_c.c.key, "keys"), tables.HAS_KEY
    )
)
_REFERENCES = Statement(select(_r).where(ours(_r), Among(_r.c.ref, "refs")))
_KNOWN_AS = Statement(
    select(tables.OUTBOUND_IDS.c.ref, tables.OUTBOUND_IDS.c.message).where(
        ours(tables.OUTBOUND_IDS), Among(tables.OUTBOUND_IDS.c.ref, "refs")
    )
)
_BY_NUMBER = Statement(select(_t.c.number, _t.c.conversation).where(ours(_t), Among(_t.c.number, "numbers")))
_IDENTITIES = Statement(select(_n).where(ours(_n), PairAmong((_n.c.scope, _n.c.address), "parties")))
_BY_EXTERNAL_ID = Statement(
    select(_m).where(
        ours(_m), _m.c.account == bindparam("account"), Among(_m.c.external_id, "ids"), tables.HAS_EXTERNAL_ID
    )
)
_QUEUED = _locking(
    select(_o).where(ours(_o), _o.c.conversation == bindparam("conversation"), tables.TO_SEND).order_by(_o.c.message)
)


_OPEN_NOTICES = _locking(
    select(tables.NOTICES)
    .where(ours(tables.NOTICES), tables.NOTICES.c.agent == bindparam("agent"), tables.NOT_TOLD)
    .order_by(tables.NOTICES.c.id)
)
_NEXT_RECIPIENT = _locking(
    select(tables.RECIPIENTS)
    .where(ours(tables.RECIPIENTS), tables.RECIPIENTS.c.group_reply == bindparam("group"), tables.NOT_YET_PLACED)
    .order_by(tables.RECIPIENTS.c.place)
    .limit(1)
)


class SqlFinders(SqlReads):
    """Finders by id also see what the transaction has gathered and not yet written."""

    def __init__(self, wire: Wire, organisation: OrganisationId) -> None:
        super().__init__(wire, organisation)
        self._added: dict[type, dict[Any, Any]] = {}
        self._changed: dict[type, dict[Any, Any]] = {}

    @override
    async def get(self, kind: type[R], ids: Collection[str]) -> dict[str, R]:
        return self._with_gathered(kind, ids, await super().get(kind, ids))

    async def lock(self, kind: type[R], ids: Collection[str]) -> dict[str, R]:
        return self._with_gathered(kind, ids, await self._by_id(_LOCK[kind], kind, ids))

    def _with_gathered(self, kind: type[R], ids: Collection[str], found: dict[str, R]) -> dict[str, R]:
        for gathered in (self._added.get(kind), self._changed.get(kind)):
            if gathered:
                found |= {own: gathered[own, self.organisation] for own in ids if (own, self.organisation) in gathered}
        return found

    async def seen(self, account: AccountId, external_ids: Collection[str]) -> set[str]:
        kept = {one: clean_key(one) for one in external_ids}
        if not kept:
            return set()
        known = {row[0] for row in await self._rows(_SEEN, account=account, ids=list(set(kept.values())))}
        return {one for one, key in kept.items() if key in known}

    async def conversations_by_key(self, account: AccountId, keys: Collection[str]) -> dict[str, ConversationId]:
        kept = {one: clean_key(one) for one in keys if one}
        if not kept:
            return {}
        rows = await self._rows(_BY_KEY, account=account, keys=list(set(kept.values())))
        known = {row[0]: ConversationId(row[1]) for row in rows}
        return {one: known[key] for one, key in kept.items() if key in known}

    async def references(self, refs: Collection[str]) -> dict[str, Reference]:
        kept = {one: clean_key(one) for one in refs}
        if not kept:
            return {}
        rows = await self._rows(_REFERENCES, refs=list(set(kept.values())))
        known = {reference.ref: reference for reference in map(tables.REFERENCE.read, rows)}
        return {one: known[key] for one, key in kept.items() if key in known}

    async def replies_known_as(self, refs: Collection[str]) -> dict[str, MessageId]:
        kept = {one: clean_key(one) for one in refs}
        if not kept:
            return {}
        known = {row[0]: MessageId(row[1]) for row in await self._rows(_KNOWN_AS, refs=list(set(kept.values())))}
        return {one: known[key] for one, key in kept.items() if key in known}

    async def conversations_by_number(self, numbers: Collection[int]) -> dict[int, ConversationId]:
        possible = [number for number in numbers if 0 < number <= LARGEST]
        if not possible:
            return {}
        return {row[0]: ConversationId(row[1]) for row in await self._rows(_BY_NUMBER, numbers=possible)}

    async def identities(self, parties: Collection[tuple[str, str]]) -> dict[tuple[str, str], Identity]:
        kept = {(scope, address): (clean_key(scope), clean_key(address)) for scope, address in parties}
        if not kept:
            return {}
        pairs = list(set(kept.values()))
        rows = await self._rows(
            _IDENTITIES,
            parties=pairs,
            parties_0=[scope for scope, _ in pairs],
            parties_1=[address for _, address in pairs],
        )
        known = {(one.scope, one.address): one for one in map(tables.IDENTITY.read, rows)}
        return {party: known[key] for party, key in kept.items() if key in known}

    async def messages_by_external_id(self, account: AccountId, ids: Collection[str]) -> dict[str, Message]:
        kept = {one: clean_key(one) for one in ids}
        if not kept:
            return {}
        rows = await self._rows(_BY_EXTERNAL_ID, account=account, ids=list(set(kept.values())))
        known = {message.external_id: message for message in map(tables.MESSAGE.read, rows)}
        return {one: known[key] for one, key in kept.items() if key in known}

    async def take_numbers(self, count: int) -> int:
        rows = await self._rows(TAKE_NUMBERS, named="tickets", more=count)
        return int(rows[0][0]) - count + 1

    async def queued(self, conversation: ConversationId) -> Sequence[Outbound]:
        replies = [tables.OUTBOUND.read(row) for row in await self._rows(_QUEUED, conversation=conversation)]
        return sorted(replies, key=lambda reply: (reply.order == 0, reply.order, reply.message))

    async def open_notices(self, agent: AgentId) -> Sequence[Notice]:
        found = [tables.NOTICE.read(row) for row in await self._rows(_OPEN_NOTICES, agent=agent)]
        return sorted(found, key=lambda notice: (notice.raised_at, notice.id))

    async def next_recipient(self, group: str) -> Recipient | None:
        rows = await self._rows(_NEXT_RECIPIENT, group=group)
        return tables.RECIPIENT.read(rows[0]) if rows else None
