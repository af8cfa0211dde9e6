"""Tags are put on and taken off, each the same however it is written, and those in use are known."""

import asyncio

import pytest

from routing.errors import Refused
from routing.ids import TicketId
from routing.tags import LONGEST_TAG, MOST_TAGS, listed
from tests.desk.mails import a_mail
from tests.inner import Inner


async def _ticket(inner: Inner, number: int = 1) -> TicketId:
    mail = a_mail(f"Words {number}.", subject=f"Matter {number}", message_id=f"<tags{number}@customer.example>")
    await inner.mail(mail)
    await inner.read_everything()
    ticket = await inner.desk.look(lambda reads: reads.ticket_by_number(number))
    assert ticket is not None
    return ticket.id


async def test_a_tag_is_the_same_in_every_case_and_width(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    first = await inner.desk.tag(actor, ticket, add=["Refund", "ﾊﾞｯｸﾞ"], remove=[])
    again = await inner.desk.tag(actor, ticket, add=["  rEFUND ", "バッグ"], remove=["never there"])
    assert again == first
    assert first.tags == ("Refund", "ﾊﾞｯｸﾞ")
    assert (await inner.desk.tag(actor, ticket, add=[], remove=["REFUND"])).tags == ("ﾊﾞｯｸﾞ",)


async def test_the_tags_in_use_are_known_with_the_most_used_first(inner: Inner) -> None:
    actor = await inner.agent()
    for number, tags in enumerate((["Late"], ["late", "Broken"], ["LATE", "broken"], ["gone"]), start=1):
        await inner.desk.tag(actor, await _ticket(inner, number), add=tags, remove=[])
    last = await inner.desk.look(lambda reads: reads.ticket_by_number(4))
    assert last is not None
    await inner.desk.tag(actor, last.id, add=[], remove=["gone"])
    assert [(one.title, one.uses) for one in await inner.desk.known_tags()] == [("Late", 3), ("Broken", 2)]
    second = await inner.desk.look(lambda reads: reads.ticket_by_number(2))
    assert second is not None
    assert second.tags == ("Late", "Broken"), "a tag is written everywhere as it was written first"


async def test_agents_who_first_use_one_tag_at_once_all_put_it_on(inner: Inner) -> None:
    tickets = [await _ticket(inner, number) for number in range(1, 9)]
    actor = await inner.agent()
    await asyncio.gather(*(inner.desk.tag(actor, one, add=["new"], remove=[]) for one in tickets))
    assert [(one.title, one.uses) for one in await inner.desk.known_tags()] == [("new", len(tickets))]


async def test_too_long_and_too_many_tags_are_refused_and_nothing_is_changed(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    with pytest.raises(Refused, match="too_long"):
        await inner.desk.tag(actor, ticket, add=["fine", "x" * (LONGEST_TAG + 1)], remove=[])
    with pytest.raises(Refused, match="too_many"):
        await inner.desk.tag(actor, ticket, add=[f"tag {one}" for one in range(MOST_TAGS + 1)], remove=[])
    assert (await inner.desk.view(ticket)).ticket.tags == ()
    assert await inner.desk.known_tags() == []


def test_tags_stand_between_commas_of_any_script_and_control_characters_go() -> None:
    assert listed(" late,  very   late 、返金，\nLATE,, nul\x00bell\x07 ,") == ("late", "very late", "返金", "nulbell")


async def test_tags_are_told_in_the_history(inner: Inner) -> None:
    ticket, actor = await _ticket(inner), await inner.agent()
    await inner.desk.tag(actor, ticket, add=["a", "b"], remove=[])
    await inner.desk.tag(actor, ticket, add=["c"], remove=["a"])
    await inner.desk.tag(actor, ticket, add=[], remove=["b"])
    told = await inner.desk.look(lambda reads: reads.history_of(ticket))
    assert [(one.what, dict(one.values)) for one in told[1:]] == [
        ("ticket.tags_added", {"added": "a, b"}),
        ("ticket.tags_both", {"added": "c", "removed": "a"}),
        ("ticket.tags_removed", {"removed": "b"}),
    ]
