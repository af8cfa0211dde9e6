"""Bytes in S3 are found again, or said to be gone; a bucket that does not answer means later."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from routing.deliveries import Receipt
from routing.errors import Gone, Misconfigured, TryLater
from storage.bell import LocalBell
from storage.inbox import SqlInbox
from storage.ledger import INLINE, LedgerWriter, lane_of
from storage.s3 import S3Blobs, open_s3
from storage.wire import Database
from tests.conftest import ORGANISATION, Clock
from tests.storage.rows import ACCOUNT, a_delivery


class StandIn:
    """One bucket, as S3 answers over HTTP; `fails` is the status of every answer while it is set."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fails = 0
        self.put_at = datetime.now(UTC)

    async def answer(self, request: web.Request) -> web.Response:
        if self.fails:
            return _error(self.fails, "SlowDown")
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=access/"):
            return _error(403, "AccessDenied")
        if request.match_info["bucket"] != "blobs":
            return _error(404, "NoSuchBucket")
        key = request.match_info.get("key", "")
        if request.method == "PUT":
            content = await request.read()
            assert request.headers["x-amz-content-sha256"] in (sha256(content).hexdigest(), "UNSIGNED-PAYLOAD")
            self.objects[key] = content
            return web.Response()
        if not key:
            return web.Response()
        if key not in self.objects:
            return _error(404, "NoSuchKey")
        if request.method == "DELETE":
            del self.objects[key]
            return web.Response(status=204)
        return web.Response(
            body=self.objects[key], headers={"Last-Modified": format_datetime(self.put_at, usegmt=True)}
        )


def _error(status: int, code: str) -> web.Response:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{escape(code)}</Message></Error>'
    return web.Response(status=status, text=body, content_type="application/xml")


@pytest.fixture
def bucket() -> StandIn:
    return StandIn()


@pytest.fixture
async def endpoint(bucket: StandIn) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{bucket}", bucket.answer)
    app.router.add_route("*", "/{bucket}/{key:.*}", bucket.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def blobs(endpoint: str) -> AsyncIterator[S3Blobs]:
    async with open_s3(
        bucket="blobs", endpoint=endpoint, prefix="/house/", access_key="access", secret_key="secret"
    ) as opened:
        yield opened


async def test_bytes_come_back_by_their_name(blobs: S3Blobs, bucket: StandIn) -> None:
    name = await blobs.put(b"\x00bytes")
    assert await blobs.get(name) == b"\x00bytes"
    assert list(bucket.objects) == [f"house/{name[:2]}/{name}"]


async def test_what_is_not_there_or_not_ours_is_gone(blobs: S3Blobs) -> None:
    for name in ("0" * 64, "../../secrets"):
        with pytest.raises(Gone):
            await blobs.get(name)


async def test_damaged_bytes_are_not_handed_out(blobs: S3Blobs, bucket: StandIn) -> None:
    name = await blobs.put(b"whole")
    bucket.objects[f"house/{name[:2]}/{name}"] = b"whol"
    with pytest.raises(Gone, match="damaged"):
        await blobs.get(name)


async def test_old_bytes_can_be_removed_and_young_ones_not(blobs: S3Blobs, bucket: StandIn) -> None:
    name = await blobs.put(b"bytes")
    assert not await blobs.remove(name, unused_for=timedelta(minutes=1))
    bucket.put_at -= timedelta(minutes=2)
    assert await blobs.remove(name, unused_for=timedelta(minutes=1))
    assert bucket.objects == {}
    assert await blobs.remove(name, unused_for=timedelta(minutes=1)), "removed already"


async def test_a_store_in_trouble_means_later(blobs: S3Blobs, bucket: StandIn) -> None:
    name = await blobs.put(b"bytes")
    bucket.fails = 503
    for trouble in (blobs.put(b"more"), blobs.get(name), blobs.check()):
        with pytest.raises(TryLater):
            await trouble
    bucket.fails = 0
    assert await blobs.get(name) == b"bytes"


async def test_nobody_there_means_later(unused_tcp_port: int) -> None:
    nobody = open_s3(
        bucket="blobs", endpoint=f"http://127.0.0.1:{unused_tcp_port}", access_key="access", secret_key="secret"
    )
    async with nobody as blobs:
        with pytest.raises(TryLater):
            await blobs.check()


@pytest.mark.parametrize(("name", "key"), [("other", "access"), ("blobs", "stranger")])
async def test_a_bucket_that_cannot_be_used_is_named_at_the_start(endpoint: str, name: str, key: str) -> None:
    async with open_s3(bucket=name, endpoint=endpoint, access_key=key, secret_key="secret") as blobs:
        with pytest.raises(Misconfigured, match=name):
            await blobs.check()


async def test_a_door_keeps_nothing_while_large_bodies_cannot_be_stored(
    database: Database, blobs: S3Blobs, bucket: StandIn, clock: Clock
) -> None:
    ledger = LedgerWriter(database, ORGANISATION, LocalBell(), blobs, clock=clock)
    inbox = SqlInbox(database, ORGANISATION, blobs, clock=clock)
    body = bytes(INLINE + 1)
    bucket.fails = 500
    with pytest.raises(TryLater):
        await ledger.accept(a_delivery("1", body=body))
    bucket.fails = 0
    assert await ledger.accept(a_delivery("1", body=body)) is Receipt.KEPT
    (kept,) = await inbox.waiting(lane_of(ACCOUNT, "conversation"), limit=1, size=1)
    assert kept.body == body
