"""A reply on its way out: patience is kept, what is unclear stays so, and late workers overwrite nothing."""

import asyncio
from datetime import timedelta

import pytest

from bot.cards.model import Form
from bot.sandbox.slack import seed
from bot.surface import Done
from connectors.outbound import Outgoing
from routing.desk.receiving import ReadDelivery
from routing.errors import LeaseLost, Refused, Rejected, TryLater, Unclear
from routing.ids import DeliveryId, MessageId, new_id
from routing.jobs import Job, Topic
from routing.messages import Delivered, Report
from routing.replies import Letter, Prepared, SendClass, Sending, Sent
from tests.bot.team import Team
from tests.crash.fate import but
from tests.inner import MAIL


async def _reply(team: Team, text: str = "On its way.", **more: str) -> MessageId:
    form = await team.act("reply")
    assert isinstance(form, Form)
    assert isinstance(await team.act("send", text=text, **{**form.keep, **more}), Done)
    return MessageId(form.keep["key"])


async def _states(team: Team) -> list[Sending]:
    return [one.state for one in (await team.view()).replies]


async def test_another_reply_does_not_shorten_the_patience_that_was_asked_for(team: Team) -> None:
    await team.mail()
    await _reply(team, "One.")
    team.provider.script = [TryLater("quota", after=timedelta(minutes=10))]
    await team.later(11)
    await _reply(team, "Two.")
    await team.later(60)
    assert team.provider.taken == []
    await team.later(600)
    assert [letter.text for letter in team.provider.taken] == ["One.", "Two."]


async def test_a_resend_that_did_not_leave_does_not_make_the_first_attempt_certain(team: Team) -> None:
    team.provider.send_class = SendClass.KEYED
    await team.mail()
    await _reply(team)
    team.provider.script = [Unclear("timeout"), TryLater("busy"), Unclear("timeout"), TryLater("busy")]
    await team.later(11)
    for _ in range(3):
        await team.later(30)
        assert await _states(team) == [Sending.SENDING]
    team.provider.script = [Unclear("timeout")] * 400
    await team.later(24 * 3600)
    assert await _states(team) == [Sending.UNKNOWN], "the key is too old, so a person is asked"


async def test_resends_with_a_key_come_less_and_less_often(team: Team) -> None:
    team.provider.send_class = SendClass.KEYED
    await team.mail()
    await _reply(team)
    team.provider.script = [Unclear("timeout")] * 400
    await team.later(11)
    for _ in range(120):
        await team.later(1)
    assert 400 - len(team.provider.script) < 10


async def test_looking_back_waits_from_the_last_attempt_not_from_the_first(team: Team) -> None:
    team.provider.send_class = SendClass.READ_BACK
    await team.mail()
    await _reply(team)
    team.provider.script = [TryLater("busy", after=timedelta(minutes=5)), Unclear("timeout")]
    await team.later(11)
    await team.later(300)
    # A crash would bring the job back at once.
    outgoing = Outgoing(team.inner.desk, team.inner.connections, team.inner.clock)
    conversation = (await team.view()).conversation.id
    due = await outgoing.work(Job(Topic.SEND, conversation, 1, 0, 1, team.inner.clock()), _alive)
    assert due is not None
    assert due > team.inner.clock() + timedelta(seconds=50)
    assert await _states(team) == [Sending.SENDING]
    assert team.provider.taken == []


async def _alive() -> None:
    return None


async def test_a_late_first_worker_overwrites_nothing(team: Team) -> None:
    team.provider.send_class = SendClass.KEYED
    await team.mail()
    await _reply(team)
    team.inner.clock.forward(timedelta(seconds=11))
    calling, answered = asyncio.Event(), asyncio.Event()
    provider = team.provider

    async def slow(_self: object, letter: Letter, prepared: Prepared) -> Sent:
        calling.set()
        await answered.wait()
        raise Rejected("the late answer")

    job = Job(Topic.SEND, (await team.view()).conversation.id, 1, 0, 1, team.inner.clock())
    first = Outgoing(team.inner.desk, {MAIL: but(provider, send=slow)}, team.inner.clock)
    late = asyncio.create_task(first.work(job, _alive))
    await calling.wait()
    second = Outgoing(team.inner.desk, {MAIL: provider}, team.inner.clock)
    assert await second.work(job, _alive) is None
    assert await _states(team) == [Sending.SENT]
    answered.set()
    with pytest.raises(LeaseLost):
        await late
    assert await _states(team) == [Sending.SENT]
    assert len(provider.taken) == 1


async def test_undo_and_queueing_at_once_end_in_one_or_the_other(team: Team) -> None:
    await team.mail()
    for _ in range(8):
        message = await _reply(team)
        team.inner.clock.forward(timedelta(seconds=11))
        sent = len(team.provider.taken)
        undone, _ = await asyncio.gather(team.act("undo", message=message), team.work_off())
        assert isinstance(undone, Done)
        assert undone.tell is not None
        left = len(team.provider.taken) - sent
        assert left == ("Too late" in undone.tell.fallback)


async def test_a_reply_leaves_though_its_ticket_was_closed_meanwhile_and_it_stays_closed(team: Team) -> None:
    await team.mail()
    await _reply(team)
    await team.act("close", seed.AKI)
    await team.later(11)
    assert len(team.provider.taken) == 1
    assert (await team.ticket()).status == "closed"
    await _reply(team, "One more thing.")
    await team.later(11)
    assert len(team.provider.taken) == 2


async def test_a_report_of_delivery_settles_what_was_unclear_and_lets_the_next_one_leave(team: Team) -> None:
    await team.mail()
    one = await _reply(team, "One.")
    team.provider.script = [Unclear("cut")]
    await _reply(team, "Two.")
    await team.later(12)
    assert await _states(team) == [Sending.UNKNOWN, Sending.QUEUED]
    report = Report("report-1", (f"<out.{one}@acme.example>",), Delivered.DELIVERED, team.inner.clock())
    await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (report,))])
    await team.later(1)
    assert await _states(team) == [Sending.SENT, Sending.SENT]
    assert [letter.text for letter in team.provider.taken] == ["Two."]


async def test_a_report_about_somebody_elses_message_changes_nothing(team: Team) -> None:
    await team.mail()
    before = await team.view()
    report = Report("report-1", ("<unknown@elsewhere.example>",), Delivered.BOUNCED, team.inner.clock())
    (record,) = await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (report,))])
    assert record.outcome == "discarded"
    assert await team.view() == before


async def test_what_was_settled_is_not_settled_again(team: Team) -> None:
    await team.mail()
    one = await _reply(team)
    team.provider.script = [Rejected("no such address")]
    await team.later(11)
    actor = await team.inner.agent(seed.BEN, "Ben Carter")
    await team.inner.desk.decide(actor, one, "drop")
    with pytest.raises(Refused, match=r"decide\.settled"):
        await team.inner.desk.decide(actor, one, "again")
    await team.later(60)
    assert team.provider.taken == []
