"""What cannot be read is set aside where it is seen, read again when it can be, and stops nobody behind it."""

from pathlib import Path

from routing.messages import Outcome
from storage.ledger import INLINE
from tests.desk.mails import a_mail
from tests.inner import Inner


async def test_a_lost_body_is_quarantined_and_the_mails_behind_it_are_read(inner: Inner, tmp_path: Path) -> None:
    large = a_mail("words " * INLINE, message_id="<large@customer.example>")
    await inner.mail(large)
    await inner.mail(a_mail("and a small one", message_id="<small@customer.example>"))
    (stored,) = [one for one in (tmp_path / "blobs").rglob("*") if one.is_file()]
    stored.unlink()
    await inner.read_everything()
    figures = await inner.inbox.figures()
    assert (figures.waiting, figures.quarantined_deliveries) == (0, 1)
    (set_aside,) = await inner.inbox.quarantine(limit=10)
    assert "does not exist" in set_aside.reason
    found = await inner.inbox.quarantined(set_aside.id)
    assert found is not None
    assert "does not exist" in found.lost
    first = await inner.desk.look(lambda reads: reads.ticket_by_number(1))
    assert first is not None
    assert "and a small one" in first.latest

    stored.write_bytes(large)  # from a backup
    await inner.inbox.retry([set_aside.id])
    await inner.read_everything()
    assert (await inner.inbox.figures()).quarantined_deliveries == 0
    assert await inner.desk.look(lambda reads: reads.ticket_by_number(2)) is not None


async def test_any_number_of_unreadable_mails_are_set_aside_and_the_next_good_one_is_read(inner: Inner) -> None:
    for number in range(3):
        await inner.mail(b"Subject: from nobody\r\n\r\n%d" % number)
        await inner.read_everything()
    await inner.mail(a_mail())
    await inner.read_everything()
    figures = await inner.inbox.figures()
    assert (figures.waiting, figures.quarantined_deliveries) == (0, 3)
    assert figures.outcomes[Outcome.QUARANTINED] == 3
    assert await inner.desk.look(lambda reads: reads.ticket_by_number(1)) is not None


async def test_what_is_still_unreadable_at_another_try_is_set_aside_again(inner: Inner) -> None:
    await inner.mail(b"Subject: from nobody\r\n\r\nx")
    for _ in range(2):
        await inner.read_everything()
        (set_aside,) = await inner.inbox.quarantine(limit=10)
        figures = await inner.inbox.figures()
        assert (figures.waiting, figures.outcomes[Outcome.QUARANTINED]) == (0, 1)
        assert await inner.inbox.retry([set_aside.id]) == 1
        assert (await inner.inbox.figures()).outcomes[Outcome.QUARANTINED] == 0
