"""Every write of the desk's transactions, as statements."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    literal,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from routing.contacts import Reference
from routing.ids import OrganisationId
from routing.jobs import Topic
from routing.messages import Fetching
from routing.notices import Notice
from routing.postings import PostedEntry
from storage.reads import ours
from storage.statements import Among, Bulk, Statement, arrays, changing, inserting, updating
from storage.tables import (
    ALERTS,
    ATTACHMENTS,
    COUNTERS,
    COUNTS_AS_SEEN,
    DELIVERIES,
    HAS_BLOB,
    ITEMS,
    JOBS,
    MASKED_BLOBS,
    MESSAGES,
    OUTBOUND_IDS,
    QUARANTINED,
    READ,
    TABLES,
    VERSIONS,
)
from storage.wire import Batch


def word(fixed: str) -> ColumnElement[str]:
    """A word of ours that stands in the statement itself."""
    return literal_column(f"'{fixed}'", Text)


KEEP_FIRST = (Notice, PostedEntry, Reference)
INSERT = {kind: inserting(table, keep_first=kind in KEEP_FIRST) for kind, (table, _) in TABLES.items()}
UPDATE = {kind: updating(table) for kind, (table, _) in TABLES.items()}
KNOW_AS = inserting(OUTBOUND_IDS, keep_first=True)
RAISE_ALERT = inserting(ALERTS, keep_first=True)
ALERTS_TOLD = Statement(
    update(ALERTS).where(ours(ALERTS), Among(ALERTS.c.key, "told")).values(told_at=bindparam("now", type_=BigInteger))
)
SETTLE = changing(DELIVERIES, ("organisation", "id"), {"state": word(READ)}, exact=False)
SET_ASIDE = changing(DELIVERIES, ("organisation", "id", "fault"), {"state": word(QUARANTINED)}, exact=False)


def _take_numbers(dialect: Dialect) -> ClauseElement:
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    fresh = insert(COUNTERS).values(
        organisation=bindparam("organisation"), name=bindparam("named"), value=bindparam("more")
    )
    return fresh.on_conflict_do_update(
        index_elements=["name", "organisation"], set_={"value": COUNTERS.c.value + fresh.excluded.value}
    ).returning(COUNTERS.c.value)


TAKE_NUMBERS = Statement(_take_numbers)

_ONE: ColumnElement[int] = literal_column("1", BigInteger)
_ASKED = ("organisation", "topic", "key", "due", "fence")


def _ask(dialect: Dialect) -> ClauseElement:
    """A new job, or the one there is asked for once more: at the earlier time while it waits; while it is being done
    the time is kept for when it comes back."""
    fixed: dict[str, ColumnElement[Any]] = {"asked": _ONE, "attempts": literal_column("0"), "fault": word("")}
    if dialect.name == "sqlite":
        return asked_again(sqlite.insert(JOBS).values({**{name: bindparam(name) for name in _ASKED}, **fixed}))
    rows = arrays([JOBS.c[name] for name in _ASKED])
    return asked_again(postgresql.insert(JOBS).from_select([*_ASKED, *fixed], select(*rows.c, *fixed.values())))


def asked_again(fresh: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    due, waits = fresh.excluded.due, JOBS.c.leased_until.is_(null())
    return fresh.on_conflict_do_update(
        index_elements=["key", "topic", "organisation"],
        set_={
            "asked": JOBS.c.asked + _ONE,
            "due": case((and_(waits, due < JOBS.c.due), due), else_=JOBS.c.due),
            "again": case(
                (waits, null()), (and_(JOBS.c.again.is_not(null()), JOBS.c.again < due), JOBS.c.again), else_=due
            ),
        },
    )


ASK = Bulk(_ASKED, Statement(_ask), exact=False)


def asks_to_read(organisation: OrganisationId, lanes: Sequence[str], now: int) -> Batch:
    """The jobs that read these lanes of the ledger."""
    count = len(lanes)
    topics = [Topic.INGEST.value] * count
    return Batch(ASK, [[organisation] * count, topics, lanes, [now] * count, [now] * count], count)


_came_in = (
    select(ITEMS.c.delivery)
    .join(
        MESSAGES,
        and_(
            MESSAGES.c.organisation == ITEMS.c.organisation,
            MESSAGES.c.account == ITEMS.c.account,
            MESSAGES.c.external_id == ITEMS.c.external_id,
        ),
    )
    .where(ours(MESSAGES), Among(MESSAGES.c.id, "masked"), COUNTS_AS_SEEN)
)
_its_files = (ours(ATTACHMENTS), Among(ATTACHMENTS.c.message, "masked"))
_its_deliveries = (ours(DELIVERIES), DELIVERIES.c.id.in_(_came_in), DELIVERIES.c.state == word(READ))


def _note_blobs(table: Table, *its: ColumnElement[bool]) -> Statement:
    """Remembers whose bytes are to go, before the rows forget where they are."""

    def write(dialect: Dialect) -> ClauseElement:
        insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        blobs = select(table.c.organisation, table.c.blob, bindparam("now", type_=BigInteger)).where(*its, HAS_BLOB)
        return insert(MASKED_BLOBS).from_select(["organisation", "blob", "masked_at"], blobs).on_conflict_do_nothing()

    return Statement(write)


MASK = (
    _note_blobs(ATTACHMENTS, *_its_files),
    _note_blobs(DELIVERIES, *_its_deliveries),
    Statement(delete(VERSIONS).where(ours(VERSIONS), Among(VERSIONS.c.message, "masked"))),
    Statement(
        update(ATTACHMENTS)
        .where(*_its_files)
        .values(state=word(Fetching.MASKED), name=word(""), blob=word(""), source=word(""))
    ),
    Statement(
        update(DELIVERIES)
        .where(*_its_deliveries)
        .values(headers=word("{}"), body=literal(b""), blob=word(""), size=literal_column("0"))
    ),
)
