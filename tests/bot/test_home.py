"""Everybody's own page: figures, lists, filters and pages, acts from there, and staying current."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.homes import REDRAWN_EVERY, Homes
from bot.sandbox.slack import seed
from routing.homes import WATCHED_FOR, View
from routing.jobs import Topic
from routing.ticket import Priority
from tests.bot.team import Team, shown


async def _draw(team: Team) -> None:
    """Does what is due for Homes, as a worker does."""
    await team.settle()
    homes = Homes(team.router.house)
    for job in await team.inner.jobs.take([Topic.HOME], limit=20, lease=timedelta(minutes=1)):
        again = await homes.draw(job)
        if again is None:
            await team.inner.jobs.finish(job)
        else:
            await team.inner.jobs.postpone(job, until=again, fault="", count=False)


async def _open(team: Team, user: str = seed.BEN) -> None:
    team.slack.open_home(user)
    await _draw(team)


def _home(team: Team, user: str = seed.BEN) -> str:
    view = team.slack.home(user)
    return shown(view.shown) if view else ""


def _elements(team: Team, user: str = seed.BEN) -> list[dict[str, Any]]:
    view = team.slack.home(user)
    assert view is not None
    return [
        {**one, "block_id": block["block_id"]}
        for block in view.shown["blocks"]
        if block["type"] == "actions"
        for one in block["elements"]
    ]


async def _press(team: Team, label: str, user: str = seed.BEN) -> None:
    """Presses the first button of this label, or chooses the line of this label in a menu."""
    view = team.slack.home(user)
    assert view is not None
    for one in _elements(team, user):
        chosen = next((option["value"] for option in one.get("options", []) if option["text"]["text"] == label), None)
        if chosen is not None or one.get("text", {}).get("text") == label:
            outcome = await team.slack.press_in_view(view, one["action_id"], chosen, block_id=one["block_id"])
            assert outcome.ok
            await _draw(team)
            return
    raise LookupError(label)


def _publishes(team: Team) -> int:
    return len(team.calls("views.publish"))


async def _mails(team: Team, count: int) -> None:
    for number in range(1, count + 1):
        await team.mail(f"Mail {number}", message_id=f"<m{number}@customer.example>", subject=f"Matter {number:02d}")
    await team.work_off()


async def test_a_home_shows_figures_and_the_lists_of_its_person(team: Team) -> None:
    await _mails(team, 3)
    await team.act("claim")
    await _open(team)
    home = _home(team)
    assert "3 for us to answer, 0 waiting for the customer, 2 with nobody" in home
    assert "My tickets (1)" in home
    assert "Unassigned (2)" in home
    assert "My rooms (3)" in home
    assert "#1 Matter 01" in home
    assert "Matter 02" not in home
    await _press(team, "Unassigned (2)")
    assert "#2 Matter 02" in _home(team)
    assert "#3 Matter 03" in _home(team)
    assert "Matter 01" not in _home(team)


async def test_it_speaks_the_language_of_its_person(team: Team) -> None:
    await _open(team, seed.YUI)
    assert "自分の担当 (0)" in _home(team, seed.YUI)
    assert "担当しているチケットはありません" in _home(team, seed.YUI)


async def test_claiming_from_home_moves_the_ticket_into_ones_own_list_and_reply_opens_the_form(team: Team) -> None:
    await _mails(team, 1)
    await _open(team)
    await _press(team, "Unassigned (1)")
    await _press(team, "Claim")
    assert "My tickets (1)" in _home(team)
    assert "Nothing here waits for somebody." in _home(team)
    await _press(team, "My tickets (1)")
    await _press(team, "Reply")
    assert "#1" in team.slack.open_view(seed.BEN).shown["title"]["text"]


async def test_take_next_tells_what_was_taken_over_the_home(team: Team) -> None:
    await _mails(team, 1)
    await _open(team)
    await _press(team, "Take next")
    assert "#1 is yours now" in shown(team.slack.open_view(seed.BEN).shown)
    assert "#1 Matter 01" in _home(team)
    await team.slack.close_view(team.slack.open_view(seed.BEN))
    await _press(team, "Take next")
    assert "Nothing waits" in shown(team.slack.open_view(seed.BEN).shown)


async def test_whoever_was_slower_is_told_and_sees_the_truth(team: Team) -> None:
    await _mails(team, 1)
    await _open(team)
    await _press(team, "Unassigned (1)")
    await team.act("claim", seed.YUI)
    await _press(team, "Claim")
    assert "Yui Sato has had this ticket" in shown(team.slack.open_view(seed.BEN).shown)
    assert "Unassigned (0)" in _home(team)


async def test_filters_narrow_the_list_and_are_remembered(team: Team) -> None:
    await _mails(team, 2)
    somebody = await team.inner.agent("U9", "Zoe")
    await team.inner.desk.prioritise(somebody, (await team.ticket(2)).id, Priority.URGENT)
    await _open(team)
    await _press(team, "My rooms (2)")
    await _press(team, "Urgent")
    assert "Matter 02" in _home(team)
    assert "Matter 01" not in _home(team)
    await _open(team)
    assert "Matter 01" not in _home(team)
    await _press(team, "Open")
    assert "There is nothing in your rooms that fits." in _home(team)
    await _press(team, "All states")
    await _press(team, "All priorities")
    await _press(team, "E-mail")
    assert _home(team).index("Matter 02") < _home(team).index("Matter 01")


async def test_long_lists_have_pages_and_a_page_that_is_gone_shows_the_last(team: Team) -> None:
    await _mails(team, 12)
    await _open(team)
    await _press(team, "My rooms (12)")
    assert "1–10 of 12" in _home(team)
    assert "Matter 11" not in _home(team)
    await _press(team, "Next ▶")
    assert "11–12 of 12" in _home(team)
    for number in (11, 12):
        await team.inner.desk.close(await team.inner.agent(), (await team.ticket(number)).id)
    await _open(team)
    assert "Matter 10" in _home(team)


async def test_it_stays_current_while_somebody_looks_and_publishes_nothing_when_nothing_changed(team: Team) -> None:
    await _mails(team, 1)
    await _open(team)
    before = _publishes(team)
    team.inner.clock.forward(REDRAWN_EVERY)
    await _draw(team)
    assert _publishes(team) == before
    await team.act("claim", seed.YUI)
    await _draw(team)
    assert _publishes(team) == before
    team.inner.clock.forward(REDRAWN_EVERY)
    await _draw(team)
    assert _publishes(team) == before + 1
    assert "Unassigned (0)" in _home(team)


async def test_whoever_looked_long_ago_costs_nothing(team: Team) -> None:
    await _open(team)
    team.inner.clock.forward(WATCHED_FOR)
    await _draw(team)
    team.inner.clock.forward(REDRAWN_EVERY * 2)
    assert await team.inner.jobs.take([Topic.HOME], limit=5, lease=timedelta(minutes=1)) == []


async def test_guests_see_a_polite_refusal_and_no_ticket(team: Team) -> None:
    await _mails(team, 1)
    await _open(team, seed.GUEST)
    assert "Only full members" in _home(team, seed.GUEST)
    assert "Matter" not in _home(team, seed.GUEST)
    assert _elements(team, seed.GUEST) == []


async def test_who_is_a_member_no_more_loses_what_stood_there(team: Team) -> None:
    await _mails(team, 1)
    await _open(team)
    await _press(team, "My rooms (1)")
    team.slack.change_user(seed.BEN, deleted=True)
    await team.settle()
    team.inner.clock.forward(REDRAWN_EVERY)
    await _draw(team)
    assert "Matter" not in _home(team)


async def test_rooms_that_one_is_not_in_stay_unseen(team: Team) -> None:
    await _mails(team, 1)
    team.slack.leave("#support", seed.BEN)
    await team.settle()
    await _open(team)
    assert "My rooms (0)" in _home(team)
    assert "Unassigned (0)" in _home(team)


@pytest.mark.parametrize(
    "forged", [{"view": "all"}, {"priority": "x"}, {"page": "-1"}, {"page": "9" * 30}, {"status": "closed"}]
)
async def test_made_up_choices_change_nothing(team: Team, forged: dict[str, str]) -> None:
    await _mails(team, 1)
    await _open(team)
    before = _home(team)
    await team.act("home_choose", **forged)
    await _draw(team)
    assert _home(team) == before
    known = await team.inner.desk.home("slack", seed.TEAM_ID, seed.BEN)
    assert known is not None
    assert (known.view, known.priority, known.status) == (View.MINE, "", "")


async def test_when_slack_asks_for_patience_the_home_comes_later(team: Team) -> None:
    await _mails(team, 1)
    team.slack.open_home(seed.BEN)
    await team.settle()
    team.slack.fail("views.publish")
    with pytest.raises(Exception, match=r"views\.publish"):
        await _draw(team)
    team.inner.clock.forward(timedelta(minutes=2))
    await _draw(team)
    assert "Unassigned (1)" in _home(team)


async def test_a_home_that_is_full_keeps_slacks_limits(team: Team) -> None:
    await _mails(team, 12)
    await _open(team)
    await _press(team, "My rooms (12)")
    view = team.slack.home(seed.BEN)
    assert view is not None
    assert len(view.shown["blocks"]) <= 100
    assert len(json.dumps(view.shown)) < 250_000


async def test_the_search_opens_from_home(team: Team) -> None:
    await _open(team)
    await _press(team, "Find tickets")
    assert team.slack.open_view(seed.BEN).shown["title"]["text"] == "Find tickets"


async def test_a_ticket_without_a_subject_is_called_by_its_customer(team: Team) -> None:
    await team.mail("My secret is out.", subject="")
    await team.work_off()
    await _open(team)
    await _press(team, "Unassigned (1)")
    assert "#1 Hana Sato" in _home(team)
    assert "secret" not in _home(team)
