"""Tickets are found by anybody who may see them, and by nobody else, on every database."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from routing.agents import Actor, Role
from routing.desk.people import Member
from routing.desk.working import NewNote
from routing.errors import Refused
from routing.ids import RoomId, TicketId
from routing.ticket import Priority
from tests.desk.mails import a_mail
from tests.inner import Inner

ROOM = RoomId("room")  # where the inner house shows every ticket
MAILS = (
    ("Where is my parcel?", "My parcel has not come.", "Hana Sato <hana@customer.example>"),
    (
        "Cold coffee",
        "The machine makes cold coffee. Order A-1234, please refund.",
        "Jonas Müller <jonas@firma.example>",
    ),
    ("返金について", "コーヒーメーカーの返金をお願いします。", "佐藤 花 <sato@kyaku.example>"),
)


async def three_tickets(inner: Inner) -> None:
    for number, (subject, text, sender) in enumerate(MAILS, 1):
        await inner.mail(a_mail(text, subject=subject, sender=sender, message_id=f"<{number}@customer.example>"))
        await inner.read_everything()


async def admin(inner: Inner) -> Actor:
    return await somebody(inner, "UADMIN", Role.ADMIN)


async def somebody(inner: Inner, user: str, role: Role = Role.AGENT) -> Actor:
    """An agent of that role."""
    email = f"{user.lower()}@acme.example"
    inner.desk.policy.roles[email] = role  # type: ignore[index]  # the test's own table
    member = Member("slack", "T1", user, user.title(), email, "", "en", allowed=True)
    return Actor(await inner.desk.meet(member), "slack")


async def in_room(inner: Inner, *users: str, room: RoomId = ROOM) -> None:
    before = await inner.desk.roster(room)
    assert await inner.desk.room_read(room, surface="slack", workspace="T1", users=users, before=before)


async def found(inner: Inner, actor: Actor, looked_for: str) -> list[int]:
    """Which tickets somebody finds; the same while they wait to be indexed and afterwards."""
    before = await found_now(inner, actor, looked_for)
    await inner.indexer.index()
    assert await found_now(inner, actor, looked_for) == before
    return before


async def found_now(inner: Inner, actor: Actor, looked_for: str) -> list[int]:
    assert actor.agent is not None
    page = await inner.desk.find(actor.agent, looked_for)
    counted = await inner.desk.count(actor.agent, looked_for)
    numbers = [hit.ticket.number for hit in page.hits]
    assert counted.number == len(numbers)
    return numbers


async def ticket(inner: Inner, number: int) -> TicketId:
    one = await inner.desk.look(lambda reads: reads.ticket_by_number(number))
    assert one is not None
    return one.id


@pytest.mark.parametrize(
    ("looked_for", "numbers"),
    [
        ("", [3, 2, 1]),
        ("sort:oldest", [1, 2, 3]),
        ("parcel", [1]),
        ("parc*", [1]),
        ("parc", []),
        ('"cold coffee"', [2]),
        ('"coffee cold"', []),
        ("refund machine", [2]),
        ("a-1234", [2]),
        ("muller", [2]),
        ("from:jonas", [2]),
        ("from:machine", []),
        ("from:sato@kyaku.example", [3]),
        ("返金", [3]),
        ("金", [3]),
        ("ｺｰﾋｰ", [3]),
        ("こーひー", [3]),
        ("-返金", [2, 1]),
        ("#2", [2]),
        ("2", [2]),
        ("#2 #3", [3, 2]),
        ("sato", [3, 1]),
        ("status:new", [3, 2, 1]),
        ("status:closed", []),
        ("channel:email", [3, 2, 1]),
        ("channel:line", []),
        ("account:support parcel", [1]),
        ("assignee:none", [3, 2, 1]),
        ("before:2026-11-22", []),
        ("after:2026-11-22", [3, 2, 1]),
        ("updated-after:2026-11-23", []),
    ],
)
async def test_what_is_looked_for_is_found_newest_first(inner: Inner, looked_for: str, numbers: Sequence[int]) -> None:
    await three_tickets(inner)
    assert await found(inner, await admin(inner), looked_for) == numbers


async def test_a_claimed_tagged_urgent_ticket_with_a_note_is_found_by_each_of_these_at_once(inner: Inner) -> None:
    await three_tickets(inner)
    actor = await admin(inner)
    one = await ticket(inner, 1)
    await inner.desk.claim(actor, one)
    await inner.desk.tag(actor, one, add=["VIP"], remove=[])
    await inner.desk.prioritise(actor, one, Priority.URGENT)
    await inner.desk.note(actor, one, NewNote("The courier says it is in 倉庫."))
    for looked_for in (
        "assignee:me",
        "assignee:uadmin",
        "tag:vip",
        "priority:urgent",
        "courier",
        "倉庫",
        "status:open",
    ):
        assert await found(inner, actor, looked_for) == [1], looked_for
    for looked_for in ("assignee:none", "-tag:vip", "-assignee:me"):
        assert await found(inner, actor, looked_for) == [3, 2], looked_for


async def test_who_is_not_in_the_room_finds_nothing_and_counts_nothing(inner: Inner) -> None:
    await three_tickets(inner)
    stranger = await somebody(inner, "U1")
    assert await found(inner, stranger, "parcel") == []
    assert await found(inner, stranger, "") == []
    assert await found(inner, stranger, "#1") == []


async def test_members_of_the_room_find_what_is_shown_there(inner: Inner) -> None:
    await three_tickets(inner)
    await in_room(inner, "U1")
    assert await found(inner, await somebody(inner, "U1"), "parcel") == [1]
    assert await found(inner, await somebody(inner, "U2"), "parcel") == []


async def test_a_manager_sees_no_more_than_their_rooms(inner: Inner) -> None:
    await three_tickets(inner)
    assert await found(inner, await somebody(inner, "U1", Role.MANAGER), "") == []


async def test_who_is_assigned_sees_the_ticket_without_the_room(inner: Inner) -> None:
    await three_tickets(inner)
    actor = await somebody(inner, "U1")
    await inner.desk.claim(actor, await ticket(inner, 2))
    assert await found(inner, actor, "") == [2]


async def test_who_left_the_room_finds_nothing_any_more_and_who_came_does(inner: Inner) -> None:
    await three_tickets(inner)
    one, other = await somebody(inner, "U1"), await somebody(inner, "U2")
    await in_room(inner, "U1")
    await inner.desk.member_told(ROOM, surface="slack", workspace="T1", user="U1", present=False)
    await inner.desk.member_told(ROOM, surface="slack", workspace="T1", user="U2", present=True)
    assert await found(inner, one, "") == []
    assert await found(inner, other, "") == [3, 2, 1]
    await in_room(inner, "U1")
    assert await found(inner, one, "") == [3, 2, 1]
    assert await found(inner, other, "") == []


async def test_a_roster_older_than_a_day_counts_for_nobody(inner: Inner) -> None:
    await three_tickets(inner)
    await in_room(inner, "U1")
    actor = await somebody(inner, "U1")
    inner.clock.forward(timedelta(hours=23))
    assert await found(inner, actor, "parcel") == [1]
    inner.clock.forward(timedelta(hours=2))
    assert await found(inner, actor, "parcel") == []
    await in_room(inner, "U1")
    assert await found(inner, actor, "parcel") == [1]


async def test_a_list_that_was_read_while_somebody_left_does_not_bring_them_back(inner: Inner) -> None:
    await three_tickets(inner)
    await in_room(inner, "U1")
    before = await inner.desk.roster(ROOM)
    await inner.desk.member_told(ROOM, surface="slack", workspace="T1", user="U1", present=False)
    read = await inner.desk.room_read(ROOM, surface="slack", workspace="T1", users=["U1"], before=before)
    assert not read
    assert await found(inner, await somebody(inner, "U1"), "") == []


async def test_one_who_is_shut_out_sees_no_room_any_more(inner: Inner) -> None:
    await three_tickets(inner)
    await in_room(inner, "U1")
    actor = await somebody(inner, "U1")
    with pytest.raises(Refused, match="not_a_member"):
        await inner.agent("U1", "Aki", allowed=False)
    assert await found(inner, actor, "") == []


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(inner: Inner) -> None:
    await three_tickets(inner)
    actor = await admin(inner)
    assert actor.agent is not None
    first = await inner.desk.find(actor.agent, "", limit=2)
    second = await inner.desk.find(actor.agent, "", limit=2, before_key=first.next_key)
    assert [hit.ticket.number for hit in (*first.hits, *second.hits)] == [3, 2, 1]
    assert second.next_key is None


async def test_a_hit_shows_the_customer_and_the_words_around_what_was_found(inner: Inner) -> None:
    await three_tickets(inner)
    actor = await admin(inner)
    assert actor.agent is not None
    (hit,) = (await inner.desk.find(actor.agent, "返金")).hits
    assert hit.contact == "佐藤 花"
    assert ("返金", True) in hit.snippet


NASTY = (
    "%",
    "_",
    "'; DROP TABLE tickets; --",
    '"',
    "\\",
    "\0",
    "tag:\0",
    "\ud800",
    "tag:\ud800 team:\udfff",
    "all:",
    "~abc",
    "*",
    "a*",
    "-a*",
    "status:",
    "#999999999999999999",
    "#0",
    "assignee:\ud800",
    "assignee:%",
    "account:' channel:'",
    "𠮷*",
    "ー",
    "\u3099",
    "ﷺ",
    "ẞß",
    "ｶﾞ" * 200,
    "a" * 900,
    "updated-before:2200-12-31 after:1971-01-01",
)


@pytest.mark.parametrize("place", range(len(NASTY)))
async def test_whatever_is_looked_for_is_answered_or_refused_in_words(inner: Inner, place: int) -> None:
    await three_tickets(inner)
    await in_room(inner, "U1")
    for actor in (await admin(inner), await somebody(inner, "U1")):
        with suppress(Refused):
            await found(inner, actor, NASTY[place])
    assert await found(inner, await admin(inner), "parcel") == [1]
