"""The revisions make exactly the tables that the program declares, whoever runs them and however many at once."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, UniqueConstraint, inspect, select

from routing.errors import Misconfigured
from storage.engine import open_database
from storage.migrate import migrate, newest, on_connection, script_config
from storage.tables import MESSAGE, MESSAGES, METADATA, TABLES, TICKET, TICKETS
from tests.databases import address_of, in_postgres, new_name
from tests.storage.rows import a_message, a_ticket


@pytest.fixture
def bare_postgres(postgres_model: str) -> Iterator[str]:
    name = new_name()
    in_postgres(f'CREATE DATABASE "{name}"')
    yield address_of(name)
    in_postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it; the directory of the SQLite file is not there either."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/new/house.db"
    return str(request.getfixturevalue("bare_postgres"))


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


async def test_an_empty_database_gets_the_tables_that_the_program_declares(bare_url: str) -> None:
    assert await migrate(bare_url) == newest()
    assert await on_connection(bare_url, differences) == []


async def test_what_an_older_program_kept_is_read_by_this_one(bare_url: str) -> None:
    """The rows of the first revision's columns get what the later ones want."""
    kept, said = a_ticket(), a_message()

    def live_before(connection: Connection) -> None:
        command.upgrade(script_config(connection), "0001")
        for name, names, spread in (
            ("tickets", TICKET.names, TICKET.spread([kept])),
            ("messages", MESSAGE.names, MESSAGE.spread([said])),
        ):
            table = Table(name, MetaData(), autoload_with=connection)
            values = dict(zip(names, (column[0] for column in spread), strict=True))
            connection.execute(table.insert(), {one.name: values[one.name] for one in table.columns})

    await on_connection(bare_url, live_before)
    await migrate(bare_url)
    assert await on_connection(bare_url, lambda one: TICKET.read(one.execute(select(TICKETS)).one())) == kept
    assert await on_connection(bare_url, lambda one: MESSAGE.read(one.execute(select(MESSAGES)).one())) == said


async def test_a_second_time_nothing_changes(bare_url: str) -> None:
    await migrate(bare_url)
    assert await migrate(bare_url) == newest()


async def test_processes_that_start_together_do_not_collide(bare_url: str) -> None:
    program = "import asyncio, sys; from storage.migrate import migrate; print(asyncio.run(migrate(sys.argv[1])))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", program, bare_url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(3)
    ]
    for process in started:
        out, err = await process.communicate()
        assert (process.returncode, out.decode().strip()) == (0, newest()), err.decode()
    assert await on_connection(bare_url, differences) == []


async def test_the_tables_bear_the_marks_they_need_in_each_database(bare_url: str) -> None:
    """What comparing does not see: large bodies uncompressed on PostgreSQL, small tables without a row id on SQLite."""
    await migrate(bare_url)
    database = open_database(bare_url)
    is_sqlite = bare_url.startswith("sqlite")

    def look(connection: Connection) -> str:
        if is_sqlite:
            return str(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'refs'").scalar())
        return str(
            connection.exec_driver_sql(
                "SELECT attstorage FROM pg_attribute WHERE attrelid = 'deliveries'::regclass AND attname = 'body'"
            ).scalar()
        )

    assert ("WITHOUT ROWID" if is_sqlite else "e") in await on_connection(bare_url, look)
    await database.close()


def test_every_table_carries_the_organisation_in_every_key() -> None:
    for table in METADATA.tables.values():
        keys = [list(table.primary_key.columns)]
        keys += [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
        keys += [list(index.columns) for index in table.indexes if index.unique]
        for key in keys:
            assert "organisation" in [column.name for column in key], f"{table.name}: {key}"


def test_a_table_has_a_column_for_each_field_in_the_same_order() -> None:
    for kind, (table, shape) in TABLES.items():
        declared = tuple(field.name for field in fields(kind))
        assert tuple(column.name for column in table.columns) == shape.names == declared


async def test_a_table_nobody_declares_is_left_alone(bare_url: str) -> None:
    """Somebody may keep a view or a table of their own beside ours."""
    await migrate(bare_url)
    await on_connection(bare_url, lambda connection: connection.exec_driver_sql("CREATE TABLE theirs (a integer)"))
    await migrate(bare_url)
    assert await on_connection(bare_url, lambda connection: inspect(connection).has_table("theirs"))


@pytest.mark.parametrize(
    "url",
    ["", "sqlite:///x.db", "mysql://x", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "postgresql://x/y"],
)
async def test_an_address_that_cannot_work_is_named_with_one_that_can(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"sqlite\+aiosqlite:///path"):
        await migrate(url)
    with pytest.raises(Misconfigured):
        open_database(url)
