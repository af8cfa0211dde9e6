"""Kills the program at a named point: stands around the parts of the house through which it passes there."""

import copy
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from bot.cards.model import Card, Entry
from bot.surface import Room, Surface
from connectors.contract import Connection, Sends
from routing.deliveries import Ledger, NewDelivery, Receipt
from routing.ports import Store, Tx, Urgency
from routing.replies import Letter, Prepared, Sent
from tests.crash.orders import Point

T = TypeVar("T")


@dataclass(slots=True)
class Fate:
    """Counts how often the point is passed, and kills at the passing that was ordered."""

    point: Point
    passing: int
    _passed: int = 0

    def passes(self, point: Point) -> None:
        if point is not self.point or not self.passing:
            return
        self._passed += 1
        if self._passed == self.passing:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class DyingLedger:
    ledger: Ledger
    fate: Fate

    async def accept(self, delivery: NewDelivery) -> Receipt:
        receipt = await self.ledger.accept(delivery)
        self.fate.passes(Point.LEDGER_COMMITTED)
        return receipt


def but(thing: T, **methods: Callable[..., Any]) -> T:
    """The same thing, with some of its methods done differently. Whoever asks what it is or can do hears the same."""
    kind = type(thing)
    twin = copy.copy(thing)
    cast("Any", twin).__class__ = type(kind.__name__, (kind,), methods)
    return twin


def dying_store(store: Store, fate: Fate) -> Store:
    """Only receiving is done with the urgency of a batch, so it is known by that."""

    async def transact(_self: object, work: Callable[[Tx], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        if urgency is not Urgency.BATCH:
            return await store.transact(work, urgency=urgency)

        async def then_die(tx: Tx) -> T:
            done = await work(tx)
            await tx.flush()
            fate.passes(Point.RECEIVE_INSIDE)
            return done

        received = await store.transact(then_die, urgency=urgency)
        fate.passes(Point.RECEIVE_COMMITTED)
        return received

    return but(store, transact=transact)


def dying_surface(surface: Surface, fate: Fate) -> Surface:
    async def post_card(_self: object, room: Room, card: Card, *, key: str) -> str:
        reference = await surface.post_card(room, card, key=key)
        fate.passes(Point.CARD_POSTED)
        return reference

    async def post_entry(_self: object, room: Room, card: str, entry: Entry, *, key: str) -> str:
        reference = await surface.post_entry(room, card, entry, key=key)
        if card:
            fate.passes(Point.ENTRY_POSTED)
        return reference

    return but(surface, post_card=post_card, post_entry=post_entry)


def dying_connection(connection: Connection, fate: Fate) -> Connection:
    if not isinstance(connection, Sends):
        return connection
    sender: Sends = connection

    async def send(_self: object, letter: Letter, prepared: Prepared) -> Sent:
        fate.passes(Point.SEND_INTENDED)
        sent = await sender.send(letter, prepared)
        fate.passes(Point.SEND_ANSWERED)
        return sent

    return but(connection, send=send)
