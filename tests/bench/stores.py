"""Gives the measurements databases of their own, fresh for every round, on both kinds."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.databases import (
    POSTGRES,
    in_postgres,
    postgres_database,
    postgres_template,
    sqlite_database,
    sqlite_template,
)


@dataclass(frozen=True, slots=True)
class Store:
    """One kind of database. `fresh` gives the address of a migrated, empty one that is gone afterwards."""

    name: str
    fresh: Callable[[], AbstractContextManager[str]]


def plain_address(url: str) -> str:
    """The address as the driver itself takes it: a file's path, or what asyncpg connects to."""
    address = make_url(url)
    if address.drivername.startswith("sqlite"):
        return address.database or ""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def open_stores(folder: Path, notes: list[str]) -> Iterator[list[Store]]:
    """SQLite, and PostgreSQL if a server answers; `notes` is told when none does."""
    with ExitStack() as stack:
        stores = [_sqlite(folder)]
        try:
            in_postgres("SELECT 1")
        except (OSError, TimeoutError) as error:
            notes.append(f"PostgreSQL was left out: no server answers at {POSTGRES} ({error})")
        else:
            template = stack.enter_context(postgres_template())
            stores.append(Store("PostgreSQL", lambda: postgres_database(template)))
        yield stores


def _sqlite(folder: Path) -> Store:
    template = sqlite_template(folder)
    numbers = count(1)

    @contextmanager
    def fresh() -> Iterator[str]:
        place = folder / f"sqlite-{next(numbers)}"
        place.mkdir()
        yield sqlite_database(template, place)

    return Store("SQLite", fresh)
