"""The statement behind the ledger: a group of deliveries goes in, with the jobs to read their lanes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ClauseElement, ColumnElement, Text, and_, bindparam, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from routing.ids import OrganisationId
from routing.jobs import Topic
from routing.ports import Urgency
from storage.reads import ours
from storage.sqlite import SqliteDatabase
from storage.statements import Among, Bulk, Statement, arrays
from storage.tables import DELIVERIES, JOBS, WAITING
from storage.wire import Batch, Database, Wire
from storage.writes import asked_again, asks_to_read, word

COLUMNS = ("id", "account", "provider_id", "lane", "received_at", "size", "blob", "headers", "body")

_ONE: ColumnElement[int] = literal_column("1", BigInteger)
_NONE: ColumnElement[int] = literal_column("0", BigInteger)
_UNIQUE = ("provider_id", "account", "organisation")
_FIXED: dict[str, ColumnElement[Any]] = {"state": word(WAITING), "repeats": _NONE, "fault": word("")}


async def keep(
    database: Database, organisation: OrganisationId, columns: Mapping[str, Sequence[Any]], now: int
) -> set[str]:
    """Commits the deliveries and returns the ids of those that were new; the others are counted as repeats."""
    if isinstance(database, SqliteDatabase):
        return await database.transact(
            lambda wire: _keep_in_sqlite(wire, organisation, columns, now), urgency=Urgency.LEDGER
        )
    return await _keep_in_postgres(database, organisation, columns, now)


# --- what came again is counted ------------------------------------------------------------------------------------

_AGAIN = ("organisation", "account", "provider_id", "repeats")


def _came_again(dialect: Dialect) -> ClauseElement:
    if dialect.name == "sqlite":
        given: Mapping[str, ColumnElement[Any]] = {name: bindparam(name) for name in _AGAIN}
    else:
        given = arrays([DELIVERIES.c[name] for name in _AGAIN]).c
    its = and_(*[DELIVERIES.c[name] == given[name] for name in _UNIQUE])
    return update(DELIVERIES).where(its).values(repeats=DELIVERIES.c.repeats + given["repeats"])


_CAME_AGAIN = Bulk(_AGAIN, Statement(_came_again), exact=False)


def _repeats(organisation: OrganisationId, columns: Mapping[str, Sequence[Any]], new: set[str]) -> Batch:
    whose = zip(columns["id"], columns["account"], columns["provider_id"], strict=True)
    again = Counter((account, provider_id) for id_, account, provider_id in whose if id_ not in new)
    accounts, provider_ids = zip(*sorted(again), strict=True)
    counts = [count for _, count in sorted(again.items())]
    return Batch(_CAME_AGAIN, [[organisation] * len(again), accounts, provider_ids, counts], len(again))


# --- SQLite: row by row; only if a row was there already it must be looked which ones went in ----------------------


def _insert_in_sqlite() -> ClauseElement:
    fresh: dict[str, ColumnElement[Any]] = {name: bindparam(name) for name in ("organisation", *COLUMNS)}
    return sqlite.insert(DELIVERIES).values({**fresh, **_FIXED}).on_conflict_do_nothing(index_elements=_UNIQUE)


_INSERT = Bulk(("organisation", *COLUMNS), Statement(_insert_in_sqlite()), exact=False)
_WHICH = Statement(select(DELIVERIES.c.id).where(ours(DELIVERIES), Among(DELIVERIES.c.id, "ids")))


async def _keep_in_sqlite(
    wire: Wire, organisation: OrganisationId, columns: Mapping[str, Sequence[Any]], now: int
) -> set[str]:
    ids = columns["id"]
    new = set(ids)
    went_in = await wire.flush([Batch(_INSERT, [[organisation] * len(ids), *columns.values()], len(ids))])
    if went_in < len(ids):
        new = {row[0] for row in await wire.rows(_WHICH, organisation=organisation, ids=list(ids))}
        await wire.flush([_repeats(organisation, columns, new)])
    lanes = {lane for id_, lane in zip(ids, columns["lane"], strict=True) if id_ in new}
    if lanes:
        await wire.flush([asks_to_read(organisation, sorted(lanes), now)])
    return new


# --- PostgreSQL: one statement, so one round trip and one implicit transaction ------------------------------------


def _insert_in_postgres() -> ClauseElement:
    organisation = bindparam("organisation", type_=Text)
    now = bindparam("now", type_=BigInteger)
    rows = arrays([DELIVERIES.c[name] for name in COLUMNS])
    new = (
        postgresql.insert(DELIVERIES)
        .from_select(["organisation", *COLUMNS, *_FIXED], select(organisation, *rows.c, *_FIXED.values()))
        .on_conflict_do_nothing(index_elements=_UNIQUE)
        .returning(DELIVERIES.c.id, DELIVERIES.c.lane)
        .cte("new")
    )
    # In the order of lanes, so that two processes never stand crosswise.
    lanes = select(organisation, word(Topic.INGEST), new.c.lane, now, now, _ONE, _NONE, word(""))
    asked = asked_again(
        postgresql.insert(JOBS).from_select(
            ["organisation", "topic", "key", "due", "fence", "asked", "attempts", "fault"],
            lanes.distinct().order_by(new.c.lane),
        )
    )
    return select(new.c.id).add_cte(asked.cte("asked"))


_KEEP = Statement(lambda _: _insert_in_postgres())


async def _keep_in_postgres(
    database: Database, organisation: OrganisationId, columns: Mapping[str, Sequence[Any]], now: int
) -> set[str]:
    rows = await database.write_once(_KEEP, urgency=Urgency.LEDGER, organisation=organisation, now=now, **columns)
    new = {row[0] for row in rows}
    if len(new) < len(columns["id"]):
        again = _repeats(organisation, columns, new)
        await database.transact(lambda wire: wire.flush([again]), urgency=Urgency.LEDGER)
    return new
