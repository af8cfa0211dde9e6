"""Snoozed tickets come back at the right moment, once, whoever changed their mind meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from routing.errors import Refused
from routing.ids import TicketId
from routing.jobs import Topic
from routing.snoozing import LONGEST_SNOOZE, Preset, moment_of
from routing.ticket import Status
from tests.desk.mails import a_mail
from tests.inner import Inner

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "now", "zone", "until"),
    [
        (Preset.HOUR, SUNDAY, TOKYO, datetime(2026, 11, 22, 10, 0, tzinfo=UTC)),
        (Preset.THREE_HOURS, SUNDAY, TOKYO, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)),
        (Preset.TOMORROW, SUNDAY, TOKYO, datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        (Preset.MONDAY, SUNDAY, TOKYO, datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        # Monday in Tokyo already, Sunday still in Berlin.
        (Preset.MONDAY, SUNDAY + timedelta(hours=8), TOKYO, datetime(2026, 11, 30, 0, 0, tzinfo=UTC)),
        (Preset.MONDAY, SUNDAY + timedelta(hours=8), BERLIN, datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        # The clocks go forward in the night between: nine in the morning is only 23 hours away.
        (Preset.TOMORROW, datetime(2026, 3, 28, 8, 0, tzinfo=UTC), BERLIN, datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
    ],
    ids=["hour", "three hours", "tomorrow", "monday", "monday-is-today", "monday-elsewhere", "summer-time"],
)
def test_a_preset_means_what_the_organisations_clock_says(
    preset: Preset, now: datetime, zone: ZoneInfo, until: datetime
) -> None:
    assert moment_of(preset, now, zone) == until


async def _ticket(inner: Inner) -> TicketId:
    await inner.mail(a_mail())
    await inner.read_everything()
    ticket = await inner.desk.look(lambda reads: reads.ticket_by_number(1))
    assert ticket is not None
    return ticket.id


async def _due(inner: Inner) -> int:
    """Does what is due to be woken, and tells how many jobs there were."""
    jobs = await inner.jobs.take([Topic.WAKE], limit=10, lease=timedelta(minutes=1))
    for job in jobs:
        again = await inner.desk.wake_due(TicketId(job.key))
        if again is None:
            await inner.jobs.finish(job)
        else:
            await inner.jobs.postpone(job, until=again, fault="", count=False)
    return len(jobs)


async def test_a_ticket_wakes_when_its_time_has_come_and_not_before(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))
    inner.clock.forward(timedelta(minutes=59))
    assert await _due(inner) == 0
    inner.clock.forward(timedelta(minutes=2))
    assert await _due(inner) == 1
    woken = (await inner.desk.view(ticket)).ticket
    assert (woken.status, woken.snoozed_until) == (Status.NEW, None)
    assert await _due(inner) == 0


async def test_who_snoozes_again_moves_the_time_both_ways(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    await inner.desk.claim(actor, ticket)
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=5))
    inner.clock.forward(timedelta(hours=2))
    await _due(inner)
    assert (await inner.desk.view(ticket)).ticket.status is Status.SNOOZED
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))
    inner.clock.forward(timedelta(hours=1, minutes=1))
    await _due(inner)
    assert (await inner.desk.view(ticket)).ticket.status is Status.OPEN


async def test_two_agents_who_wake_a_ticket_at_once_tell_it_once(inner: Inner) -> None:
    ticket = await _ticket(inner)
    agents = [await inner.agent(f"U{number}", f"Agent {number}") for number in range(4)]
    await inner.desk.snooze(agents[0], ticket, inner.clock() + timedelta(hours=1))
    await asyncio.gather(*(inner.desk.unsnooze(one, ticket) for one in agents))
    told = [one.what for one in await inner.desk.look(lambda reads: reads.history_of(ticket))]
    assert told == ["ticket.created", "ticket.snoozed", "ticket.unsnoozed"]


async def test_the_past_the_far_future_and_what_is_closed_are_refused(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    with pytest.raises(Refused, match=r"snooze\.past"):
        await inner.desk.snooze(actor, ticket, inner.clock() - timedelta(seconds=1))
    with pytest.raises(Refused, match=r"snooze\.far"):
        await inner.desk.snooze(actor, ticket, inner.clock() + LONGEST_SNOOZE + timedelta(days=1))
    await inner.desk.close(actor, ticket)
    with pytest.raises(Refused, match=r"ticket\.closed"):
        await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))


async def test_a_closed_ticket_does_not_wake(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))
    await inner.desk.close(actor, ticket)
    inner.clock.forward(timedelta(hours=2))
    await _due(inner)
    assert (await inner.desk.view(ticket)).ticket.status is Status.CLOSED


async def test_an_answering_machine_does_not_wake_a_ticket_but_its_owner_does(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    await inner.desk.snooze(actor, ticket, inner.clock() + timedelta(hours=1))
    away = {"message_id": "<away@customer.example>", "answers": "<first@customer.example>"}
    await inner.mail(a_mail("I am away.", **away, Auto_Submitted="auto-replied"))
    await inner.read_everything()
    assert (await inner.desk.view(ticket)).ticket.status is Status.SNOOZED
    back = {"message_id": "<back@customer.example>", "answers": "<first@customer.example>"}
    await inner.mail(a_mail("I am back.", **back))
    await inner.read_everything()
    woken = (await inner.desk.view(ticket)).ticket
    assert (woken.status, woken.snoozed_until) == (Status.OPEN, None)
