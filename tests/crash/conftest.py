"""Fixtures of the crash tests, and the table that they end with."""

import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.crash.campaign import Load, Verdict
from tests.crash.lives import Lives, lives
from tests.crash.orders import Place
from tests.crash.outside import place_in
from tests.crash.report import row, table
from tests.databases import REDIS

_ROW = "crash row"

Note = Callable[[Verdict], None]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def giver(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lives]:
    """Who gives the program its lives: one for all runs, for importing everything takes longest."""
    async with lives(tmp_path_factory.mktemp("crash") / "starter.log") as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.redis])])
def mode(request: pytest.FixtureRequest) -> str:
    """Both modes of storage: SQLite, and PostgreSQL with Redis for a bell."""
    return str(request.param)


@pytest.fixture
def place(mode: str, request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    url = str(request.getfixturevalue(f"{mode}_url"))
    if mode == "sqlite":
        return place_in(tmp_path, url)
    return place_in(tmp_path, url, redis_url=REDIS, redis_prefix=str(request.getfixturevalue("redis_prefix")))


@pytest.fixture
def seed() -> int:
    """MADOGUCHI_SEED repeats a run as far as chance goes; what falls together in time is different every time."""
    return int(os.environ.get("MADOGUCHI_SEED") or random.randrange(1_000_000))


@pytest.fixture(scope="session")
def load() -> Load:
    """Three kills a point; with MADOGUCHI_KILLS as many as that says, and more in flight the longer it goes on."""
    kills = int(os.environ.get("MADOGUCHI_KILLS") or 3)
    return Load(kills, mails=max(500, 20 * kills), lines=max(40, 4 * kills), replies=max(36, 4 * kills))


@pytest.fixture
def note(record_property: Callable[[str, object], None], mode: str) -> Note:
    """Puts a verdict into the table."""

    def write(verdict: Verdict) -> None:
        record_property(_ROW, row(mode, verdict))

    return write


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _ROW and getattr(report, "when", "") == "call"
    ]
    if rows:
        terminalreporter.section("crashes")
        terminalreporter.write_line(table(rows))
