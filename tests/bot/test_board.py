"""Each room has one pinned board that tells the truth; whoever takes the next ticket gets one of their own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.boards import ROUND
from bot.sandbox.slack import seed
from routing.agents import Role
from routing.errors import Refused, TryLater
from routing.queue import BOARD_EVERY as EVERY
from routing.queue import DOUBLE_PRESS, next_look
from routing.ticket import Priority, Ticket
from tests.bot.team import BILLING, MANAGERS, ROOMS, SUPPORT, Team, shown, team_policy, working_team

WITH_BOARDS = {name: replace(room, board=True) for name, room in ROOMS.items()}


@pytest.fixture
async def staffed(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """A team with a board in every room."""
    async with working_team(database_url, tmp_path, rooms=WITH_BOARDS) as one:
        # From the beginning of a look's twenty seconds, so that it is always the same what is seen by which look.
        now = one.inner.clock()
        one.inner.clock.forward(next_look(now) - now)
        yield one


async def letters(team: Team, count: int, *, first: int = 1) -> None:
    """So many customers write, each about something else."""
    for number in range(first, first + count):
        team.inner.clock.forward(timedelta(seconds=1))
        await team.mail(f"Matter {number}.", message_id=f"<m{number}@customer.example>", subject=f"Matter {number}")
    await team.work_off()


def board(team: Team) -> dict[str, Any]:
    (found,) = [one for one in team.cards() if "Queue" in shown(one)]
    return found


async def take_next(team: Team, user: str) -> str:
    """What somebody is told who presses *Take next* on the board."""
    before = len(team.slack.ephemerals(user))
    pressed = board(team)
    await team.slack.press(user, SUPPORT.place, pressed["ts"], "take_next")
    await team.settle()
    await team.work_off()
    return shown(team.slack.ephemerals(user)[before:][-1].message)


async def test_the_board_is_pinned_and_names_who_is_next_urgent_ones_first(staffed: Team) -> None:
    team = staffed
    await letters(team, 8)
    actor = await team.actor()
    await team.inner.desk.prioritise(actor, (await team.ticket(6)).id, Priority.URGENT)
    await team.inner.desk.claim(actor, (await team.ticket(2)).id)
    await team.work_off()
    await team.later(EVERY.total_seconds())
    words = shown(board(team))
    places = [words.index(f"#{number}") for number in (6, 1, 3, 4, 5)]
    assert places == sorted(places)
    assert "#2" not in words, "somebody has it"
    assert "#7" not in words, "only the next five"
    assert "Queue: 7 waiting" in words
    assert "and 2 more" in words
    assert pins(team) == [board(team)["ts"]]


async def test_a_board_is_edited_only_when_it_shows_something_else(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    edits = edits_of_the_board(team)
    for _ in range(3):
        await team.inner.desk.ask_boards([SUPPORT.id], due=team.inner.clock())
        await team.later(EVERY.total_seconds())
    assert edits_of_the_board(team) == edits
    await letters(team, 1, first=2)
    await team.later(EVERY.total_seconds())
    assert edits_of_the_board(team) == edits + 1


async def test_a_change_that_comes_while_a_look_is_overdue_is_not_the_last_to_be_seen(staffed: Team) -> None:
    team = staffed
    await letters(team, 2)
    team.inner.clock.forward(EVERY)
    await team.boards.changed((await team.ticket(1)).id)
    await team.work_off()
    assert "Queue: 2 waiting" in shown(board(team))
    await team.inner.desk.claim(await team.actor(), (await team.ticket(1)).id)
    await team.work_off()
    await team.later(EVERY.total_seconds())
    assert "Queue: 1 waiting" in shown(board(team))


async def test_a_storm_of_changes_is_one_edit_of_the_board(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    before = edits_of_the_board(team)
    await letters(team, 8, first=2)
    await team.later(EVERY.total_seconds())
    assert edits_of_the_board(team) == before + 1
    assert "Queue: 9 waiting" in shown(board(team))


async def test_take_next_gives_the_first_of_the_queue_and_leads_to_its_card(staffed: Team) -> None:
    team = staffed
    await letters(team, 2)
    await team.later(EVERY.total_seconds())
    told = await take_next(team, seed.BEN)
    assert "#1 is yours." in told
    assert "Open its card" in told
    assert (await team.view(1)).assignee is not None
    await team.later(EVERY.total_seconds())
    assert "#1 " not in shown(board(team))


async def test_three_people_take_the_next_ticket_at_once_and_each_gets_another_one(staffed: Team) -> None:
    team = staffed
    await letters(team, 2)
    people = (seed.AKI, seed.BEN, seed.YUI)
    actors = [await team.actor(user) for user in people]
    taken = await asyncio.gather(
        *(team.inner.desk.take_next_in(one, SUPPORT.id) for one in actors), return_exceptions=True
    )
    assert sorted(one.number for one in taken if isinstance(one, Ticket)) == [1, 2]
    assert [one.key for one in taken if isinstance(one, Refused)] == ["board.nobody_waits"]


async def test_whoever_presses_take_next_twice_gets_one_ticket(staffed: Team) -> None:
    team = staffed
    await letters(team, 3)
    actor = await team.actor()
    both = await asyncio.gather(*(team.inner.desk.take_next_in(actor, SUPPORT.id) for _ in range(2)))
    assert [one.number for one in both] == [1, 1]
    team.inner.clock.forward(DOUBLE_PRESS)
    assert (await team.inner.desk.take_next_in(actor, SUPPORT.id)).number == 2


async def test_take_next_from_an_empty_queue_says_so(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    await take_next(team, seed.BEN)
    assert "担当者を待っているお問い合わせはありません" in await take_next(team, seed.YUI)


async def test_a_viewer_may_not_take_the_next_ticket(sqlite_url: str, tmp_path: Path) -> None:
    policy = replace(team_policy(), default_role=Role.VIEWER)
    async with working_team(sqlite_url, tmp_path, policy=policy, rooms=WITH_BOARDS) as team:
        await letters(team, 1)
        await team.later(EVERY.total_seconds())
        assert "may not" in await take_next(team, seed.BEN)
        with pytest.raises(Refused, match="not_allowed"):
            await team.inner.desk.take_next_in(await team.actor(), SUPPORT.id)


async def test_a_board_that_was_deleted_is_posted_and_pinned_anew(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    gone = board(team)["ts"]
    web = team.side.workspaces[seed.TEAM_ID].web
    await web.call("chat.delete", {"channel": SUPPORT.place, "ts": gone})
    await team.later(ROUND.total_seconds())
    assert board(team)["ts"] != gone
    assert pins(team) == [board(team)["ts"]]


async def test_a_board_that_was_unpinned_is_pinned_again(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    web = team.side.workspaces[seed.TEAM_ID].web
    await web.call("pins.remove", {"channel": SUPPORT.place, "timestamp": board(team)["ts"]})
    assert pins(team) == []
    await team.later(ROUND.total_seconds())
    assert pins(team) == [board(team)["ts"]]


async def test_a_board_whose_posting_was_not_answered_is_found_again(staffed: Team) -> None:
    team = staffed
    await team.mail()
    await team.work_off()
    team.slack.lose("chat.postMessage")
    await team.later(EVERY.total_seconds())
    await team.later(60)
    assert pins(team) == [board(team)["ts"]]


async def test_a_board_that_may_not_be_pinned_stands_there_all_the_same(staffed: Team) -> None:
    team = staffed
    team.slack.stumble("pins.add", "error", error="missing_scope")
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    assert "Queue: 1 waiting" in shown(board(team))
    assert any("cannot be pinned" in shown(one) for one in team.cards(MANAGERS))


async def test_a_room_that_comes_back_catches_up_at_once_and_managers_are_told(staffed: Team) -> None:
    team = staffed
    await letters(team, 3)
    team.slack.archive(SUPPORT.place, seed.AKI)
    await team.settle()
    for number in (1, 2, 3):
        await team.inner.desk.close(await team.actor(), (await team.ticket(number)).id)
    await team.work_off()
    assert all("Closed" not in shown(one) for one in team.cards())
    team.slack.unarchive(SUPPORT.place, seed.AKI)
    await team.settle()
    await team.work_off()
    assert len([one for one in team.cards() if "Closed" in shown(one)]) == 3
    told = [shown(one) for one in team.cards(MANAGERS)]
    assert len([one for one in told if "can no longer be reached" in one]) == 1
    assert len([one for one in told if "can be reached again" in one]) == 1


async def test_a_room_that_comes_back_unheard_is_found_on_the_next_round(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.later(EVERY.total_seconds())
    channel = team.slack.platform.workspace.channels[SUPPORT.place]
    channel.is_archived = True
    await team.inner.desk.close(await team.actor(), (await team.ticket(1)).id)
    await team.later(ROUND.total_seconds())
    channel.is_archived = False
    await team.later(2 * ROUND.total_seconds())
    assert any("Closed" in shown(one) for one in team.cards())


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_room_that_another_company_reads_gets_cards_only_when_an_admin_confirmed_it(
    sqlite_url: str, tmp_path: Path, *, confirmed: bool
) -> None:
    partners = replace(SUPPORT, place=seed.PARTNERS, shared=confirmed)
    async with working_team(sqlite_url, tmp_path, rooms={**ROOMS, SUPPORT.id: partners}) as team:
        await team.mail()
        if confirmed:
            await team.work_off()
        else:
            with pytest.raises(TryLater):
                await team.noticeboard.show((await team.ticket()).id)
        assert bool(team.cards(partners)) == confirmed


async def test_a_room_without_tickets_has_no_board(staffed: Team) -> None:
    team = staffed
    await letters(team, 1)
    await team.inner.desk.ask_boards([BILLING.id], due=team.inner.clock())
    await team.later(EVERY.total_seconds())
    assert team.cards(BILLING) == []


async def test_a_room_may_go_without_a_board(sqlite_url: str, tmp_path: Path) -> None:
    async with working_team(sqlite_url, tmp_path) as team:
        await letters(team, 1)
        await team.later(EVERY.total_seconds())
        assert len(team.cards()) == 1
        assert pins(team) == []


def pins(team: Team) -> list[str]:
    return list(team.slack.platform.workspace.channels[SUPPORT.place].pins)


def edits_of_the_board(team: Team) -> int:
    reference = board(team)["ts"]
    return len([one for one in team.calls("chat.update") if one["args"]["ts"] == reference])
