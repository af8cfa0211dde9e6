"""People are told by name what concerns them: once, by the way they chose, and never of what they did themselves."""

from typing import Any

import pytest

from bot.sandbox.slack import seed
from bot.surface import Action, Done
from routing.errors import Rejected, Unclear
from routing.ids import TicketId, new_id
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


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
