"""Tickets are merged and taken apart again: nothing is lost, nothing leaves twice, everything comes back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.outbound import Outgoing
from routing.agents import Actor
from routing.desk.receiving import ReadDelivery
from routing.desk.replying import Draft
from routing.desk.views import TicketView
from routing.errors import Refused, Unclear
from routing.ids import DeliveryId, MessageId, TicketId, new_id
from routing.jobs import Topic
from routing.messages import Delivered, Direction, Message, Report
from routing.replies import Sending
from routing.ticket import Status
from tests.desk.mails import a_mail
from tests.desk.provider import ScriptedConnection
from tests.inner import MAIL, Inner

HANA, EMMA, MIO = "Hana Sato <hana@customer.example>", "Emma <emma@customer.example>", "Mio <mio@customer.example>"


class Scene:
    """Customers whose tickets are #1 (Hana), #2 (Emma), #3 (Mio), an agent, and a provider that does as told."""

    def __init__(self, inner: Inner, provider: ScriptedConnection, actor: Actor) -> None:
        self.inner, self.provider, self.actor = inner, provider, actor
        self.ids: dict[int, TicketId] = {}

    async def write(self, text: str, *, sender: str, message_id: str, answers: str = "") -> None:
        await self.inner.mail(a_mail(text, sender=sender, message_id=message_id, answers=answers, subject=text))
        await self.inner.read_everything()

    async def learn(self) -> None:
        for number in (1, 2, 3):
            found = await self.inner.desk.look(lambda reads, n=number: reads.ticket_by_number(n))  # type: ignore[misc]
            assert found is not None
            self.ids[number] = found.id

    async def view(self, number: int) -> TicketView:
        return await self.inner.desk.view(self.ids[number])

    async def said(self, number: int, *directions: Direction) -> list[str]:
        wanted = directions or (Direction.INBOUND, Direction.OUTBOUND)
        found = await self.inner.desk.look(lambda reads: reads.timeline(self.ids[number], after=0, limit=100))
        return [one.text.strip() for one in found if isinstance(one, Message) and one.direction in wanted]

    async def events(self, number: int) -> list[str]:
        return await self.said(number, Direction.EVENT)

    async def merge(self, source: int, target: int, *, actor: Actor | None = None) -> None:
        await self.inner.desk.merge(actor or self.actor, self.ids[source], self.ids[target])

    async def unmerge(self, number: int) -> None:
        await self.inner.desk.unmerge(self.actor, self.ids[number])

    async def reply(self, number: int, text: str = "Thank you.", *, conversation: str = "") -> MessageId:
        view = await self.view(number)
        draft = Draft(MessageId(new_id()), text, seen=view.ticket.latest_seq, conversation=conversation)
        return (await self.inner.desk.reply(self.actor, self.ids[number], draft)).message

    async def send_due(self) -> None:
        self.inner.clock.forward(timedelta(seconds=11))
        outgoing = Outgoing(self.inner.desk, self.inner.connections, self.inner.clock)

        async def alive() -> None:
            return None

        for job in await self.inner.jobs.take([Topic.SEND], limit=50, lease=timedelta(minutes=1)):
            await outgoing.work(job, alive)
            await self.inner.jobs.finish(job)

    async def own_conversation(self, number: int) -> str:
        return (await self.view(number)).ticket.conversation


@pytest.fixture
async def scene(inner: Inner) -> Scene:
    provider = ScriptedConnection(MAIL, inner.connections[MAIL])
    inner.connections[MAIL] = provider
    scene = Scene(inner, provider, await inner.agent())
    await scene.write("My parcel?", sender=HANA, message_id="<hana1@customer.example>")
    await scene.write("Where is our parcel?", sender=EMMA, message_id="<emma1@customer.example>")
    await scene.write("Something else.", sender=MIO, message_id="<mio1@customer.example>")
    await scene.learn()
    return scene


async def test_what_the_customer_of_a_merged_ticket_writes_arrives_where_it_went(scene: Scene) -> None:
    await scene.merge(2, 1)
    await scene.write("Any news?", sender=EMMA, message_id="<emma2@c.example>", answers="<emma1@customer.example>")
    assert await scene.said(1) == ["My parcel?", "Any news?"]
    assert await scene.said(2) == ["Where is our parcel?"], "nothing is copied"
    merged = (await scene.view(2)).ticket
    assert merged.status is Status.CLOSED
    assert merged.merged_into == scene.ids[1]
    assert await scene.events(1) == ["ticket.merged_from"]
    assert await scene.events(2) == ["ticket.merged_into"]


async def test_unmerging_gives_back_the_pointer_the_status_and_what_came_since(scene: Scene) -> None:
    before = (await scene.view(1)).ticket
    await scene.merge(2, 1)
    await scene.write("Any news?", sender=EMMA, message_id="<emma2@c.example>", answers="<emma1@customer.example>")
    await scene.unmerge(2)
    await scene.write("Hello?", sender=EMMA, message_id="<emma3@c.example>", answers="<emma1@customer.example>")
    assert await scene.said(2) == ["Where is our parcel?", "Any news?", "Hello?"]
    assert await scene.said(1) == ["My parcel?"]
    first, second = (await scene.view(1)).ticket, (await scene.view(2)).ticket
    assert (first.status, first.latest, first.latest_seq) == (before.status, before.latest, before.latest_seq)
    assert (second.status, second.merged_into, second.latest.strip()) == (Status.NEW, None, "Hello?")
    assert await scene.events(2) == ["ticket.merged_into", "ticket.unmerged"]
    assert await scene.events(1) == ["ticket.merged_from", "ticket.taken_out"]


async def test_a_closed_ticket_that_takes_in_somebody_who_waits_is_open_until_they_are_taken_out(scene: Scene) -> None:
    await scene.inner.desk.close(scene.actor, scene.ids[1])
    await scene.merge(2, 1)
    assert (await scene.view(1)).ticket.status is Status.OPEN
    await scene.unmerge(2)
    first, second = (await scene.view(1)).ticket, (await scene.view(2)).ticket
    assert (first.status, second.status) == (Status.CLOSED, Status.NEW)
    assert first.closed_at is not None


async def test_two_closed_tickets_stay_closed(scene: Scene) -> None:
    await scene.inner.desk.close(scene.actor, scene.ids[1])
    await scene.inner.desk.close(scene.actor, scene.ids[2])
    await scene.merge(2, 1)
    assert (await scene.view(1)).ticket.status is Status.CLOSED
    await scene.unmerge(2)
    assert (await scene.view(2)).ticket.status is Status.CLOSED


async def test_what_slept_until_a_moment_is_open_in_a_ticket_that_nobody_looks_at(scene: Scene) -> None:
    tomorrow = scene.inner.clock() + timedelta(days=1)
    await scene.inner.desk.snooze(scene.actor, scene.ids[1], tomorrow)
    await scene.inner.desk.close(scene.actor, scene.ids[2])
    await scene.merge(1, 2)
    assert (await scene.view(2)).ticket.status is Status.OPEN


async def test_what_slept_before_a_merge_woke_it_is_open_afterwards(scene: Scene) -> None:
    tomorrow = scene.inner.clock() + timedelta(days=1)
    await scene.inner.desk.snooze(scene.actor, scene.ids[2], tomorrow)
    await scene.merge(1, 2)
    assert (await scene.view(2)).ticket.status is Status.OPEN
    await scene.unmerge(1)
    assert (await scene.view(2)).ticket.status is Status.OPEN


async def test_whoever_looked_after_the_merged_ticket_lends_themselves_as_long_as_it_lasts(scene: Scene) -> None:
    await scene.inner.desk.claim(scene.actor, scene.ids[2])
    await scene.merge(2, 1)
    taken = await scene.view(1)
    assert taken.assignee is not None
    assert taken.ticket.status is Status.OPEN
    await scene.unmerge(2)
    assert (await scene.view(1)).assignee is None
    assert (await scene.view(2)).assignee == taken.assignee


async def test_merging_twice_changes_nothing_the_second_time(scene: Scene) -> None:
    await scene.merge(2, 1)
    before = (await scene.view(1), await scene.view(2))
    await scene.merge(2, 1)
    assert (await scene.view(1), await scene.view(2)) == before
    await scene.unmerge(2)
    before = (await scene.view(1), await scene.view(2))
    await scene.unmerge(2)
    assert (await scene.view(1), await scene.view(2)) == before


async def test_two_agents_merge_the_same_tickets_at_once(scene: Scene) -> None:
    agents = [await scene.inner.agent(f"U{number}", f"Agent {number}") for number in range(8)]
    await asyncio.gather(*(scene.merge(2, 1, actor=one) for one in agents))
    assert await scene.events(1) == ["ticket.merged_from"]
    assert await scene.events(2) == ["ticket.merged_into"]


async def test_two_agents_merge_two_tickets_crosswise_at_once_and_one_stays(scene: Scene) -> None:
    other = await scene.inner.agent("U2", "Ben")
    outcomes = await asyncio.gather(scene.merge(1, 2), scene.merge(2, 1, actor=other), return_exceptions=True)
    refused = [one for one in outcomes if one is not None]
    assert [type(one) for one in refused] == [Refused]
    tickets = [(await scene.view(number)).ticket for number in (1, 2)]
    assert sorted(one.merged_into is None for one in tickets) == [False, True]


async def test_a_ticket_is_not_merged_into_itself_not_even_by_a_detour(scene: Scene) -> None:
    with pytest.raises(Refused, match=r"merge\.itself"):
        await scene.merge(1, 1)
    await scene.merge(1, 2)
    await scene.merge(2, 3)
    with pytest.raises(Refused, match=r"merge\.itself"):
        await scene.merge(3, 1)


async def test_a_target_that_was_merged_itself_is_followed(scene: Scene) -> None:
    await scene.merge(1, 2)
    await scene.merge(3, 1)
    assert (await scene.view(3)).ticket.merged_into == scene.ids[2]


async def test_a_merged_ticket_is_not_merged_into_a_third_one(scene: Scene) -> None:
    await scene.merge(1, 2)
    with pytest.raises(Refused, match=r"ticket\.merged"):
        await scene.merge(1, 3)


async def test_a_chain_of_merges_is_taken_apart_in_any_order(scene: Scene) -> None:
    await scene.merge(1, 2)
    await scene.write("One.", sender=HANA, message_id="<hana2@c.example>", answers="<hana1@customer.example>")
    await scene.merge(2, 3)
    await scene.write("Two.", sender=HANA, message_id="<hana3@c.example>", answers="<hana1@customer.example>")
    await scene.write("Emma.", sender=EMMA, message_id="<emma2@c.example>", answers="<emma1@customer.example>")
    assert await scene.said(3) == ["Something else.", "Two.", "Emma."]
    await scene.unmerge(1)
    assert await scene.said(1) == ["My parcel?", "One.", "Two."]
    assert await scene.said(2) == ["Where is our parcel?"]
    assert await scene.said(3) == ["Something else.", "Emma."]
    await scene.unmerge(2)
    assert await scene.said(2) == ["Where is our parcel?", "Emma."]
    assert await scene.said(3) == ["Something else."]
    for number, sender in ((1, HANA), (2, EMMA), (3, MIO)):
        name = {1: "hana", 2: "emma", 3: "mio"}[number]
        await scene.write("Last.", sender=sender, message_id=f"<{name}9@c>", answers=f"<{name}1@customer.example>")
        assert (await scene.said(number))[-1] == "Last."


@pytest.mark.parametrize("state", ["held", "unknown"])
async def test_a_ticket_with_a_reply_that_may_still_leave_is_not_merged(scene: Scene, state: str) -> None:
    await scene.reply(2)
    if state == "unknown":
        scene.provider.script = [Unclear("cut")]
        await scene.send_due()
    with pytest.raises(Refused, match=r"merge\.reply_pending"):
        await scene.merge(2, 1)
    assert (await scene.view(2)).ticket.merged_into is None


async def test_nothing_is_taken_out_while_a_reply_to_its_customer_may_still_leave(scene: Scene) -> None:
    await scene.merge(2, 1)
    await scene.reply(1, conversation=await scene.own_conversation(2))
    with pytest.raises(Refused, match=r"merge\.reply_pending"):
        await scene.unmerge(2)
    await scene.send_due()
    await scene.unmerge(2)
    assert await scene.said(2) == ["Where is our parcel?", "Thank you."]
    (reply,) = (await scene.view(2)).replies
    assert reply.state is Sending.SENT
    assert (await scene.view(2)).ticket.status is Status.WAITING
    assert (await scene.view(1)).replies == ()


async def test_the_agent_chooses_whom_of_a_merged_ticket_a_reply_goes_to(scene: Scene) -> None:
    await scene.merge(2, 1)
    await scene.reply(1, "To Hana.")
    await scene.reply(1, "To Emma.", conversation=await scene.own_conversation(2))
    await scene.send_due()
    assert {(one.address, one.text) for one in scene.provider.taken} == {
        ("hana@customer.example", "To Hana."),
        ("emma@customer.example", "To Emma."),
    }


async def test_a_reply_goes_to_nobody_who_has_no_part_in_the_ticket(scene: Scene) -> None:
    with pytest.raises(Refused, match=r"reply\.not_here"):
        await scene.reply(1, conversation=await scene.own_conversation(3))


async def test_a_merged_ticket_is_worked_at_where_it_went(scene: Scene) -> None:
    await scene.merge(2, 1)
    desk, ticket = scene.inner.desk, scene.ids[2]
    before = await scene.view(2)
    for act in (desk.claim, desk.reopen):
        with pytest.raises(Refused) as refusal:
            await act(scene.actor, ticket)
        assert refusal.value.key in ("ticket.merged", "ticket.closed")
    with pytest.raises(Refused, match=r"ticket\.merged"):
        await scene.reply(2)
    assert await scene.view(2) == before


async def test_a_reply_that_comes_back_after_the_merge_reopens_the_ticket_that_goes_on(scene: Scene) -> None:
    message = await scene.reply(2)
    await scene.send_due()
    await scene.inner.desk.close(scene.actor, scene.ids[1])
    await scene.merge(2, 1)
    assert (await scene.view(1)).ticket.status is Status.CLOSED, "nobody waited"
    bounced = Report("dsn", (f"<out.{message}@acme.example>",), Delivered.BOUNCED, scene.inner.clock(), "no such user")
    delivery = ReadDelivery(DeliveryId(new_id()), MAIL, scene.inner.clock(), (bounced,))
    await scene.inner.desk.receive([delivery])
    assert (await scene.view(1)).ticket.status is Status.OPEN
    assert (await scene.view(2)).ticket.status is Status.CLOSED
    assert "reply.bounced" in await scene.events(1)


async def test_viewers_merge_nothing(scene: Scene) -> None:
    assert scene.actor.agent is not None
    stranger = Actor(replace(scene.actor.agent, active=False), "slack")
    with pytest.raises(Refused, match="not_allowed"):
        await scene.inner.desk.unmerge(stranger, scene.ids[1])
    with pytest.raises(Refused, match="not_allowed"):
        await scene.merge(1, 2, actor=stranger)
