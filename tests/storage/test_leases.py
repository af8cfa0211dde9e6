"""Leases on replying are known to all processes, end by themselves, and a lost Redis takes nobody's reply away."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from routing.ids import AgentId, TicketId
from routing.leases import LONGEST, Leases, LocalLeases, next_look, written_by
from storage.leases import RedisLeases
from tests.conftest import Clock
from tests.databases import REDIS

TICKET, OTHER = TicketId("t1"), TicketId("t2")
AKI, BEN = AgentId("a"), AgentId("b")


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def two(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[tuple[Leases, Leases]]:
    """The same leases as two who share them have them."""
    if request.param == "local":
        alone = LocalLeases(clock)
        yield alone, alone
        return
    prefix = request.getfixturevalue("redis_prefix")
    one, other = (RedisLeases(REDIS, prefix=prefix, alone=LocalLeases(clock), clock=clock) for _ in range(2))
    yield one, other
    await one.close()
    await other.close()


async def test_each_is_told_of_the_others(two: tuple[Leases, Leases]) -> None:
    one, other = two
    assert await one.take(TICKET, AKI, "Aki") == []
    assert [lease.name for lease in await other.take(TICKET, BEN, "Ben")] == ["Aki"]
    assert [lease.name for lease in await one.of(TICKET)] == ["Aki", "Ben"]
    assert await one.of(OTHER) == []
    await other.drop(TICKET, AKI)
    await other.drop(TICKET, AKI)
    assert [lease.name for lease in await one.take(TICKET, AKI, "Aki")] == ["Ben"]


async def test_a_lease_ends_ten_minutes_after_the_last_sign_of_life(two: tuple[Leases, Leases], clock: Clock) -> None:
    one, other = two
    await one.take(TICKET, AKI, "Aki")
    (first,) = await other.of(TICKET)
    clock.advance(LONGEST - timedelta(seconds=1))
    await one.take(TICKET, AKI, "Aki")
    clock.advance(timedelta(seconds=2))
    (second,) = await other.of(TICKET)
    assert second.since == first.since
    clock.advance(LONGEST)
    assert await other.of(TICKET) == []
    await one.take(TICKET, AKI, "Aki")
    (third,) = await other.of(TICKET)
    assert third.since > first.since


async def test_a_card_names_who_writes_for_a_moment_and_is_looked_at_when_that_changes(clock: Clock) -> None:
    leases = LocalLeases(clock)
    await leases.take(TICKET, AKI, "Aki")
    held = await leases.of(TICKET)
    assert written_by(held, clock()) == ()
    shown_from = next_look(held, clock())
    assert shown_from is not None
    assert written_by(held, shown_from) == ("Aki",)
    assert next_look(held, shown_from) == held[0].until
    assert next_look([], clock()) is None


async def test_without_redis_a_process_knows_its_own(clock: Clock) -> None:
    away = RedisLeases("redis://127.0.0.1:1/0", prefix="none", alone=LocalLeases(clock), clock=clock)
    assert await away.take(TICKET, AKI, "Aki") == []
    assert [lease.name for lease in await away.take(TICKET, BEN, "Ben")] == ["Aki"]
    await away.drop(TICKET, BEN)
    assert [lease.name for lease in await away.of(TICKET)] == ["Aki"]
    await away.close()
