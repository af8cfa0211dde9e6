"""What people write under a card: notes with their files, replies where the room says so, and what a change changes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import seed
from bot.surface import Room, Spoken, ThreadMessage, ThreadPolicy
from routing.errors import Unclear
from routing.ids import RoomId
from routing.messages import Message
from routing.replies import Sending
from tests.bot.team import BILLING, ROOMS, SUPPORT, Team, shown, team_policy, who, working_team

ANSWERED = replace(SUPPORT, thread_messages=ThreadPolicy.CUSTOMER)


@asynccontextmanager
async def _answering(url: str, folder: Path) -> AsyncIterator[Team]:
    """Two rooms show every ticket; what is written in the first one's threads goes to the customer."""
    rooms: Mapping[RoomId, Room] = {**ROOMS, SUPPORT.id: ANSWERED}
    async with working_team(url, folder, policy=team_policy(SUPPORT, BILLING), rooms=rooms) as one:
        await one.mail()
        await one.work_off()
        yield one


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    async with _answering(database_url, tmp_path) as one:
        yield one


@pytest.fixture
async def noted(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """Two rooms whose threads are internal."""
    async with working_team(database_url, tmp_path, policy=team_policy(SUPPORT, BILLING)) as one:
        await one.mail()
        await one.work_off()
        yield one


def _left(team: Team) -> list[str]:
    return [letter.text for letter in team.provider.taken]


def _slips(team: Team, user: str = seed.BEN) -> list[str]:
    return [shown(one.message) for one in team.slack.ephemerals(user)]


def _thread(team: Team, room: Room = SUPPORT) -> str:
    return "\n".join(shown(one) for one in team.thread(room))


async def _edit(team: Team, said: dict[str, Any], text: str, user: str = seed.BEN) -> None:
    team.slack.edit(user, SUPPORT.place, said["ts"], text)
    await team.settle()


async def _delete(team: Team, said: dict[str, Any], user: str = seed.BEN) -> None:
    team.slack.delete(user, SUPPORT.place, said["ts"])
    await team.settle()


async def _states(team: Team) -> list[Sending]:
    return [one.state for one in (await team.view()).replies]


async def _notes(team: Team) -> list[Message]:
    ticket = (await team.ticket()).id
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket, after=0, limit=100))
    return [one for one in said if isinstance(one, Message) and one.direction == "note"]


# --- rooms whose threads go to the customer ---------------------------------------------------------------------------


async def test_a_message_in_the_thread_goes_to_the_customer_after_the_undo_time(desk: Team) -> None:
    await desk.say("It leaves today.")
    (slip,) = _slips(desk)
    assert "leaves in 10 seconds" in slip
    await desk.later(9)
    assert _left(desk) == []
    await desk.later(2)
    assert _left(desk) == ["It leaves today."]
    assert "Ben Carter's message went to the customer: “It leaves today.”" in _thread(desk)
    assert "Reply sent" in _thread(desk)
    assert "Ben Carter replied" in _thread(desk, BILLING)
    assert await _notes(desk) == []


async def test_the_card_says_which_policy_rules_in_each_room(desk: Team) -> None:
    assert "goes to the customer. Begin with //" in shown(desk.card())
    assert "stays inside" in shown(desk.card(BILLING))


async def test_where_every_thread_is_internal_nobody_is_told_so(noted: Team) -> None:
    assert "this thread" not in shown(noted.card())


async def test_two_slashes_keep_it_inside(desk: Team) -> None:
    await desk.say("// She wrote three times already.")
    await desk.later(60)
    assert _left(desk) == []
    assert [one.text for one in await _notes(desk)] == ["She wrote three times already."]
    assert _slips(desk) == []


@pytest.mark.parametrize("slashes", ["／／", "/／"], ids=["full width", "both widths"])
async def test_slashes_of_a_japanese_keyboard_keep_it_inside_too(desk: Team, slashes: str) -> None:
    said = await desk.say(f"{slashes} 三回目です")
    await desk.later(60)
    assert _left(desk) == []
    assert [one.text for one in await _notes(desk)] == ["三回目です"]
    await _edit(desk, said, f"{slashes}四回目です")
    assert [one.text for one in await _notes(desk)] == ["四回目です"]


async def test_where_a_ticket_has_several_customers_its_author_chooses_who_gets_it(desk: Team) -> None:
    desk_card = desk.card()["ts"]
    await desk.mail("Mine, too.", sender="Emma <emma@customer.example>", message_id="<e@c.example>", subject="Mine")
    actor = await desk.actor()
    await desk.inner.desk.merge(actor, (await desk.ticket(2)).id, (await desk.ticket()).id)
    await desk.work_off()
    desk.slack.say(seed.BEN, SUPPORT.place, "It leaves today.", thread_ts=desk_card)
    await desk.settle()
    await desk.later(60)
    assert _left(desk) == []
    assert [one.text for one in await _notes(desk)] == ["It leaves today."]
    (slip,) = desk.slack.ephemerals(seed.BEN)
    assert "Several customers can be answered from this ticket" in shown(slip.message)
    await desk.slack.press(seed.BEN, SUPPORT.place, slip.message["ts"], "send_noted", ephemeral=True)
    await desk.settle()
    view = desk.slack.open_view(seed.BEN)
    emma = (await desk.ticket(2)).conversation
    await desk.slack.press_in_view(view, "conversation", {"value": f"={emma}"})
    await desk.settle()
    assert (await desk.slack.submit(desk.slack.open_view(seed.BEN), {})).errors == {}
    await desk.settle()
    await desk.later(11)
    assert [(one.address, one.text) for one in desk.provider.taken] == [("emma@customer.example", "It leaves today.")]


async def test_undo_in_the_slip_stops_it(desk: Team) -> None:
    await desk.say("Too early.")
    (slip,) = desk.slack.ephemerals(seed.BEN)
    await desk.slack.press(seed.BEN, SUPPORT.place, slip.message["ts"], "undo", ephemeral=True)
    await desk.settle()
    await desk.later(60)
    assert _left(desk) == []
    assert "Undone" in _slips(desk)[0]


async def test_the_same_event_twice_is_one_reply(desk: Team) -> None:
    said = await desk.say("Once.")
    for user, message in await desk.surfaces["slack"].thread_since(SUPPORT, desk.card()["ts"], ""):
        await desk.router.thread_talk(user, message)
    assert said["text"] == "Once."
    await desk.later(11)
    await desk.later(11)
    assert _left(desk) == ["Once."]
    assert len(_slips(desk)) == 1


async def test_files_go_along_and_are_not_shown_twice(desk: Team) -> None:
    file = desk.slack.file(seed.BEN, "label.pdf", b"%PDF label")
    desk.slack.say(seed.BEN, SUPPORT.place, "Your label.", thread_ts=desk.card()["ts"], files=[file])
    await desk.settle()
    await desk.later(11)
    (letter,) = desk.provider.taken
    assert [one.name for one in letter.attachments] == ["label.pdf"]
    shared = {
        room: [f["title"] for one in desk.thread(room) for f in one.get("files", [])] for room in (SUPPORT, BILLING)
    }
    assert [len(files) for files in shared.values()] == [1, 1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x" * 1001, "at most 1000 are allowed"), ("Dear {{ contact.name }}", "still a blank")],
    ids=["too long", "a blank left"],
)
async def test_what_cannot_be_sent_is_told_at_once_and_stays_a_note(desk: Team, text: str, reason: str) -> None:
    await desk.say(text)
    (slip,) = _slips(desk)
    assert "did not go to the customer; it stays a note" in slip
    assert reason in slip
    assert [one.text for one in await _notes(desk)] == [text]
    await desk.later(60)
    assert _left(desk) == []


async def test_a_closed_window_is_told_at_once(desk: Team) -> None:
    desk.provider.open = False
    await desk.say("Hello?")
    assert "The reply window is closed" in _slips(desk)[0]
    assert len(await _notes(desk)) == 1


async def test_an_earlier_unclear_reply_is_told_at_once(desk: Team) -> None:
    await desk.say("One.")
    desk.provider.script = [Unclear("cut")]
    await desk.later(11)
    await desk.say("Two.")
    assert "Decide about that one first" in _slips(desk)[-1]
    assert [one.text for one in await _notes(desk)] == ["Two."]


async def test_words_that_the_thread_did_not_show_yet_hold_it_back_and_it_can_be_sent_after_a_look(desk: Team) -> None:
    await desk.mail("Cancel it!", number=2)
    await desk.say("It leaves today.")
    (slip,) = desk.slack.ephemerals(seed.BEN)
    assert "The customer wrote meanwhile" in shown(slip.message)
    await desk.work_off()
    await desk.slack.press(seed.BEN, SUPPORT.place, slip.message["ts"], "send_noted", ephemeral=True)
    await desk.settle()
    outcome = await desk.slack.submit(desk.slack.open_view(seed.BEN), {})
    assert outcome.errors == {}
    await desk.settle()
    await desk.later(11)
    assert _left(desk) == ["It leaves today."]


async def test_a_message_found_long_afterwards_does_not_leave_by_itself(desk: Team) -> None:
    desk.inner.clock.forward(timedelta(minutes=11))
    await desk.say("Old words.")
    assert "reached us long after" in _slips(desk)[-1]
    await desk.later(60)
    assert _left(desk) == []


async def test_a_guest_is_told_that_nobody_hears_them(desk: Team) -> None:
    desk.slack.say(seed.GUEST, SUPPORT.place, "Hi customer!", thread_ts=desk.card()["ts"])
    await desk.settle()
    await desk.later(60)
    assert "Only full members" in _slips(desk, seed.GUEST)[0]
    assert _left(desk) == []
    assert await _notes(desk) == []


# --- changes ----------------------------------------------------------------------------------------------------------


async def test_an_edit_while_it_is_held_changes_what_leaves(desk: Team) -> None:
    said = await desk.say("It leaves tody.")
    await desk.later(5)
    await _edit(desk, said, "It leaves today.")
    assert "leaves in 10 seconds" in _slips(desk)[-1]
    await desk.later(9)
    assert _left(desk) == []
    await desk.later(2)
    assert _left(desk) == ["It leaves today."]


async def test_an_edit_that_cannot_be_sent_takes_the_reply_back(desk: Team) -> None:
    said = await desk.say("Short.")
    await _edit(desk, said, "x" * 1001)
    assert "the reply was taken back" in _slips(desk)[-1]
    await desk.later(60)
    assert _left(desk) == []
    assert await _states(desk) == [Sending.UNDONE]


async def test_an_edit_to_two_slashes_takes_the_reply_back(desk: Team) -> None:
    said = await desk.say("Ask Yui first.")
    await _edit(desk, said, "// Ask Yui first.")
    await desk.later(60)
    assert _left(desk) == []


async def test_an_edit_after_it_left_is_told_and_the_entry_says_that_the_customer_has_older_words(desk: Team) -> None:
    said = await desk.say("It costs 10.")
    await desk.later(11)
    await _edit(desk, said, "It costs 100.")
    assert "Already sent: the customer has the older words" in _slips(desk)[-1]
    await desk.work_off()
    for room in (SUPPORT, BILLING):
        (entry,) = [one for one in desk.thread(room) if "changed or deleted afterwards" in shown(one)]
        assert "It costs 10." in shown(entry)
    slips = len(_slips(desk))
    for user, message in await desk.surfaces["slack"].thread_since(SUPPORT, desk.card()["ts"], ""):
        await desk.router.thread_talk(user, message)
    assert len(_slips(desk)) == slips, "told once"


async def test_deleting_it_while_it_is_held_undoes_it(desk: Team) -> None:
    said = await desk.say("Oh no.")
    await _delete(desk, said)
    assert "Undone. Nothing was sent" in _slips(desk)[-1]
    await desk.later(60)
    assert _left(desk) == []


async def test_deleting_it_after_it_left_is_told_truthfully(desk: Team) -> None:
    said = await desk.say("Oh no.")
    await desk.later(11)
    await _delete(desk, said)
    assert "Already sent" in _slips(desk)[-1]
    await desk.work_off()
    assert "changed or deleted afterwards" in _thread(desk)
    assert _left(desk) == ["Oh no."]


async def test_a_preview_that_slack_adds_is_no_edit(desk: Team) -> None:
    said = await desk.say("See https://example.com/a")
    place = desk.slack.channel(SUPPORT.place)
    message = place.messages[said["ts"]]
    desk.slack.platform.events.emit(
        {
            "type": "message",
            "subtype": "message_changed",
            "message": {**message, "attachments": [{"title": "A"}], "text": "other"},
            "previous_message": message,
            "channel": SUPPORT.place,
            "hidden": True,
            "ts": said["ts"],
            "event_ts": said["ts"],
            "channel_type": "channel",
        }
    )
    await desk.settle()
    await desk.later(11)
    assert _left(desk) == ["See https://example.com/a"]


async def test_an_edited_note_follows_in_every_room_and_its_former_words_are_kept(noted: Team) -> None:
    said = await noted.say("Ask the roastery.")
    await noted.work_off()
    assert "Ask the roastery." in _thread(noted, BILLING)
    await _edit(noted, said, "Ask the warehouse.")
    await noted.work_off()
    assert "Ask the warehouse." in _thread(noted, BILLING)
    assert "Ask the roastery." not in _thread(noted, BILLING)
    (note,) = await _notes(noted)
    assert (note.text, note.edited, note.revision) == ("Ask the warehouse.", True, 1)
    history = await noted.inner.desk.look(lambda reads: reads.history_of(note.ticket))
    assert [one.what for one in history].count("note.edited") == 1
    refused = [one for one in noted.calls("chat.update", SUPPORT) if one["args"].get("ts") == said["ts"]]
    assert refused == [], "nobody can draw over a person's own message"


async def test_a_deleted_note_disappears_from_every_room_with_its_files(noted: Team) -> None:
    file = noted.slack.file(seed.BEN, "secret.pdf", b"%PDF")
    said = noted.slack.say(seed.BEN, SUPPORT.place, "Card 4111", thread_ts=noted.card()["ts"], files=[file])
    await noted.settle()
    await noted.work_off()
    assert "Card 4111" in _thread(noted, BILLING)
    await _delete(noted, said)
    await noted.work_off()
    assert "Card 4111" not in _thread(noted, BILLING)
    assert "Ben Carter deleted a note" in _thread(noted, BILLING)
    assert len(noted.calls("files.delete")) == 1
    assert all(file["mode"] == "tombstone" for one in noted.thread(BILLING) for file in one.get("files", []))


async def test_a_message_that_is_only_files_becomes_a_note_with_them(noted: Team) -> None:
    files = [noted.slack.file(seed.BEN, name, b"%PDF") for name in ("a.pdf", "b.pdf")]
    noted.slack.say(seed.BEN, SUPPORT.place, "", thread_ts=noted.card()["ts"], files=files)
    await noted.settle()
    await noted.work_off()
    (note,) = await _notes(noted)
    assert note.text == ""
    shared = [f["title"] for one in noted.thread(BILLING) for f in one.get("files", [])]
    assert shared == ["a.pdf", "b.pdf"]
    own = [one for one in noted.thread() if one.get("files")]
    assert len(own) == 1, "the room that shows them already shows them once"


async def test_the_news_of_an_edit_that_overtakes_the_message_loses_nothing(noted: Team) -> None:
    said = noted.slack.say(seed.BEN, SUPPORT.place, "One.", thread_ts=noted.card()["ts"])
    noted.slack.edit(seed.BEN, SUPPORT.place, said["ts"], "Two.")
    await noted.settle()
    assert [one.text for one in await _notes(noted)] == ["Two."]


async def test_a_reply_made_by_the_shortcut_follows_its_message_while_it_is_held(noted: Team) -> None:
    said = await noted.say("It leaves tody.")
    await noted.slack.shortcut(seed.BEN, "send_to_customer", SUPPORT.place, said["ts"])
    await noted.settle()
    await noted.slack.submit(noted.slack.open_view(seed.BEN), {})
    await noted.settle()
    await _edit(noted, said, "It leaves today.")
    await noted.later(11)
    assert _left(noted) == ["It leaves today."]


async def test_a_colleagues_reply_made_of_my_message_stays_theirs(noted: Team) -> None:
    said = await noted.say("It leaves today.")
    await noted.slack.shortcut(seed.AKI, "send_to_customer", SUPPORT.place, said["ts"])
    await noted.settle()
    await noted.slack.submit(noted.slack.open_view(seed.AKI), {})
    await noted.settle()
    await _edit(noted, said, "Something else.")
    assert "keeps its words" in _slips(noted)[-1]
    await noted.later(11)
    assert _left(noted) == ["It leaves today."]
    assert "changed or deleted afterwards" in _thread(noted, BILLING)


async def test_files_that_slack_keeps_back_for_now_bring_the_message_again(desk: Team) -> None:
    file = desk.slack.file(seed.BEN, "label.pdf", b"%PDF label")
    desk.slack.stumble("files.info", "429", times=1)
    said = desk.slack.say(seed.BEN, SUPPORT.place, "Your label.", thread_ts=desk.card()["ts"], files=[file])
    await desk.settle()
    assert (await desk.view()).replies == ()
    assert await _notes(desk) == []
    desk.monotonic[0] += 60
    for user, message in await desk.surfaces["slack"].thread_since(SUPPORT, desk.card()["ts"], ""):
        await desk.router.thread_talk(user, message)
    await desk.later(11)
    assert said["text"] == "Your label."
    assert [[one.name for one in letter.attachments] for letter in desk.provider.taken] == [["label.pdf"]]


async def test_a_note_below_a_merged_tickets_card_can_still_be_changed(noted: Team) -> None:
    said = await noted.say("Ask the roastery.")
    await noted.mail("Something else.", number=1, message_id="<other@customer.example>", subject="Another matter")
    actor = await noted.inner.agent(seed.BEN, "Ben Carter")
    await noted.inner.desk.merge(actor, (await noted.ticket()).id, (await noted.ticket(2)).id)
    await noted.router.thread_talk(
        who(seed.BEN),
        ThreadMessage(SUPPORT.place, said["thread_ts"], said["ts"], "Ask the warehouse.", spoken=Spoken.EDITED),
    )
    (note,) = await _notes(noted)
    assert note.text == "Ask the warehouse."
