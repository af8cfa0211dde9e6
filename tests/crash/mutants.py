"""Plants bugs that such a program might well have. Each must be found by the invariants, or they prove nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, assert_never, cast

from bot.app import Around
from bot.surface import Room, Surface
from connectors.contract import Connection, Sends
from routing.deliveries import Ledger, NewDelivery, Receipt
from routing.ids import DeliveryId
from routing.ports import Store, Tx, Urgency
from routing.postings import Posting
from routing.replies import Letter, Prepared, SendClass, Sent
from tests.crash.fate import Fate, but
from tests.crash.orders import Mutant, Point

T = TypeVar("T")

_SLOTH = 0.05  # seconds between the mistake and the work that should have come before it


def planted(mutant: Mutant, fate: Fate) -> Around:
    """What stands around the parts when this bug is planted."""
    match mutant:
        case Mutant.NONE:
            return Around()
        case Mutant.ACKNOWLEDGE_FIRST:
            return Around(ledger=lambda ledger: _AcknowledgesFirst(ledger, fate))
        case Mutant.MARK_DONE_FIRST:
            return Around(store=lambda store: _marks_done_first(store, fate))
        case Mutant.MARK_SENT_FIRST:
            return Around(connection=lambda connection: _marks_sent_first(connection, fate))
        case Mutant.FORGET_INTENT:
            return Around(store=_forgets_intent)
        case Mutant.NEVER_LOOK:
            return Around(surface=_never_looks)
        case Mutant.SEND_AGAIN:
            return Around(connection=_sends_again)
        case _:
            assert_never(mutant)


@dataclass(slots=True)
class _AcknowledgesFirst:
    """The door hears "kept" before anything is on disk."""

    ledger: Ledger
    fate: Fate
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, delivery: NewDelivery) -> Receipt:
        task = asyncio.create_task(self._keep(delivery))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return Receipt.KEPT

    async def _keep(self, delivery: NewDelivery) -> None:
        await asyncio.sleep(_SLOTH)
        self.fate.passes(Point.MISTAKE)
        await self.ledger.accept(delivery)


@dataclass(frozen=True, slots=True)
class _Settling:
    """A transaction that writes down what was to be settled instead of settling it."""

    tx: Tx
    settled: list[tuple[Collection[DeliveryId], Mapping[DeliveryId, str]]]

    def settle(self, deliveries: Collection[DeliveryId], *, quarantined: Mapping[DeliveryId, str]) -> None:
        self.settled.append((deliveries, quarantined))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


class _Rehearsed(Exception):
    """Ends a transaction that was only tried."""


def _marks_done_first(store: Store, fate: Fate) -> Store:
    """Deliveries are settled in one transaction, and their tickets are made in the next."""

    async def transact(_self: object, work: Callable[[Tx], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        if urgency is not Urgency.BATCH:
            return await store.transact(work, urgency=urgency)
        settled: list[tuple[Collection[DeliveryId], Mapping[DeliveryId, str]]] = []

        async def rehearse(tx: Tx) -> None:
            settled.clear()
            await work(cast("Tx", _Settling(tx, settled)))
            raise _Rehearsed

        async def settle(tx: Tx) -> None:
            for deliveries, quarantined in settled:
                tx.settle(deliveries, quarantined=quarantined)

        async def the_rest(tx: Tx) -> T:
            return await work(cast("Tx", _Settling(tx, [])))

        try:
            await store.transact(rehearse, urgency=urgency)
        except _Rehearsed:
            await store.transact(settle, urgency=urgency)
        fate.passes(Point.MISTAKE)
        return await store.transact(the_rest, urgency=urgency)

    return but(store, transact=transact)


@dataclass(frozen=True, slots=True)
class _Forgetful:
    """A transaction that does not write down what is about to be posted."""

    tx: Tx

    def put(self, *rows: Any) -> None:
        self.tx.put(*(replace(row, step="") if isinstance(row, Posting) else row for row in rows))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


def _forgets_intent(store: Store) -> Store:
    """Things are posted without their intent having been remembered."""

    async def transact(_self: object, work: Callable[[Tx], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        return await store.transact(lambda tx: work(cast("Tx", _Forgetful(tx))), urgency=urgency)

    return but(store, transact=transact)


def _never_looks(surface: Surface) -> Surface:
    """Intents are remembered, but nobody looks whether they were carried out."""

    async def find(_self: object, _room: Room, _card: str, *, key: str, since: float) -> str | None:
        return None

    return but(surface, find=find)


def _marks_sent_first(connection: Connection, fate: Fate) -> Connection:
    """`sent` is written before the provider is called."""
    if not isinstance(connection, Sends):
        return connection
    sender: Sends = connection
    late: set[asyncio.Task[None]] = set()

    async def call(letter: Letter, prepared: Prepared) -> None:
        await asyncio.sleep(_SLOTH)
        fate.passes(Point.MISTAKE)
        await sender.send(letter, prepared)

    async def send(_self: object, letter: Letter, prepared: Prepared) -> Sent:
        task = asyncio.create_task(call(letter, prepared))
        late.add(task)
        task.add_done_callback(late.discard)
        return Sent()

    return but(connection, send=send)


def _sends_again(connection: Connection) -> Connection:
    """Every unclear send is repeated, as if all providers took idempotency keys."""
    if not isinstance(connection, Sends):
        return connection
    sender: Sends = connection

    def prepare(_self: object, letter: Letter, now: Any) -> Prepared:
        return replace(sender.prepare(letter, now), send_class=SendClass.KEYED)

    return but(connection, prepare=prepare)
