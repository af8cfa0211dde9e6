"""A reply that leaves later: shown until then, judged again when its time comes, taken back or sent sooner."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.cards.model import Form, MomentInput
from bot.cards.times import moment_of
from bot.sandbox.slack import seed
from bot.surface import Done, FieldErrors
from routing.desk.receiving import ReadDelivery
from routing.errors import Rejected
from routing.ids import DeliveryId, MessageId, new_id
from routing.messages import Delivered, Report
from routing.replies import Sending
from tests.bot.team import SUPPORT, Team, shown
from tests.inner import MAIL

HOUR = 3600


async def _scheduled(team: Team, text: str = "Good morning.", user: str = seed.BEN, when: str = "hour") -> MessageId:
    form = await team.act("reply", user)
    assert isinstance(form, Form)
    answer = await team.act("send", user, text=text, when=when, **form.keep)
    assert isinstance(answer, Done), answer
    await team.work_off()
    return MessageId(form.keep["key"])


async def _states(team: Team) -> list[Sending]:
    return [one.state for one in (await team.view()).replies]


def _thread(team: Team) -> str:
    return "\n".join(shown(one) for one in team.thread())


def _buttons(team: Team) -> list[str]:
    blocks = [block for one in team.thread() for block in one.get("blocks", []) if block["type"] == "actions"]
    return [element["action_id"] for block in blocks for element in block["elements"]]


async def test_a_scheduled_reply_is_shown_until_its_time_and_leaves_then(team: Team) -> None:
    await team.mail()
    await _scheduled(team)
    assert "Reply is scheduled" in shown(team.card())
    assert "Ben Carter scheduled a reply for" in _thread(team)
    assert "Good morning." in _thread(team)
    assert _buttons(team) == ["undo", "send_now"]
    await team.later(HOUR / 2)
    assert team.provider.taken == []
    await team.later(HOUR / 2)
    assert [letter.text for letter in team.provider.taken] == ["Good morning."]
    assert "Reply is scheduled" not in shown(team.card())
    assert "it stands below" in _thread(team)
    assert "Ben Carter replied" in _thread(team)
    assert _buttons(team) == []


async def test_it_does_not_hold_up_what_is_said_today(team: Team) -> None:
    await team.mail()
    await _scheduled(team, "Tomorrow.")
    await _answers(team, seed.BEN, "Today.")
    await team.later(11)
    assert [letter.text for letter in team.provider.taken] == ["Today."]
    await team.later(HOUR)
    assert [letter.text for letter in team.provider.taken] == ["Today.", "Tomorrow."]


async def _answers(team: Team, user: str, text: str) -> MessageId:
    form = await team.act("reply", user)
    assert isinstance(form, Form)
    assert isinstance(await team.act("send", user, text=text, **form.keep), Done)
    return MessageId(form.keep["key"])


async def test_what_a_colleague_answered_since_brings_it_back_to_its_author(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    await _answers(team, seed.AKI, "I have it here.")
    assert "A colleague answered since" in str(await team.act("send_now", message=message))
    await team.later(HOUR)
    assert [letter.text for letter in team.provider.taken] == ["I have it here."]
    assert Sending.RETURNED in await _states(team)
    assert "did not leave: a colleague answered since" in _thread(team)


async def test_what_a_colleague_answered_before_or_took_back_does_not_bring_it_back(team: Team) -> None:
    await team.mail()
    await _answers(team, seed.AKI, "We look.")
    await team.later(11)
    await _scheduled(team)
    await team.act("undo", seed.AKI, message=await _answers(team, seed.AKI, "Oh no."))
    await team.later(HOUR)
    assert [letter.text for letter in team.provider.taken] == ["We look.", "Good morning."]


async def test_what_the_customer_wrote_since_brings_it_back_to_its_author_once(team: Team) -> None:
    await team.mail()
    await _scheduled(team)
    await team.mail("It came, never mind.", number=2)
    await team.later(HOUR)
    assert team.provider.taken == []
    assert await _states(team) == [Sending.RETURNED]
    for _ in range(3):
        await team.later(HOUR)
    told = [one for one in team.thread() if "did not leave: the customer wrote since" in shown(one)]
    assert len(told) == 1
    assert "Ben Carter" in shown(told[0])
    assert sum("did not leave: the customer wrote since" in shown(one) for one in team.directs(seed.BEN)) == 1
    assert team.provider.taken == []
    again = await team.act("edit_again", message=(await team.view()).replies[0].message)
    assert isinstance(again, Form)
    assert "Good morning." in str(again.fields)
    assert not isinstance(await team.act("edit_again", seed.YUI, message=again.keep["again"]), Form)


async def test_an_absence_note_since_does_not_bring_it_back(team: Team) -> None:
    await team.mail()
    await _scheduled(team)
    await team.mail("I am away until Monday.", number=2, Auto_Submitted="auto-replied")
    await team.later(HOUR)
    assert [letter.text for letter in team.provider.taken] == ["Good morning."]


async def test_an_account_that_cannot_send_when_the_time_comes_brings_it_back(team: Team) -> None:
    await team.mail()
    await _scheduled(team)
    del team.inner.connections[MAIL]
    await team.later(HOUR)
    assert await _states(team) == [Sending.RETURNED]
    assert "did not leave: the account cannot send" in _thread(team)


async def test_its_author_takes_it_back_and_gets_the_words(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    for _ in range(2):
        answer = await team.act("undo", message=message)
        assert isinstance(answer, Done)
        assert answer.tell is not None
        assert answer.tell.quote is not None
        assert answer.tell.quote.text == "Good morning."
    await team.later(2 * HOUR)
    assert team.provider.taken == []
    assert "scheduled reply was taken back" in _thread(team)
    assert _buttons(team) == []


async def test_a_colleague_stops_it_and_its_author_is_told_by_whom(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    answer = await team.act("undo", seed.AKI, message=message)
    assert "Good morning." not in str(answer)
    assert "Ben Carter" in str(answer)
    await team.later(2 * HOUR)
    assert team.provider.taken == []
    (told,) = [one for one in team.thread() if "Aki Tanaka took your scheduled reply back" in shown(one)]
    assert "Ben Carter" in shown(told)
    (told,) = team.directs(seed.BEN)
    assert "Aki Tanaka took your scheduled reply back" in shown(told)


async def test_sent_now_it_is_held_for_the_undo_time_only(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    answers = [await team.act("send_now", message=message) for _ in range(2)]
    assert all("leaves in 10 seconds" in str(one) for one in answers)
    await team.later(9)
    assert team.provider.taken == []
    await team.later(2)
    assert len(team.provider.taken) == 1
    assert "not waiting any more" in str(await team.act("send_now", message=message))
    await team.later(2 * HOUR)
    assert len(team.provider.taken) == 1


async def test_sent_now_and_then_undone_the_thread_says_so(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    await team.act("send_now", message=message)
    await team.work_off()
    assert "Ben Carter's scheduled reply leaves now" in _thread(team)
    await team.act("undo", message=message)
    await team.later(60)
    assert "Ben Carter's scheduled reply was taken back" in _thread(team)
    assert team.provider.taken == []


async def test_it_is_not_sent_now_over_words_that_its_author_has_not_seen(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    await team.mail("Cancel it!", number=2)
    assert "customer wrote since" in str(await team.act("send_now", message=message))
    await team.later(11)
    assert team.provider.taken == []


async def test_taking_it_back_and_sending_it_now_at_once_end_in_one_or_the_other(team: Team) -> None:
    await team.mail()
    for _ in range(4):
        message = await _scheduled(team)
        sent = len(team.provider.taken)
        await asyncio.gather(team.act("send_now", message=message), team.act("undo", seed.AKI, message=message))
        await team.later(11)
        state = (await team.view()).replies[-1].state
        assert (state, len(team.provider.taken) - sent) in {(Sending.UNDONE, 0), (Sending.SENT, 1)}


async def test_a_guest_may_neither_stop_nor_send_it(team: Team) -> None:
    await team.mail()
    message = await _scheduled(team)
    for name in ("undo", "send_now"):
        assert "Only full members" in str(await team.act(name, seed.GUEST, message=message))
    assert await _states(team) == [Sending.HELD]


async def test_a_time_that_is_over_or_missing_or_too_far_leaves_the_form_open(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    now = int(team.inner.clock().timestamp())
    for at in (str(now - 60), "", "soon", str(now + 400 * 24 * HOUR), "9" * 30):
        answer = await team.act("send", text="Hello.", when="at", at=at, **form.keep)
        assert isinstance(answer, FieldErrors), at
        assert "when" in answer.errors
    answer = await team.act("send", text="Hello.", when="at", at=str(now + 120), **form.keep)
    assert isinstance(answer, Done)


async def test_the_form_asks_for_the_time_in_slack_and_keeps_what_was_typed(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.slack.press(seed.BEN, SUPPORT.place, team.card()["ts"], "reply")
    await team.settle()
    await team.slack.press_in_view(team.slack.open_view(seed.BEN), "when", {"value": "=at"}, values={"text": "Later."})
    await team.settle()
    view = team.slack.open_view(seed.BEN)
    assert [block["element"]["type"] for block in view.shown["blocks"] if block.get("block_id", "").startswith("at~")]
    at = int(team.inner.clock().timestamp()) + 300
    outcome = await team.slack.submit(view, {"at": at})
    assert outcome.ok, outcome
    assert outcome.errors == {}
    await team.settle()
    await team.work_off()
    (reply,) = (await team.view()).replies
    assert reply.scheduled
    assert reply.held_until == datetime.fromtimestamp(at, UTC)
    (slip,) = team.slack.ephemerals(seed.BEN)
    assert "is scheduled for" in shown(slip.message)


async def test_choosing_another_time_redraws_the_form_with_a_picker(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    redrawn = await team.act("form.send.when", when="at", text="Mine.", **form.keep)
    assert isinstance(redrawn, Form)
    assert any(isinstance(one, MomentInput) for one in redrawn.fields)
    assert redrawn.submit == "Schedule"
    assert "Mine." in str(redrawn.fields)


@pytest.mark.parametrize(
    ("now", "tomorrow", "monday"),
    [
        ("2026-11-22T23:30", "2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T00:30", "2026-11-24T09:00", "2026-11-30T09:00"),
        ("2026-10-24T12:00", "2026-10-25T09:00", "2026-10-26T09:00"),
    ],
)
def test_the_usual_times_are_the_organisations_own_also_when_its_clocks_change(
    now: str, tomorrow: str, monday: str
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    at = datetime.fromisoformat(now).replace(tzinfo=zone)
    assert moment_of("tomorrow", "", at, zone) == datetime.fromisoformat(tomorrow).replace(tzinfo=zone)
    assert moment_of("monday", "", at, zone) == datetime.fromisoformat(monday).replace(tzinfo=zone)
    assert moment_of("hour", "", at, zone) == at + timedelta(hours=1)
    assert moment_of("now", "", at, zone) is None


async def test_an_undo_slip_says_until_when_it_works_and_pressed_too_late_it_stops_offering(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.slack.press(seed.BEN, SUPPORT.place, team.card()["ts"], "reply")
    await team.settle()
    await team.slack.submit(team.slack.open_view(seed.BEN), {"text": "Sent."})
    await team.settle()
    (slip,) = team.slack.ephemerals(seed.BEN)
    assert "Undo works until" in shown(slip.message)
    assert "time_secs" in str(slip.message["blocks"])
    await team.later(11)
    await team.slack.press(seed.BEN, SUPPORT.place, slip.message["ts"], "undo", ephemeral=True)
    await team.settle()
    (slip,) = team.slack.ephemerals(seed.BEN)
    assert "Too late" in shown(slip.message)
    assert "actions" not in [block["type"] for block in slip.message["blocks"]]


async def test_an_undone_reply_gets_its_files_back_into_the_form(team: Team) -> None:
    await team.mail()
    await team.work_off()
    files = [team.slack.file(seed.BEN, name, b"%PDF").id for name in ("label.pdf", "draft.pdf")]
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="Here.", files=",".join(files), **form.keep)
    await team.act("undo", message=form.keep["key"])
    again = await team.act("edit_again", message=form.keep["key"])
    assert isinstance(again, Form)
    (choice,) = [one for one in again.fields if getattr(one, "id", "") == "chosen"]
    names = {option.label: option.value for option in choice.options}  # type: ignore[union-attr]  # the boxes of files
    assert set(names) == {"label.pdf", "draft.pdf"}
    await team.act("send", text="Here.", chosen=names["label.pdf"], **again.keep)
    hers = {**again.keep, "key": "k", "opened": ""}
    assert isinstance(await team.act("send", seed.AKI, text="Mine now.", chosen=names["label.pdf"], **hers), Done)
    await team.later(11)
    left = {letter.text: [one.name for one in letter.attachments] for letter in team.provider.taken}
    assert left == {"Mine now.": [], "Here.": ["label.pdf"]}


async def test_a_report_of_delivery_changes_the_replys_entry_in_the_thread(team: Team) -> None:
    await team.mail()
    form = await team.act("reply")
    assert isinstance(form, Form)
    await team.act("send", text="On its way.", **form.keep)
    await team.later(11)
    assert "Reply sent" in _thread(team)
    known = f"<out.{form.keep['key']}@acme.example>"
    for number, (state, words) in enumerate(
        ((Delivered.DELIVERED, "Reply delivered"), (Delivered.READ, "Reply read"), (Delivered.BOUNCED, "Reply bounced"))
    ):
        report = Report(f"report-{number}", (known,), state, team.inner.clock(), reason="no such user")
        await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (report,))])
        await team.work_off()
        (entry,) = [one for one in team.thread() if "Ben Carter replied" in shown(one)]
        assert words in shown(entry)


async def test_a_provider_that_refuses_a_scheduled_reply_is_told_of_as_for_any_other(team: Team) -> None:
    await team.mail()
    await _scheduled(team)
    team.provider.script = [Rejected("no such address")]
    await team.later(HOUR)
    assert await _states(team) == [Sending.FAILED]
    assert "refused and did not reach the customer" in _thread(team)
