"""Statements written once in SQLAlchemy Core and compiled once for each database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    column,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgres_dialect
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite_dialect
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

POSTGRES: Dialect = postgres_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this one untyped
SQLITE: Dialect = sqlite_dialect()


class Among(ColumnElement[bool]):
    """True where a column's value is in the list bound to `name`: one statement for lists of all lengths."""

    inherit_cache = False

    def __init__(self, within: Column[Any], name: str) -> None:
        self.within = within
        self.name = name


class PairAmong(ColumnElement[bool]):
    """True where two columns' values are in the list of pairs bound to `name`; PostgreSQL, which has no arrays of
    pairs, takes them from two lists bound to `name` with `_0` and `_1` behind."""

    inherit_cache = False

    def __init__(self, within: tuple[Column[Any], Column[Any]], name: str) -> None:
        self.within = within
        self.name = name


@compiles(Among, "postgresql")
def _among_in_postgres(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    values = bindparam(element.name, type_=ARRAY(element.within.type))
    return compiler.process(element.within == any_(values), **options)


@compiles(Among, "sqlite")
def _among_in_sqlite(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    values = func.json_each(bindparam(element.name, type_=Text)).table_valued("value", name=f"each_{element.name}")
    return compiler.process(element.within.in_(select(values.c.value)), **options)


@compiles(PairAmong, "postgresql")
def _pair_among_in_postgres(element: PairAmong, compiler: SQLCompiler, **options: Any) -> str:
    lists = [bindparam(f"{element.name}_{i}", type_=ARRAY(within.type)) for i, within in enumerate(element.within)]
    pairs = func.unnest(*lists).table_valued("one", "two").render_derived(name="pairs")
    return compiler.process(tuple_(*element.within).in_(select(pairs.c.one, pairs.c.two)), **options)


@compiles(PairAmong, "sqlite")
def _pair_among_in_sqlite(element: PairAmong, compiler: SQLCompiler, **options: Any) -> str:
    each = func.json_each(bindparam(element.name, type_=Text)).table_valued("value", name=f"each_{element.name}")
    pairs = select(func.json_extract(each.c.value, "$[0]"), func.json_extract(each.c.value, "$[1]"))
    return compiler.process(tuple_(*element.within).in_(pairs), **options)


def ours(table: Table) -> ColumnElement[bool]:
    """Of the organisation that the statement is run for."""
    return table.c.organisation == bindparam("organisation")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement in one database's words; `names` are its parameters in order, `constants` those we fixed."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        if not self.constants:
            return [given[name] for name in self.names]
        return [given[name] if name in given else self.constants[name] for name in self.names]


class Statement:
    """A statement for all databases. `write` makes it from a dialect, where it must differ."""

    def __init__(self, write: ClauseElement | Callable[[Dialect], ClauseElement]) -> None:
        self._write = write
        self._compiled: dict[str, Compiled] = {}

    def to(self, dialect: Dialect) -> Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            clause = self._write if isinstance(self._write, ClauseElement) else self._write(dialect)
            found = self._compiled[dialect.name] = _compile(clause, dialect)
        return found


def _compile(clause: ClauseElement, dialect: Dialect) -> Compiled:
    compiled = clause.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"not a statement: {clause!r}")
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return Compiled(str(compiled), tuple(compiled.positiontup or ()), constants)


@dataclass(frozen=True, slots=True)
class Bulk:
    """A write of many rows at once: row by row (`executemany`) on SQLite, one statement over arrays on PostgreSQL.

    `statement` has one parameter for each name in `names` (a value on SQLite, an array on PostgreSQL). `exact`: as many
    rows must be touched as were given.
    """

    names: tuple[str, ...]
    statement: Statement
    exact: bool


def arrays(columns: Sequence[Column[Any]]) -> Any:
    """PostgreSQL's table made of the arrays bound to the columns' names."""
    lists = [bindparam(stored.name, type_=ARRAY(stored.type)) for stored in columns]
    return func.unnest(*lists).table_valued(*[column(c.name, c.type) for c in columns]).render_derived(name="v")


def inserting(table: Table, *, keep_first: bool = False) -> Bulk:
    names = tuple(stored.name for stored in table.columns)

    def write(dialect: Dialect) -> ClauseElement:
        if dialect.name == "sqlite":
            plain = sqlite.insert(table).values({name: bindparam(name) for name in names})
            return plain.on_conflict_do_nothing() if keep_first else plain
        rows = arrays(list(table.columns))
        from_arrays = postgresql.insert(table).from_select(names, select(*rows.c))
        return from_arrays.on_conflict_do_nothing() if keep_first else from_arrays

    return Bulk(names, Statement(write), exact=not keep_first)


def changing(table: Table, names: Sequence[str], changes: Mapping[str, ColumnElement[Any]], *, exact: bool) -> Bulk:
    """An UPDATE of many rows: each row's key and new values come by `names`, what changes alike by `changes`."""
    primary = [stored.name for stored in table.primary_key.columns]

    def write(dialect: Dialect) -> ClauseElement:
        if dialect.name == "sqlite":
            given: Mapping[str, ColumnElement[Any]] = {name: bindparam(name) for name in names}
        else:
            given = arrays([table.c[name] for name in names]).c
        its = and_(*[table.c[name] == given[name] for name in primary])
        return (
            update(table).where(its).values({**{name: given[name] for name in names if name not in primary}, **changes})
        )

    return Bulk(tuple(names), Statement(write), exact)


def keeping(table: Table, changes: Sequence[str]) -> Bulk:
    """Puts many rows in, or their `changes` into those that are there under the same key."""
    names = tuple(stored.name for stored in table.columns)
    primary = [stored.name for stored in table.primary_key.columns]

    def write(dialect: Dialect) -> ClauseElement:
        if dialect.name == "sqlite":
            one = sqlite.insert(table).values({name: bindparam(name) for name in names})
            return one.on_conflict_do_update(
                index_elements=primary, set_={name: one.excluded[name] for name in changes}
            )
        many = postgresql.insert(table).from_select(names, select(*arrays(list(table.columns)).c))
        return many.on_conflict_do_update(index_elements=primary, set_={name: many.excluded[name] for name in changes})

    return Bulk(names, Statement(write), exact=False)


def deleting(table: Table, names: Sequence[str]) -> Bulk:
    """Deletes the rows that have these values, as far as they are there."""

    def write(dialect: Dialect) -> ClauseElement:
        if dialect.name == "sqlite":
            return delete(table).where(*[table.c[name] == bindparam(name) for name in names])
        given = arrays([table.c[name] for name in names]).c
        return delete(table).where(*[table.c[name] == given[name] for name in names])

    return Bulk(tuple(names), Statement(write), exact=False)


def updating(table: Table) -> Bulk:
    return changing(table, [stored.name for stored in table.columns], {}, exact=True)


_PLACE = re.compile(r"\$(\d+)")


def moved(sql: str, by: int) -> str:
    """PostgreSQL's numbered parameters, counted on from `by`."""
    return _PLACE.sub(lambda found: f"${int(found[1]) + by}", sql) if by else sql
