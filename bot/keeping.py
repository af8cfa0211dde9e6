"""Opens what we keep: the safe of secrets, the ledger, and the store of bodies and files."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from cryptography.fernet import Fernet

from bot.plan import Plan
from routing.errors import Misconfigured
from routing.ids import OrganisationId
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.inbox import SqlInbox
from storage.migrate import migrate
from storage.s3 import S3Blobs, open_s3
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


@asynccontextmanager
async def open_blobs(plan: Plan) -> AsyncIterator[DirectoryBlobs | S3Blobs]:
    """Where bodies and files are. Raises Misconfigured when nothing can be put there."""
    if plan.s3 is not None:
        async with open_s3(**asdict(plan.s3)) as bucket:
            await bucket.check()
            yield bucket
        return
    directory = DirectoryBlobs(plan.data_dir / "blobs")
    await asyncio.to_thread(directory.check)
    yield directory


@asynccontextmanager
async def open_inbox(plan: Plan) -> AsyncIterator[SqlInbox]:
    """The ledger for those who only look into it: no account is connected, and no surface asked."""
    await migrate(plan.database_url)
    database = open_database(plan.database_url)
    try:
        async with open_blobs(plan) as blobs:
            yield SqlInbox(database, plan.policy.organisation, blobs, clock=lambda: datetime.now(UTC))
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
