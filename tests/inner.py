"""Builds the inner house for tests and benchmarks: a store, the desk, a reader of mail, and no surface."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.accounts import ConnectedAccounts
from connectors.catalog import load_catalog
from connectors.contract import Connection, Tools
from connectors.http import client_session
from connectors.ingest import Ingest
from connectors.mail.arriving import delivery_of
from routing.agents import Actor
from routing.desk.desk import Desk
from routing.desk.people import Member
from routing.ids import AccountId, OrganisationId, RoomId
from routing.jobs import Job, Topic
from routing.policy import Look, Policy
from storage.bell import LocalBell
from storage.blobs import DirectoryBlobs
from storage.engine import open_database
from storage.inbox import SqlInbox
from storage.indexing import SqlIndexer
from storage.jobs import SqlJobs
from storage.ledger import LANES, LedgerWriter
from storage.migrate import migrate
from storage.store import SqlStore

ORGANISATION = OrganisationId("acme")
MAIL = AccountId("support")
ADDRESS = "support@example.com"


class TestSigner:
    """Signs with a fixed key."""

    __test__ = False

    def sign(self, purpose: str, text: str) -> str:
        return hmac.new(b"tests", f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()[:20]

    def verifies(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode("utf-8", "surrogatepass"))


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Ticking:
    """A clock that moves by a millisecond at every look, and forward when told."""

    at: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True, slots=True)
class Inner:
    """What the inner house consists of."""

    clock: Ticking
    store: SqlStore
    jobs: SqlJobs
    inbox: SqlInbox
    ledger: LedgerWriter
    blobs: DirectoryBlobs
    desk: Desk
    ingest: Ingest
    connections: dict[AccountId, Connection]
    indexer: SqlIndexer

    async def agent(self, user: str = "U1", name: str = "Aki", *, allowed: bool = True) -> Actor:
        """Somebody of the team, as Slack would describe them."""
        member = Member("slack", "T1", user, name, f"{user}@acme.example".lower(), "", "en", allowed)
        return Actor(await self.desk.meet(member), "slack")

    async def mail(self, raw: bytes) -> None:
        """Puts one mail into the ledger as the SMTP door would."""
        await self.ledger.accept(delivery_of(MAIL, raw, self.clock(), {}))

    async def read_everything(self) -> None:
        """Empties every lane once."""

        async def alive() -> None:
            return None

        for lane in range(LANES):
            await self.ingest.work(Job(Topic.INGEST, f"{lane:02d}", 1, 0, 1, now()), alive)


@asynccontextmanager
async def inner_house(
    url: str,
    folder: Path,
    *,
    accounts: Mapping[str, tuple[str, dict[str, object]]] | None = None,
    clock: Ticking | None = None,
    policy: Policy | None = None,
) -> AsyncIterator[Inner]:
    """`accounts`: id -> (connector, settings); by default one mail account with an SMTP door."""
    clock = clock or Ticking()
    await migrate(url)
    database = open_database(url)
    bell = LocalBell()
    blobs = DirectoryBlobs(folder / "blobs")
    store = SqlStore(database, ORGANISATION, bell, clock=clock)
    wanted = accounts or {MAIL: ("mail", {"address": ADDRESS, "door": True})}
    catalog = load_catalog()
    async with client_session(allow_loopback=True) as http:
        tools = Tools(
            http=http,
            blobs=blobs,
            signer=TestSigner(),
            clock=clock,
            public_url="http://127.0.0.1",
            link=lambda blob, name, kind: f"http://127.0.0.1/{blob}/{name}?{kind}",
            own_addresses=frozenset({ADDRESS}),
        )
        connections = {
            AccountId(name): catalog.connect(connector, AccountId(name), settings, tools)
            for name, (connector, settings) in wanted.items()
        }
        channels = {name: one.channels for name, one in catalog.declarations.items()}
        seen = ConnectedAccounts(
            connections,
            titles={},
            looks={one.name: Look(one.title, one.icon) for declared in channels.values() for one in declared},
            channels={AccountId(name): channels[connector][0].name for name, (connector, _) in wanted.items()},
        )
        policy = policy or Policy(ORGANISATION, "Acme", "en", "UTC", (), (RoomId("room"),), RoomId("room"))
        desk = Desk(store, policy, seen, clock)
        ledger = LedgerWriter(database, ORGANISATION, bell, blobs, clock=clock)
        inbox = SqlInbox(database, ORGANISATION, blobs, clock=clock)
        try:
            yield Inner(
                clock=clock,
                store=store,
                jobs=SqlJobs(database, ORGANISATION, bell, clock=clock),
                inbox=inbox,
                ledger=ledger,
                blobs=blobs,
                desk=desk,
                ingest=Ingest(inbox, desk, connections, blobs),
                connections=connections,
                indexer=SqlIndexer(database, ORGANISATION, clock=clock),
            )
        finally:
            await ledger.close()
            await database.close()
