"""Measures finding tickets among many and among a hundredth of them, against a scan with LIKE that only counts."""

import asyncio
import random
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it has none

from routing.agents import Agent, AgentIdentity, Role
from routing.ids import AgentId, ConversationId, OrganisationId, RoomId, TicketId, new_id
from routing.messages import Direction, Message
from routing.ports import Reads, Tx, Urgency
from routing.postings import Posting, PostingState
from routing.queries import parse_query
from routing.rosters import RoomMember, Roster
from routing.search import Sight, sight_of
from routing.ticket import Priority, Status
from storage.bell import LocalBell
from storage.engine import open_database
from storage.indexing import SqlIndexer
from storage.store import SqlStore
from tests.bench.corpus import SENTENCES_JA, THINGS_JA
from tests.bench.figures import Figure
from tests.bench.sampling import Sampler
from tests.bench.stores import Store, plain_address
from tests.storage.rows import a_contact, a_conversation, a_message, a_ticket, an_identity

ORGANISATION = OrganisationId("org")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOMS = [RoomId(f"room{number}") for number in range(40)]
ONLY = ROOMS[:3]
AGENTS = [AgentId(f"agent{number}") for number in range(20)]
SHARE = 100  # the small desk is a hundredth of the large one
_BATCH = 500
_WORDS = 20_000
_SYLLABLES = ("ka", "len", "mor", "ti", "sa", "ver", "nu", "pel", "ro", "dis", "ga", "tun", "wex", "li", "bo", "qua")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of search; `scan` is what a plain database is asked instead, `who` looks for it."""

    name: str
    query: str
    scan: str
    who: Callable[[], Sight]


def _everybody() -> Sight:
    return sight_of(Agent(AgentId("admin"), ORGANISATION, "Admin", "", "", "en", Role.ADMIN, active=True), NOW)


def _few_rooms() -> Sight:
    return Sight(AGENTS[0], everything=False, at=NOW)


def _said(words: str) -> str:
    return f"SELECT count(*) FROM messages WHERE text LIKE '%{words}%'"


CASES = (
    Case("a phrase", '"cold coffee"', _said("cold coffee"), _everybody),
    Case("返金, two characters", "返金", _said("返金"), _everybody),
    Case("熱, one character", "熱", _said("熱"), _everybody),
    Case("a rare word", "zanzibar", _said("zanzibar"), _everybody),
    Case("a beginning", "zanz*", _said("zanz"), _everybody),
    Case(
        "fields",
        "status:open priority:urgent",
        "SELECT count(*) FROM tickets WHERE status = 'open' AND priority = 'urgent'",
        _everybody,
    ),
    Case("assignee:me", "assignee:me", f"SELECT count(*) FROM tickets WHERE assignee = '{AGENTS[0]}'", _few_rooms),
    Case("words and fields", "coffee status:closed -tag:vip before:2026-06-01", _said("coffee"), _everybody),
    Case("3 of 40 rooms", "coffee", _said("coffee"), _few_rooms),
    Case("rare, 3 of 40 rooms", "zanzibar", _said("zanzibar"), _few_rooms),
)


# --- what is searched ------------------------------------------------------------------------------------------------


class _Texts:
    """Words as often as in real texts: a few very often, most hardly ever. Three of ten texts are Japanese."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        made = random.Random(1)
        self._words = [
            "coffee",
            "order",
            "the",
            *("".join(made.choices(_SYLLABLES, k=made.randint(1, 4))) for _ in range(_WORDS)),
        ]
        self._often = list(accumulate(1 / (place + 2) for place in range(len(self._words))))

    def text(self) -> str:
        chance = self.chance
        if chance.random() < 0.3:
            said = "".join(chance.choices(SENTENCES_JA, k=chance.randint(3, 7)))
            rarely = "コーヒーが熱すぎました。" if chance.random() < 0.02 else ""
            return f"{chance.choice(THINGS_JA)}の件です。{said}{rarely}"
        words = chance.choices(self._words, cum_weights=self._often, k=chance.randint(30, 120))
        if chance.random() < 0.01:
            words[5:5] = ["cold", "coffee"]
        if chance.random() < 0.0005:
            words.append("zanzibar")
        return " ".join(words)


def _rows(texts: _Texts, number: int, count: int) -> Iterator[object]:
    """A ticket with its one to three messages, made in the course of two years."""
    chance = texts.chance
    at = NOW - timedelta(days=730) * (1 - number / count)
    ticket_id, conversation_id = TicketId(new_id()), ConversationId(new_id())
    name, address = f"Customer {number}", f"customer{number}@example.com"
    contact = a_contact(name=name)
    identity = an_identity(address=address, contact=contact.id)
    said = 1 + (chance.random() < 0.31) + (chance.random() < 0.1)
    status = chance.choices((Status.CLOSED, Status.OPEN, Status.WAITING, Status.NEW), (80, 8, 8, 4))[0]
    priority = chance.choices((Priority.NORMAL, Priority.HIGH, Priority.URGENT, Priority.LOW), (85, 8, 2, 5))[0]
    yield contact
    yield identity
    yield a_ticket(
        id=ticket_id,
        number=number,
        contact=contact.id,
        conversation=conversation_id,
        subject=texts.text()[:40],
        status=status,
        priority=priority,
        assignee=chance.choice(AGENTS) if chance.random() < 0.6 else None,
        tags=("vip",) if chance.random() < 0.05 else (),
        latest="",
        created_at=at,
        updated_at=at,
        seq=said,
    )
    yield a_conversation(
        id=conversation_id, ticket=ticket_id, contact=contact.id, identity=identity.id, address=address, participants=()
    )
    for seq in range(1, said + 1):
        direction = Direction.INBOUND if seq % 2 else Direction.OUTBOUND
        yield a_message(
            ticket=ticket_id,
            conversation=conversation_id,
            seq=seq,
            direction=direction,
            author=name,
            subject="",
            text=texts.text(),
        )
    yield Posting(new_id(), ORGANISATION, ticket_id, chance.choice(ROOMS), "1.1", 1, seq, "", PostingState.SHOWN, NOW)


async def _team(tx: Tx) -> None:
    for agent in AGENTS:
        tx.add(Agent(agent, ORGANISATION, agent, "", "", "en", Role.AGENT, active=True))
        tx.add(AgentIdentity(ORGANISATION, "slack", "T1", agent, agent, allowed=True, seen_at=NOW))
    for room in ROOMS:
        tx.add(Roster(room, ORGANISATION, NOW, 0))
    for room in ONLY:
        tx.add(RoomMember(room, "slack", "T1", AGENTS[0], ORGANISATION, present=True))


async def _furnish(url: str, count: int) -> tuple[float, int]:
    """Fills a desk, and returns how many ms a message indexing took, and how many messages there are."""
    database = open_database(url)
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=lambda: NOW)
    texts = _Texts(count)
    messages = 0

    async def some(tx: Tx, first: int) -> int:
        made = 0
        for number in range(first, min(first + _BATCH, count + 1)):
            for row in _rows(texts, number, count):
                tx.add(row)  # type: ignore[arg-type]  # rows of every kind
                made += isinstance(row, Message)
        return made

    await store.transact(_team)
    for first in range(1, count + 1, _BATCH):
        messages += await store.transact(lambda tx, first=first: some(tx, first), urgency=Urgency.BATCH)  # type: ignore[misc]  # bound at once
    indexer = SqlIndexer(database, ORGANISATION, clock=lambda: NOW)
    began = time.perf_counter()
    while await indexer.index() == NOW:
        pass
    took = time.perf_counter() - began
    await database.close()
    return took / messages * 1_000, messages


# --- searching -------------------------------------------------------------------------------------------------------


async def _searches(url: str, case: Case, times: int) -> list[float]:
    """How many ms each search took."""
    database = open_database(url)
    store = SqlStore(database, ORGANISATION, LocalBell(), clock=lambda: NOW)
    taken: list[float] = []

    async def search(reads: Reads) -> None:
        query = parse_query(case.query, today=NOW.date(), zone=UTC)
        await reads.find_tickets(query, seen_by=case.who(), limit=10)

    await store.look(search)
    for _ in range(times):
        began = time.perf_counter()
        await store.look(search)
        taken.append((time.perf_counter() - began) * 1_000)
    await database.close()
    return taken


async def _scan(url: str, case: Case, times: int) -> float:
    """The median ms of a plain scan."""
    taken: list[float] = []
    run, close = await _plainly(url, case.scan)
    await run()
    for _ in range(times):
        began = time.perf_counter()
        await run()
        taken.append((time.perf_counter() - began) * 1_000)
    await close()
    return statistics.median(taken)


async def _plainly(url: str, sql: str) -> tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]:
    address = plain_address(url)
    if "://" in address:
        connection = await asyncpg.connect(address)
        return (lambda: connection.fetch(sql)), connection.close
    file = sqlite3.connect(Path(address))

    async def run() -> object:
        return file.execute(sql).fetchall()

    async def close() -> object:
        file.close()
        return None

    return run, close


def compare_searches(stores: Sequence[Store], *, rounds: int, tickets: int, times: int) -> list[Figure]:
    figures: list[Figure] = []
    for store in stores:
        with store.fresh() as large, store.fresh() as small:
            indexing, messages = asyncio.run(_furnish(large, tickets))
            few, _ = asyncio.run(_furnish(small, tickets // SHARE))
            named = replace(_ROUND, store=store.name)
            figures.append(
                replace(
                    named,
                    what=f"indexing of {messages:,} (bare: of a {SHARE}th)",
                    unit="ms a message",
                    ours=[indexing],
                    bare=[few],
                )
            )
            for case in CASES:
                figures += _compared(named, case, large, small, rounds=rounds, times=times, tickets=tickets)
    return figures


_ROUND = Figure("d", "", "", "ms", (), ())


def _compared(
    named: Figure, case: Case, large: str, small: str, *, rounds: int, times: int, tickets: int
) -> list[Figure]:
    middle: list[float] = []
    worst: list[float] = []
    among_few: list[float] = []
    scanned: list[float] = []
    for _ in range(rounds):
        taken = sorted(asyncio.run(_searches(large, case, times)))
        middle.append(statistics.median(taken))
        worst.append(taken[min(len(taken) - 1, int(0.99 * len(taken)))])
        among_few.append(statistics.median(asyncio.run(_searches(small, case, times))))
        scanned.append(asyncio.run(_scan(large, case, 3)))
    what = f"{case.name}, {tickets:,} tickets"
    return [
        replace(named, what=f"{what}, p50 (bare: scan)", ours=middle, bare=scanned, goal="ours ≤ 20"),
        replace(named, what=f"{what}, p99 (bare: scan)", ours=worst, bare=scanned),
        replace(named, what=f"{what}, p50 (bare: {tickets // SHARE:,})", ours=middle, bare=among_few, goal="≤ 3"),
    ]


def profile_searches(store: Store, *, tickets: int, times: int) -> str:
    """Where our time goes while indexing, and while searching."""
    told: list[str] = []
    with store.fresh() as url:
        for what, work in (
            ("indexing", lambda: asyncio.run(_furnish(url, tickets))),
            ("searching", lambda: [asyncio.run(_searches(url, case, times)) for case in CASES]),
        ):
            sampler = Sampler()
            sampler.start()
            work()
            sampler.stop()
            told.append(f"{what}: {sampler.told(25)}")
    return "\n".join(told)
