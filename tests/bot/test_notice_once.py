"""Whatever happens, in whatever order, and wherever we die: each event is told to each person once."""

import contextlib
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards.model import Entry
from bot.sandbox.slack import seed
from bot.surface import Room
from routing.errors import NeedsAttention, Rejected, Unclear
from routing.ids import new_id
from routing.notices import Notice, NoticeState
from storage.statements import Statement
from storage.tables import NOTICE, NOTICES
from tests.bot.team import BILLING, SUPPORT, Team, team_policy, working_team
from tests.crash.fate import but

PEOPLE = (seed.AKI, seed.BEN, seed.YUI)


class Died(Exception):
    """The program ended here."""


async def kept(team: Team) -> list[Notice]:
    rows = await team.inner.store._database.read_once(Statement(select(NOTICES)))
    return [NOTICE.read(row) for row in rows]


def posted(team: Team) -> Counter[str]:
    """The keys of everything we told by name, wherever it stands."""
    found: Counter[str] = Counter()
    for channel in team.slack.workspace.channels.values():
        for message in channel.messages.values():
            key = str(message.get("metadata", {}).get("event_payload", {}).get("key", ""))
            if key.startswith("notice:"):
                found[key.removeprefix("notice:")] += 1
    return found


async def step(team: Team, chance: random.Random, number: int) -> None:
    """Something happens, or something goes wrong."""
    by, to = chance.sample(PEOPLE, 2)
    match chance.randrange(10):
        case 0 | 1 | 2:
            await team.act("set_assignee", by, who=to)
        case 3 | 4:
            await team.mail(f"Mail {number}.", number=number)
        case 5:
            team.provider.script = [Rejected("no such address")]
            await team.act("send", by, text="Sorry.", key=new_id(), seen=str((await team.ticket()).latest_seq))
        case 6:
            team.slack.lose("chat.postMessage", times=chance.randint(1, 2))
        case 7:
            team.slack.fail(chance.choice(["chat.postMessage", "conversations.open", "conversations.history"]))
        case 8:
            team.slack.throttle(chance.choice(["chat.postMessage", "chat.getPermalink"]), retry_after=20)
        case _:
            team.slack.answer_error("conversations.open", "user_disabled")


def dying(team: Team, chance: random.Random) -> None:
    """From now on the program sometimes dies just before or just after it told somebody, or wrote
    something down."""
    surface, store = team.surfaces["slack"], team.inner.store

    async def post_entry(_self: object, room: Room, card: str, entry: Entry, *, key: str) -> str:
        fate = chance.randrange(6) if key.startswith("notice:") else -1
        if fate == 0:
            raise Died
        reference = await surface.post_entry(room, card, entry, key=key)
        if fate == 1:
            raise Died
        return reference

    async def transact(_self: object, work: Any, **more: Any) -> Any:
        fate = chance.randrange(12)
        if fate == 0:
            raise Died
        done = await store.transact(work, **more)
        if fate == 1:
            raise Died
        return done

    team.surfaces["slack"] = but(surface, post_entry=post_entry)
    team.notifier = replace(team.notifier, desk=replace(team.inner.desk, store=but(store, transact=transact)))


async def passes(team: Team, seconds: float) -> None:
    """Time passes; who died or does not know what became of it comes back when its lease is over."""
    with contextlib.suppress(Died, Unclear, NeedsAttention):
        await team.later(seconds)


@pytest.mark.parametrize("number", range(12))
async def test_each_event_is_told_once(database_url: str, tmp_path: Any, number: int) -> None:
    chance = random.Random(number)
    async with working_team(database_url, tmp_path, policy=team_policy(SUPPORT, BILLING), limited=True) as team:
        await team.mail()
        await team.work_off()
        surface, notifier = team.surfaces["slack"], team.notifier
        dying(team, chance)
        for at in range(2, 26):
            await step(team, chance, at)
            await passes(team, chance.choice([0, 2, 8, 70]))
        team.surfaces["slack"], team.notifier = surface, notifier
        team.slack.recover()
        for _ in range(6):
            await passes(team, 70)
        await team.later(70)

        notices = await kept(team)
        assert {one.state for one in notices} <= {NoticeState.TOLD, NoticeState.DROPPED}
        told = {one.parcel for one in notices if one.state is NoticeState.TOLD}
        assert told, "something was told"
        assert posted(team) == dict.fromkeys(told, 1)
        assert len({one.id for one in notices}) == len(notices)
