"""Snoozing from the card: chosen in a form, seen on the card, told in the thread when it ends."""

from datetime import timedelta

import pytest

from bot.cards.model import Form
from bot.sandbox.slack import seed
from bot.surface import Done, FieldErrors
from routing.ticket import Status
from tests.bot.team import Team, shown


async def test_a_snoozed_ticket_says_so_and_tells_its_thread_when_it_wakes(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert isinstance(await team.act("snooze"), Form)
    assert isinstance(await team.act("set_snooze", preset="hour"), Done)
    await team.work_off()
    assert "Snoozed" in shown(team.card())
    assert "Wake up" in shown(team.card())
    await team.later(3601)
    assert "Snoozed" not in shown(team.card())
    assert "its time has come" in shown(team.thread()[-1])


async def test_a_customer_who_writes_wakes_the_ticket_and_the_thread_says_why(team: Team) -> None:
    await team.mail()
    await team.act("set_snooze", preset="three_hours")
    await team.mail("Any news?", number=2)
    await team.work_off()
    assert ["Any news?" in shown(one) for one in team.thread()[-2:]] == [True, False]
    assert "the customer wrote" in shown(team.thread()[-1])
    assert (await team.ticket()).status is Status.OPEN


async def test_waking_early_names_who_did_it(team: Team) -> None:
    await team.mail()
    await team.act("set_snooze", preset="monday")
    await team.act("unsnooze")
    await team.act("unsnooze")
    await team.work_off()
    assert [("Ben Carter woke" in shown(one)) for one in team.thread()] == [False, True]


async def test_an_answer_that_leaves_after_snoozing_does_not_wake_the_ticket(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="We look into it.", **form.keep)
    await team.act("set_snooze", preset="tomorrow")
    await team.later(11)
    assert len(team.provider.taken) == 1
    assert (await team.ticket()).status is Status.SNOOZED


async def test_a_date_chosen_in_slack_goes_before_the_preset(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.choose("Snooze…")
    until = team.inner.clock().replace(microsecond=0) + timedelta(days=3)
    await team.slack.submit(team.slack.open_view(seed.BEN), {"at": int(until.timestamp())})
    await team.settle()
    assert (await team.ticket()).snoozed_until == until


@pytest.mark.parametrize("values", [{"at": "1"}, {"at": "soon"}, {"preset": "never"}, {"at": "9" * 30}, {}])
async def test_a_forged_or_past_time_is_told_in_the_form_and_nothing_changes(
    team: Team, values: dict[str, str]
) -> None:
    await team.mail()
    assert isinstance(await team.act("set_snooze", **values), FieldErrors)
    assert (await team.ticket()).status is Status.NEW
