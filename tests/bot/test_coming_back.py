"""What happens when a customer writes again: thanks, more than thanks, long after the end, and changed words."""

from datetime import timedelta

import pytest

from bot.cards.model import Form
from bot.sandbox.slack import seed
from routing.desk.receiving import ReadDelivery
from routing.ids import DeliveryId, new_id
from routing.messages import Edited, Message
from routing.ticket import Status, Ticket
from tests.bot.team import Team, shown
from tests.inner import MAIL


async def _answered(team: Team, *, closing: bool) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="It is on its way.", after="close" if closing else "", **form.keep)
    await team.later(11)


@pytest.mark.parametrize(("closing", "status"), [(True, Status.CLOSED), (False, Status.WAITING)])
async def test_a_bare_thanks_reopens_nothing_and_is_marked_where_people_look(
    team: Team, closing: bool, status: Status
) -> None:
    await _answered(team, closing=closing)
    await team.mail("Thank you very much!\n\nHana", number=2)
    await team.work_off()
    assert (await team.ticket()).status is status
    assert "needs no answer" in shown(team.card())
    assert "needs no answer" in shown(team.thread()[-1])
    below = team.thread()[-1]
    await team.slack.press(seed.BEN, "#support", below["ts"], "reopen")
    await team.settle()
    await team.work_off()
    assert (await team.ticket()).status is Status.OPEN
    assert "needs no answer" not in shown(team.card())
    assert "needs no answer" not in shown(team.thread()[-1])


async def test_thanks_with_anything_beside_it_reopens(team: Team) -> None:
    await _answered(team, closing=True)
    await team.mail("Thanks, but it still does not work", number=2)
    assert (await team.ticket()).status is Status.OPEN


async def test_a_thanks_under_another_subject_reopens(team: Team) -> None:
    await _answered(team, closing=True)
    await team.mail("Thanks", number=2, subject="The refund is missing")
    assert (await team.ticket()).status is Status.OPEN


async def test_a_first_message_that_only_thanks_is_a_ticket_like_any_other(team: Team) -> None:
    await team.mail("Thanks!")
    ticket = await team.ticket()
    assert (ticket.status, ticket.needs_no_answer) == (Status.NEW, False)


async def test_more_words_after_a_thanks_reopen(team: Team) -> None:
    await _answered(team, closing=True)
    await team.mail("Thanks!", number=2)
    await team.mail("Where is the other cup?", number=3)
    ticket = await team.ticket()
    assert (ticket.status, ticket.needs_no_answer) == (Status.OPEN, False)


async def test_a_thanks_that_its_customer_turns_into_a_question_reopens(team: Team) -> None:
    await _answered(team, closing=True)
    await team.mail("Thanks!", number=2)
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    thanks = next(one for one in said if isinstance(one, Message) and one.needs_no_answer)
    edit = Edited("edit1", str(thanks.external_id), "Thanks, but which parcel", team.inner.clock())
    delivery = ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (edit,))
    await team.inner.desk.receive([delivery])
    await team.work_off()
    assert (await team.ticket()).status is Status.OPEN
    assert "needs no answer" not in shown(team.thread()[-1])


async def _long_after(team: Team, text: str, number: int = 2) -> Ticket:
    await _answered(team, closing=True)
    team.inner.clock.forward(team.inner.desk.policy.reopens_within + timedelta(hours=1))
    await team.mail(text, number=number)
    await team.work_off()
    return await team.ticket()


async def test_words_long_after_the_end_open_a_new_ticket_and_both_cards_say_so(team: Team) -> None:
    old = await _long_after(team, "Another cup came broken.")
    new = await team.ticket(2)
    assert (old.status, old.followed_by, new.status, new.follows) == (Status.CLOSED, 2, Status.NEW, 1)
    first, second = (shown(one) for one in team.cards())
    assert "Taken up again in #2" in first
    assert "Takes #1 up again" in second
    await team.mail("It was the blue one.", number=3)
    assert (await team.ticket(2)).latest == "It was the blue one."
    assert (await team.ticket()).latest == "My parcel has not come."


async def test_a_thanks_long_after_the_end_opens_nothing(team: Team) -> None:
    old = await _long_after(team, "Thank you!")
    assert (old.followed_by, old.needs_no_answer) == (None, True)


async def test_the_new_ticket_is_answered_in_the_same_conversation(team: Team) -> None:
    await _long_after(team, "Another cup came broken.")
    new = await team.view(2)
    assert new.conversation.id == (await team.view(1)).conversation.id
    assert new.conversation.ticket == new.ticket.id
    assert new.nth == 2


async def test_the_new_ticket_is_its_customers_also_after_a_merge(team: Team) -> None:
    await team.mail()
    await team.mail("Another matter.", message_id="<emma@customer.example>", sender="Emma <emma@customer.example>")
    actor, first, second = await team.actor(), await team.ticket(), await team.ticket(2)
    await team.inner.desk.merge(actor, first.id, second.id)
    await team.inner.desk.close(actor, second.id)
    team.inner.clock.forward(team.inner.desk.policy.reopens_within + timedelta(hours=1))
    await team.mail("It broke again.", number=2)
    assert (await team.view(3)).contact.name == "Hana Sato"
