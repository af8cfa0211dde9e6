"""A crash test must be able to fail: bugs that such programs have are planted, and each must be found."""

import pytest

from tests.crash.campaign import Load, campaign
from tests.crash.conftest import Note
from tests.crash.evidence import Kind
from tests.crash.lives import Lives
from tests.crash.orders import Mutant, Place, Point

pytestmark = pytest.mark.crash

# Enough for a planted bug to show, not more: it shows at every kill.
FEW = Load(kills=3, mails=120, lines=8, replies=12)


CASES = (
    (Mutant.ACKNOWLEDGE_FIRST, Point.MISTAKE, Kind.LOST),
    (Mutant.MARK_DONE_FIRST, Point.MISTAKE, Kind.LOST),
    (Mutant.MARK_SENT_FIRST, Point.MISTAKE, Kind.LOST),
    (Mutant.FORGET_INTENT, Point.CARD_POSTED, Kind.DOUBLED),
    (Mutant.NEVER_LOOK, Point.ENTRY_POSTED, Kind.DOUBLED),
    (Mutant.SEND_AGAIN, Point.SEND_ANSWERED, Kind.DOUBLED),
)


# In one mode: the bugs are planted above the storage.
@pytest.mark.parametrize("mode", ["sqlite"], indirect=True)
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("mutant", "point", "harm"), CASES, ids=str)
async def test_a_planted_bug_is_found(
    giver: Lives, place: Place, mutant: Mutant, point: Point, harm: Kind, seed: int, note: Note
) -> None:
    verdict = await campaign(giver, place, point, FEW, seed=seed, mutant=mutant)
    note(verdict)
    if harm not in {finding.kind for finding in verdict.findings}:
        pytest.fail(f"{mutant} was not found. {verdict.told()}")


def test_every_mutant_is_tried() -> None:
    assert {mutant for mutant, _, _ in CASES} == set(Mutant) - {Mutant.NONE}
