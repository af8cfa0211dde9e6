"""When more tickets come than a room takes, they stand on one roll-up, all within reach; nothing is lost or doubled."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import seed
from routing.agents import Role
from routing.errors import Refused
from routing.policy import Policy
from routing.queue import BOARD_EVERY
from routing.rules import Rule
from routing.rushes import QUIET
from routing.ticket import Priority
from tests.bot.team import SUPPORT, Team, shown, team_policy, working_team

LIMIT = 5


def policy(**changes: Any) -> Policy:
    fire = Rule("fire", words=("fire",), priority=Priority.URGENT, stop=False)
    usual = team_policy()
    return replace(usual, rules=(fire, *usual.rules), surge={SUPPORT.id: LIMIT}, **changes)


@pytest.fixture
async def flooded(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """A team whose room collects what comes above five a minute."""
    async with working_team(database_url, tmp_path, policy=policy()) as one:
        yield one


async def letters(team: Team, count: int, *, first: int = 1, text: str = "Matter") -> None:
    for number in range(first, first + count):
        await team.mail(f"{text} {number}.", message_id=f"<m{number}@customer.example>", subject=f"{text} {number}")
    await team.work_off()
    await team.later(BOARD_EVERY.total_seconds())


def numbered(team: Team) -> list[int]:
    """Of which tickets there are cards."""
    return sorted(number for number in map(title_number, team.cards()) if number)


def title_number(message: dict[str, Any]) -> int:
    title = re.match(r"\W*(?::\w+:\W*)*#(\d+) ", shown(message))
    return int(title[1]) if title else 0


def roll_up(team: Team) -> dict[str, Any]:
    (found,) = [one for one in team.cards() if "without cards" in shown(one)]
    return found


async def press(team: Team, name: str, user: str = seed.BEN) -> None:
    await team.slack.press(user, SUPPORT.place, roll_up(team)["ts"], name)
    await team.settle()
    await team.work_off()


async def test_what_comes_above_the_limit_stands_on_one_roll_up(flooded: Team) -> None:
    team = flooded
    await letters(team, 12)
    assert numbered(team) == [1, 2, 3, 4, 5]
    words = shown(roll_up(team))
    assert "7 waiting without cards" in words
    assert "#12" in words
    assert "collected here" in words


async def test_an_urgent_ticket_has_its_own_card_at_once(flooded: Team) -> None:
    team = flooded
    await letters(team, 8)
    await letters(team, 1, first=9, text="fire")
    assert 9 in numbered(team)
    assert "1 urgent" in shown(roll_up(team))


async def test_show_next_posts_the_cards_of_the_oldest(flooded: Team) -> None:
    team = flooded
    await letters(team, 20)
    await press(team, "surge_show")
    assert numbered(team) == list(range(1, 16))
    await team.later(BOARD_EVERY.total_seconds())
    assert "5 waiting without cards" in shown(roll_up(team))
    assert "10 card(s)" in shown(team.slack.ephemerals(seed.BEN)[-1].message)


async def test_a_collected_ticket_that_somebody_takes_gets_its_card_with_everything_said(flooded: Team) -> None:
    team = flooded
    await letters(team, 8)
    await team.mail("Are you there?", message_id="<again@customer.example>", answers="<m7@customer.example>")
    await team.work_off()
    assert 7 not in numbered(team), "it still stands on the roll-up"
    await team.inner.desk.claim(await team.actor(), (await team.ticket(7)).id)
    await team.work_off()
    (card,) = [one for one in team.cards() if title_number(one) == 7]
    thread = " ".join(shown(one) for one in team.slack.thread(SUPPORT.place, card["ts"]))
    assert "Matter 7." in thread
    assert "Are you there?" in thread


async def test_take_next_on_the_roll_up_gives_one_and_posts_its_card(flooded: Team) -> None:
    team = flooded
    await letters(team, 8)
    for number in range(1, 6):
        await team.inner.desk.close(await team.actor(), (await team.ticket(number)).id)
    await press(team, "take_next")
    assert (await team.ticket(6)).assignee is not None
    assert 6 in numbered(team)


async def test_every_collected_ticket_is_in_the_list_page_by_page_and_can_be_claimed_there(flooded: Team) -> None:
    team = flooded
    await letters(team, 20)
    await press(team, "surge_list")
    view = team.slack.open_view(seed.BEN)
    first = shown(view.shown)
    assert all(f"#{number} " in first for number in range(6, 16))
    assert "#16 " not in first
    await team.slack.press_in_view(view, "surge_list")
    await team.settle()
    second = shown(team.slack.open_view(seed.BEN).shown)
    assert all(f"#{number} " in second for number in range(16, 21))
    await team.slack.press_in_view(team.slack.open_view(seed.BEN), "surge_claim")
    await team.settle()
    await team.work_off()
    assert "#16 is yours." in shown(team.slack.open_view(seed.BEN).shown)
    assert 16 in numbered(team)
    await team.slack.press_in_view(team.slack.open_view(seed.BEN), "surge_card")
    await team.settle()
    await team.work_off()
    assert 17 in numbered(team)


async def test_after_the_rush_every_ticket_gets_its_card_once_and_the_roll_up_says_so(flooded: Team) -> None:
    team = flooded
    await letters(team, 15)
    assert len(numbered(team)) == LIMIT
    await team.later((QUIET + timedelta(minutes=2)).total_seconds())
    for _ in range(20):
        await team.later(5)
    assert numbered(team) == list(range(1, 16))
    assert any("The rush is over" in shown(one) for one in team.cards())
    await letters(team, 8, first=16)
    assert "waiting without cards" in shown(roll_up(team)), "the next rush has a roll-up of its own"


async def test_a_ticket_that_was_closed_meanwhile_gets_no_card_any_more(flooded: Team) -> None:
    team = flooded
    await letters(team, 8)
    await team.inner.desk.close(await team.actor(), (await team.ticket(8)).id)
    await team.work_off()
    await team.later((QUIET + timedelta(minutes=2)).total_seconds())
    for _ in range(10):
        await team.later(5)
    assert numbered(team) == [1, 2, 3, 4, 5, 6, 7]


async def test_two_who_show_the_next_at_once_show_each_ticket_once(flooded: Team) -> None:
    team = flooded
    await letters(team, 30)
    await press(team, "surge_show", seed.BEN)
    await press(team, "surge_show", seed.YUI)
    assert numbered(team) == list(range(1, 26))


async def test_a_viewer_may_look_at_the_list_and_show_nothing(sqlite_url: str, tmp_path: Path) -> None:
    async with working_team(sqlite_url, tmp_path, policy=policy(default_role=Role.VIEWER)) as team:
        await letters(team, 8)
        await press(team, "surge_show")
        assert len(numbered(team)) == LIMIT
        actor = await team.actor()
        with pytest.raises(Refused, match="not_allowed"):
            await team.inner.desk.show_collected(SUPPORT.id, most=10, actor=actor)
        with pytest.raises(Refused, match="not_allowed"):
            await team.inner.desk.show_one_collected(actor, SUPPORT.id, (await team.ticket(8)).id)
        await press(team, "surge_list")
        assert "#8 " in shown(team.slack.open_view(seed.BEN).shown)


async def test_a_room_without_a_limit_collects_nothing(sqlite_url: str, tmp_path: Path) -> None:
    async with working_team(sqlite_url, tmp_path, policy=replace(policy(), surge={})) as team:
        await letters(team, 12)
        assert numbered(team) == list(range(1, 13))


async def test_a_collected_ticket_is_found_though_it_has_no_card(flooded: Team) -> None:
    team = flooded
    await letters(team, 12)
    agent = (await team.actor()).agent
    assert agent is not None
    found = await team.inner.desk.find(agent, "#12")
    assert [one.ticket.number for one in found.hits] == [12]
