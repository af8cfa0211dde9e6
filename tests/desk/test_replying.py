"""A reply from the form to the provider: held, undone, sent in order, and never twice by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.outbound import Outgoing
from routing.agents import Actor
from routing.desk.replying import Draft
from routing.desk.views import TicketView
from routing.errors import Refused, Rejected, TryLater, Unclear
from routing.ids import MessageId, TicketId, new_id
from routing.jobs import Job, Topic
from routing.replies import SendClass, Sending, Sent
from tests.desk.mails import a_mail
from tests.desk.provider import ScriptedConnection
from tests.inner import MAIL, Inner


class Scene:
    """One ticket, one agent, one provider that does as told."""

    def __init__(self, inner: Inner, provider: ScriptedConnection, actor: Actor, ticket: TicketId) -> None:
        self.inner, self.provider, self.actor, self.ticket = inner, provider, actor, ticket
        self.outgoing = Outgoing(inner.desk, inner.connections, inner.clock)

    async def view(self) -> TicketView:
        return await self.inner.desk.view(self.ticket)

    async def reply(self, text: str = "It is on its way.", **changes: object) -> MessageId:
        view = await self.view()
        draft = Draft(MessageId(new_id()), text, seen=view.ticket.latest_seq)
        held = await self.inner.desk.reply(self.actor, self.ticket, replace(draft, **changes))  # type: ignore[arg-type]
        return held.message

    async def send_due(self, *, later: timedelta = timedelta(seconds=11)) -> None:
        self.inner.clock.forward(later)

        async def alive() -> None:
            return None

        view = await self.view()
        job = Job(Topic.SEND, view.conversation.id, 1, 0, 1, self.inner.clock())
        await self.outgoing.work(job, alive)

    async def states(self) -> list[Sending]:
        return [reply.state for reply in (await self.view()).replies]


@pytest.fixture
async def scene(inner: Inner) -> Scene:
    provider = ScriptedConnection(MAIL, inner.connections[MAIL])
    inner.connections[MAIL] = provider
    await inner.mail(a_mail())
    await inner.read_everything()
    ticket = await inner.desk.look(lambda reads: reads.ticket_by_number(1))
    assert ticket is not None
    return Scene(inner, provider, await inner.agent(), ticket.id)


async def test_a_reply_leaves_after_the_undo_time_and_the_ticket_waits(scene: Scene) -> None:
    await scene.reply()
    await scene.send_due(later=timedelta(seconds=5))
    assert scene.provider.taken == []
    await scene.send_due()
    assert [letter.text for letter in scene.provider.taken] == ["It is on its way."]
    view = await scene.view()
    assert view.ticket.status == "waiting"
    assert await scene.states() == [Sending.SENT]


async def test_an_undone_reply_never_leaves(scene: Scene) -> None:
    message = await scene.reply()
    undone = await scene.inner.desk.undo(scene.actor, message)
    assert undone.text == "It is on its way."
    await scene.send_due()
    assert scene.provider.taken == []
    with pytest.raises(Refused, match="was_undone"):
        await scene.reply(message=message)


async def test_undo_after_it_left_is_refused(scene: Scene) -> None:
    message = await scene.reply()
    await scene.send_due()
    with pytest.raises(Refused, match="too_late"):
        await scene.inner.desk.undo(scene.actor, message)


async def test_a_form_submitted_twice_is_one_reply(scene: Scene) -> None:
    message = MessageId(new_id())
    await scene.reply(message=message)
    await scene.reply(message=message)
    await scene.send_due()
    assert len(scene.provider.taken) == 1


async def test_newer_words_of_the_customer_are_asked_about_before_sending(scene: Scene) -> None:
    seen = (await scene.view()).ticket.latest_seq
    await scene.inner.mail(
        a_mail("Found it, thanks!", message_id="<found@customer.example>", answers="<first@customer.example>")
    )
    await scene.inner.read_everything()
    with pytest.raises(Refused, match="customer_wrote"):
        await scene.reply(seen=seen)
    await scene.reply(seen=(await scene.view()).ticket.latest_seq)
    await scene.send_due()
    assert len(scene.provider.taken) == 1


async def test_too_long_and_unfilled_and_empty_replies_are_refused(scene: Scene) -> None:
    for text, reason in (("x" * 1001, "too_long"), ("Dear {{ contact.name }}", "unfilled"), ("  ", "empty")):
        with pytest.raises(Refused, match=reason):
            await scene.reply(text)
    assert await scene.states() == []


async def test_replies_leave_in_the_order_they_were_queued(scene: Scene) -> None:
    await scene.reply("one")
    scene.inner.clock.forward(timedelta(seconds=1))
    await scene.reply("two")
    await scene.send_due()
    assert [letter.text for letter in scene.provider.taken] == ["one", "two"]


async def test_a_reply_refused_before_it_left_is_tried_again(scene: Scene) -> None:
    scene.provider.script = [TryLater("busy"), None]
    await scene.reply()
    await scene.send_due()
    assert await scene.states() == [Sending.QUEUED]
    await scene.send_due()
    assert await scene.states() == [Sending.SENT]
    assert len(scene.provider.taken) == 1


async def test_an_unclear_send_without_key_is_never_sent_again_by_itself(scene: Scene) -> None:
    scene.provider.script = [Unclear("cut after DATA")]
    message = await scene.reply()
    await scene.send_due()
    assert await scene.states() == [Sending.UNKNOWN]
    await scene.send_due(later=timedelta(days=2))
    assert scene.provider.taken == []
    with pytest.raises(Refused, match="undecided_first"):
        await scene.reply("another")
    await scene.inner.desk.decide(scene.actor, message, "arrived")
    assert await scene.states() == [Sending.SENT]


async def test_an_unclear_send_is_sent_again_when_a_person_says_so(scene: Scene) -> None:
    scene.provider.script = [Unclear("cut after DATA"), None]
    message = await scene.reply()
    await scene.send_due()
    await scene.inner.desk.decide(scene.actor, message, "again")
    await scene.send_due()
    assert len(scene.provider.taken) == 1
    assert await scene.states() == [Sending.SENT]


async def test_an_unclear_send_with_a_key_is_repeated_with_the_same_key(scene: Scene) -> None:
    scene.provider.send_class = SendClass.KEYED
    keys: list[str] = []
    scene.provider.script = [Unclear("timeout")]
    await scene.reply()
    await scene.send_due()
    assert await scene.states() == [Sending.SENDING]
    await scene.send_due()
    keys = [letter.key for letter in scene.provider.taken]
    assert len(keys) == 1
    assert await scene.states() == [Sending.SENT]


async def test_an_unclear_send_that_can_be_looked_up_is_settled_by_looking(scene: Scene) -> None:
    scene.provider.send_class = SendClass.READ_BACK
    scene.provider.script = [Unclear("timeout")]
    await scene.reply()
    await scene.send_due()
    scene.provider.found = Sent(("provider-7",))
    await scene.send_due(later=timedelta(seconds=120))
    assert await scene.states() == [Sending.SENT]
    assert scene.provider.taken == []


async def test_a_refused_reply_is_shown_and_holds_back_later_ones_until_decided(scene: Scene) -> None:
    scene.provider.script = [Rejected("no such user")]
    message = await scene.reply("one")
    scene.inner.clock.forward(timedelta(seconds=1))
    await scene.reply("two")
    await scene.send_due()
    assert await scene.states() == [Sending.FAILED, Sending.QUEUED]
    await scene.inner.desk.decide(scene.actor, message, "drop")
    await scene.send_due()
    assert [letter.text for letter in scene.provider.taken] == ["two"]


async def test_a_reply_may_close_the_ticket_with_it(scene: Scene) -> None:
    await scene.reply(closing=True)
    await scene.send_due()
    assert (await scene.view()).ticket.status == "closed"


async def test_a_window_that_closed_meanwhile_stops_the_reply_and_says_so(scene: Scene) -> None:
    await scene.reply()
    scene.provider.open = False
    await scene.send_due()
    assert await scene.states() == [Sending.FAILED]
    assert scene.provider.taken == []


async def test_a_customer_who_wrote_while_the_reply_was_leaving_is_not_forgotten(scene: Scene) -> None:
    scene.provider.script = [TryLater("busy"), None]
    await scene.reply(closing=True)
    await scene.send_due()
    await scene.inner.mail(
        a_mail("One more thing!", message_id="<more@customer.example>", answers="<first@customer.example>")
    )
    await scene.inner.read_everything()
    await scene.send_due(later=timedelta(minutes=10))
    assert await scene.states() == [Sending.SENT]
    assert (await scene.view()).ticket.status == "open"
