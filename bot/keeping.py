"""Opens the safe of secrets for the command line."""

import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cryptography.fernet import Fernet

from routing.errors import Misconfigured
from routing.ids import OrganisationId
from storage.engine import open_database
from storage.settings import SqlSettings, read_keys


@asynccontextmanager
async def open_safe(url: str, organisation: OrganisationId, keys: str) -> AsyncIterator[SqlSettings]:
    database = open_database(url)
    try:
        safe = SqlSettings(database, organisation, read_keys(keys), clock=lambda: datetime.now(UTC))
        await safe.open()
        yield safe
    finally:
        await database.close()


def new_key() -> str:
    """A key for MADOGUCHI_KEYS with an id that tells its day."""
    return f"{datetime.now(UTC):%Y%m%d}:{Fernet.generate_key().decode()}"


def read_secret(name: str) -> str:
    """From the terminal without an echo, or from a pipe. Raises Misconfigured when nothing is given."""
    secret = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read()
    if not secret.strip():
        raise Misconfigured(f"no secret was given for {name}: type it, or pipe it in")
    return secret.strip()
