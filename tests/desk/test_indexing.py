"""The search index holds what tickets hold, no more and no less, however often and by how many it is made."""

import asyncio
import zlib
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, delete, literal_column, select

from routing.desk.receiving import ReadDelivery
from routing.desk.working import NewNote
from routing.ids import DeliveryId, new_id
from routing.messages import Edited, Item, Kind, Party, Received, Thread, Unsent
from routing.ports import Tx, Urgency
from storage.engine import open_database
from storage.indexing import SqlIndexer
from storage.search_bits import BLOCK, packed, placed, places_of, together, unpacked
from storage.statements import Statement
from storage.tables import SEARCH_TICKETS, SEARCH_WAITING, SEARCH_WORDS
from tests.desk.test_search import admin, found, found_now, three_tickets, ticket
from tests.inner import MAIL, ORGANISATION, Inner

_WORDS = Statement(select(SEARCH_WORDS.c.word, SEARCH_WORDS.c.block, SEARCH_WORDS.c.tickets))
_BODIES = Statement(select(SEARCH_TICKETS.c.head, SEARCH_TICKETS.c.body))
_WAITING = Statement(select(SEARCH_WAITING.c.ticket))
_ONE = literal_column("1", BigInteger)
_FORGET_WORDS = Statement(delete(SEARCH_WORDS).returning(_ONE))
_FORGET_TICKETS = Statement(delete(SEARCH_TICKETS).returning(_ONE))


async def held(url: str) -> dict[tuple[str, int], int]:
    """The whole index."""
    database = open_database(url)
    try:
        return {(word, block): unpacked(tickets) for word, block, tickets in await database.read_once(_WORDS)}
    finally:
        await database.close()


async def kept_words(url: str) -> str:
    """Every word that the database keeps for the index, anywhere."""
    database = open_database(url)
    try:
        rows = await database.read_once(_BODIES)
    finally:
        await database.close()
    texts = [zlib.decompress(one).decode() for row in rows for one in row]
    return "\n".join([*texts, *(word for word, _ in await held(url))])


async def take(inner: Inner, *items: Item) -> None:
    """What a provider told, already read."""
    delivery = ReadDelivery(DeliveryId(new_id()), MAIL, inner.clock(), items)
    await inner.desk.receive([delivery])


def written(number: int, text: str, at: datetime) -> Received:
    return Received(
        external_id=f"m{number}",
        kind=Kind.DM,
        channel="email",
        sender=Party("email", f"customer{number}@customer.example", f"Customer {number}"),
        thread=Thread(key=f"t{number}"),
        text=text,
        sent_at=at,
    )


async def test_words_that_a_customer_took_back_leave_the_index_entirely(inner: Inner, database_url: str) -> None:
    actor = await admin(inner)
    await take(inner, written(1, "My password is swordfish 秘密.", inner.clock()))
    await inner.indexer.index()
    assert "swordfish" in await kept_words(database_url)
    await take(inner, Unsent("u1", "m1", inner.clock()))
    assert await found_now(inner, actor, "swordfish") == []
    await inner.indexer.index()
    assert await found_now(inner, actor, "秘密") == []
    kept = await kept_words(database_url)
    assert "swordfish" not in kept
    assert "秘" not in kept


async def test_an_edited_message_is_found_by_its_new_words_only(inner: Inner, database_url: str) -> None:
    actor = await admin(inner)
    await take(inner, written(1, "The lamp is red.", inner.clock()))
    await inner.indexer.index()
    await take(inner, Edited("e1", "m1", "The lamp is green.", inner.clock()))
    assert await found(inner, actor, "red") == []
    assert await found(inner, actor, "green") == [1]
    assert "\nred\n" not in await kept_words(database_url)


async def test_a_later_message_adds_its_words_and_the_earlier_ones_stay(inner: Inner) -> None:
    actor = await admin(inner)
    await take(inner, written(1, "first", inner.clock()))
    await inner.indexer.index()
    again = written(2, "second", inner.clock())
    await take(inner, replace(again, thread=Thread(key="t1")))
    assert await found(inner, actor, "first second") == [1]


async def test_a_name_that_is_learned_later_finds_closed_tickets_too(inner: Inner) -> None:
    actor = await admin(inner)
    nameless = replace(written(1, "hello", inner.clock()), sender=Party("email", "a@b.example"))
    await take(inner, nameless)
    await inner.desk.close(actor, await ticket(inner, 1))
    await inner.indexer.index()
    view = await inner.desk.view(await ticket(inner, 1))
    await inner.desk.profile_learned(view.identity.id, name="Hana Sato", language="")
    assert await found(inner, actor, "from:hana") == [1]


async def test_indexed_step_by_step_it_is_what_it_is_when_made_anew(inner: Inner, database_url: str) -> None:
    await three_tickets(inner)
    actor = await admin(inner)
    await inner.indexer.index()
    one = await ticket(inner, 1)
    await inner.desk.claim(actor, one)
    await inner.desk.tag(actor, one, add=["VIP"], remove=[])
    await inner.indexer.index()
    await inner.desk.note(actor, one, NewNote("The courier says 倉庫."))
    await inner.desk.tag(actor, one, add=["late"], remove=["VIP"])
    await inner.desk.close(actor, one)
    await inner.indexer.index()
    grown = await held(database_url)
    database = open_database(database_url)
    for statement in (_FORGET_WORDS, _FORGET_TICKETS):
        await database.write_once(statement, urgency=Urgency.WORK)
    await database.close()

    async def mark(tx: Tx) -> None:
        for number in (1, 2, 3):
            found = await tx.ticket_by_number(number)
            assert found is not None
            tx.put(found)

    await inner.store.transact(mark)
    await inner.indexer.index()
    assert await held(database_url) == grown


async def test_two_who_index_at_once_make_the_same_index_as_one(inner: Inner, database_url: str) -> None:
    await three_tickets(inner)
    others = [open_database(database_url) for _ in range(3)]
    indexers = [SqlIndexer(one, ORGANISATION, clock=inner.clock) for one in others]
    await asyncio.gather(*(one.index() for one in indexers))
    for one in others:
        await one.close()
    assert await found_now(inner, await admin(inner), "") == [3, 2, 1]
    assert (await held(database_url))[":all", 0] == together([1, 2, 3])


async def test_when_all_is_indexed_nothing_waits(inner: Inner, database_url: str) -> None:
    await three_tickets(inner)
    await inner.indexer.index()
    database = open_database(database_url)
    assert list(await database.read_once(_WAITING)) == []
    await database.close()


async def test_while_very_much_waits_everything_is_found_nevertheless(inner: Inner) -> None:
    actor = await admin(inner)
    for start in range(0, 600, 100):
        await take(inner, *(written(start + one, f"word{start + one} all", inner.clock()) for one in range(100)))
    assert await found_now(inner, actor, "word7") == [8]
    assert actor.agent is not None
    assert (await inner.desk.count(actor.agent, "all")).number == 600
    await inner.indexer.index()
    assert await found_now(inner, actor, "word7") == [8]
    assert (await inner.desk.count(actor.agent, "all")).number == 600


async def test_pages_go_on_across_blocks_of_the_index(inner: Inner) -> None:
    actor = await admin(inner)
    numbers: list[int] = []
    for one in range(5):
        await take(inner, written(one, "far apart", inner.clock()))
        numbers.append(await _last_number(inner))
        await inner.store.transact(lambda tx: tx.take_numbers(3 * BLOCK))
    await inner.indexer.index()
    assert actor.agent is not None
    for order, expected in (("newest", numbers[::-1]), ("oldest", numbers)):
        seen: list[int] = []
        key: int | None = None
        while True:
            page = await inner.desk.find(actor.agent, f"far sort:{order}", limit=2, before_key=key)
            seen += [hit.ticket.number for hit in page.hits]
            key = page.next_key
            if key is None:
                break
        assert seen == expected


async def _last_number(inner: Inner) -> int:
    actor = await admin(inner)
    assert actor.agent is not None
    return (await inner.desk.find(actor.agent, "", limit=1)).hits[0].ticket.number


@given(st.sets(st.integers(0, BLOCK - 1)))
def test_a_set_of_tickets_comes_back_as_it_was_stored(places: set[int]) -> None:
    bits = together(places)
    assert unpacked(packed(bits)) == bits
    assert places_of(bits) == sorted(places)
    assert len(packed(bits)) <= BLOCK // 8 + 1


def test_a_number_has_its_place_in_its_block() -> None:
    block, place = placed(2 * BLOCK + 7)
    assert (block, place) == (2, 7)
