"""When Slack's budget is short, what people wait for goes before what may be late, and nothing waits for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.slack.limits import IN_A_ROOM, METHODS, shares
from bot.urgency import PATIENCE, Urgency, current_urgency, done_with
from routing.rates import LocalRates
from routing.ticket import Priority
from tests.bot.team import SUPPORT, Team, shown, team_policy, working_team
from tests.conftest import Clock


@pytest.fixture
async def limited(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """A team whose Slack has its real limits, on both sides."""
    async with working_team(sqlite_url, tmp_path, policy=team_policy(), limited=True) as one:
        yield one


async def test_new_cards_leave_room_for_the_answer_to_a_customer_in_work(limited: Team) -> None:
    team = limited
    await team.mail("The first.")
    await team.work_off()
    await team.act("claim")
    for number in range(20):
        await team.mail(f"Another {number}.", message_id=f"<other{number}@customer.example>")
    await team.work_off()
    posted = len(team.cards())
    assert posted < 21, "the room's budget is used up by new cards"
    await team.mail("Hello? It is me again.", number=2)
    await team.work_off()
    own = [one for one in team.cards() if "#1 " in shown(one)]
    assert any("me again" in shown(one) for one in team.slack.thread(SUPPORT.place, own[0]["ts"]))


async def test_in_the_end_everything_is_posted_and_slack_never_had_to_refuse(limited: Team) -> None:
    team = limited
    for number in range(12):
        await team.mail(f"Another {number}.", message_id=f"<other{number}@customer.example>")
    await team.work_off()
    for _ in range(60):
        if not team.given_back:
            break
        team.given_back.clear()
        await team.later(2)
    assert len(team.cards()) == 12
    assert [one for one in team.slack.journal.calls() if one["status"] == 429] == []


async def test_an_urgent_ticket_is_posted_though_ordinary_ones_must_wait(limited: Team) -> None:
    team = limited
    for number in range(6):
        await team.mail(f"Ordinary {number}.", message_id=f"<other{number}@customer.example>")
    await team.work_off()
    await team.mail("The roof is on fire.", message_id="<urgent@customer.example>", subject="Fire")
    fire = await team.ticket(7)
    await team.inner.desk.prioritise(await team.actor(), fire.id, Priority.URGENT)
    await team.later(1)
    assert any("#7 " in shown(one) for one in team.cards())


@pytest.mark.parametrize("urgency", Urgency, ids=lambda urgency: urgency.name)
def test_every_class_can_have_at_least_one_call_of_every_method(urgency: Urgency) -> None:
    for method in METHODS:
        assert all(share.reserve < share.allowance for share in shares("T1", method, "C1", urgency))


async def test_the_more_urgent_get_what_the_less_urgent_must_leave() -> None:
    rates = LocalRates(Clock())

    async def had(urgency: Urgency) -> int:
        count = 0
        while not await rates.take_all(shares("T1", "chat.postMessage", "C1", urgency)):
            count += 1
        return count

    spare, routine, now = [await had(one) for one in (Urgency.SPARE, Urgency.ROUTINE, Urgency.NOW)]
    assert min(spare, routine, now) > 0
    assert spare + routine + now == IN_A_ROOM.allowance


def test_who_waits_long_enough_is_as_urgent_as_anybody() -> None:
    assert Urgency.SPARE.after(timedelta(0)) is Urgency.SPARE
    assert Urgency.SPARE.after(PATIENCE) is Urgency.ROUTINE
    assert Urgency.SPARE.after(10 * PATIENCE) is Urgency.NOW


def test_who_says_nothing_answers_a_person() -> None:
    assert current_urgency() is Urgency.NOW
    with done_with(Urgency.SPARE):
        assert current_urgency() is Urgency.SPARE
    assert current_urgency() is Urgency.NOW
