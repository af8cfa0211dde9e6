"""Killed at any point, in either mode, the program loses nothing and doubles nothing."""

import pytest

from tests.crash.campaign import Load, campaign
from tests.crash.conftest import Note
from tests.crash.lives import Lives
from tests.crash.orders import Place, Point

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("point", [point for point in Point if point is not Point.MISTAKE], ids=str)
async def test_nothing_is_lost_or_doubled_when_the_program_is_killed(
    giver: Lives, place: Place, point: Point, load: Load, seed: int, note: Note
) -> None:
    verdict = await campaign(giver, place, point, load, seed=seed)
    note(verdict)
    assert verdict.kills == load.kills
    if verdict.findings:
        pytest.fail(verdict.told())
