"""A source goes on reading where it stopped, and only its present holder may say where that is."""

import asyncio

import pytest

from routing.errors import LeaseLost
from routing.ids import AccountId
from storage.cursors import SqlCursors
from storage.wire import Database
from tests.conftest import ORGANISATION

MAILBOX = AccountId("mailbox")


@pytest.fixture
def cursors(database: Database) -> SqlCursors:
    return SqlCursors(database, ORGANISATION)


async def test_a_cursor_is_read_as_it_was_written(cursors: SqlCursors) -> None:
    assert await cursors.read(MAILBOX, "INBOX") == {}
    await cursors.write(MAILBOX, "INBOX", {"uidvalidity": 2**31, "uid": 7}, fence=1)
    await cursors.write(MAILBOX, "受信", {"uid": 1}, fence=1)
    assert await cursors.read(MAILBOX, "INBOX") == {"uidvalidity": 2**31, "uid": 7}
    assert await cursors.read(AccountId("other"), "INBOX") == {}


async def test_an_older_holder_cannot_move_it(cursors: SqlCursors) -> None:
    await cursors.write(MAILBOX, "INBOX", {"uid": 7}, fence=5)
    await cursors.write(MAILBOX, "INBOX", {"uid": 8}, fence=5)
    with pytest.raises(LeaseLost):
        await cursors.write(MAILBOX, "INBOX", {"uid": 3}, fence=4)
    assert await cursors.read(MAILBOX, "INBOX") == {"uid": 8}


async def test_of_holders_who_write_at_once_the_newest_has_the_last_word(cursors: SqlCursors) -> None:
    written = await asyncio.gather(
        *(cursors.write(MAILBOX, "INBOX", {"uid": fence}, fence=fence) for fence in (3, 9, 1, 7, 5)),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, LeaseLost) for one in written)
    assert await cursors.read(MAILBOX, "INBOX") == {"uid": 9}
