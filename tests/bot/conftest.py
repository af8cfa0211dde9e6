"""A team at work, on every database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.team import BILLING, SUPPORT, Team, team_policy, working_team


@pytest.fixture
async def team(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """One room."""
    async with working_team(database_url, tmp_path) as one:
        yield one


@pytest.fixture
async def two_rooms(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """Every ticket is shown in two rooms."""
    async with working_team(sqlite_url, tmp_path, policy=team_policy(SUPPORT, BILLING)) as one:
        yield one
