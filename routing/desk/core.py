"""What every use case of the desk stands on: one transaction for each, at one moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from routing.desk.records import Scribe
from routing.policy import Accounts, Policy
from routing.ports import Reads, Store, Tx, Urgency

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Core:
    """The memory, what the organisation decided, its accounts, and the clock."""

    store: Store
    policy: Policy
    accounts: Accounts
    clock: Callable[[], datetime]

    async def _act(self, work: Callable[[Tx, Scribe], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        async def once(tx: Tx) -> T:
            return await work(tx, Scribe(tx, self.policy.organisation, self.clock()))

        return await self.store.transact(once, urgency=urgency)

    async def look(self, work: Callable[[Reads], Awaitable[T]]) -> T:
        return await self.store.look(work)
