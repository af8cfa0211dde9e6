"""Measures what storing a batch of mails costs, without parsing them: `python -m tests.bench.store_batch`.

Each mail settles a delivery and writes an item, a message, two references, a history entry, an audit row and a job;
seven of ten make a contact, identity, conversation and ticket, the others change theirs.
"""

import argparse
import asyncio
import cProfile
import pstats
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from routing.contacts import Conversation, Identity, Reference
from routing.history import AuditRow, HistoryEntry
from routing.ids import ConversationId, DeliveryId, OrganisationId, TicketId, new_id
from routing.jobs import Topic
from routing.ports import Tx, Urgency
from routing.ticket import Ticket
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.inbox import SqlInbox
from storage.ledger import LANES, LedgerWriter
from storage.store import SqlStore
from tests.databases import postgres_database, postgres_template, sqlite_database, sqlite_template
from tests.storage.rows import (
    ACCOUNT,
    NOON,
    a_contact,
    a_conversation,
    a_delivery,
    a_message,
    a_ticket,
    an_identity,
    an_item,
)

ORGANISATION = OrganisationId("org")
TEXT = "Dear all, the coffee was cold again this morning, please do something about it. " * 12


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Mails:
    """Makes mails, and remembers the conversations that later ones may join."""

    known: list[tuple[ConversationId, TicketId, str]] = field(default_factory=list)
    made: int = 0

    def next_batch(self, deliveries: Sequence[DeliveryId]) -> list[tuple[DeliveryId, int, tuple[str, str] | None]]:
        batch: list[tuple[DeliveryId, int, tuple[str, str] | None]] = []
        for delivery in deliveries:
            self.made += 1
            joins = self.known[(self.made * 7919) % len(self.known)] if self.made % 10 >= 7 and self.known else None
            batch.append((delivery, self.made, joins and (joins[0], joins[2])))
        return batch


async def store_mails(tx: Tx, mails: Mails, batch: Sequence[tuple[DeliveryId, int, tuple[str, str] | None]]) -> None:
    """Finds and writes as the desk does."""
    numbers = [number for _, number, _ in batch]
    await tx.seen(ACCOUNT, {f"<{number}@example.com>" for number in numbers})
    await tx.references(
        {ref for _, number, joins in batch for ref in (f"<{number}@example.com>", joins and joins[1]) if ref}
    )
    await tx.identities({("email", f"customer{number}@example.com") for number in numbers})
    conversations = await tx.lock(Conversation, {joins[0] for _, _, joins in batch if joins})
    tickets = await tx.lock(Ticket, {one.ticket for one in conversations.values()})
    fresh = [number for _, number, joins in batch if joins is None]
    first = await tx.take_numbers(len(fresh)) if fresh else 0
    changed_tickets: dict[str, Ticket] = {}
    changed_conversations: dict[str, Conversation] = {}
    for delivery, number, joins in batch:
        ref = f"<{number}@example.com>"
        if joins is None:
            contact = a_contact(name=f"Customer {number}")
            identity = an_identity(address=f"customer{number}@example.com", contact=contact.id)
            ticket = a_ticket(number=first, contact=contact.id, latest=TEXT[:600])
            first += 1
            conversation = a_conversation(
                key=ref, ticket=ticket.id, contact=contact.id, identity=identity.id, refs=(ref,)
            )
            ticket = replace(ticket, conversation=conversation.id)
            tx.add(contact, identity, ticket, conversation)
            mails.known.append((conversation.id, ticket.id, ref))
        else:
            conversation = changed_conversations.get(joins[0]) or conversations[joins[0]]
            ticket = changed_tickets.get(conversation.ticket) or tickets[conversation.ticket]
            ticket = ticket.customer_wrote(text=TEXT, author="Aki", automatic=False, at=NOON)
            changed_tickets[ticket.id] = ticket
            changed_conversations[conversation.id] = replace(conversation, refs=(*conversation.refs, ref)[-20:])
        tx.add(
            a_message(
                ticket=ticket.id,
                conversation=conversation.id,
                seq=ticket.seq,
                external_id=ref,
                text=TEXT,
                full_text=TEXT,
            ),
            Reference(ORGANISATION, ref, conversation.id),
            Reference(ORGANISATION, f"<parent-{number}@example.com>", conversation.id),
            HistoryEntry(new_id(), ORGANISATION, ticket.id, NOON, None, "message.received", {"by": "Aki"}),
            AuditRow(
                new_id(), ORGANISATION, NOON, None, "system", "received", ticket.id, {"by": "Aki"}, "s" * 32, "d" * 64
            ),
            an_item(delivery=delivery, external_id=ref, ticket=ticket.id),
        )
        tx.ask(Topic.SHOW, ticket.id)
    tx.put(*changed_tickets.values(), *changed_conversations.values())
    tx.settle([delivery for delivery, _, _ in batch])


class Nowhere:
    """Takes everything and finds a ticket for every id: what remains is the cost of making the rows."""

    async def seen(self, *_: object) -> set[str]:
        return set()

    async def references(self, *_: object) -> dict[str, Reference]:
        return {}

    async def identities(self, *_: object) -> dict[tuple[str, str], Identity]:
        return {}

    async def take_numbers(self, _: int) -> int:
        return 1

    async def lock(self, kind: type, ids: Sequence[str]) -> dict[str, object]:
        if kind is Ticket:
            return {one: a_ticket(id=one, latest=TEXT[:600]) for one in ids}
        return {one: a_conversation(id=one, ticket=f"of {one}") for one in ids}

    def add(self, *_: object) -> None: ...
    def put(self, *_: object) -> None: ...
    def ask(self, *_: object) -> None: ...
    def settle(self, *_: object) -> None: ...


async def cost_of_rows(batches: int, size: int) -> float:
    """CPU ms a mail for making the rows alone."""
    mails, cpu, nowhere = Mails(), [], Nowhere()
    for _ in range(batches):
        batch = mails.next_batch([DeliveryId(new_id()) for _ in range(size)])
        worked = time.process_time()
        await store_mails(nowhere, mails, batch)  # type: ignore[arg-type]  # a stand-in for a measurement
        cpu.append((time.process_time() - worked) / size * 1_000)
    return statistics.median(cpu[batches // 2 :])


async def measure(url: str, directory: Path, *, batches: int, size: int, body: int, profile: bool) -> None:
    database = open_database(url)
    bell, blobs = LocalBell(), DirectoryBlobs(directory / "blobs")
    store = SqlStore(database, ORGANISATION, bell, clock=now)
    ledger = LedgerWriter(database, ORGANISATION, bell, blobs, clock=now)
    inbox = SqlInbox(database, ORGANISATION, blobs, clock=now)
    mails, cpu, wall = Mails(), [], []
    profiler = cProfile.Profile()
    for turn in range(batches):
        arrivals = [a_delivery(f"{turn}-{place}", body=b"x" * body, lane=str(turn)) for place in range(size)]
        await asyncio.gather(*(ledger.accept(one) for one in arrivals))
        waiting = [
            found for lane in range(LANES) for found in await inbox.waiting(f"{lane:02d}", limit=size, size=2**30)
        ]
        batch = mails.next_batch([one.id for one in waiting])
        began, worked = time.perf_counter(), time.process_time()
        if profile:
            profiler.enable()
        await store.transact(lambda tx, batch=batch: store_mails(tx, mails, batch), urgency=Urgency.BATCH)  # type: ignore[misc]  # bound at once
        if profile:
            profiler.disable()
        wall.append((time.perf_counter() - began) / size * 1_000)
        cpu.append((time.process_time() - worked) / size * 1_000)
    await database.close()
    half = batches // 2
    whole, rows = statistics.median(cpu[half:]), await cost_of_rows(batches, size)
    print(
        f"{url.partition(':')[0]:22} {size} a batch: own CPU {whole - rows:.3f} ms a mail to store "
        f"(and {rows:.3f} to make the rows), wall {statistics.median(wall[half:]):.3f} ms"
    )
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--body", type=int, default=11_000, help="bytes of each raw mail in the ledger")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    how = {"batches": given.batches, "size": given.size, "body": given.body, "profile": given.profile}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if given.only != "postgres":
            url = sqlite_database(sqlite_template(directory), directory)
            asyncio.run(measure(url, directory, **how))
        if given.only != "sqlite":
            url = stack.enter_context(postgres_database(stack.enter_context(postgres_template())))
            asyncio.run(measure(url, directory, **how))


if __name__ == "__main__":
    main()
