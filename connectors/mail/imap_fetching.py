"""Fetches mails by UID in groups and makes deliveries of them; no single mail can stop it for ever."""

import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from connectors.contract import NewDelivery
from connectors.mail.arriving import OVERSIZE, UNFETCHED, delivery_of
from connectors.mail.imap_session import Fetched, ImapSession, Refusal
from routing.errors import TryLater
from routing.ids import AccountId

_log = logging.getLogger(__name__)
_GROUP_BYTES = 8 * 1024 * 1024
_MOST_TROUBLE = 3


class Call(Protocol):
    """Has a blocking call done in the account's thread."""

    def __call__(self, blocking: Callable[[], Any], /) -> Awaitable[Any]: ...


class Fetcher:
    """Fetches for one account; remembers from connection to connection which mails gave trouble."""

    def __init__(self, account: AccountId, size_limit: int, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._size_limit = size_limit
        self._clock = clock
        self._troubles: Counter[tuple[int, int]] = Counter()

    async def fetch(
        self, call: Call, session: ImapSession, validity: int, uids: Sequence[int]
    ) -> AsyncIterator[tuple[Sequence[int], Sequence[NewDelivery]]]:
        """Groups of UIDs in rising order with their deliveries; what was deleted meanwhile has none.

        A mail that is too large comes as its headers and a note, one that the server fails to hand over several times
        as a note alone: reading them finds them unreadable, and so somebody is told. Raises TryLater.
        """
        sizes: Mapping[int, int] = await call(lambda: session.sizes(uids))
        for group in self._groups(validity, [uid for uid in uids if uid in sizes], sizes):
            first = group[0]
            if self._troubles[validity, first] >= _MOST_TROUBLE:
                _log.error("a mail cannot be fetched and is passed over", extra={"account": self._account})
                yield group, [self._delivery(validity, first, Fetched(b"", None), note=(UNFETCHED, str(first)))]
            elif sizes[first] > self._size_limit:
                heads = await self._fetched(call, session.heads, validity, group)
                yield (
                    group,
                    [
                        self._delivery(validity, uid, head, note=(OVERSIZE, str(sizes[uid])))
                        for uid, head in heads.items()
                    ],
                )
            else:
                mails = await self._fetched(call, session.mails, validity, group)
                yield group, [self._delivery(validity, uid, mails[uid]) for uid in group if uid in mails]

    def _groups(self, validity: int, uids: Sequence[int], sizes: Mapping[int, int]) -> Sequence[Sequence[int]]:
        """As many at once as fit; what gave trouble before, or is too large, alone."""
        groups: list[list[int]] = []
        room = 0
        for uid in uids:
            alone = self._troubles[validity, uid] > 0 or sizes[uid] > self._size_limit
            if alone or sizes[uid] > room:
                groups.append([])
                room = _GROUP_BYTES
            groups[-1].append(uid)
            room = 0 if alone else room - sizes[uid]
        return groups

    async def _fetched(
        self, call: Call, fetch: Callable[[Sequence[int]], Mapping[int, Fetched]], validity: int, group: Sequence[int]
    ) -> Mapping[int, Fetched]:
        """Raises TryLater or Refusal, and remembers that it did so at these mails."""
        try:
            found: Mapping[int, Fetched] = await call(partial(fetch, group))
        except (TryLater, Refusal):
            self._troubles.update((validity, uid) for uid in group)
            raise
        for uid in group:
            self._troubles.pop((validity, uid), None)
        return found

    def _delivery(self, validity: int, uid: int, mail: Fetched, *, note: tuple[str, str] | None = None) -> NewDelivery:
        headers = {"source": "imap", "uid": str(uid), "uidvalidity": str(validity)}
        unique = ""
        if note is not None:
            headers[note[0]] = note[1]
            known = hashlib.sha256(mail.content).hexdigest()[:32] if mail.content else f"{validity}-{uid}"
            unique = f"{note[0]}-{note[1]}-{known}"
        now = self._clock()
        received_at = min(mail.arrived_at, now) if mail.arrived_at else now
        return delivery_of(self._account, mail.content, received_at, headers, unique=unique)
