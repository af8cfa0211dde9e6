"""Rooms are kept up to date: one card each, nothing twice, nothing lost, whatever Slack does."""

from datetime import timedelta

import pytest

from bot.sandbox.slack import seed
from routing.desk.receiving import ReadDelivery
from routing.desk.replying import Draft
from routing.errors import TryLater
from routing.ids import DeliveryId, MessageId, new_id
from routing.jobs import Topic
from routing.messages import Message, Unsent
from routing.ticket import Priority
from tests.bot.team import BILLING, MANAGERS, SUPPORT, Team, shown
from tests.desk.mails import a_mail
from tests.inner import MAIL


async def test_a_mail_becomes_one_card_with_the_words_below_it(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "#1" in shown(team.card())
    assert [shown(one) for one in team.thread()] == [shown(team.thread()[0])]
    assert "My parcel has not come." in shown(team.thread()[0])
    await team.noticeboard.show((await team.ticket()).id)
    assert len(team.cards()) == 1
    assert len(team.thread()) == 1


async def test_ten_changes_while_slack_asks_for_patience_become_one_edit(team: Team) -> None:
    await team.mail()
    await team.work_off()
    edits = len(team.calls("chat.update"))
    team.slack.throttle("chat.update", retry_after=30)
    for number in range(10):
        name = ("claim", "release")[number % 2]
        await team.act(name)
        await team.work_off()
    assert len(team.calls("chat.update")) == edits + 1, "one that was refused, and none while we were told to wait"
    await team.act("claim")
    await team.later(31)
    assert len(team.calls("chat.update")) == edits + 2
    assert "Ben Carter" in shown(team.card())


async def test_a_room_that_asks_for_patience_does_not_delay_the_other_one(two_rooms: Team) -> None:
    team = two_rooms
    team.slack.throttle("chat.postMessage", retry_after=30)
    await team.mail()
    await team.work_off()
    assert sorted(len(team.cards(room)) for room in (SUPPORT, BILLING)) == [0, 1]
    await team.later(31)
    assert len(team.cards(SUPPORT)) == len(team.cards(BILLING)) == 1
    assert len(team.thread(SUPPORT)) == len(team.thread(BILLING)) == 1


async def test_new_words_are_shown_though_the_cards_edit_must_wait(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.throttle("chat.update", retry_after=30)
    await team.mail("Hello? Anybody there?", number=2)
    await team.work_off()
    assert "Anybody there?" in shown(team.thread()[-1])


async def test_a_post_whose_answer_was_lost_is_found_again(team: Team) -> None:
    await team.mail()
    team.slack.lose("chat.postMessage")
    await team.work_off()
    assert team.given_back
    await team.later(3)
    assert len(team.cards()) == 1
    assert len(team.thread()) == 1


async def test_what_was_posted_before_a_long_outage_is_still_found_after_other_changes(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.lose("chat.postMessage")
    await team.mail("Second.", number=2)
    await team.work_off()
    assert len(team.thread()) == 2
    # Half an hour later the card is edited first: that must not move the moment from which the entry is looked for.
    team.inner.clock.forward(timedelta(minutes=30))
    await team.act("claim")
    await team.later(1)
    assert len(team.thread()) == 2


async def test_a_card_that_somebody_deleted_is_posted_anew_and_goes_on(team: Team) -> None:
    await team.mail()
    await team.work_off()
    web = team.side.workspaces[seed.TEAM_ID].web
    await web.call("chat.delete", {"channel": SUPPORT.place, "ts": team.card()["ts"]})
    await team.mail("Second.", number=2)
    await team.work_off()
    assert len(team.cards()) == 1
    assert [("Second." in shown(one)) for one in team.thread()] == [True]


async def test_an_archived_room_is_told_of_once_and_catches_up_when_it_is_back(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail()
    await team.work_off()
    team.slack.archive(BILLING.place, seed.AKI)
    for number in (2, 3):
        await team.mail(f"Mail {number}.", number=number)
        await team.work_off()
    assert len([one for one in team.cards(MANAGERS) if "billing" in shown(one)]) == 1
    assert len(team.thread(SUPPORT)) == 3
    team.slack.unarchive(BILLING.place, seed.AKI)
    await team.mail("Mail 4.", number=4)
    await team.work_off()
    assert [("Mail 2" in shown(one), "Mail 4" in shown(one)) for one in team.thread(BILLING)][1::2] == [
        (True, False),
        (False, True),
    ]


async def test_an_alert_whose_answer_was_lost_is_told_once(team: Team) -> None:
    await team.inner.desk.warn("account:support", "alert.account", {"account": "support", "reason": "bad password"})
    team.slack.lose("chat.postMessage")
    for _ in range(3):
        try:
            await team.work_off()
        except Exception:  # noqa: BLE001  the worker, which is not here, would come back later
            await team.later(120)
    assert len(team.cards(MANAGERS)) == 1
    await team.inner.desk.warn("account:support", "alert.account", {"account": "support", "reason": "bad password"})
    await team.work_off()
    assert len(team.cards(MANAGERS)) == 1


async def test_an_unsent_message_disappears_with_its_file(team: Team) -> None:
    await team.mail()
    await team.inner.mail(_with_a_file())
    await team.inner.read_everything()
    await team.work_off()
    assert len(team.thread()) == 3
    (sent,) = [one for one in team.thread() if one.get("files")]
    file = sent["files"][0]["id"]
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=10))
    (message,) = [one for one in said if isinstance(one, Message) and one.text.strip() == "With my secret."]
    taken_back = Unsent("unsend-1", str(message.external_id), team.inner.clock())
    delivery = ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (taken_back,))
    await team.inner.desk.receive([delivery])
    await team.work_off()
    assert "secret" not in " ".join(shown(one) for one in [team.card(), *team.thread()])
    assert [one["args"]["file"] for one in team.calls("files.delete")] == [file]


def _with_a_file() -> bytes:
    plain = a_mail("With my secret.", message_id="<file@customer.example>", answers="<first@customer.example>")
    head, _, body = plain.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-", b"mime-"))]
    kept += [b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="cut"', b"", b"--cut"]
    kept += [b"Content-Type: text/plain", b"", body, b"--cut", b"Content-Type: application/pdf"]
    kept += [b'Content-Disposition: attachment; filename="mine.pdf"', b"", b"%PDF", b"--cut--", b""]
    return b"\r\n".join(kept)


async def test_a_reply_shows_how_far_it_came_where_it_stands(team: Team) -> None:
    await team.mail()
    await team.work_off()
    actor = await team.inner.agent()
    view = await team.view()
    await team.inner.desk.reply(
        actor, view.ticket.id, Draft(MessageId(new_id()), "On its way.", view.ticket.latest_seq)
    )
    await team.later(11)
    (reply,) = [one for one in team.thread() if "On its way." in shown(one)]
    assert "Reply sent" in shown(reply)


async def test_huge_words_are_cut_and_can_be_opened_whole(team: Team) -> None:
    await team.mail("🙂é" * 100_000)
    await team.work_off()
    (entry,) = team.thread()
    assert "Show the whole message" in shown(entry)


async def test_a_message_that_slack_will_not_take_is_told_of_and_holds_back_nothing(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.answer_error("chat.postMessage", "invalid_blocks")
    await team.mail("Strange.", number=2)
    await team.mail("Plain.", number=3)
    await team.work_off()
    texts = [shown(one) for one in team.thread()]
    assert "cannot be shown here" in texts[1]
    assert "Plain." in texts[2]


async def test_a_file_that_slack_will_not_take_is_told_of_in_its_place(team: Team) -> None:
    await team.mail()
    team.slack.answer_error("files.completeUploadExternal", "file_not_found")
    await team.inner.mail(_with_a_file())
    await team.inner.read_everything()
    await team.work_off()
    assert "mine.pdf" in shown(team.thread()[-1])
    assert len(team.cards()) == 1


async def test_a_card_that_slack_refuses_holds_back_no_other_room(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail()
    await team.work_off()
    team.slack.answer_error("chat.update", "invalid_blocks")
    await team.act("claim")
    await team.work_off()
    assert sorted("Ben Carter" in shown(team.card(room)) for room in (SUPPORT, BILLING)) == [False, True]
    assert team.given_back == []


async def test_without_its_surface_a_room_waits_and_managers_are_to_be_told(team: Team) -> None:
    await team.mail()
    slack = team.surfaces.pop("slack")
    with pytest.raises(TryLater):
        await team.noticeboard.show((await team.ticket()).id)
    team.surfaces["slack"] = slack
    await team.work_off()
    assert len(team.cards()) == 1
    assert "is not set up" in shown(team.cards(MANAGERS)[0])


async def test_a_note_from_one_rooms_thread_stands_in_the_other_and_not_twice_in_its_own(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail()
    await team.work_off()
    await team.say("The courier lost it.", room=SUPPORT)
    await team.work_off()
    assert [shown(one).count("The courier lost it.") for one in team.thread(SUPPORT)] == [0, 1]
    assert "The courier lost it." in shown(team.thread(BILLING)[-1])
    await team.act("add_note", text="From a form.", key="k1")
    await team.act("add_note", text="From a form.", key="k1")
    await team.work_off()
    for room in (SUPPORT, BILLING):
        assert sum("From a form." in shown(one) for one in team.thread(room)) == 1


async def test_what_events_missed_is_found_once(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.say("Heard.")
    card = team.card()["ts"]
    for _ in range(2):
        for one, message in await team.surfaces["slack"].thread_since(SUPPORT, card, ""):
            await team.router.thread_talk(one, message)
    team.slack.point_at("http://127.0.0.1:9/nobody")
    team.slack.say(seed.AKI, SUPPORT.place, "Missed.", thread_ts=card)
    for _ in range(2):
        for one, message in await team.surfaces["slack"].thread_since(SUPPORT, card, ""):
            await team.router.thread_talk(one, message)
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    assert [one.text.strip() for one in said if isinstance(one, Message)] == [
        "My parcel has not come.",
        "Heard.",
        "Missed.",
    ]


async def test_guests_and_strangers_are_not_heard(team: Team) -> None:
    await team.mail()
    await team.work_off()
    for user in (seed.GUEST, seed.SINGLE_CHANNEL_GUEST):
        await team.say("Let me in.", user)
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    assert len(said) == 1


async def test_priority_is_seen_in_every_room(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail()
    await team.work_off()
    await team.act("set_priority", priority=Priority.URGENT)
    await team.work_off()
    assert all("Urgent" in shown(team.card(room)) for room in (SUPPORT, BILLING))
    assert await team.inner.jobs.next_due([Topic.SHOW]) is None
