"""Long messages come into the thread as a file: whole, once, in every room, and gone when they are taken back."""

import asyncio
from typing import Any

from bot.sandbox.slack import seed
from bot.surface import Done
from routing.desk.receiving import ReadDelivery
from routing.ids import DeliveryId, new_id
from routing.messages import Message, Unsent
from tests.bot.team import BILLING, SUPPORT, Team
from tests.inner import MAIL

LONG = "A sentence that goes on. " * 400 + "The very end."


async def _message(team: Team) -> Message:
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=5))
    return next(one for one in said if isinstance(one, Message))


def _files(thread: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that can still be opened: Slack leaves a tombstone where one was deleted."""
    return [file for one in thread for file in one.get("files", []) if file.get("mode") != "tombstone"]


async def test_a_long_message_comes_whole_into_the_thread(team: Team) -> None:
    await team.mail(LONG)
    await team.work_off()
    await team.slack.press(seed.BEN, "#support", team.thread()[0]["ts"], "as_file")
    await team.settle()
    await team.work_off()
    (file,) = _files(team.thread())
    assert file["title"].endswith(".txt")
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=1, limit=5))
    content = await team.inner.blobs.get(getattr(said[0], "blob", ""))
    assert "The very end." in content.decode()
    assert "Where is my parcel?" in content.decode()


async def test_asked_for_at_once_and_again_it_is_one_file_in_each_room(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail(LONG)
    await team.work_off()
    message = await _message(team)
    await asyncio.gather(*(team.act("as_file", message=message.id) for _ in range(3)))
    await team.act("as_file", message=message.id)
    await team.work_off()
    assert [len(_files(team.thread(room))) for room in (SUPPORT, BILLING)] == [1, 1]


async def test_the_file_goes_when_the_customer_takes_the_message_back(team: Team) -> None:
    await team.mail(LONG)
    await team.work_off()
    message = await _message(team)
    await team.act("as_file", message=message.id)
    await team.work_off()
    assert len(_files(team.thread())) == 1
    unsent = Unsent("unsend1", str(message.external_id), team.inner.clock())
    await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (unsent,))])
    await team.work_off()
    assert _files(team.thread()) == []
    answer = await team.act("as_file", message=message.id)
    assert isinstance(answer, Done)
    assert answer.tell is not None
    assert "no longer" in answer.tell.fallback


async def test_a_short_message_needs_no_file(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "as_file" not in str(team.thread())


async def test_a_message_of_another_ticket_is_not_given(team: Team) -> None:
    await team.mail(LONG)
    message = await _message(team)
    await team.mail("Other.", message_id="<other@customer.example>", subject="Other")
    other = await team.ticket(2)
    await team.act("as_file", message="nonsense")
    said = await team.inner.desk.look(lambda reads: reads.timeline(other.id, after=0, limit=5))
    assert len(said) == 1
    assert len(await team.inner.desk.look(lambda reads: reads.timeline(message.ticket, after=0, limit=5))) == 1
