"""The inner house on every database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.inner import Inner, Ticking, inner_house


@pytest.fixture
async def inner(database_url: str, tmp_path: Path) -> AsyncIterator[Inner]:
    async with inner_house(database_url, tmp_path, clock=Ticking()) as house:
        yield house
