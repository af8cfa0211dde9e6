"""Lets replies leave: hands each to its connection, and writes what became of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter

from connectors.contract import Connection, LooksBack, Sends
from connectors.ingest import Alive
from routing.desk.desk import Desk
from routing.desk.sending import Later, Leaving, Prepare
from routing.errors import LeaseLost, NeedsAttention, Rejected, TryLater, Unclear
from routing.ids import AccountId, ConversationId
from routing.jobs import Job
from routing.replies import SendClass, Sent

log = logging.getLogger(__name__)

KEY_LIFE = timedelta(hours=23)  # an hour less than providers keep idempotency keys
QUIET_TIME = timedelta(seconds=60)  # a provider's own list lags: looking back earlier proves nothing
NO_TIME = timedelta(0)
PATIENCE = 50  # attempts that surely did not leave, before a person is asked
SENDS = Counter("madoguchi_sends_total", "Attempts to send replies, by outcome", ["outcome"])


@dataclass(frozen=True, slots=True)
class Outgoing:
    desk: Desk
    connections: Mapping[AccountId, Connection]
    clock: Callable[[], datetime]
    read_back_after: timedelta = QUIET_TIME

    async def work(self, job: Job, alive: Alive) -> datetime | None:
        """Sends what is due in one conversation, in order. Returns when to come back, or None."""
        while True:
            step = await self.desk.begin_sending(ConversationId(job.key), self._prepare)
            match step:
                case None:
                    return None
                case Later(due):
                    return due
                case Leaving():
                    again = await self._leave(step)
                    if again is not None:
                        return again
            await alive()

    def _prepare(self, account: str) -> Prepare:
        connection = self._connection(account)
        return lambda letter: connection.prepare(letter, self.clock())

    def _connection(self, account: str) -> Sends:
        connection = self.connections.get(AccountId(account))
        if connection is None or not isinstance(connection, Sends):
            raise NeedsAttention(f"the account {account} cannot send")
        return connection

    async def _leave(self, leaving: Leaving) -> datetime | None:
        if leaving.interrupted:
            return await self._after_interruption(leaving)
        return await self._send(leaving)

    async def _send(self, leaving: Leaving) -> datetime | None:
        connection = self._connection(leaving.letter.account)
        message, fence = leaving.letter.message, leaving.fence
        try:
            outcome = await connection.send(leaving.letter, leaving.prepared)
        except TryLater as fault:
            return await self._not_sent(leaving, fault.reason, fault.after)
        except NeedsAttention as fault:
            await self.desk.account_needs_attention(leaving.letter.account, str(fault))
            return await self._not_sent(leaving, str(fault), timedelta(minutes=5))
        except Rejected as fault:
            SENDS.labels("failed").inc()
            await self.desk.send_failed(message, fence, str(fault))
            return None
        except Unclear as fault:
            return await self._unclear(leaving, str(fault))
        except asyncio.CancelledError:
            # Being stopped in the middle of the call: the row stays `sending`, and whoever comes next settles it.
            log.warning("stopped while sending", extra={"reply": message})
            raise
        SENDS.labels("sent").inc()
        await self._record_sent(leaving, outcome)
        return None

    async def _record_sent(self, leaving: Leaving, outcome: Sent) -> None:
        try:
            await self.desk.sent(leaving.letter.message, leaving.fence, outcome)
        except LeaseLost:
            log.warning("sent, but somebody else settles it", extra={"reply": leaving.letter.message})
            raise

    async def _not_sent(self, leaving: Leaving, reason: str, after: timedelta) -> datetime | None:
        message, fence = leaving.letter.message, leaving.fence
        if leaving.interrupted:
            # This attempt did not leave, but the one before it may have: that one is what there is to know about.
            return await self._unclear(leaving, reason, after)
        if leaving.attempts >= PATIENCE:
            SENDS.labels("failed").inc()
            await self.desk.send_failed(message, fence, reason)
            return None
        SENDS.labels("later").inc()
        again = self.clock() + max(after, _backoff(leaving.attempts))
        await self.desk.not_sent(message, fence, reason, again)
        return again

    async def _unclear(self, leaving: Leaving, reason: str, after: timedelta = NO_TIME) -> datetime | None:
        """The call went out and no clear answer came: what may be done is declared by the operation's class."""
        SENDS.labels("unclear").inc()
        message, fence = leaving.letter.message, leaving.fence
        match leaving.prepared.send_class:
            case SendClass.KEYED if self.clock() - leaving.began < KEY_LIFE:
                # The row stays `sending`: coming back it is found interrupted and sent again with the same key.
                return self.clock() + max(after, _backoff(leaving.attempts))
            case SendClass.READ_BACK:
                return self.clock() + self.read_back_after
            case SendClass.KEYED | SendClass.ASK:
                await self.desk.send_unknown(message, fence, reason)
                return None

    async def _after_interruption(self, leaving: Leaving) -> datetime | None:
        """An attempt began and its outcome was never written: we crashed, or the answer was unclear."""
        message, fence = leaving.letter.message, leaving.fence
        reason = "the program was interrupted while sending"
        match leaving.prepared.send_class:
            case SendClass.KEYED if self.clock() - leaving.began < KEY_LIFE:
                return await self._send(leaving)
            case SendClass.READ_BACK:
                return await self._look_back(leaving, reason)
            case SendClass.KEYED | SendClass.ASK:
                await self.desk.send_unknown(message, fence, reason)
                return None

    async def _look_back(self, leaving: Leaving, reason: str) -> datetime | None:
        message, fence = leaving.letter.message, leaving.fence
        connection = self._connection(leaving.letter.account)
        due = leaving.marked + self.read_back_after
        if self.clock() < due:
            return due
        if not isinstance(connection, LooksBack):
            await self.desk.send_unknown(message, fence, reason)
            return None
        try:
            found = await connection.look(leaving.letter, leaving.prepared)
        except (TryLater, Unclear) as fault:
            log.info("looking back must wait", extra={"reply": message, "fault": str(fault)})
            return self.clock() + self.read_back_after
        except (Rejected, NeedsAttention) as fault:
            await self.desk.send_unknown(message, fence, f"{reason}; {fault}")
            return None
        if found is not None:
            await self._record_sent(leaving, found)
            return None
        again = self.clock()
        await self.desk.not_sent(message, fence, reason, again)
        return again


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(300, 2 ** min(attempts, 9)))
