"""People are told by name what concerns them: once, by the way they chose, and never of what they did themselves."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cards.model import Choice, Form, TextInput
from bot.sandbox.slack import seed
from bot.surface import Action, Done, FieldErrors
from routing.errors import Rejected, Unclear
from routing.ids import TicketId, new_id
from routing.ticket import Priority
from tests.bot.team import BILLING, MANAGERS, SUPPORT, Team, shown, who

CHOICE = {
    "on_assigned": "direct",
    "on_mentioned": "direct",
    "on_customer_wrote": "thread",
    "on_reply_troubled": "direct",
    "quiet_begin": "-",
    "quiet_end": "-",
    "quiet_days": "mon,tue,wed,thu,fri,sat,sun",
    "zone": "UTC",
}


async def choose(team: Team, user: str = seed.YUI, **changes: str) -> None:
    """Somebody chooses how they are told, in the form."""
    ticket = TicketId("")
    answer = await team.router.dispatch(Action("set_notifications", who(user), ticket, values={**CHOICE, **changes}))
    assert isinstance(answer, Done), answer


async def given(team: Team, to: str = seed.YUI, by: str = seed.BEN) -> None:
    """A ticket that one colleague gave to another, who was told of it."""
    await team.mail()
    await team.work_off()
    await team.act("set_assignee", by, who=to)
    await team.later(6)


def calls_by_name(message: dict[str, object], user: str) -> bool:
    return f"'user_id': '{user}'" in str(message.get("blocks"))


def mentions(team: Team, user: str) -> int:
    return sum(calls_by_name(one, user) for one in team.thread())


async def test_who_is_given_a_ticket_is_told_directly_and_once(team: Team) -> None:
    await given(team)
    (told,) = team.directs(seed.YUI)
    assert "Ben Carter" in shown(told)
    assert "#1" in shown(told)
    assert team.directs(seed.BEN) == []
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.later(120)
    assert len(team.directs(seed.YUI)) == 1


async def test_who_takes_a_ticket_is_not_told_of_it(team: Team) -> None:
    await team.mail()
    await team.act("claim")
    await team.act("set_assignee", seed.BEN, who=seed.BEN)
    await team.later(120)
    assert team.directs(seed.BEN) == []
    assert mentions(team, seed.BEN) == 0


async def test_a_direct_message_speaks_its_readers_language_and_opens_the_card(team: Team) -> None:
    await given(team)
    (told,) = team.directs(seed.YUI)
    assert "担当をあなたに" in shown(told)
    link = f"/archives/{SUPPORT.place}/p{team.card()['ts'].replace('.', '')}"
    assert link in str(told["blocks"])


async def test_a_customers_answer_calls_the_assignee_below_one_card_only(two_rooms: Team) -> None:
    team = two_rooms
    await given(team)
    await team.later(61)
    await team.mail("Hello?", number=2)
    await team.later(6)
    called = [one for room in (SUPPORT, BILLING) for one in team.thread(room) if calls_by_name(one, seed.YUI)]
    assert len(called) == 1
    assert len(team.directs(seed.YUI)) == 1


async def test_a_customers_answer_on_nobodys_ticket_calls_nobody(team: Team) -> None:
    await team.mail()
    await team.mail("Hello?", number=2)
    await team.later(70)
    assert team.calls("conversations.open") == []
    assert all("user_id" not in str(one.get("blocks")) for one in team.thread())


async def test_many_words_within_a_minute_are_one_notice(team: Team) -> None:
    await given(team)
    await team.later(61)
    for number in (2, 3, 4):
        await team.mail(f"And {number}.", number=number)
        await team.later(1)
    await team.later(6)
    assert mentions(team, seed.YUI) == 1
    await team.mail("One more.", number=5)
    await team.later(10)
    assert mentions(team, seed.YUI) == 1, "the minute is not over"
    await team.later(60)
    assert mentions(team, seed.YUI) == 2


async def test_what_was_answered_meanwhile_is_told_no_more(team: Team) -> None:
    await given(team)
    await choose(team, quiet_begin="00:00", quiet_end="23:30")
    await team.mail("Hello?", number=2)
    await team.act("release", seed.YUI)
    await choose(team)
    await team.later(70)
    assert mentions(team, seed.YUI) == 0


async def test_a_reply_that_failed_is_told_to_its_author_who_settles_it_from_there(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.provider.script = [Rejected("no such address")]
    await team.act("send", text="Sorry.", key=new_id(), seen="1")
    await team.later(11)
    await team.later(6)
    (told,) = team.directs(seed.BEN)
    assert "no such address" in shown(told)
    place = team.slack.workspace.direct_channel(seed.BOT_USER, seed.BEN)
    drop = next(one for one in _buttons(told) if one["text"]["text"] == "Drop it")
    await team.slack.press(seed.BEN, place.id, told["ts"], drop["action_id"])
    await team.settle()
    assert (await team.view()).replies[-1].state == "dropped"
    await team.later(70)
    assert len(team.directs(seed.BEN)) == 1


async def test_an_unclear_reply_that_a_colleague_drops_is_told_to_its_author(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.provider.script = [Unclear("cut after DATA")]
    await team.act("send", text="Sorry.", key=new_id(), seen="1")
    await team.later(11)
    await team.later(6)
    reply = (await team.view()).replies[-1]
    await team.act("decide", seed.YUI, message=reply.message, decision="drop")
    await team.later(70)
    first, second = team.directs(seed.BEN)
    assert "not known" in shown(first)
    assert "Yui Sato" in shown(second)


async def test_a_press_in_a_direct_message_works_and_is_answered_there(team: Team) -> None:
    await given(team)
    await team.act("release", seed.YUI)
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.later(70)
    told = team.directs(seed.YUI)[-1]
    place = team.slack.workspace.direct_channel(seed.BOT_USER, seed.YUI)
    await team.slack.press(seed.YUI, place.id, told["ts"], "reply")
    await team.settle()
    assert "#1" in team.slack.open_view(seed.YUI).shown["title"]["text"]
    answer = await team.router.dispatch(Action("release", who(seed.YUI), (await team.ticket()).id, place=place.id))
    assert isinstance(answer, Done)
    assert answer.tell is not None
    assert "#1" in answer.tell.fallback


async def test_a_post_whose_answer_was_lost_is_found_again_and_told_once(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.work_off()
    team.slack.lose("chat.postMessage")
    with pytest.raises(Unclear):
        await team.later(6)
    await team.later(61)
    assert len(team.directs(seed.YUI)) == 1


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("conversations.open", "cannot_dm_bot"),
        ("conversations.open", "user_disabled"),
        ("conversations.open", "user_not_visible"),
        ("chat.postMessage", "messages_tab_disabled"),
        ("chat.postMessage", "invalid_blocks"),
        ("chat.postMessage", "channel_not_found"),
    ],
)
async def test_who_cannot_be_written_to_is_called_below_the_card(team: Team, method: str, error: str) -> None:
    await team.mail()
    await team.work_off()
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.work_off()
    team.slack.answer_error(method, error)
    await team.later(6)
    assert team.directs(seed.YUI) == []
    assert mentions(team, seed.YUI) == 1


async def test_when_no_way_takes_it_managers_are_told_to_look(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.work_off()
    team.slack.answer_error("chat.postMessage", "invalid_blocks", times=2)
    await team.later(6)
    await team.later(120)
    assert team.directs(seed.YUI) == []
    assert mentions(team, seed.YUI) == 0
    assert sum("Yui Sato could not be told" in shown(one) for one in team.cards(MANAGERS)) == 1


async def test_without_the_permission_to_write_to_people_managers_learn_why(team: Team) -> None:
    team.slack.answer_error("conversations.open", "missing_scope")
    await given(team)
    assert mentions(team, seed.YUI) == 1
    assert any("permission" in shown(one) for one in team.cards(MANAGERS))


async def test_who_left_the_team_is_told_nothing(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    team.slack.change_user(seed.YUI, deleted=True)
    await team.settle()
    await team.later(70)
    assert team.directs(seed.YUI) == []
    assert mentions(team, seed.YUI) == 0


async def test_nothing_is_nothing(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await choose(team, on_assigned="nothing")
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.later(120)
    assert team.directs(seed.YUI) == []
    assert mentions(team, seed.YUI) == 0


# --- notes ---------------------------------------------------------------------------------------------------------


async def rooms_readers(team: Team, *users: str) -> None:
    """Slack told who reads the support room."""
    desk = team.inner.desk
    before = await desk.roster(SUPPORT.id)
    assert await desk.room_read(SUPPORT.id, surface="slack", workspace=seed.TEAM_ID, users=users, before=before)


async def test_a_note_tells_those_who_were_chosen_in_its_form(team: Team) -> None:
    await team.mail()
    await team.work_off()
    values = {"text": "The courier lost it.", "key": "n1", "tell": f"{seed.YUI},{seed.GUEST},{seed.BEN}"}
    for _ in range(2):
        await team.act("add_note", seed.BEN, **values)
        await team.later(6)
    (told,) = team.directs(seed.YUI)
    assert "The courier lost it." in shown(told)
    assert team.directs(seed.BEN) == team.directs(seed.GUEST) == []


async def test_whom_slack_calls_in_the_thread_is_not_told_again(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.say(f"<@{seed.YUI}> please have a look.")
    await rooms_readers(team, seed.BEN, seed.YUI)
    await team.say(f"<@{seed.YUI}> now?")
    await team.later(70)
    assert team.directs(seed.YUI) == []


async def test_who_does_not_read_the_room_is_told_of_a_note_that_names_them_there(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await rooms_readers(team, seed.BEN)
    await team.say(f"<@{seed.YUI}> please have a look.")
    await team.later(6)
    (told,) = team.directs(seed.YUI)
    assert "please have a look." in shown(told)


async def test_nobody_is_called_in_a_room_that_they_do_not_read(two_rooms: Team) -> None:
    team = two_rooms
    await team.mail()
    await team.work_off()
    await rooms_readers(team, seed.BEN)
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.later(6)
    await team.later(61)
    await team.mail("Hello?", number=2)
    await team.later(6)
    called = {room.id: sum(calls_by_name(one, seed.YUI) for one in team.thread(room)) for room in (SUPPORT, BILLING)}
    assert called == {SUPPORT.id: 0, BILLING.id: 1}


# --- quiet hours -----------------------------------------------------------------------------------------------------


def quiet_now(team: Team, *, hours: int = 2) -> dict[str, str]:
    """Quiet hours that reign now and for some hours more."""
    now = team.inner.clock.at
    return {"quiet_begin": f"{now:%H}:00", "quiet_end": f"{now + timedelta(hours=hours):%H}:00"}


async def two_tickets_given(team: Team) -> None:
    await team.mail()
    await team.mail("Another matter.", message_id="<other@customer.example>")
    await team.work_off()
    for number in (1, 2):
        ticket = await team.ticket(number)
        values = {"who": seed.YUI}
        await team.router.dispatch(Action("set_assignee", who(seed.BEN), ticket.id, values=values, place=SUPPORT.place))


async def test_quiet_hours_keep_everything_for_one_summary(team: Team) -> None:
    await choose(team, **quiet_now(team))
    await two_tickets_given(team)
    await team.mail("Hello?", number=3)
    await team.later(60 * 30)
    assert team.directs(seed.YUI) == []
    await team.later(2 * 60 * 60)
    (told,) = team.directs(seed.YUI)
    assert "チケット2件" in shown(told)
    assert "#1" in shown(told)
    assert "#2" in shown(told)
    await team.later(2 * 60 * 60)
    assert len(team.directs(seed.YUI)) == 1
    assert all(not calls_by_name(one, seed.YUI) for card in team.cards() for one in _below(team, card))


async def test_a_summary_that_cannot_be_written_directly_is_told_below_each_card(team: Team) -> None:
    await choose(team, **quiet_now(team))
    await two_tickets_given(team)
    await team.later(6)
    team.slack.answer_error("conversations.open", "user_disabled")
    await team.later(2 * 60 * 60)
    called = [one for card in team.cards() for one in _below(team, card) if calls_by_name(one, seed.YUI)]
    assert len(called) == 2


async def test_news_of_a_merged_ticket_is_told_of_the_one_it_went_into(team: Team) -> None:
    await choose(team, **quiet_now(team))
    await two_tickets_given(team)
    actor = await team.inner.agent(seed.BEN, "Ben")
    first, second = await team.ticket(1), await team.ticket(2)
    await team.inner.desk.merge(actor, second.id, first.id)
    await team.later(3 * 60 * 60)
    (told,) = team.directs(seed.YUI)
    assert "#1" in shown(told)
    assert "#2" not in shown(told)


async def test_urgent_tickets_get_through_if_one_wants_it(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.act("set_priority", priority=Priority.URGENT)
    for user in (seed.YUI, seed.AKI):
        await choose(team, user, **quiet_now(team), anyway="urgent" if user == seed.YUI else "")
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.later(6)
    await team.act("set_assignee", seed.BEN, who=seed.AKI)
    await team.later(6)
    assert len(team.directs(seed.YUI)) == 1
    assert team.directs(seed.AKI) == []


async def test_who_ends_the_quiet_is_told_at_once(team: Team) -> None:
    await choose(team, **quiet_now(team, hours=8))
    await given(team)
    assert team.directs(seed.YUI) == []
    await choose(team)
    await team.work_off()
    assert len(team.directs(seed.YUI)) == 1


async def test_what_was_settled_in_the_night_is_not_told_in_the_morning(team: Team) -> None:
    await choose(team, **quiet_now(team))
    await given(team)
    await team.act("set_assignee", seed.BEN, who=seed.BEN)
    await team.later(3 * 60 * 60)
    assert team.directs(seed.YUI) == []


# --- choosing --------------------------------------------------------------------------------------------------------


async def test_the_form_shows_what_was_chosen_and_begins_with_ones_own_time_zone(team: Team) -> None:
    form = await team.router.dispatch(Action("notification_settings", who(seed.YUI), TicketId("")))
    assert isinstance(form, Form)
    assert _initial(form, "zone") == "Asia/Tokyo"
    assert _initial(form, "on_assigned") == "direct"
    assert all(option.value != "mail" for option in _choice(form, "on_assigned").options), "no account sends mail"
    await choose(team, on_assigned="nothing", quiet_begin="22:00", quiet_end="07:30", zone="Europe/Berlin")
    form = await team.router.dispatch(Action("notification_settings", who(seed.YUI), TicketId("")))
    assert isinstance(form, Form)
    assert [_initial(form, one) for one in ("on_assigned", "quiet_begin", "quiet_end", "zone")] == [
        "nothing",
        "22:00",
        "07:30",
        "Europe/Berlin",
    ]


async def test_the_form_is_asked_for_in_words(team: Team) -> None:
    await team.slack.command(seed.BEN, SUPPORT.place, "/desk", "notify")
    await team.settle()
    assert team.slack.open_view(seed.BEN).shown["title"]["text"] == "Notifications"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"quiet_begin": "22:00"}, "quiet_end"),
        ({"on_assigned": "mail"}, ""),
        ({"on_assigned": "pigeon"}, ""),
        ({"quiet_begin": "22:15", "quiet_end": "07:00"}, ""),
    ],
    ids=["zone", "half", "mail", "way", "time"],
)
async def test_what_cannot_be_chosen_is_said_beside_its_field(team: Team, changes: dict[str, str], field: str) -> None:
    action = Action("set_notifications", who(seed.YUI), TicketId(""), values={**CHOICE, **changes})
    answer = await team.router.dispatch(action)
    assert isinstance(answer, FieldErrors)
    assert list(answer.errors) == [field]


async def test_guests_choose_nothing(team: Team) -> None:
    answer = await team.router.dispatch(Action("set_notifications", who(seed.GUEST), TicketId(""), values=CHOICE))
    assert isinstance(answer, FieldErrors)


def _initial(form: Form, name: str) -> str:
    return next(one.initial for one in form.fields if isinstance(one, Choice | TextInput) and one.id == name)


def _choice(form: Form, name: str) -> Choice:
    return next(one for one in form.fields if isinstance(one, Choice) and one.id == name)


def _below(team: Team, card: dict[str, Any]) -> list[dict[str, Any]]:
    return team.slack.thread(SUPPORT.place, card["ts"])[1:]


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
