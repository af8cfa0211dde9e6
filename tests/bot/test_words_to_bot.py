"""What people ask of the desk in words: by /desk, by its name in a thread, in a direct message."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.sandbox.slack import seed
from bot.sandbox.slack.playground import copied_message
from routing.agents import Role
from routing.ticket import Priority, Status
from tests.bot.team import BILLING, SUPPORT, Team, shown, team_policy, working_team
from tests.bot.test_finding import read_room

BOT = f"<@{seed.BOT_USER}>"


async def _desk(team: Team, text: str, user: str = seed.BEN) -> str:
    """The words of the answer to `/desk text`, which only its asker sees."""
    before = len(team.slack.ephemerals(user))
    outcome = await team.slack.command(user, "#support", "/desk", text)
    assert outcome.ok
    await team.settle()
    answers = team.slack.ephemerals(user)[before:]
    return " ".join(shown(one.message) for one in answers)


async def _says(team: Team, text: str, user: str = seed.BEN) -> str:
    """The words of the answer to the bot's name and `text` in the card's thread."""
    before = len(team.slack.ephemerals(user))
    await team.say(f"{BOT} {text}", user)
    answers = team.slack.ephemerals(user)[before:]
    assert all(one.thread_ts == team.card()["ts"] for one in answers)
    return " ".join(shown(one.message) for one in answers)


async def _direct(team: Team, text: str, user: str = seed.BEN) -> str:
    """The words of the answer to a direct message."""
    channel = team.slack.workspace.direct_channel(seed.BOT_USER, user)
    before = len(channel.messages)
    team.slack.say(user, channel.id, text)
    await team.settle()
    said = [copied_message(one) for one in team.slack.workspace.in_order(channel)[before + 1 :]]
    return " ".join(shown(one) for one in said)


async def test_help_names_every_word_to_its_asker_alone(team: Team) -> None:
    said = await _desk(team, "help")
    assert all(word in said for word in ("find", "mine", "next", "stats", "templates", "claim", "assign", "snooze"))
    assert team.slack.messages("#support") == []


async def test_an_unknown_word_is_answered_with_the_nearest_one(team: Team) -> None:
    assert "Did you mean “stats”" in await _desk(team, "stast")
    assert "do not know “qqqq”" in await _desk(team, "qqqq")
    assert "What you can say" in await _desk(team, "")


async def test_everybody_is_answered_in_their_own_language(team: Team) -> None:
    assert "使える言葉" in await _desk(team, "qqqq", seed.YUI)
    assert "担当しているチケットはありません" in await _desk(team, "自分のチケット", seed.YUI)


async def test_outsiders_are_refused_politely_whatever_they_say(team: Team) -> None:
    await team.mail()
    await team.work_off()
    for text in ("help", "next", "stats", "claim 1", "qqqq"):
        assert "Only full members" in await _desk(team, text, seed.GUEST)
    assert (await team.ticket()).assignee is None


async def test_next_gives_the_most_urgent_then_the_oldest_and_then_says_that_nothing_waits(team: Team) -> None:
    for number in (1, 2, 3):
        await team.mail(f"Mail {number}", message_id=f"<m{number}@customer.example>", subject=f"Matter {number}")
    ben = await team.inner.agent("U9", "Zoe")
    await team.inner.desk.prioritise(ben, (await team.ticket(3)).id, Priority.URGENT)
    await team.work_off()
    assert "#3 is yours" in await _desk(team, "next")
    assert "#1 を担当する" in await _desk(team, "next", seed.YUI)
    assert "#2 is yours" in await _desk(team, "take next")
    assert "Nothing waits" in await _desk(team, "next")
    mine = await _desk(team, "mine")
    assert "Matter 3" in mine
    assert "Matter 2" in mine
    assert "Matter 1" not in mine


async def test_of_people_who_ask_for_the_next_at_once_no_two_get_the_same(team: Team) -> None:
    for number in (1, 2):
        await team.mail(f"Mail {number}", message_id=f"<m{number}@customer.example>", subject=f"Matter {number}")
    await team.work_off()
    answers = await asyncio.gather(*(_desk(team, "next", user) for user in (seed.AKI, seed.BEN, seed.YUI)))
    assert sum("#1" in one for one in answers) == 1
    assert sum("#2" in one for one in answers) == 1
    holders = {(await team.ticket(1)).assignee, (await team.ticket(2)).assignee}
    assert len(holders) == 2
    assert None not in holders


async def test_next_does_not_reach_into_rooms_that_one_is_not_in(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.leave("#support", seed.BEN)
    await team.settle()
    assert "Nothing waits" in await _desk(team, "next")
    assert "0 found" in await _desk(team, "find 1")
    assert "no ticket #1 that you may see" in await _desk(team, "claim 1")
    assert "#1 is yours" not in await _desk(team, "next")


async def test_when_nobody_could_read_who_is_in_a_room_for_a_day_nobody_sees_into_it(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.inner.clock.forward(timedelta(hours=23))
    assert "no ticket #1 that you may see" not in await _desk(team, "history 1")
    team.inner.clock.forward(timedelta(hours=2))
    assert "no ticket #1 that you may see" in await _desk(team, "close 1")
    await team.read_rosters()
    assert "Done" in await _desk(team, "close #1")


async def test_the_figures_are_those_of_the_rooms_one_is_in(team: Team) -> None:
    await team.mail()
    await team.mail("Second", message_id="<m2@customer.example>", subject="Second")
    await team.work_off()
    await _desk(team, "claim 1")
    said = await _desk(team, "stats")
    assert "2 for us to answer, 0 waiting for the customer, 1 with nobody" in said
    assert "2 came in, 0 closed" in said
    assert "E-mail" in said
    await _desk(team, "close 1")
    assert "Today: 2 came in, 1 closed" in await _desk(team, "stats")
    team.slack.leave("#support", seed.YUI)
    await team.settle()
    assert "要対応 0件" in await _desk(team, "stats", seed.YUI)


async def test_words_in_a_thread_work_its_ticket(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "Done" in await _says(team, "claim")
    assert "priority High" in await _says(team, "priority high")
    assert "with Yui Sato" in await _says(team, f"assign <@{seed.YUI}>")
    assert "with Ben Carter" in await _says(team, "assign me")
    assert "Noted" in await _says(team, "note She called again.\nShe is patient.")
    assert "Done" in await _says(team, "close")
    view = await team.view()
    assert (view.ticket.status, view.ticket.priority) == (Status.CLOSED, Priority.HIGH)
    assert view.assignee is not None
    assert view.assignee.name == "Ben Carter"
    await team.work_off()
    noted = [shown(one) for one in team.thread() if "noted" in shown(one)]
    assert len(noted) == 1
    assert "She called again." in noted[0]


async def test_what_is_said_to_the_bot_is_no_note_but_what_is_said_about_it_is(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.say(f"{BOT} history")
    await team.say(f"Perhaps {BOT} knows more?")
    ticket = await team.ticket()
    kept = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    assert [getattr(one, "text", "") for one in kept][1:] == ["Perhaps @Madoguchi knows more?"]


async def test_a_word_that_needs_a_form_answers_with_a_button_that_opens_it(team: Team) -> None:
    await team.mail()
    await team.work_off()
    for word, action in (
        ("assign", "assign"),
        ("reply", "reply"),
        ("history", "history"),
        ("priority soon", "priority"),
    ):
        await _says(team, word)
        whispered = team.slack.ephemerals(seed.BEN)[-1]
        await team.slack.press(seed.BEN, "#support", whispered.ts, action, ephemeral=True)
        await team.settle()
        assert "#1" in team.slack.open_view(seed.BEN).shown["title"]["text"]
        await team.slack.close_view(team.slack.open_view(seed.BEN), everything=True)


async def test_the_loser_of_a_claim_is_told_who_won_in_words_as_well(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await _says(team, "claim", seed.YUI)
    assert "Yui Sato has had this ticket" in await _says(team, "claim")


async def test_outside_a_thread_a_ticket_is_named_by_its_number(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "Which ticket?" in await _desk(team, "close")
    assert "priority Urgent" in await _desk(team, "priority 1 urgent")
    assert "with Yui Sato" in await _desk(team, f"assign 1 <@{seed.YUI}|yui>")
    assert "no ticket #7" in await _desk(team, "close 7")


async def test_a_direct_message_is_all_words_and_its_answer_stays_there(team: Team) -> None:
    await team.mail()
    await team.work_off()
    assert "look after no ticket" in await _direct(team, "mine")
    assert "#1 is yours" in await _direct(team, "next")
    assert "Where is my parcel?" in await _direct(team, "mine")
    assert team.slack.ephemerals(seed.BEN) == []


async def test_the_same_words_delivered_twice_are_done_once(team: Team) -> None:
    for number in (1, 2):
        await team.mail(f"Mail {number}", message_id=f"<m{number}@customer.example>", subject=f"Matter {number}")
    await team.work_off()
    card = team.cards()[0]
    message = team.slack.say(seed.BEN, "#support", f"{BOT} next", thread_ts=card["ts"])
    again = {**message, "type": "app_mention", "channel": seed.SUPPORT, "event_ts": message["ts"]}
    team.slack.events.emit(again)
    await team.settle()
    tickets = [await team.ticket(number) for number in (1, 2)]
    assert sum(one.assignee is not None for one in tickets) == 1


async def test_managers_see_who_did_what_and_agents_do_not(database_url: str, tmp_path: Path) -> None:
    policy = team_policy(SUPPORT, BILLING, roles={"aki@sunrise-coffee.example": Role.MANAGER})
    async with working_team(database_url, tmp_path, policy=policy) as team:
        await team.mail()
        await team.work_off()
        await _desk(team, "claim 1")
        assert "You may not do that" in await _desk(team, "audit 1")
        told = await _desk(team, "audit 1", seed.AKI)
        assert "Ben Carter" in told
        assert "slack" in told
        assert "audit" in await _desk(team, "help", seed.AKI)
        assert "audit" not in await _desk(team, "help")


async def test_when_the_desk_cannot_be_had_the_asker_is_told_that_nothing_was_done(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.fail("users.info", times=10)
    assert "nothing was changed" in await _desk(team, "claim 1")
    assert (await team.ticket()).assignee is None


async def test_find_takes_words_numbers_and_fields_and_asks_when_there_are_none(team: Team) -> None:
    await team.mail()
    await team.mail("Two cups", message_id="<m2@customer.example>", subject="Cups")
    await team.work_off()
    await read_room(team)
    assert "Where is my parcel?" in await _desk(team, "find parcel")
    assert "Cups" in await _desk(team, "find #2")
    assert "0 found" in await _desk(team, "find status:closed")
    assert "Find what?" in await _desk(team, "find")


async def test_find_says_what_is_wrong_in_a_query(team: Team) -> None:
    assert "colour" in await _desk(team, "find colour:red")


async def test_lists_show_no_words_that_a_customer_could_take_back(team: Team) -> None:
    await team.mail("My secret is out.", subject="")
    await team.work_off()
    answers = [await _direct(team, text) for text in ("next", "mine", "find 1")]
    assert ["#1" in one for one in answers] == [True, True, True]
    assert ["Hana" in one for one in answers] == [True, True, True]
    assert ["secret" in one for one in answers] == [False, False, False]
