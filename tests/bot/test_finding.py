"""Finding tickets from Slack: the shortcut, what is shown, pages, and who sees what as people come and go."""

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions.finding import vocabulary
from bot.sandbox.slack import seed
from bot.sandbox.slack.model import View
from bot.surface import FieldErrors, Room
from routing.desk.looking import FOUND_AT_ONCE
from routing.errors import Gone, MadoguchiError, Rejected
from routing.jobs import Job, Topic
from routing.queries import parse_query
from routing.ticket import Priority, Status
from tests.bot.team import SUPPORT, Team, shown, working_team
from tests.crash.fate import but


async def read_room(team: Team, room: Room = SUPPORT) -> None:
    job = Job(Topic.MEMBERS, room.id, 1, 0, 1, team.inner.clock())
    again = await team.rosters.read(job, _alive)
    assert again is not None
    assert timedelta(minutes=59) < again - team.inner.clock() <= timedelta(hours=1)


async def _alive() -> None:
    return None


async def look_for(team: Team, words: str, user: str = seed.BEN) -> View:
    """Somebody opens the search from Slack's shortcuts and submits it."""
    await team.slack.shortcut(user, "search")
    await team.settle()
    view = team.slack.views(user)[-1]
    await team.slack.submit(view, {"query": words})
    await team.settle()
    return team.slack.views(user)[-1]


def words_of(view: View) -> str:
    return shown({"blocks": view.shown["blocks"][1:]})


def links_of(view: View) -> list[str]:
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "link":
                found.append(node["url"])
            for one in node.values():
                walk(one)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(view.shown["blocks"])
    return found


async def test_a_member_finds_a_ticket_with_the_words_marked_and_the_way_to_its_card(team: Team) -> None:
    await team.mail("The machine makes cold coffee, please refund it.", subject="Machine")
    await team.work_off()
    await read_room(team)
    view = await look_for(team, '"cold coffee"')
    words = words_of(view)
    assert "1 found" in words
    assert "Machine" in words
    assert "Hana Sato" in words
    (link,) = links_of(view)
    assert team.card()["ts"].replace(".", "") in link
    marked = [
        one["text"]
        for block in view.shown["blocks"]
        for section in block.get("elements", [])
        for one in section.get("elements", [])
        if one.get("style", {}).get("bold")
    ]
    assert "cold coffee" in marked


async def test_japanese_words_are_found_in_japanese(team: Team) -> None:
    await team.mail("コーヒーメーカーの返金をお願いします。", subject="返金について")
    await team.work_off()
    await read_room(team)
    assert "1件見つかりました" in words_of(await look_for(team, "返金 状態:新規", seed.YUI))
    assert "1件見つかりました" in words_of(await look_for(team, "金", seed.YUI))
    assert "見つかりませんでした" in words_of(await look_for(team, "返品", seed.YUI))


async def test_before_a_room_was_read_nobody_sees_what_stands_there(database_url: str, tmp_path: Path) -> None:
    async with working_team(database_url, tmp_path, rosters_read=False) as team:
        await team.mail()
        await team.work_off()
        assert "Nothing was found" in words_of(await look_for(team, "parcel"))
        await read_room(team)
        assert "1 found" in words_of(await look_for(team, "parcel"))


async def test_who_leaves_the_room_finds_nothing_and_who_joins_it_does(team: Team) -> None:
    await team.side.workspaces[seed.TEAM_ID].identity()
    await team.mail()
    await team.work_off()
    await read_room(team)
    assert "1 found" in words_of(await look_for(team, "parcel"))
    team.slack.leave(seed.SUPPORT, seed.BEN)
    await team.settle()
    assert "Nothing was found" in words_of(await look_for(team, "parcel"))
    team.slack.join(seed.SUPPORT, seed.BEN)
    await team.settle()
    assert "1 found" in words_of(await look_for(team, "parcel"))


@pytest.mark.parametrize("fault", [Gone, Rejected])
async def test_a_room_we_cannot_read_any_more_counts_for_nobody_after_a_day(
    team: Team, fault: type[MadoguchiError]
) -> None:
    await team.mail()
    await team.work_off()
    await read_room(team)

    async def roster(_self: object, room: Room) -> list[str]:
        raise fault(room.name)

    team.surfaces["slack"] = but(team.surfaces["slack"], roster=roster)
    await read_room(team)
    assert "1 found" in words_of(await look_for(team, "parcel"))
    team.inner.clock.forward(timedelta(hours=24))
    await read_room(team)
    assert "Nothing was found" in words_of(await look_for(team, "parcel"))


async def test_a_card_that_the_surface_cannot_name_is_found_without_a_link(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await read_room(team)

    async def link(_self: object, _room: Room, reference: str) -> str:
        raise Gone(reference)

    team.surfaces["slack"] = but(team.surfaces["slack"], link=link)
    view = await look_for(team, "parcel")
    assert "1 found" in words_of(view)
    assert links_of(view) == []


async def test_a_query_that_cannot_be_understood_is_told_beside_the_words_and_they_stay(team: Team) -> None:
    answer = await team_act(team, "search", query="status:lost parcel")
    assert isinstance(answer, FieldErrors)
    assert "status:lost" in answer.errors["query"]
    await team.slack.shortcut(seed.BEN, "search")
    await team.settle()
    outcome = await team.slack.submit(team.slack.views(seed.BEN)[-1], {"query": "colour:red"})
    assert "colour" in str(outcome)
    assert team.slack.views(seed.BEN)


async def team_act(team: Team, name: str, **values: str) -> object:
    await team.mail()
    return await team.act(name, **values)


async def test_more_is_shown_page_by_page(team: Team) -> None:
    for number in range(FOUND_AT_ONCE + 2):
        await team.mail(f"Parcel {number}", message_id=f"<p{number}@customer.example>", subject=f"Parcel no{number}.")
    await team.work_off()
    await read_room(team)
    view = await look_for(team, "parcel")
    assert f"{FOUND_AT_ONCE + 2} found" in words_of(view)
    assert f"no{FOUND_AT_ONCE + 1}." in words_of(view)
    assert "no1." not in words_of(view)
    await team.slack.press_in_view(view, "form.search.more")
    await team.settle()
    second = words_of(team.slack.views(seed.BEN)[-1])
    assert "no1." in second
    assert "no0." in second
    assert "no2." not in second


def test_every_status_and_priority_may_be_written_as_its_card_shows_it(team_words: dict[str, str]) -> None:
    for word, value in team_words.items():
        key = "status" if value in set(Status) else "priority"
        query = parse_query(f'{key}:"{word}"', today=date(2026, 11, 22), zone=UTC, vocabulary=vocabulary())
        assert value in {*query.wanted.statuses, *query.wanted.priorities}


@pytest.fixture
def team_words() -> dict[str, str]:
    assert {*Status, *Priority} <= set(vocabulary().values())
    return dict(vocabulary())
