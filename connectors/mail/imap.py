"""Reads one mailbox by UID for as long as it may: a mail is in the ledger before the mailbox is read further."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from connectors.contract import Cursors, Ledger
from connectors.mail.config import AfterKeeping, ImapSettings
from connectors.mail.imap_fetching import Fetcher
from connectors.mail.imap_session import Folder, ImapSession, Refusal, Secret, SignInRefused
from connectors.mail.own_thread import OwnThread
from routing.errors import NeedsAttention, TryLater
from routing.ids import AccountId

T = TypeVar("T")

_log = logging.getLogger(__name__)
CURSOR = "imap"
_LONGEST_IDLE = 540.0  # Gmail and many routers forget connections that are silent for longer.
_AT_ONCE = 50
_RESYNC_MARGIN = timedelta(days=3)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read the mailbox: the fence that every step is written with, and how to renew it in time."""

    fence: int
    alive: Callable[[], Awaitable[None]]
    every: float = 25.0


class MailboxReader:
    """Reads the mailbox of one account, one connection at a time."""

    def __init__(
        self,
        account: AccountId,
        settings: ImapSettings,
        *,
        user: str,
        secret: Callable[[], Awaitable[Secret]],
        renew: Callable[[], None] = lambda: None,
        size_limit: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._settings = settings
        self._user = user
        self._secret = secret
        self._clock = clock
        self._fetcher = Fetcher(account, size_limit, clock)
        self._renew = renew
        self._renewed = False
        self._failures = 0

    async def listen(self, ledger: Ledger, cursors: Cursors, lease: Lease) -> None:
        """Runs until cancelled. Raises NeedsAttention, or TryLater after a pause that doubles with every failure."""
        thread = OwnThread(f"imap-{self._account}")
        session = ImapSession(self._settings)
        visit = _Visit(
            self._account, self._settings, self._fetcher, session, thread, ledger, cursors, lease, self._clock
        )
        try:
            secret = await self._secret()
            folder = await self._open(visit, session, secret)
            self._renewed = False  # the token was taken: another refusal is a new matter
            await visit.begin(folder)
            while True:
                await visit.look()
                self._failures = 0
                await visit.wait(calls=folder.calls)
        except SignInRefused as failure:
            raise NeedsAttention(
                f"{self._settings.host} refuses the sign-in of {self._user}: {failure}. Check user name and password, "
                "and whether IMAP is switched on for the mailbox."
            ) from failure
        except (TryLater, Refusal) as failure:
            self._failures += 1
            pause = min(_FIRST_PAUSE * 2 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
            raise TryLater(str(failure), after=pause) from failure
        finally:
            session.cut()
            thread.stop()

    async def _open(self, visit: "_Visit", session: ImapSession, secret: Secret) -> Folder:
        try:
            return await visit.call(lambda: session.open(self._user, secret))
        except SignInRefused as failure:
            if not secret.is_token or self._renewed:
                raise
            # A token may have been withdrawn before its time: one fresh one is tried before a person is called.
            self._renew()
            self._renewed = True
            raise TryLater(f"{self._settings.host} refused an access token: {failure}") from failure


class _Visit:
    """What is done on one connection."""

    def __init__(
        self,
        account: AccountId,
        settings: ImapSettings,
        fetcher: Fetcher,
        session: ImapSession,
        thread: OwnThread,
        ledger: Ledger,
        cursors: Cursors,
        lease: Lease,
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._settings = settings
        self._fetcher = fetcher
        self._session = session
        self._thread = thread
        self._ledger = ledger
        self._cursors = cursors
        self._lease = lease
        self._clock = clock
        self._validity = 0
        self._last = 0

    async def call(self, blocking: Callable[[], T]) -> T:
        """Has a call done in the thread, and the lease renewed meanwhile."""
        future = self._thread.start(blocking)
        try:
            while True:
                done, _ = await asyncio.wait({future}, timeout=self._lease.every)
                if done:
                    return future.result()
                await self._lease.alive()
        finally:
            future.cancel()

    async def begin(self, folder: Folder) -> None:
        """Finds the place to go on from; after the server numbered its mails anew, reads again what may be missing."""
        known = await self._cursors.read(self._account, CURSOR)
        self._validity = folder.validity
        if known.get("uidvalidity") == folder.validity:
            self._last = known.get("uid", 0)
            return
        if not known:
            if self._settings.start == "new":
                self._last = await self._newest(folder)
                await self._remember()
            return
        _log.warning("the mailbox was numbered anew and is read again", extra={"account": self._account})
        since = datetime.fromtimestamp(known.get("at", 0), UTC) - _RESYNC_MARGIN
        newest = await self._newest(folder)
        since_uids = await self.call(
            lambda: self._session.uids_since(max(since, datetime(1970, 1, 1, tzinfo=UTC)).date())
        )
        for batch in _batches(since_uids):
            await self._keep(batch, remembering=False)
        self._last = max([newest, *since_uids])
        await self._remember()

    async def look(self) -> None:
        """Keeps every mail that is new."""
        await self._lease.alive()
        last = self._last
        for batch in _batches(await self.call(lambda: self._session.uids_after(last))):
            await self._keep(batch, remembering=True)

    async def wait(self, *, calls: bool) -> None:
        """Until the server calls, or it is time to look anyway: servers have been known to forget to call."""
        seconds = min(self._settings.poll, _LONGEST_IDLE)
        if calls:
            await self.call(lambda: self._session.wait(seconds))
            return
        while seconds > 0:
            await asyncio.sleep(min(seconds, self._lease.every))
            seconds -= self._lease.every
            await self._lease.alive()

    async def _keep(self, uids: Sequence[int], *, remembering: bool) -> None:
        async for group, deliveries in self._fetcher.fetch(self.call, self._session, self._validity, uids):
            outcomes = await asyncio.gather(
                *(self._ledger.accept(delivery) for delivery in deliveries), return_exceptions=True
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
            if remembering:
                self._last = group[-1]
                await self._remember()
            await self._settle(group)
        if remembering and uids[-1] > self._last:
            self._last = uids[-1]  # The last ones were deleted before they could be fetched.
            await self._remember()

    async def _settle(self, group: Sequence[int]) -> None:
        if self._settings.after is AfterKeeping.LEAVE:
            return
        try:
            await self.call(lambda: self._session.settle(group))
        except Refusal as failure:
            # The mails are kept; that they stay as they were loses nothing.
            _log.warning("kept mails could not be marked", extra={"account": self._account, "said": str(failure)})

    async def _newest(self, folder: Folder) -> int:
        if folder.next_uid:
            return folder.next_uid - 1
        return max(await self.call(lambda: self._session.uids_after(0)), default=0)

    async def _remember(self) -> None:
        place = {"uidvalidity": self._validity, "uid": self._last, "at": int(self._clock().timestamp())}
        await self._cursors.write(self._account, CURSOR, place, fence=self._lease.fence)


def _batches(uids: Sequence[int]) -> Sequence[Sequence[int]]:
    return [uids[at : at + _AT_ONCE] for at in range(0, len(uids), _AT_ONCE)]
