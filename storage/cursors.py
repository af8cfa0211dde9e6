"""Remembers how far long-lived sources have read; an older holder of a source cannot move its cursor."""

import json
from collections.abc import Mapping

from sqlalchemy import ClauseElement, bindparam, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from routing.errors import LeaseLost
from routing.ids import AccountId, OrganisationId
from routing.ports import Urgency
from storage.reads import ours
from storage.statements import Statement
from storage.tables import CURSORS
from storage.wire import Database

_READ = Statement(
    select(CURSORS.c.value).where(
        ours(CURSORS), CURSORS.c.account == bindparam("its_account"), CURSORS.c.name == bindparam("its_name")
    )
)


def _write(dialect: Dialect) -> ClauseElement:
    """One statement, so that between looking at the fence and writing nobody comes in."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    cursor = insert(CURSORS).values(
        organisation=bindparam("organisation"),
        account=bindparam("its_account"),
        name=bindparam("its_name"),
        value=bindparam("its_value"),
        fence=bindparam("its_fence"),
    )
    return cursor.on_conflict_do_update(
        index_elements=["account", "name", "organisation"],
        set_={"value": cursor.excluded.value, "fence": cursor.excluded.fence},
        where=CURSORS.c.fence <= cursor.excluded.fence,
    ).returning(literal_column("1"))


_WRITE = Statement(_write)


class SqlCursors:
    def __init__(self, database: Database, organisation: OrganisationId) -> None:
        self._database = database
        self._organisation = organisation

    async def read(self, account: AccountId, name: str) -> Mapping[str, int]:
        """The cursor as last written; empty when it never was."""
        rows = await self._database.read_once(
            _READ, organisation=self._organisation, its_account=account, its_name=name
        )
        return json.loads(rows[0][0]) if rows else {}

    async def write(self, account: AccountId, name: str, value: Mapping[str, int], *, fence: int) -> None:
        """Raises LeaseLost when somebody with a newer fence has written it."""
        written = await self._database.write_once(
            _WRITE,
            urgency=Urgency.WORK,
            organisation=self._organisation,
            its_account=account,
            its_name=name,
            its_value=json.dumps(dict(value), separators=(",", ":")),
            its_fence=fence,
        )
        if not written:
            raise LeaseLost(f"the cursor {name} of {account} is in other hands")
