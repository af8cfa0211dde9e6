"""Who is of the team is what Slack says now, and nobody is when Slack does not say."""

import asyncio

import pytest

from bot.sandbox.slack import seed
from bot.slack.people import read_person
from bot.surface import Person, Who
from routing.errors import NeedsAttention, TryLater
from tests.slack.side import Running, running
from tests.slack.test_surface import Ticking


async def person(one: Running, user: str) -> Person:
    return await one.side.surface.person(Who("slack", seed.TEAM_ID, user))


@pytest.mark.parametrize(
    ("user", "member"),
    [
        (seed.AKI, True),
        (seed.BEN, True),
        (seed.GUEST, False),
        (seed.SINGLE_CHANNEL_GUEST, False),
        (seed.STRANGER, False),
        (seed.DEACTIVATED, False),
        (seed.BOT_USER, False),
        ("USLACKBOT", False),
        ("U0NOBODY", False),
        ("", False),
        ("<!channel>", False),
    ],
)
async def test_only_full_members_of_the_workspace_are_of_the_team(user: str, *, member: bool) -> None:
    async with running() as one:
        assert (await person(one, user)).member is member


async def test_a_member_comes_with_name_mail_picture_and_language() -> None:
    async with running() as one:
        aki = await person(one, seed.AKI)
        assert (aki.name.split()[0].lower(), aki.email, aki.language) == ("aki", "aki@sunrise-coffee.example", "ja")
        assert aki.avatar.startswith("http")


async def test_a_person_is_looked_up_once_an_hour_and_anew_when_slack_says_so() -> None:
    ticking = Ticking()
    async with running(monotonic=ticking) as one:
        await asyncio.gather(*(person(one, seed.BEN) for _ in range(10)))
        assert len(one.slack.journal.calls("users.info")) == 1
        one.slack.change_user(seed.BEN, is_restricted=True)
        await one.idle()
        assert one.desk.people == [Who("slack", seed.TEAM_ID, seed.BEN)]
        assert not (await person(one, seed.BEN)).member
        ticking.now += 3601
        await person(one, seed.BEN)
        assert len(one.slack.journal.calls("users.info")) == 3


@pytest.mark.parametrize(("code", "error"), [("internal_error", TryLater), ("missing_scope", NeedsAttention)])
async def test_nobody_may_act_while_slack_does_not_say_who_they_are(code: str, error: type[Exception]) -> None:
    async with running() as one:
        one.slack.answer_error("users.info", code)
        with pytest.raises(error):
            await person(one, seed.AKI)
        assert (await person(one, seed.AKI)).member


@pytest.mark.parametrize(
    ("user", "member"),
    [
        ({"id": "U1", "team_id": "T1"}, True),
        ({"id": "U1", "team_id": "T2"}, False),
        ({"id": "U1", "team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, True),
        ({"id": "U1", "team_id": "T1", "deleted": True}, False),
        ({"id": "U1", "team_id": "T1", "is_connector_bot": True}, False),
        ({"id": "U2", "team_id": "T1"}, False),
        ({"id": "U1"}, False),
        ({}, False),
        ({"id": 5, "team_id": ["T1"], "profile": None}, False),
    ],
)
def test_whoever_is_not_plainly_a_member_is_none(user: dict[str, object], *, member: bool) -> None:
    assert read_person(user, "U1", "T1").member is member
