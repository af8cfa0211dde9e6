"""What connections are given in tests: real values, and the outside world kept in memory."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import aiohttp
from aiohttp import web

from connectors.contract import Delivery, NewDelivery, Receipt, Tools
from connectors.server import SERVER
from routing.errors import TryLater
from routing.ids import AccountId, ConversationId, DeliveryId, MessageId, OrganisationId
from routing.messages import Item
from routing.replies import Letter

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ACCOUNT = AccountId("acme-line")


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


class Shelf:
    """Blobs on a shelf."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        self.kept[name] = content
        return name

    async def get(self, blob: str) -> bytes:
        return self.kept[blob]


class Seal:
    """Signs with one key."""

    def sign(self, purpose: str, text: str) -> str:
        return hmac.new(b"test key", f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]

    def verifies(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())


@dataclass
class Book:
    """A ledger that keeps what it accepts, once, and may be told to be unable."""

    kept: list[NewDelivery] = field(default_factory=list)
    fault: Exception | None = None

    async def accept(self, delivery: NewDelivery) -> Receipt:
        if self.fault is not None:
            raise self.fault
        if any((one.account, one.provider_id) == (delivery.account, delivery.provider_id) for one in self.kept):
            return Receipt.REPEAT
        self.kept.append(delivery)
        return Receipt.KEPT


UNABLE = TryLater("the disk is full", after=timedelta(seconds=7))


def tools(http: aiohttp.ClientSession, *, clock: Clock | None = None, blobs: Shelf | None = None) -> Tools:
    return Tools(
        http=http,
        blobs=blobs or Shelf(),
        signer=Seal(),
        clock=clock or Clock(),
        public_url="https://desk.example.com",
        link=lambda blob, name, media_type: f"https://desk.example.com/files/{blob}?type={media_type}",
        own_addresses=frozenset({"support@acme.example"}),
    )


@asynccontextmanager
async def serving(routes: Iterable[web.AbstractRouteDef]) -> AsyncIterator[aiohttp.ClientSession]:
    """The routes on a real server, set up as the house sets it up, and a client that knows its address."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, **SERVER)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
            yield client
    finally:
        await runner.cleanup()


def delivered(body: bytes, *, account: AccountId = ACCOUNT, headers: Mapping[str, str] | None = None) -> Delivery:
    return Delivery(
        id=DeliveryId("delivery-1"),
        organisation=OrganisationId("acme"),
        account=account,
        headers=headers or {},
        body=body,
        received_at=START,
    )


def letter(**changes: Any) -> Letter:
    """A reply to Taro."""
    written = Letter(
        message=MessageId("message-1"),
        key="2f6c1f0e-4a76-5d0e-9d55-5f1f2f3a4b5c",
        account=ACCOUNT,
        conversation=ConversationId("conversation-1"),
        channel="line",
        address="U4af4980629f7d8a2c0e4d2f1b9a3c5e7",
        address_name="太郎",
        subject="",
        text="はい、明日まで承ります。",
        refs=(),
        ticket_number=1042,
        agent_name="佐藤 花子",
        created_at=START,
    )
    return Letter(**{one.name: changes.get(one.name, getattr(written, one.name)) for one in fields(Letter)})


def as_json(item: Item) -> dict[str, Any]:
    """An item as it is written beside its payload: its name, and every field that says something."""
    told = {name: value for name, value in asdict(item).items() if value not in (None, "", (), {}, False, b"")}
    plain: dict[str, Any] = json.loads(json.dumps({"item": type(item).__name__, **told}, default=_plain))
    shown: dict[str, Any] = _without_nothing(plain)
    return shown


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}"
    raise TypeError(f"{type(value).__name__} has no place in an item")


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items() if one not in (None, "", [], {}, False, 0)}
    if isinstance(value, list):
        return [_without_nothing(one) for one in value]
    return value
