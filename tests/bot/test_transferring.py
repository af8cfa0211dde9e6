"""Handing over: to a team, to a room, moved or shown in both, and back again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import seed
from bot.surface import Action, Done, FieldErrors, Room
from routing.desk.receiving import ReadDelivery
from routing.ids import DeliveryId, TeamId, new_id
from routing.messages import Message, Unsent
from routing.postings import PostingState
from routing.teams import Team as Group
from tests.bot.team import BILLING, JAPAN, SUPPORT, Team, shown, team_policy, who, working_team
from tests.inner import MAIL

MONEY = Group(TeamId("money"), "Billing team", (BILLING.id, JAPAN.id))


@pytest.fixture
async def grouped(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """A house with a team that has two rooms."""
    policy = replace(team_policy(), teams={MONEY.id: MONEY})
    async with working_team(database_url, tmp_path, policy=policy) as one:
        yield one


async def _transfer(team: Team, to: str, how: str = "move") -> None:
    answer = await team.act("set_transfer", to=to, how=how)
    assert isinstance(answer, Done)
    assert answer.tell is not None
    await team.work_off()


def _words(team: Team, room: Room) -> list[str]:
    return [shown(one) for one in team.cards(room)]


def _buttons(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in card["blocks"] if block["type"] == "actions"]


async def test_a_ticket_moves_to_another_room_and_the_old_card_says_where(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.act("claim")
    await team.work_off()
    await _transfer(team, "room:billing")
    assert "#1 is in billing now." in shown(team.card(SUPPORT))
    assert "parcel" not in shown(team.card(SUPPORT))
    assert _buttons(team.card(SUPPORT)) == []
    assert "My parcel has not come." in shown(team.card(BILLING))
    assert "Ben Carter" in shown(team.card(BILLING)), "whose it is stays"
    await team.mail("Any news?", number=2)
    await team.work_off()
    assert len(team.thread(BILLING)) == 2
    assert len(team.thread(SUPPORT)) == 1, "the thread stays as it was"


async def test_a_ticket_that_comes_back_finds_its_old_card_and_thread(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing")
    await team.mail("Any news?", number=2)
    await team.work_off()
    await _transfer(team, "room:support")
    assert len(_words(team, SUPPORT)) == 1
    assert "Any news?" in shown(team.card(SUPPORT))
    assert [("Any news?" in shown(one)) for one in team.thread(SUPPORT)] == [False, True]
    assert "#1 is in support now." in shown(team.card(BILLING))


async def test_a_ticket_waits_only_in_the_queue_of_the_room_that_shows_it(grouped: Team) -> None:
    team, desk = grouped, grouped.inner.desk
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing")
    queues = [await desk.queue_of(room.id, first=5) for room in (SUPPORT, BILLING)]
    assert [[one.number for one in queue.next] for queue in queues] == [[], [1]]


async def test_a_team_gets_the_ticket_in_all_its_rooms_and_nobody_has_it(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.act("claim")
    await team.work_off()
    await _transfer(team, "team:money")
    ticket = await team.ticket()
    assert (ticket.team, ticket.assignee) == (MONEY.id, None)
    assert "Billing team" in shown(team.card(BILLING))
    assert "Billing team" in shown(team.card(JAPAN))
    assert "#1 is in billing now." in shown(team.card(SUPPORT))


async def test_shown_in_both_rooms_both_are_kept_up_to_date(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing", "also")
    await team.act("claim")
    await team.work_off()
    assert ["Ben Carter" in shown(team.card(room)) for room in (SUPPORT, BILLING)] == [True, True]


async def test_the_same_transfer_twice_or_at_once_is_one(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    values = {"to": "team:money", "how": "move"}
    await asyncio.gather(*(team.act("set_transfer", **values) for _ in range(3)))
    await team.work_off()
    assert [len(team.cards(room)) for room in (SUPPORT, BILLING, JAPAN)] == [1, 1, 1]
    ticket = await team.ticket()
    told = [one.what for one in await team.inner.desk.look(lambda reads: reads.history_of(ticket.id))]
    assert told == ["ticket.created", "ticket.handed_over"]


@pytest.mark.parametrize("to", ["", "room:nowhere", "team:nobody", "billing", "team:billing"])
async def test_what_is_no_team_or_room_is_refused_in_the_form(grouped: Team, to: str) -> None:
    await grouped.mail()
    before = await grouped.view()
    answer = await grouped.act("set_transfer", to=to, how="move")
    assert isinstance(answer, FieldErrors)
    assert "Choose a team or a room" in answer.errors[""]
    assert await grouped.view() == before


@pytest.mark.parametrize("to", ["room:billing", "team:money"])
async def test_a_closed_ticket_is_not_handed_over(grouped: Team, to: str) -> None:
    await grouped.mail()
    await grouped.act("close")
    answer = await grouped.act("set_transfer", to=to, how="move")
    assert isinstance(answer, FieldErrors)
    assert "Reopen it first" in answer.errors[""]


async def test_words_taken_back_vanish_from_the_room_that_was_left_too(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing")
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=5))
    first = next(one for one in said if isinstance(one, Message))
    unsent = Unsent("unsend1", str(first.external_id), team.inner.clock())
    await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (unsent,))])
    await team.work_off()
    assert ["parcel" in shown(team.thread(room)[0]) for room in (SUPPORT, BILLING)] == [False, False]


async def test_a_card_whose_post_was_interrupted_before_the_move_is_found_and_redrawn(grouped: Team) -> None:
    team = grouped
    await team.mail()
    team.slack.lose("chat.postMessage")
    await team.work_off()
    await _transfer(team, "room:billing")
    await team.later(3)
    assert [one for one in _words(team, SUPPORT) if "is in billing now" not in one] == []
    assert len(_words(team, BILLING)) == 1


async def test_teams_and_rooms_are_chosen_in_slack(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await team.choose("Transfer…")
    await team.slack.submit(team.slack.open_view(seed.BEN), {"to": "=team:money"})
    await team.settle()
    await team.work_off()
    assert (await team.ticket()).team == MONEY.id


def _slips(team: Team) -> str:
    return " ".join(shown(one.message) for one in team.slack.ephemerals(seed.BEN))


async def _kept(team: Team) -> list[str]:
    ticket = await team.ticket()
    return [one.text for one in await team.inner.desk.last_said(ticket.id, limit=9)]


@pytest.mark.parametrize("words", ["claim", "history"])
async def test_words_to_the_bot_do_not_work_a_ticket_in_the_room_it_left(grouped: Team, words: str) -> None:
    await grouped.mail()
    await grouped.work_off()
    await _transfer(grouped, "room:billing")
    await grouped.say(f"<@{seed.BOT_USER}> {words}")
    assert "This ticket was moved to another room." in _slips(grouped)
    assert (await grouped.ticket()).assignee is None


async def test_the_shortcut_does_not_answer_a_customer_from_the_room_that_the_ticket_left(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    said = await team.say("Here is your label.")
    await _transfer(team, "room:billing")
    await team.slack.shortcut(seed.BEN, "send_to_customer", SUPPORT.place, said["ts"])
    await team.settle()
    assert "This ticket was moved to another room." in _slips(team) + str(team.slack.views(seed.BEN))
    assert "Here is your label." not in str(team.slack.views(seed.BEN))


async def test_what_is_written_where_the_ticket_left_is_not_kept_and_its_writer_is_told(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing")
    said = await team.say("She called again.")
    assert "This ticket was moved to another room." in _slips(team)
    team.slack.edit(seed.BEN, SUPPORT.place, said["ts"], "She called twice.")
    await team.settle()
    assert await _kept(team) == ["My parcel has not come."]
    await _transfer(team, "room:support")
    await team.say("She called once more.")
    assert await _kept(team) == ["My parcel has not come.", "She called once more."]


async def test_notes_in_the_room_that_the_ticket_left_are_still_changed_and_taken_back(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    changed, deleted = await team.say("One."), await team.say("Two.")
    await _transfer(team, "room:billing")
    team.slack.edit(seed.BEN, SUPPORT.place, changed["ts"], "Changed.")
    team.slack.delete(seed.BEN, SUPPORT.place, deleted["ts"])
    await team.settle()
    await team.work_off()
    assert await _kept(team) == ["My parcel has not come.", "Changed.", ""]
    assert "Two." not in str([shown(one) for one in team.thread(BILLING)])


async def test_a_card_names_no_similar_ticket_of_a_room_that_it_left(grouped: Team) -> None:
    team = grouped
    words = "My parcel with the order 48213 has not come yet. Where is it? Please tell me soon."
    await team.mail(words)
    await team.work_off()
    await _transfer(team, "room:billing")
    await team.mail(f"Hello? {words}", message_id="<h2@customer.example>")
    await team.work_off()
    assert "Hello?" in " ".join(_words(team, SUPPORT))
    assert "Looks like" not in " ".join(_words(team, SUPPORT))


async def test_notes_of_a_merged_ticket_are_read_only_by_those_who_may_see_it(grouped: Team) -> None:
    team = grouped
    await team.mail()
    await team.mail("Where is it?", message_id="<second@customer.example>")
    await team.work_off()
    await team.act("add_note", text="He is rude.", key="k")
    source, target = await team.ticket(1), await team.ticket(2)
    await team.inner.desk.merge(await team.actor(), source.id, target.id)
    await team.work_off()
    read = Action("read_merged", who(seed.BEN), target.id, values={"other": source.id}, place=SUPPORT.place)
    assert "He is rude." in str(await team.router.dispatch(read))
    room = await team.inner.desk.rooms_of(source.id)
    await team.inner.desk.remember(replace(room[0], state=PostingState.MOVED))
    form = str(await team.router.dispatch(read))
    assert "My parcel has not come." in form
    assert "He is rude." not in form


@pytest.mark.parametrize("place", ["", "home", "D0BEN", SUPPORT.place])
async def test_buttons_outside_the_tickets_rooms_work_only_for_those_who_may_see_it(grouped: Team, place: str) -> None:
    team = grouped
    await team.mail()
    await team.work_off()
    await _transfer(team, "room:billing")
    ticket = (await team.ticket()).id
    team.slack.leave(BILLING.place, seed.BEN)
    await team.settle()
    for name in ("claim", "reply", "history"):
        await team.router.dispatch(Action(name, who(seed.BEN), ticket, place=place))
    refused = await team.router.dispatch(Action("reply", who(seed.BEN), ticket, place=place))
    assert isinstance(refused, Done)
    assert refused.tell is not None
    assert (await team.ticket()).assignee is None
    team.slack.join(BILLING.place, seed.BEN)
    await team.settle()
    await team.router.dispatch(Action("claim", who(seed.BEN), ticket, place=place))
    assert (await team.ticket()).assignee is not None
