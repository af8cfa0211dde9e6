"""Who may do what: every action, for every role and every kind of Slack user, at the press and at the submit."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select

from bot.actions.dispatch import HANDLERS
from bot.sandbox.slack import seed
from bot.surface import Done, FieldErrors
from routing.agents import Agent, Role, may
from routing.desk.people import Member
from routing.ids import AgentId
from storage.engine import open_database
from storage.reads import ours
from storage.statements import Statement
from storage.tables import AUDIT_ROWS
from tests.bot.team import Team, team_policy, working_team
from tests.inner import ORGANISATION

OUTSIDERS = [seed.GUEST, seed.SINGLE_CHANNEL_GUEST, seed.STRANGER, seed.DEACTIVATED, seed.BOT_USER, "U0NOBODY"]
_VALUES = {
    "set_priority": {"priority": "high"},
    "set_assignee": {"who": seed.AKI},
    "add_note": {"text": "A note.", "key": "k"},
    "send": {"text": "An answer.", "key": "m1", "seen": "99"},
    "form.send.template": {"template": "sorry"},
    "set_snooze": {"preset": "hour"},
    "set_transfer": {"to": "room:billing", "how": "also"},
    "set_tags": {"new": "late"},
}
_SOMEBODY = Agent(AgentId("a"), ORGANISATION, "Ben", "", "", "en", Role.AGENT, active=True)
_AUDIT = Statement(
    select(AUDIT_ROWS.c.action, AUDIT_ROWS.c.details).where(ours(AUDIT_ROWS), AUDIT_ROWS.c.action == bindparam("which"))
)


def _words(answer: object) -> str:
    match answer:
        case Done(tell) if tell is not None:
            return tell.fallback
        case FieldErrors(errors):
            return " ".join(errors.values())
    return ""


async def audited(url: str, action: str) -> list[str]:
    database = open_database(url)
    try:
        rows = await database.read_once(_AUDIT, organisation=ORGANISATION, which=action)
        return [str(row[1]) for row in rows]
    finally:
        await database.close()


@pytest.mark.parametrize("user", OUTSIDERS)
async def test_who_is_no_full_member_may_do_nothing_and_that_isaudited(
    team: Team, database_url: str, user: str
) -> None:
    await team.mail()
    before = await team.view()
    for name in HANDLERS:
        answer = await team.act(name, user, **_VALUES.get(name, {}))
        assert "Only full members" in _words(answer), name
        assert isinstance(answer, FieldErrors) is HANDLERS[name].form, name
    assert await team.view() == before
    kept = await audited(database_url, "action.refused")
    assert len(kept) == len(HANDLERS)
    assert all(user in one for one in kept)


@pytest.mark.parametrize("role", Role)
async def test_each_role_may_do_what_the_table_says(database_url: str, tmp_path: Path, role: Role) -> None:
    policy = team_policy(roles={"ben@sunrise-coffee.example": role})
    async with working_team(database_url, tmp_path, policy=policy) as team:
        await team.mail()
        before = await team.view()
        works = role is not Role.VIEWER
        refused = 0
        agent = replace(_SOMEBODY, role=role)
        for name, entitled in HANDLERS.items():
            answer = await team.act(name, **_VALUES.get(name, {}))
            told = "You may not do that" in _words(answer)
            refused += told
            assert told is not may(agent, entitled.permission), name
        assert (await team.view() == before) is not works
        assert len(await audited(database_url, "action.refused")) == refused


async def test_who_was_deactivated_after_the_form_was_opened_is_stopped_at_the_submit(
    team: Team, database_url: str
) -> None:
    await team.mail()
    assert "form" not in _words(await team.act("note"))
    team.slack.change_user(seed.BEN, deleted=True)
    await team.settle()
    answer = await team.act("add_note", text="Still here.", key="k")
    assert isinstance(answer, FieldErrors)
    assert len(await audited(database_url, "agent.shut_out")) == 1
    team.slack.change_user(seed.BEN, deleted=False)
    await team.settle()
    assert isinstance(await team.act("add_note", text="Back again.", key="k"), Done)


async def test_a_role_survives_a_surface_that_keeps_the_address_to_itself(database_url: str, tmp_path: Path) -> None:
    policy = team_policy(roles={"ben@sunrise-coffee.example": Role.VIEWER})
    async with working_team(database_url, tmp_path, policy=policy) as team:
        await team.mail()
        assert "You may not do that" in _words(await team.act("claim"))
        team.slack.change_user(seed.BEN, profile={"email": ""})
        await team.settle()
        assert "You may not do that" in _words(await team.act("claim"))


async def test_when_slack_cannot_tell_who_it_is_nobody_acts(team: Team) -> None:
    await team.mail()
    await team.work_off()
    team.slack.fail("users.info", times=10)
    await team.slack.press(seed.BEN, "#support", team.card()["ts"], "claim")
    await team.settle()
    assert (await team.view()).assignee is None
    team.slack.recover()
    await team.slack.press(seed.BEN, "#support", team.card()["ts"], "claim")
    await team.settle()
    assigned = (await team.view()).assignee
    assert assigned is not None
    assert assigned.name == "Ben Carter"


async def test_one_person_in_two_workspaces_is_one_agent_however_the_address_is_written(team: Team) -> None:
    desk = team.inner.desk
    first = await desk.meet(_member("T1", "U1", "Ben@Acme.example"))
    await desk.meet(_member("T1", "U1", "Ben@Acme.example"))
    second = await desk.meet(_member("T2", "U9", "ben@acme.EXAMPLE"))
    nameless = await desk.meet(_member("T3", "U1", ""))
    assert first.id == second.id
    assert nameless.id != first.id


def _member(workspace: str, user: str, email: str) -> Member:
    return Member("slack", workspace, user, "Ben", email, "", "en", allowed=True)
