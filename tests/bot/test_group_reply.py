"""One answer to many tickets: reviewed, confirmed by its number, taken back as a whole, and never doubled or lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards.model import Form
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.agents import Role
from routing.desk.grouping import Wait
from routing.errors import Rejected, TryLater, Unclear
from routing.jobs import Job, Topic
from tests.bot.team import JAPAN, MANAGERS, Team, shown, team_policy, who, working_team
from tests.bot.test_entitled import audited
from tests.bot.test_templates import at_no_ticket, buttons, inputs, words
from tests.desk.mails import a_mail

AKI = "aki@sunrise-coffee.example"
TEXT = "Dear {{ contact.name }}, your #{{ ticket.number }} is on its way."


@pytest.fixture
async def team(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    """Three customers wrote a while ago. Ben is a manager, Yui is an agent."""
    policy = team_policy(roles={"ben@sunrise-coffee.example": Role.MANAGER})
    async with working_team(database_url, tmp_path, policy=policy) as one:
        await customers(one, "Ann", "Bob", "Cem")
        yield one


async def customers(team: Team, *names: str) -> None:
    for name in names:
        sender = f"{name} <{name.lower()}@customer.example>"
        await team.inner.mail(a_mail("Where is my parcel?", sender=sender, message_id=f"<{name}@customer.example>"))
        await team.inner.read_everything()
    await team.later(120)


async def writes_again(team: Team, name: str) -> None:
    sender, first = f"{name} <{name.lower()}@customer.example>", f"<{name}@customer.example>"
    again = f"<{name}.again@customer.example>"
    await team.inner.mail(a_mail("One more thing.", sender=sender, message_id=again, answers=first))
    await team.inner.read_everything()


async def review(team: Team, user: str = seed.BEN, /, **changes: str) -> Answer:
    values = {"languages": "en", "text_en": TEXT, "numbers": "1, 2, #3", **changes}
    return await at_no_ticket(team, "group_review", user, **values)


async def confirm(team: Team, form: Answer, count: int = 3, user: str = seed.BEN) -> Answer:
    assert isinstance(form, Form), form
    return await at_no_ticket(team, "group_send", user, **{**form.keep, "count": str(count)})


def group_of(form: Answer) -> str:
    assert isinstance(form, Form)
    return form.keep["group"]


def letters(team: Team) -> list[str]:
    return sorted(letter.text for letter in team.provider.taken)


def reports(team: Team) -> list[str]:
    return [shown(one) for one in posted_reports(team)]


def posted_reports(team: Team) -> list[dict[str, Any]]:
    place = team.slack.workspace.direct_channel(seed.BOT_USER, seed.BEN)
    return [one for one in team.slack.messages(place.id) if "your group reply" in shown(one)]


def report(team: Team) -> str:
    (told,) = reports(team)
    return told


ALL_THREE = [f"Dear {name}, your #{number} is on its way." for number, name in enumerate(("Ann", "Bob", "Cem"), 1)]


async def test_each_gets_a_reply_of_their_own_and_its_author_a_report(team: Team) -> None:
    reviewed = await review(team)
    assert "Customers who get this reply: 3" in words(reviewed)
    assert "Dear Ann, your #1 is on its way." in words(reviewed)
    held = await confirm(team, reviewed)
    assert "3 replies leave in 30 seconds" in words(held)
    await team.later(29)
    assert letters(team) == []
    await team.later(2)
    await team.later(6)
    assert letters(team) == ALL_THREE
    for number in (1, 2, 3):
        ticket = await team.ticket(number)
        assert (ticket.status, ticket.assignee) == ("waiting", None), "nobody takes them all upon themselves"
    assert "3 sent" in report(team)
    await team.later(3600)
    assert "3 sent" in report(team), "told once"


async def test_all_of_it_is_taken_back_within_the_undo_time(team: Team) -> None:
    held = await confirm(team, await review(team))
    (undo,) = buttons(held)
    for _ in range(2):
        assert "Nothing has left" in words(await at_no_ticket(team, undo.action, **undo.values))
    await team.later(60)
    assert letters(team) == []
    assert [one.state for one in (await team.view()).replies] == []


async def test_when_the_first_left_it_is_too_late_to_take_back(team: Team) -> None:
    held = await confirm(team, await review(team))
    (undo,) = buttons(held)
    await team.later(31)
    answer = await at_no_ticket(team, undo.action, **undo.values)
    assert isinstance(answer, FieldErrors)
    assert "Too late" in " ".join(answer.errors.values())


async def test_only_the_number_that_was_reviewed_confirms_and_twice_is_once(team: Team) -> None:
    reviewed = await review(team)
    wrong = await confirm(team, reviewed, 4)
    assert isinstance(wrong, FieldErrors)
    assert "Type 3" in wrong.errors["count"]
    await asyncio.gather(confirm(team, reviewed), confirm(team, reviewed))
    await team.later(31)
    assert letters(team) == ALL_THREE


async def on(team: Team, number: int, name: str, user: str, /, **values: str) -> Answer:
    """An action on one of the tickets."""
    return await team.router.dispatch(Action(name, who(user), (await team.ticket(number)).id, values=values))


async def replies(team: Team, number: int, text: str, user: str = seed.YUI) -> None:
    form = await on(team, number, "reply", user)
    assert isinstance(form, Form)
    assert isinstance(await on(team, number, "send", user, text=text, **form.keep), Done)


async def test_whoever_cannot_be_answered_now_is_left_out_and_told(team: Team) -> None:
    await customers(team, "Dan")
    await on(team, 1, "reply", seed.AKI)
    await replies(team, 2, "Mine.")
    await writes_again(team, "Cem")
    reviewed = await review(team, numbers="1 2 3 4 4")
    assert "Customers who get this reply: 1" in words(reviewed)
    assert "Left out: 3" in words(reviewed)
    assert "#1: Aki Tanaka is writing a reply." in words(reviewed)
    assert "#2: A reply is on its way already." in words(reviewed)
    assert "#3: The customer wrote within the last minute." in words(reviewed)
    await confirm(team, reviewed, 1)
    await team.later(31)
    await team.later(6)
    assert letters(team) == ["Dear Dan, your #4 is on its way.", "Mine."]
    assert "1 sent · 3 left out" in report(team)


async def test_a_window_that_closed_a_long_text_and_an_unclear_reply_leave_a_ticket_out(team: Team) -> None:
    team.provider.script = [Unclear("cut")]
    await replies(team, 1, "Mine.")
    await team.later(11)
    await on(team, 2, "set_spam", seed.BEN)
    reviewed = await review(team)
    assert "#1: An earlier reply of this conversation failed or is unclear." in words(reviewed)
    assert "#2: This ticket is marked as spam." in words(reviewed)
    assert "at most 1000" in words(await review(team, text_en="x" * 1001, numbers="3"))
    team.provider.open = False
    closed = await review(team, numbers="3")
    assert "#3: The reply window is closed. closed for this test" in words(closed)
    assert isinstance(closed, Form)
    assert not closed.submit, "there is nobody to send it to"


async def test_what_changed_after_the_review_is_judged_again_when_it_leaves(team: Team) -> None:
    await team.work_off()
    await confirm(team, await review(team))
    await writes_again(team, "Ann")
    await team.later(20)
    await replies(team, 2, "I answered myself.")
    await team.later(11)
    await team.later(6)
    assert letters(team) == [ALL_THREE[2], "I answered myself."]
    told = report(team)
    assert "1 sent · 2 left out" in told
    assert "within the last minute" in told
    assert "/archives/" in str(posted_reports(team)), "those left out are linked"


async def test_whom_its_author_answered_alone_after_the_review_gets_no_second_answer(team: Team) -> None:
    reviewed = await review(team)
    await replies(team, 2, "I answered alone.", seed.BEN)
    await team.later(11)
    await confirm(team, reviewed)
    await team.later(31)
    await team.later(6)
    assert letters(team) == [ALL_THREE[0], ALL_THREE[2], "I answered alone."]
    assert "2 sent · 1 left out" in report(team)


async def test_the_report_waits_for_the_last_and_names_what_failed_or_is_unclear(team: Team) -> None:
    later = TryLater("quota", after=timedelta(minutes=2))
    team.provider.script = [Rejected("no such user"), Unclear("cut"), later]
    await confirm(team, await review(team))
    await team.later(31)
    await team.later(20)
    assert reports(team) == []
    for _ in range(4):
        await team.later(60)
    told = report(team)
    assert "1 sent · 1 failed · 1 unclear" in told
    assert "Reply failed: no such user" in told


async def test_what_a_quota_holds_back_for_hours_is_told_after_one(team: Team) -> None:
    team.provider.script = [TryLater("quota", after=timedelta(hours=9))] * 3
    await confirm(team, await review(team))
    await team.later(31)
    await team.later(3700)
    assert "3 still on their way" in report(team)


async def test_a_crash_in_the_middle_neither_doubles_nor_loses_any(team: Team) -> None:
    group = group_of(await confirm_held(team))
    team.inner.clock.forward(timedelta(seconds=31))
    assert not isinstance(await team.inner.desk.place_next(group, {}), Wait | None)
    job = Job(Topic.GROUP, group, 1, 0, 1, team.inner.clock())
    await asyncio.gather(team.groups.work(job, nothing), team.groups.work(job, nothing))
    await team.later(1)
    await team.later(10)
    assert letters(team) == ALL_THREE
    assert "3 sent" in report(team)


async def test_a_crash_after_the_report_was_posted_posts_no_second_one(team: Team) -> None:
    group = group_of(await confirm_held(team))
    await team.later(31)
    found = await team.inner.desk.group_report(group)
    await team.groups._post(found, await team.surfaces["slack"].direct(who(seed.BEN), language="en"))
    await team.later(10)
    assert len(reports(team)) == 1


async def confirm_held(team: Team) -> Answer:
    reviewed = await review(team)
    await confirm(team, reviewed)
    return reviewed


async def nothing() -> None:
    return None


async def test_where_its_author_cannot_be_written_to_the_managers_room_is_told(team: Team) -> None:
    team.slack.answer_error("conversations.open", "cannot_dm_bot", times=10)
    await confirm(team, await review(team))
    await team.later(31)
    await team.later(10)
    assert "3 sent" in " ".join(shown(one) for one in team.cards(MANAGERS))


async def test_an_agent_answers_only_their_own_tickets_at_once(team: Team) -> None:
    refused = await review(team, seed.YUI)
    assert isinstance(refused, FieldErrors)
    assert "#1, #2, #3" in " ".join(refused.errors.values())
    for number in (1, 2):
        await on(team, number, "claim", seed.YUI)
    reviewed = await review(team, seed.YUI, numbers="1, 2")
    await confirm(team, reviewed, 2, seed.YUI)
    await on(team, 2, "release", seed.YUI)
    await team.later(31)
    assert letters(team) == ALL_THREE[:1], "judged again when it leaves"


async def test_nobody_confirms_or_takes_back_what_another_agent_wrote(team: Team) -> None:
    reviewed = await review(team)
    refused = await confirm(team, reviewed, 3, seed.YUI)
    assert isinstance(refused, FieldErrors)
    held = await confirm(team, reviewed)
    (undo,) = buttons(held)
    assert isinstance(await at_no_ticket(team, undo.action, seed.YUI, **undo.values), FieldErrors)
    assert isinstance(await at_no_ticket(team, "group_edit", seed.YUI, group=group_of(reviewed)), FieldErrors)
    await team.later(31)
    assert letters(team) == ALL_THREE


async def test_a_review_that_is_too_old_must_be_made_again(team: Team) -> None:
    reviewed = await review(team)
    await team.later(31 * 60)
    answer = await confirm(team, reviewed)
    assert isinstance(answer, FieldErrors)
    assert "too old" in " ".join(answer.errors.values())


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"text_en": " "}, "text_en", "Write something"),
        ({"text_en": "{{ agent.phone }}"}, "text_en", "which nothing fills"),
        ({"numbers": "", "query": ""}, "query", "No ticket fits"),
        ({"numbers": "1, 77"}, "numbers", "There is no ticket #77"),
        ({"query": "colour:blue"}, "query", "colour"),
    ],
    ids=["no text", "unknown blank", "nobody", "no such number", "no such key"],
)
async def test_what_cannot_be_reviewed_is_told_beside_its_field(
    team: Team, changes: dict[str, str], field: str, told: str
) -> None:
    answer = await review(team, **changes)
    assert isinstance(answer, FieldErrors)
    assert list(answer.errors) == [field]
    assert told in answer.errors[field]


async def test_a_search_and_numbers_together_choose_each_ticket_once(team: Team) -> None:
    for number in (1, 2):
        await on(team, number, "set_tags", seed.YUI, new="late", had="", chosen="")
    assert "Customers who get this reply: 2" in words(await review(team, numbers="", query="tag:late"))
    assert "Customers who get this reply: 3" in words(await review(team, numbers="3 2", query="tag:late"))


async def test_nobody_answers_tickets_of_a_room_that_they_are_not_in(database_url: str, tmp_path: Path) -> None:
    policy = team_policy(JAPAN, roles=dict.fromkeys(("ben@sunrise-coffee.example", AKI), Role.MANAGER))
    async with working_team(database_url, tmp_path, policy=policy) as team:
        await customers(team, "Ann")
        assert "1人のお客様" in words(await review(team, seed.AKI, numbers="", query="parcel"))
        for chosen in ({"numbers": "1"}, {"numbers": "", "query": "parcel"}):
            answer = await review(team, seed.BEN, **chosen)
            assert isinstance(answer, FieldErrors)
            assert "no ticket" in " ".join(answer.errors.values()).lower()


async def test_each_gets_their_own_language_and_a_used_template_is_counted(team: Team) -> None:
    form = await at_no_ticket(team, "group_template", numbers="1", template="sorry", languages="en", text_en="Old.")
    assert inputs(form)["text_en"] == "Dear {{ contact.name }}, we are sorry."
    assert inputs(form)["text_ja"] == "すみません。"
    assert inputs(form)["numbers"] == "1"
    assert isinstance(form, Form)
    texts = {name: value for name, value in inputs(form).items() if name.startswith("text_")}
    reviewed = await review(team, numbers="1", template="sorry", **form.keep, **texts)
    await confirm(team, reviewed, 1)
    await team.later(31)
    assert letters(team) == ["Dear Ann, we are sorry."]
    assert "Used 1 times by 1 people, 0 %" in words(await at_no_ticket(team, "templates"))


async def test_from_the_review_one_goes_back_to_the_text(team: Team) -> None:
    reviewed = await review(team, after="close")
    assert "closed when the reply has left" in words(reviewed)
    assert isinstance(reviewed, Form)
    form = await at_no_ticket(team, "group_edit", **reviewed.keep)
    assert inputs(form)["text_en"] == TEXT
    assert inputs(form)["numbers"] == "1, 2, #3"


async def test_the_tickets_are_closed_along_by_choice(team: Team) -> None:
    await confirm(team, await review(team, after="close"))
    await team.later(31)
    assert [(await team.ticket(number)).status for number in (1, 2, 3)] == ["closed"] * 3


async def test_the_audit_tells_who_sent_what_to_whom_and_who_was_left_out(team: Team, database_url: str) -> None:
    await confirm(team, await review(team))
    await writes_again(team, "Bob")
    await team.later(31)
    await team.later(6)
    (confirmed,) = await audited(database_url, "group.confirmed")
    assert '"tickets":"#1, #2, #3"' in confirmed
    assert TEXT in confirmed
    held = await audited(database_url, "reply.held")
    assert sorted("Dear Ann" in one for one in held) == [False, True]
    assert all(f'"group":"{group_id(confirmed)}"' in one for one in held)
    (done,) = await audited(database_url, "group.done")
    assert '"sent":"2"' in done
    assert '"left_out":"#2 group.just_wrote"' in done


def group_id(details: str) -> str:
    return str(json.loads(details)["group"])


async def test_in_slack_from_the_shortcut_to_the_undo(team: Team) -> None:
    await team.slack.shortcut(seed.BEN, "group_reply")
    await team.settle()
    view = team.slack.open_view(seed.BEN)
    assert (await team.slack.submit(view, {"numbers": "1, 2, 3", "text_en": TEXT})).ok
    view = team.slack.open_view(seed.BEN)
    assert "Customers who get this reply: 3" in shown(view.shown)
    outcome = await team.slack.submit(view, {"count": "2"})
    assert "Type 3" in str(outcome.errors)
    assert (await team.slack.submit(team.slack.open_view(seed.BEN), {"count": "3"})).ok
    view = team.slack.open_view(seed.BEN)
    await team.slack.press_in_view(view, "group_undo")
    await team.settle()
    assert "Nothing has left" in shown(team.slack.open_view(seed.BEN).shown)
    await team.later(60)
    assert letters(team) == []
