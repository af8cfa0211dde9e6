"""Keeps settings; secrets among them are encrypted with a key that stands in the environment, never in the database."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import ClauseElement, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from routing.errors import Gone, Misconfigured, NeedsAttention
from routing.ids import OrganisationId
from routing.ports import Urgency
from storage.reads import ours
from storage.shapes import micros
from storage.statements import Statement
from storage.tables import KEYS, SETTINGS
from storage.wire import Database, Wire


@dataclass(frozen=True, slots=True)
class Key:
    """One encryption key with the id by which the database names it."""

    id: str
    fernet: Fernet
    check: str


def read_keys(text: str) -> tuple[Key, ...]:
    """Keys as MADOGUCHI_KEYS has them: `id:key, id:key`, the first encrypts. Raises Misconfigured."""
    keys = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _, secret = one.partition(":")
        hint = "write MADOGUCHI_KEYS=id:key (make one with: madoguchi secret new-key), older keys behind a comma"
        if not name or not secret:
            raise Misconfigured(f"MADOGUCHI_KEYS cannot be read: {hint}")
        try:
            fernet = Fernet(secret)
        except ValueError as error:
            raise Misconfigured(f"the key {name} in MADOGUCHI_KEYS is not one: {hint}") from error
        keys.append(Key(name, fernet, hashlib.sha256(f"check {secret}".encode()).hexdigest()))
    return tuple(keys)


def _upserts(table: Any, names: Sequence[str], keys: Sequence[str], changed: Sequence[str]) -> Statement:
    def statement(dialect: Dialect) -> ClauseElement:
        insert: Any = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
        kept: sqlite.Insert = insert.values(
            {name: bindparam(name if name == "organisation" else f"its_{name}") for name in names}
        )
        if not changed:
            return kept.on_conflict_do_nothing()
        return kept.on_conflict_do_update(
            index_elements=list(keys), set_={name: getattr(kept.excluded, name) for name in changed}
        )

    return Statement(statement)


_THIS = (ours(SETTINGS), SETTINGS.c.name == bindparam("its_name"))
_READ = Statement(select(SETTINGS.c.value, SETTINGS.c.key).where(*_THIS))
_ALL = Statement(
    select(SETTINGS.c.name, SETTINGS.c.value, SETTINGS.c.key).where(ours(SETTINGS)).order_by(SETTINGS.c.name)
)
_WRITE = _upserts(
    SETTINGS,
    ("organisation", "name", "value", "key", "updated_at"),
    ("name", "organisation"),
    ("value", "key", "updated_at"),
)
_WRITE_NEW = _upserts(SETTINGS, ("organisation", "name", "value", "key", "updated_at"), (), ())
_REMOVE = Statement(delete(SETTINGS).where(*_THIS))
_KNOWN_KEYS = Statement(select(KEYS.c.id, KEYS.c.check_value).where(ours(KEYS)))
_KEEP_KEY = _upserts(KEYS, ("organisation", "id", "check_value", "created_at"), (), ())


class SqlSettings:
    """Settings and secrets of one organisation. A secret whose key is missing or wrong does not stop the others."""

    def __init__(
        self,
        database: Database,
        organisation: OrganisationId,
        keys: Sequence[Key],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._organisation = organisation
        self._keys = tuple(keys)
        self._clock = clock
        self._right: dict[str, Key] = {}
        self._wrong: frozenset[str] = frozenset()

    async def open(self) -> None:
        """Compares our keys with the check values of those that the database was written with; a key seen for the
        first time is remembered. Call it once before anything else."""
        rows = await self._database.read_once(_KNOWN_KEYS, organisation=self._organisation)
        known = {row[0]: row[1] for row in rows}
        self._wrong = frozenset(key.id for key in self._keys if known.get(key.id, key.check) != key.check)
        self._right = {key.id: key for key in self._keys if key.id not in self._wrong}
        for key in self._right.values():
            if key.id not in known:
                await self._database.write_once(
                    _KEEP_KEY,
                    urgency=Urgency.WORK,
                    organisation=self._organisation,
                    its_id=key.id,
                    its_check_value=key.check,
                    its_created_at=micros(self._clock()),
                )

    @property
    def wrong_keys(self) -> frozenset[str]:
        """Ids of keys that are not what they were when the database was written."""
        return self._wrong

    async def secret(self, name: str) -> str:
        """Raises Gone when it was never set, NeedsAttention when its key is missing or wrong."""
        rows = await self._database.read_once(_READ, organisation=self._organisation, its_name=_secret(name))
        if not rows:
            raise Gone(f"the secret {name} is not set")
        return self._decrypt(name, rows[0][0], rows[0][1])

    async def names(self) -> list[str]:
        """Names of the secrets that are set."""
        rows = await self._database.read_once(_ALL, organisation=self._organisation)
        return [row[0].removeprefix(_PREFIX) for row in rows if row[2]]

    async def put(self, name: str, secret: str) -> None:
        """Sets a secret, encrypted with the first key. Raises Misconfigured when there is no usable key."""
        await self._write(_secret(name), secret)

    async def put_if_new(self, name: str, secret: str) -> None:
        """Sets a secret unless it is set: of two who try at once, one wins and both read the same afterwards."""
        row = self._row(_secret(name), secret, self._first())
        await self._database.write_once(_WRITE_NEW, urgency=Urgency.WORK, **row)

    async def remove(self, name: str) -> None:
        await self._database.write_once(
            _REMOVE, urgency=Urgency.WORK, organisation=self._organisation, its_name=_secret(name)
        )

    async def rotate(self) -> int:
        """Encrypts every secret anew with the first key; returns how many. Raises NeedsAttention, changing nothing,
        when one of them cannot be read."""
        first = self._first()

        async def work(wire: Wire) -> int:
            rows = [row for row in await wire.rows(_ALL, organisation=self._organisation) if row[2]]
            for name, value, key in rows:
                secret = self._decrypt(name.removeprefix(_PREFIX), value, key)
                await wire.write(_WRITE, **self._row(name, secret, first))
            return len(rows)

        return await self._database.transact(work, urgency=Urgency.WORK)

    def _first(self) -> Key:
        if not self._keys:
            raise Misconfigured("secrets need a key: set MADOGUCHI_KEYS (madoguchi secret new-key makes one)")
        first = self._keys[0]
        if first.id in self._wrong:
            raise Misconfigured(f"the key {first.id} is not the one that this database was written with")
        return first

    async def _write(self, name: str, secret: str) -> None:
        await self._database.write_once(_WRITE, urgency=Urgency.WORK, **self._row(name, secret, self._first()))

    def _row(self, name: str, secret: str, key: Key) -> dict[str, Any]:
        return {
            "organisation": self._organisation,
            "its_name": name,
            "its_value": key.fernet.encrypt(secret.encode()).decode(),
            "its_key": key.id,
            "its_updated_at": micros(self._clock()),
        }

    def _decrypt(self, name: str, value: str, key_id: str) -> str:
        key = self._right.get(key_id)
        if key is None:
            wrong = "is another one now" if key_id in self._wrong else "is missing"
            raise NeedsAttention(f"the secret {name} was encrypted with the key {key_id}, which {wrong}")
        try:
            return key.fernet.decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise NeedsAttention(f"the secret {name} cannot be decrypted with the key {key_id}") from error


_PREFIX = "secret:"


def _secret(name: str) -> str:
    return f"{_PREFIX}{name}"
