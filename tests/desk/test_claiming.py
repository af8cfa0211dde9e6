"""Claiming is atomic, and losers are told who won."""

import asyncio

import pytest

from routing.agents import Actor
from routing.errors import Refused
from routing.ids import TicketId
from tests.desk.mails import a_mail
from tests.inner import Inner


async def _new_ticket(inner: Inner) -> TicketId:
    await inner.mail(a_mail())
    await inner.read_everything()
    ticket = await inner.desk.look(lambda reads: reads.ticket_by_number(1))
    assert ticket is not None
    return ticket.id


async def test_of_many_who_press_claim_at_once_one_has_it_and_the_others_are_told_who(inner: Inner) -> None:
    ticket = await _new_ticket(inner)
    agents = [await inner.agent(f"U{number}", f"Agent {number}") for number in range(16)]

    async def press(actor: Actor) -> str:
        try:
            await inner.desk.claim(actor, ticket)
        except Refused as refusal:
            return refusal.values["who"]
        return "won"

    answers = await asyncio.gather(*(press(actor) for actor in agents))
    view = await inner.desk.view(ticket)
    assert view.assignee is not None
    assert answers.count("won") == 1
    assert set(answers) == {"won", view.assignee.name}


async def test_claiming_twice_changes_nothing_the_second_time(inner: Inner) -> None:
    ticket = await _new_ticket(inner)
    actor = await inner.agent()
    await inner.desk.claim(actor, ticket)
    version = (await inner.desk.view(ticket)).ticket.version
    await inner.desk.claim(actor, ticket)
    assert (await inner.desk.view(ticket)).ticket.version == version


async def test_a_guest_is_refused_and_nothing_changes(inner: Inner) -> None:
    await _new_ticket(inner)
    with pytest.raises(Refused, match="not_a_member"):
        await inner.agent("UGUEST", "Guest", allowed=False)


async def test_who_was_a_member_and_is_one_no_more_is_shut_out(inner: Inner) -> None:
    await _new_ticket(inner)
    await inner.agent("U1", "Aki")
    with pytest.raises(Refused, match="not_a_member"):
        await inner.agent("U1", "Aki", allowed=False)
