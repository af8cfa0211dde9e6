"""Two agents and one ticket: each sees the other writing, and nobody answers twice without having been asked."""

import asyncio
from datetime import timedelta

from bot.cards.model import Form, Said
from bot.sandbox.slack import seed
from bot.surface import Answer, Done
from routing.leases import LONGEST
from tests.bot.team import BILLING, SUPPORT, Team, shown


async def _opened(team: Team, user: str) -> Form:
    form = await team.act("reply", user)
    assert isinstance(form, Form)
    return form


async def _send(team: Team, form: Form, user: str, text: str) -> Answer:
    return await team.act("send", user, text=text, **form.keep)


def _said(form: Answer) -> str:
    assert isinstance(form, Form)
    return " ".join(str(one) for one in form.fields if isinstance(one, Said))


async def test_the_card_says_who_is_replying_until_the_form_is_closed(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await team.slack.press(seed.AKI, SUPPORT.place, team.card()["ts"], "reply")
    await team.settle()
    await team.later(5)
    assert "Aki Tanaka is replying" in shown(team.card())
    await team.slack.close_view(team.slack.open_view(seed.AKI))
    await team.settle()
    await team.later(5)
    assert "is replying" not in shown(team.card())


async def test_who_only_glances_into_the_form_moves_no_card(team: Team) -> None:
    await team.mail()
    await team.work_off()
    edits = len(team.calls("chat.update"))
    await _opened(team, seed.AKI)
    await team.later(1)
    await team.act("form.send.closed", seed.AKI)
    await team.later(60)
    assert len(team.calls("chat.update")) == edits


async def test_a_form_closed_while_it_was_still_opening_is_not_taken_for_an_open_one(team: Team) -> None:
    await team.mail()
    await team.work_off()
    pressing = asyncio.create_task(team.slack.press(seed.AKI, SUPPORT.place, team.card()["ts"], "reply"))
    await team.slack.until(lambda: bool(team.slack.views(seed.AKI)))
    await team.slack.close_view(team.slack.open_view(seed.AKI))
    await pressing
    await team.settle()
    await team.later(5)
    assert "is replying" not in shown(team.card())


async def test_a_form_that_got_lost_is_believed_for_ten_minutes(team: Team) -> None:
    await team.mail()
    await _opened(team, seed.AKI)
    await team.later(5)
    assert "Aki Tanaka is replying" in shown(team.card())
    await team.later(LONGEST.total_seconds())
    assert "is replying" not in shown(team.card())


async def test_a_reply_on_its_way_ends_it(team: Team) -> None:
    await team.mail()
    form = await _opened(team, seed.AKI)
    await team.later(5)
    await _send(team, form, seed.AKI, "Done.")
    await team.later(5)
    assert "is replying" not in shown(team.card())


async def test_every_room_of_the_ticket_says_it(two_rooms: Team) -> None:
    await two_rooms.mail()
    await _opened(two_rooms, seed.AKI)
    await _opened(two_rooms, seed.BEN)
    await two_rooms.later(5)
    for room in (SUPPORT, BILLING):
        assert "Aki Tanaka, Ben Carter are replying" in shown(two_rooms.card(room))


async def test_whoever_opens_the_form_second_is_told_and_may_go_on(team: Team) -> None:
    await team.mail()
    await _opened(team, seed.AKI)
    mine = await _opened(team, seed.BEN)
    assert "Aki Tanaka is replying too" in _said(mine)
    assert "Ben Carter" not in _said(mine)
    assert "Aki Tanaka is replying too" in _said(await team.act("form.send.preview", text="Mine.", **mine.keep))
    assert isinstance(await _send(team, mine, seed.BEN, "Mine."), Done)


async def test_what_a_colleague_answered_meanwhile_is_shown_before_the_second_answer_leaves(team: Team) -> None:
    await team.mail()
    hers, mine = await _opened(team, seed.AKI), await _opened(team, seed.BEN)
    assert isinstance(await _send(team, hers, seed.AKI, "It left on Monday."), Done)
    asked = await _send(team, mine, seed.BEN, "It leaves tomorrow.")
    assert isinstance(asked, Form)
    assert "Aki Tanaka answered while you were writing" in _said(asked)
    assert "It left on Monday." in _said(asked)
    assert "It leaves tomorrow." in str(asked.fields)
    assert isinstance(await _send(team, asked, seed.BEN, "It leaves tomorrow."), Done)
    await team.later(11)
    assert [letter.text for letter in team.provider.taken] == ["It left on Monday.", "It leaves tomorrow."]


async def test_what_a_colleague_undid_is_not_asked_about(team: Team) -> None:
    await team.mail()
    hers, mine = await _opened(team, seed.AKI), await _opened(team, seed.BEN)
    await _send(team, hers, seed.AKI, "Oh no.")
    await team.act("undo", seed.AKI, message=hers.keep["key"])
    assert isinstance(await _send(team, mine, seed.BEN, "Mine."), Done)


async def test_what_was_answered_before_the_form_was_opened_is_not_asked_about(team: Team) -> None:
    await team.mail()
    await _send(team, await _opened(team, seed.AKI), seed.AKI, "One.")
    assert isinstance(await _send(team, await _opened(team, seed.BEN), seed.BEN, "Two."), Done)


async def test_of_two_who_send_at_once_one_is_asked(team: Team) -> None:
    await team.mail()
    hers, mine = await _opened(team, seed.AKI), await _opened(team, seed.BEN)
    answers = await asyncio.gather(_send(team, hers, seed.AKI, "Hers."), _send(team, mine, seed.BEN, "Mine."))
    assert sorted(type(one).__name__ for one in answers) == ["Done", "Form"]
    await team.later(11)
    assert len(team.provider.taken) == 1


async def test_the_asking_form_keeps_time_files_and_closing(team: Team) -> None:
    await team.mail()
    hers, mine = await _opened(team, seed.AKI), await _opened(team, seed.BEN)
    file = team.slack.file(seed.BEN, "label.pdf", b"%PDF").id
    await _send(team, hers, seed.AKI, "Hers.")
    asked = await team.act("send", text="Mine.", files=file, after="close", when="hour", **mine.keep)
    assert isinstance(asked, Form)
    assert isinstance(await _send(team, asked, seed.BEN, "Mine."), Done)
    await team.later(timedelta(hours=1).total_seconds())
    (letter,) = [one for one in team.provider.taken if one.text == "Mine."]
    assert [one.name for one in letter.attachments] == ["label.pdf"]
    assert (await team.ticket()).status == "closed"
