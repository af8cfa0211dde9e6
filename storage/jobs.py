"""The to-do list in the database: takes jobs with a lease and a fence, and gives them back."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.engine.interfaces import Dialect

from routing.errors import LeaseLost
from routing.ids import OrganisationId
from routing.jobs import Job, Topic
from routing.ports import Bell, Urgency
from storage.reads import ours
from storage.shapes import clean, micros, moment
from storage.statements import Among, Statement
from storage.tables import JOBS
from storage.wire import Database
from storage.writes import word

_KEY = ("organisation", "topic", "key")
_ONE = literal_column("1", BigInteger)
_NONE = literal_column("0", BigInteger)
_UNTIL = bindparam("until", type_=BigInteger)
_FAILED = bindparam("failed", type_=BigInteger)


def _take(dialect: Dialect) -> ClauseElement:
    """The oldest due jobs that nobody else is just taking. The index on `due` alone finds what may be taken, for a
    leased job is due when its lease ends."""
    chosen = (
        select(*[JOBS.c[name] for name in (*_KEY, "due")])
        .where(ours(JOBS), JOBS.c.due <= bindparam("now"), Among(JOBS.c.topic, "topics"))
        .order_by(JOBS.c.due)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    # SQLite updates and returns in the order chosen. PostgreSQL promises no order, so it tells `due` as well; and it
    # might run a plain subquery several times and take more than the limit.
    plain = dialect.name == "sqlite"
    those = chosen.subquery("chosen") if plain else chosen.cte("chosen").prefix_with("MATERIALIZED")
    taken = (
        update(JOBS)
        .where(*[JOBS.c[name] == those.c[name] for name in _KEY])
        .values(due=_UNTIL, leased_until=_UNTIL, again=null(), fence=JOBS.c.fence + _ONE)
    )
    returned = (JOBS.c.topic, JOBS.c.key, JOBS.c.asked, JOBS.c.attempts, JOBS.c.fence)
    return taken.returning(*returned, *(() if plain else (those.c.due,)))


_held = and_(
    ours(JOBS),
    JOBS.c.topic == bindparam("its_topic"),
    JOBS.c.key == bindparam("its_key"),
    JOBS.c.fence == bindparam("its_fence"),
    JOBS.c.leased_until.is_not(null()),
)
_asked_meanwhile = and_(JOBS.c.asked != bindparam("its_asked"), JOBS.c.again.is_not(null()))

_TAKE = Statement(_take)
_STRIKE = Statement(delete(JOBS).where(_held, JOBS.c.asked == bindparam("its_asked")).returning(_ONE))
_LEAVE_DUE = Statement(
    update(JOBS)
    .where(_held)
    .values(
        due=func.coalesce(JOBS.c.again, bindparam("now")),
        again=null(),
        leased_until=null(),
        attempts=_NONE,
        fault=word(""),
    )
    .returning(_ONE)
)
# After a failed attempt the job waits as long as it was told to, whatever was asked meanwhile: that asks for nothing
# the other side could do sooner. Else an earlier wish holds.
_POSTPONE = Statement(
    update(JOBS)
    .where(_held)
    .values(
        due=case(
            (
                and_(_FAILED == _NONE, _asked_meanwhile, JOBS.c.again < _UNTIL),
                JOBS.c.again,
            ),
            else_=_UNTIL,
        ),
        again=null(),
        leased_until=null(),
        attempts=JOBS.c.attempts + _FAILED,
        fault=bindparam("why"),
    )
    .returning(JOBS.c.due)
)
_RENEW = Statement(update(JOBS).where(_held).values(due=_UNTIL, leased_until=_UNTIL).returning(_ONE))
_END_LEASES = Statement(
    update(JOBS)
    .where(ours(JOBS), JOBS.c.leased_until.is_not(null()))
    .values(due=bindparam("now"), leased_until=null(), again=null())
    .returning(JOBS.c.topic)
)
_NEXT_DUE = Statement(
    select(JOBS.c.due).where(ours(JOBS), Among(JOBS.c.topic, "topics")).order_by(JOBS.c.due).limit(_ONE)
)


class SqlJobs:
    """Time is whatever `clock` says, the same for all who share the database."""

    def __init__(
        self, database: Database, organisation: OrganisationId, bell: Bell, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._organisation = organisation
        self._bell = bell
        self._clock = clock

    async def take(self, topics: Collection[Topic], *, limit: int, lease: timedelta) -> Sequence[Job]:
        if not topics or limit < 1:
            return []
        now = self._clock()
        until = now + lease
        rows = await self._write(
            _TAKE, topics=[topic.value for topic in topics], most=limit, now=micros(now), until=micros(until)
        )
        return [
            Job(Topic(row[0]), row[1], asked=row[2], attempts=row[3], fence=row[4], leased_until=until)
            for row in sorted(rows, key=lambda row: tuple(row)[5:])
        ]

    async def finish(self, job: Job) -> None:
        if await self._write(_STRIKE, **_naming(job), its_asked=job.asked):
            return
        if await self._write(_LEAVE_DUE, **_naming(job), now=micros(self._clock())):
            await self._bell.ring([job.topic])

    async def postpone(self, job: Job, *, until: datetime, fault: str, count: bool = True) -> None:
        rows = await self._write(
            _POSTPONE,
            **_naming(job),
            its_asked=job.asked,
            until=micros(until),
            failed=int(count),
            why=clean(fault),
        )
        if rows and rows[0][0] <= micros(self._clock()):
            await self._bell.ring([job.topic])

    async def renew(self, job: Job, *, lease: timedelta) -> None:
        if not await self._write(_RENEW, **_naming(job), until=micros(self._clock() + lease)):
            raise LeaseLost(f"{job.topic} {job.key}")

    async def next_due(self, topics: Collection[Topic]) -> datetime | None:
        rows = await self._database.read_once(
            _NEXT_DUE, organisation=self._organisation, topics=[topic.value for topic in topics]
        )
        return moment(rows[0][0]) if rows else None

    async def end_leases(self) -> int:
        """Makes everything that is leased due again: for the only process of a house, when it starts. Those who held
        the leases before died with them."""
        freed = await self._write(_END_LEASES, now=micros(self._clock()))
        if freed:
            await self._bell.ring({Topic(row[0]) for row in freed})
        return len(freed)

    async def _write(self, statement: Statement, **values: Any) -> Sequence[Sequence[Any]]:
        return await self._database.write_once(
            statement, urgency=Urgency.WORK, organisation=self._organisation, **values
        )


def _naming(job: Job) -> dict[str, Any]:
    return {"its_topic": job.topic.value, "its_key": job.key, "its_fence": job.fence}
