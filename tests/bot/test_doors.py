"""What anybody may ask of a process: links to files, its health, and its figures."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application

from bot.files import FileLinks
from bot.web import web_app
from routing.errors import TryLater
from storage.blobs import DirectoryBlobs
from tests.conftest import Clock
from tests.inner import TestSigner

NAMES = [
    "",
    "../../etc/passwd",
    "..\\boot.ini",
    "請求書 2026.pdf",
    'a"b\r\nX-Evil: 1',
    "-rf",
    "x" * 300,
    "CON",
    "%2e%2e%2f",
]


@pytest.fixture
def links(tmp_path: Path, clock: Clock) -> FileLinks:
    return FileLinks(TestSigner(), DirectoryBlobs(tmp_path / "blobs"), "", clock)


@pytest.mark.parametrize("name", NAMES)
async def test_a_link_serves_its_file_whatever_it_is_called(links: FileLinks, tmp_path: Path, name: str) -> None:
    blob = await DirectoryBlobs(tmp_path / "blobs").put(b"<script>")
    async with TestClient(TestServer(_app(links))) as client:
        answer = await client.get(links.link(blob, name, "text/html"))
        assert (answer.status, await answer.read()) == (200, b"<script>")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Evil" not in answer.headers


async def test_a_forged_or_changed_link_leads_nowhere(links: FileLinks, tmp_path: Path) -> None:
    blob = await DirectoryBlobs(tmp_path / "blobs").put(b"a file")
    good = links.link(blob, "a.txt", "text/plain")
    token, _, signature = good.split("/")[2].partition(".")
    elsewhere = base64.urlsafe_b64encode(json.dumps(["../keys", "text/plain", 9e12]).encode()).decode().rstrip("=")
    forged = [f"{elsewhere}.{signature}", token, f"{token}.", f"{token}.{'a' * len(signature)}", f"é.{signature}", "."]
    async with TestClient(TestServer(_app(links))) as client:
        for one in forged:
            assert (await client.get(f"/files/{one}/a.txt")).status == 404, one
        assert (await client.get(good)).status == 200


async def test_a_link_ends_after_its_life(links: FileLinks, tmp_path: Path, clock: Clock) -> None:
    blob = await DirectoryBlobs(tmp_path / "blobs").put(b"a file")
    good, lost = links.link(blob, "a.txt", "text/plain"), links.link("0" * 64, "a.txt", "text/plain")
    async with TestClient(TestServer(_app(links))) as client:
        assert (await client.get(lost)).status == 404
        clock.advance(timedelta(days=7, seconds=1))
        assert (await client.get(good)).status == 410


def _app(links: FileLinks) -> Application:
    return web_app(links.routes(), ready=_ready)


async def _ready() -> None:
    return None


async def test_health_readiness_and_figures_tell_nothing_about_the_inside() -> None:
    away = True

    async def ready() -> None:
        if away:
            raise TryLater("password authentication failed for user postgres at 10.0.0.7")

    async with TestClient(TestServer(web_app([], ready=ready))) as client:
        assert await (await client.get("/healthz")).text() == "alive\n"
        refused = await client.get("/readyz")
        assert (refused.status, await refused.text()) == (503, "not ready\n")
        assert refused.headers["Retry-After"] == "5"
        away = False
        assert (await client.get("/readyz")).status == 200
        assert "madoguchi_" in await (await client.get("/metrics")).text()
        assert (await client.get("/nowhere")).status == 404
