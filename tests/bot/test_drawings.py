"""Every card, entry, Home and form looks as it always did, and Slack takes it, also of the extremest ticket."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards.home_model import Home
from bot.cards.model import Card, Entry
from bot.homes import Homes
from routing.agents import Role
from routing.jobs import Topic
from tests.bot.drawings import FIELDS, LANGUAGES, OPENERS, WORDS, as_slack_gets_it, forms, settled, ticket_with, watch
from tests.bot.team import JAPAN, SUPPORT, Team, team_policy, who, working_team
from tests.databases import sqlite_database
from tests.slack.judges import approve_blocks, approve_everywhere, approve_view, schema

GOLDEN = Path(__file__).parent / "golden"
_ROLES = {f"{name}@sunrise-coffee.example": Role.ADMIN for name in ("ben", "yui")}


def _compared(name: str, drawn: Any, faults: list[str]) -> None:
    """To change a look on purpose: delete the golden file, run the test twice, and look at the difference."""
    path = GOLDEN / f"{name}.json"
    now = json.dumps(settled(drawn), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(now)
        faults.append(f"{name} was written anew: look at it and run the test again")
    elif now != path.read_text():
        faults.append(f"{name} looks different")


async def test_every_form_looks_as_it_always_did_and_slack_takes_it(sqlite_file: Path, tmp_path: Path) -> None:
    faults: list[str] = []
    found: dict[str, dict[str, Any]] = {}
    policy = replace(team_policy(SUPPORT, roles=_ROLES), fields=FIELDS)
    for kind in WORDS:
        folder = tmp_path / kind
        folder.mkdir()
        async with working_team(sqlite_database(sqlite_file, folder), folder, policy=policy) as team:
            await ticket_with(team, kind)
            for user, language in LANGUAGES.items():
                async for name, form in forms(team, user):
                    view = as_slack_gets_it(form)
                    approve_view(view)
                    found.setdefault(name, {})[f"{kind}, {language}"] = view
    for name, views in found.items():
        _compared(f"form.{name}", views, faults)
    assert found.keys() == set(OPENERS)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("kind", WORDS)
async def test_cards_entries_and_home_look_as_they_always_did_and_slack_takes_them(
    sqlite_url: str, tmp_path: Path, kind: str
) -> None:
    faults: list[str] = []
    async with working_team(sqlite_url, tmp_path, policy=team_policy(SUPPORT, JAPAN, roles=_ROLES)) as team:
        drawn = watch(team)
        await ticket_with(team, kind)
        for user in LANGUAGES:
            await team.router.home_opened(who(user))
        await _draw_homes(team)
        for act in ("close", "reopen", "release", "spam"):
            await team.act(act)
            await team.later(30)
        for one in drawn:
            _approve(one)
        for what in (Card, Entry, Home):
            found = {json.dumps(settled(as_slack_gets_it(one)), sort_keys=True) for one in drawn if type(one) is what}
            assert len(found) >= 2
            _compared(f"{what.__name__.lower()}.{kind}", [json.loads(one) for one in sorted(found)], faults)
    assert not faults, "\n".join(faults)


async def _draw_homes(team: Team) -> None:
    homes = Homes(team.router.house)
    for job in await team.inner.jobs.take([Topic.HOME], limit=10, lease=timedelta(minutes=1)):
        await homes.draw(job)
        await team.inner.jobs.finish(job)


def _approve(one: Card | Entry | Home) -> None:
    """Raises when Slack would refuse it."""
    payload = as_slack_gets_it(one)
    if isinstance(one, Home):
        schema("strict.Home.json").validate(payload)
        approve_everywhere(payload["blocks"])
        assert 1 <= len(payload["blocks"]) <= 100
    else:
        approve_blocks(payload["blocks"])
