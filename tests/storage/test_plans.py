"""No question of the desk's reads a table from end to end, even before the database knows how large its tables are."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import asyncpg  # type: ignore[import-untyped]  # it has none
import pytest
from sqlalchemy.engine import make_url

from storage import cursors, finders, forgetting, inbox, jobs, keeping, overview, reads, searching, writes
from storage.postgres import SETTINGS
from storage.sqlite_file import opened
from storage.statements import POSTGRES, SQLITE, Bulk, Statement
from tests.databases import address_of, postgres_template

# What counts everything must read everything.
COUNTING = {id(inbox._COUNTS), id(inbox._OUTCOMES)}
# What is asked for everything that is set aside walks the index of just that.
FEW = {id(jobs._END_LEASES), id(forgetting._MASKED), id(searching._AGENTS), id(inbox._RETRY_ALL)}


def statements(module: ModuleType) -> Iterator[tuple[str, Statement]]:
    for name, found in vars(module).items():
        several = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, tuple) else []
        for key, one in [("", found), *several]:
            statement = one.statement if isinstance(one, Bulk) else one
            if isinstance(statement, Statement) and id(statement) not in COUNTING | FEW:
                yield f"{module.__name__}.{name} {getattr(key, '__name__', key)}".strip(), statement


ALL = {
    name: one
    for module in (reads, finders, writes, jobs, inbox, keeping, cursors, forgetting, overview, searching)
    for name, one in statements(module)
}
ONLY_POSTGRES = {"storage.keeping._KEEP"}
ONLY_SQLITE = {"storage.keeping._INSERT"}


def test_there_are_statements_to_look_at() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize("name", sorted(ALL.keys() - ONLY_POSTGRES))
def test_sqlite_answers_from_an_index(name: str, sqlite_file: Path) -> None:
    compiled = ALL[name].to(SQLITE)
    connection = opened(sqlite_file)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", [None] * len(compiled.names)).fetchall()
    connection.close()
    steps = [step[3] for step in plan]
    # Walking an index in the order wanted and stopping at the limit reads little as well.
    stops = "LIMIT" in compiled.sql and "USE TEMP B-TREE FOR ORDER BY" not in steps
    for step in steps:
        if step.startswith("SCAN") and not any(word in step for word in ("VIRTUAL TABLE", "CONSTANT ROW", "chosen")):
            assert "INDEX" in step, f"{name}: {step}"
            assert stops, f"{name}: {step}\n{compiled.sql}"


@pytest.fixture
def untouched() -> Iterator[str]:
    """The address of a database in which there never was a row: statistics of other tests would change the plans."""
    with postgres_template() as name:
        yield address_of(name)


@pytest.mark.postgres
async def test_postgres_answers_from_an_index(untouched: str) -> None:
    """With the settings of our connections, by the plan that is kept for later."""
    dsn = make_url(untouched).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn, server_settings=SETTINGS)
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    problems = []
    for name in sorted(ALL.keys() - ONLY_SQLITE):
        compiled = ALL[name].to(POSTGRES)
        await connection.execute(f"PREPARE asked AS {compiled.sql}")
        values = ", ".join("NULL" for _ in compiled.names)
        (plan,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked{f'({values})' if values else ''}")
        await connection.execute("DEALLOCATE asked")
        problems += [f"{name}: {one}" for one in scans(json.loads(plan[0]))]
    await connection.close()
    assert problems == []


def scans(plan: object) -> Iterator[str]:
    if isinstance(plan, list):
        for one in plan:
            yield from scans(one)
    if isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield str(plan.get("Relation Name"))
        if "Scan" in str(plan.get("Node Type")) and "Index Name" in plan and "Index Cond" not in plan:
            yield f"all of {plan['Index Name']}"
        for one in plan.values():
            yield from scans(one)
