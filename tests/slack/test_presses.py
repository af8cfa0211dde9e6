"""A person presses a button, in a stand-in workspace, and sees what came of it."""

import asyncio

import pytest

from bot.cards.model import Entry, Plain
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.errors import TryLater
from tests.slack.judges import texts
from tests.slack.samples import TICKET, button, card, entry, form
from tests.slack.side import SUPPORT, Running, running

TAKEN = Done(Entry("Ben has it", lines=((Plain("Ben has claimed it at 9:30"),),)))


async def posted(one: Running) -> str:
    return await one.side.surface.post_card(SUPPORT, card(), key="card")


def whispers(one: Running, user: str = seed.AKI) -> list[str]:
    return ["".join(texts(each.message["blocks"])) for each in one.slack.ephemerals(user)]


async def test_a_press_reaches_the_desk_with_who_where_and_what() -> None:
    async with running() as one:
        reference = await posted(one)
        outcome = await one.slack.press(seed.AKI, "#support", reference, "release")
        assert outcome.ok
        action = one.desk.asked[0]
        assert (action.name, action.ticket, action.version) == ("release", TICKET, 7)
        assert (action.who.user, action.who.workspace, action.place) == (seed.AKI, seed.TEAM_ID, seed.SUPPORT)
        await one.idle()
        assert whispers(one) == []


async def test_the_loser_of_a_claim_is_told_who_won_where_they_pressed() -> None:
    async with running() as one:
        reference = await posted(one)
        one.desk.answers["release"] = TAKEN
        await one.slack.press(seed.AKI, "#support", reference, "release")
        await one.idle()
        told = one.slack.ephemerals(seed.AKI)
        assert whispers(one) == ["Ben has claimed it at 9:30"]
        assert told[0].thread_ts is None
        assert one.slack.ephemerals(seed.BEN) == []


async def test_a_press_in_the_thread_is_answered_in_the_thread() -> None:
    async with running() as one:
        reference = await posted(one)
        below = await one.side.surface.post_entry(SUPPORT, reference, entry(), key="entry")
        one.desk.answers["whole"] = TAKEN
        await one.slack.press(seed.AKI, "#support", below, "whole")
        await one.idle()
        assert one.slack.open_view(seed.AKI).shown["blocks"][0]["type"] == "rich_text"
        one.desk.answers["whole"] = RuntimeError("broken")
        one.slack.stumble("views.open", "error", error="expired_trigger_id")
        await one.slack.press(seed.AKI, "#support", below, "whole")
        await one.idle()
        assert [each.thread_ts for each in one.slack.ephemerals(seed.AKI)] == [reference]


@pytest.mark.parametrize("fault", [TryLater("the database is away"), RuntimeError("a bug")])
async def test_a_press_that_could_not_be_done_is_told_to_its_presser_alone(fault: Exception) -> None:
    async with running() as one:
        reference = await posted(one)
        one.desk.answers["release"] = fault
        outcome = await one.slack.press(seed.AKI, "#support", reference, "release")
        assert outcome.ok
        await one.idle()
        assert whispers(one) == ["This could not be done just now, and nothing was changed. Please press again."]
        assert whispers(one, seed.BEN) == []


async def test_people_read_our_own_sentences_in_their_language_once_it_is_known() -> None:
    async with running() as one:
        reference = await posted(one)
        one.desk.answers["release"] = TryLater("away")

        async def ask_who(action: Action) -> Answer:
            await one.side.surface.person(action.who)
            raise TryLater("away")

        one.desk.answers["release"] = ask_who
        for _ in range(2):
            await one.slack.press(seed.YUI, "#support", reference, "release")
            await one.idle()
        assert whispers(one, seed.YUI)[-1].startswith("ただいま実行できませんでした")


async def test_a_slow_desk_is_not_waited_for_but_its_answer_comes() -> None:
    async with running(patience=0.02) as one:
        reference = await posted(one)
        release = asyncio.Event()

        async def slowly(_action: Action) -> Answer:
            await release.wait()
            return TAKEN

        one.desk.answers["release"] = slowly
        outcome = await one.slack.press(seed.AKI, "#support", reference, "release")
        assert outcome.ok
        assert whispers(one) == []
        release.set()
        await one.idle()
        assert whispers(one) == ["Ben has claimed it at 9:30"]


async def test_a_stop_waits_for_what_was_begun() -> None:
    async with running(patience=0.02) as one:
        reference = await posted(one)
        release = asyncio.Event()
        ended: list[str] = []

        async def slowly(action: Action) -> Answer:
            await release.wait()
            ended.append(action.name)
            return Done()

        one.desk.answers["release"] = slowly
        await one.slack.press(seed.AKI, "#support", reference, "release")
        closing = asyncio.create_task(one.side.close(patience=5))
        await asyncio.sleep(0)
        assert not closing.done()
        release.set()
        await closing
        assert ended == ["release"]


async def test_where_the_bot_may_not_whisper_slacks_own_address_is_used() -> None:
    async with running() as one:
        reference = await posted(one)
        one.desk.answers["release"] = TAKEN
        one.slack.answer_error("chat.postEphemeral", "user_not_in_channel")
        await one.slack.press(seed.AKI, "#support", reference, "release")
        await one.idle()
        assert whispers(one) == ["Ben has claimed it at 9:30"]
        assert "Ben has claimed" not in "".join(texts(one.slack.message("#support", reference)))


async def test_an_answer_to_a_press_on_an_answer_takes_its_place() -> None:
    async with running() as one:
        reference = await posted(one)
        undo = button("undo", "Undo", values={"message": "m1"})
        one.desk.answers["release"] = Done(Entry("It leaves", lines=((Plain("It leaves"),),), buttons=(undo,)))
        one.desk.answers["undo"] = Done(Entry("Undone", lines=((Plain("Undone"),),)))
        await one.slack.press(seed.AKI, "#support", reference, "release")
        await one.idle()
        [whisper] = one.slack.ephemerals(seed.AKI)
        assert (await one.slack.press(seed.AKI, "#support", whisper.ts, "undo", ephemeral=True)).ok
        await one.idle()
        assert one.desk.asked[-1].values == {"message": "m1"}
        assert whispers(one) == ["Undone"]


async def test_a_value_that_was_edited_is_refused_and_the_presser_told() -> None:
    async with running() as one:
        reference = await posted(one)
        message = one.slack.channel("#support").messages[reference]
        button = message["blocks"][-1]["elements"][2]
        button["value"] = button["value"].replace("release", "relEase")
        outcome = await one.slack.press(seed.AKI, "#support", reference, "release")
        assert outcome.ok
        await one.idle()
        assert one.desk.asked == []
        assert one.desk.outcomes["forged_value"] == 1
        assert whispers(one)[0].startswith("This button is not one that we made")


async def test_a_stranger_in_a_shared_room_reaches_the_desk_only_to_be_refused() -> None:
    async with running() as one:
        reference = await posted(one)
        outcome = await one.slack.press(seed.STRANGER, "#support", reference, "release")
        assert outcome.ok
        who = one.desk.asked[0].who
        assert (who.user, who.workspace) == (seed.STRANGER, seed.TEAM_ID)
        assert not (await one.side.surface.person(who)).member


async def test_an_unexpected_answer_is_shown_all_the_same() -> None:
    async with running() as one:
        reference = await posted(one)
        one.desk.answers["release"] = FieldErrors({"text": "too long"})
        await one.slack.press(seed.AKI, "#support", reference, "release")
        await one.idle()
        assert whispers(one) == ["too long"]
        one.desk.answers["release"] = form("Sorry!")
        await one.slack.press(seed.AKI, "#support", reference, "release")
        await one.idle()
        assert one.slack.open_view(seed.AKI).shown["callback_id"] == "reply"


async def test_a_command_is_answered_to_its_writer_alone() -> None:
    async with running() as one:
        one.desk.answers["command"] = Done(Entry("Help", lines=((Plain("/desk find …"),),)))
        outcome = await one.slack.command(seed.AKI, "#support", "/desk", "help me")
        assert outcome.ok
        assert one.desk.asked[0].values["text"] == "help me"
        assert one.desk.asked[0].place == seed.SUPPORT
        await one.idle()
        assert whispers(one) == ["/desk find …"]


async def test_a_slow_command_is_answered_later() -> None:
    async with running(patience=0.02) as one:
        release = asyncio.Event()

        async def slowly(_action: Action) -> Answer:
            await release.wait()
            return TAKEN

        one.desk.answers["command"] = slowly
        assert (await one.slack.command(seed.AKI, "#support", "/desk", "stats")).ok
        release.set()
        await one.idle()
        assert whispers(one) == ["Ben has claimed it at 9:30"]


async def test_a_command_where_the_bot_is_not_a_member_is_answered_through_slacks_own_address() -> None:
    async with running(patience=0.02) as one:
        one.desk.answers["command"] = TryLater("away")
        assert (await one.slack.command(seed.AKI, "#lounge", "/desk", "stats")).ok
        await one.idle()
        assert whispers(one) == ["This could not be done just now, and nothing was changed. Please press again."]
