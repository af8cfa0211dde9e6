"""Measures a flood: so many tickets in one minute into one room of a Slack that has its real limits."""

import asyncio
import cProfile
import io
import json
import pstats
import re
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from bot.sandbox.slack import running_standin
from tests.bench.figures import Figure
from tests.bot.team import ROOMS, SUPPORT, Team, shown, team_policy, working_team
from tests.desk.mails import a_mail

MINUTE = 60
STEP = 5
LIMIT = 20
MESSAGES = 2  # a card, and the customer's words below it
A_SECOND = 1  # what Slack takes in one room
PATIENCE = 24 * 60 * MINUTE
"""A flood that is not worked off in a simulated day never will be."""


@dataclass(frozen=True, slots=True)
class Flood:
    """What one flood took. Times are the stand-in's, which are simulated; `cpu` is ours and the stand-in's together."""

    tickets: int
    reachable: int
    shown: int
    calls: int
    refused: int
    cpu: float
    board: bool
    lost: int


def compare_flood(*, count: int) -> list[Figure]:
    """Our CPU for each ticket by that of a bare loop that posts as many messages, and how long until every ticket has
    card by the least that Slack's limits allow. One round: it is simulated, so only its CPU is anybody's chance.

    Raises RuntimeError when a ticket is out of reach or the board tells something wrong."""
    flood = asyncio.run(_flood(count))
    if flood.lost or not flood.board:
        raise RuntimeError(f"a flood of {count} tickets: {flood}")
    bare = asyncio.run(_posts(count)) / count * 1000
    held = f"all within reach after {flood.reachable} s, {flood.refused} calls refused"
    posts = MESSAGES * count
    return [
        Figure("e", "sqlite", "CPU, ms a ticket", "", [flood.cpu / count * 1000], [bare]),
        Figure("e", "sqlite", "until all have cards, s", "simulated", [flood.shown], [posts / A_SECOND], goal=held),
        Figure("e", "sqlite", "calls of Slack", "", [flood.calls], [posts]),
    ]


def profile_flood(*, count: int) -> str:
    """Where the time goes."""
    profiler = cProfile.Profile()
    profiler.enable()
    asyncio.run(_flood(count))
    profiler.disable()
    told = io.StringIO()
    pstats.Stats(profiler, stream=told).sort_stats("cumulative").print_stats(45)
    return told.getvalue()


async def _flood(count: int) -> Flood:
    policy = replace(team_policy(), surge={SUPPORT.id: LIMIT})
    rooms = {**ROOMS, SUPPORT.id: replace(SUPPORT, board=True)}
    with tempfile.TemporaryDirectory(prefix="madoguchi-flood-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/flood.db"
        async with working_team(url, Path(folder), policy=policy, limited=True, rooms=rooms) as team:
            spent = [0.0]
            began = time.process_time()
            for second in range(MINUTE):
                for number in range(second * count // MINUTE, (second + 1) * count // MINUTE):
                    await team.inner.mail(_letter(number))
                await team.inner.read_everything()
                await team.later(1)
            spent[0] += time.process_time() - began
            reachable = await _until(team, _all_within_reach, count, spent, step=STEP)
            all_shown = reachable + await _until(team, _all_shown, count, spent, step=MINUTE)
            await team.later(2 * MINUTE)
            calls = team.slack.journal.calls()
            return Flood(
                tickets=count,
                reachable=reachable,
                shown=all_shown,
                calls=len(calls),
                refused=sum(1 for one in calls if one["status"] == 429),
                cpu=spent[0],
                board=any(f"Queue: {count} waiting" in shown(one) for one in team.cards()),
                lost=count - len(await _within_reach(team)),
            )


def _letter(number: int) -> bytes:
    return a_mail(
        f"The shop is down, order {number} is lost.",
        sender=f"Customer {number} <c{number}@customer.example>",
        message_id=f"<flood{number}@customer.example>",
        subject=f"Order {number}",
    )


async def _until(
    team: Team, done: Callable[[Team, int], Awaitable[bool]], count: int, spent: list[float], *, step: int
) -> int:
    """How many simulated seconds it takes, looked at every `step`. What looking costs is not counted as spent."""
    for seconds in range(0, PATIENCE, step):
        if await done(team, count):
            return seconds
        team.given_back.clear()
        began = time.process_time()
        for _ in range(step // STEP):
            await team.later(STEP)
        spent[0] += time.process_time() - began
    raise AssertionError("the flood is never worked off")


async def _all_within_reach(team: Team, count: int) -> bool:
    return len(await _within_reach(team)) == count


async def _within_reach(team: Team) -> set[int]:
    """The numbers of tickets with a card, and of those that the roll-up leads to once it stands there."""
    found = _with_cards(team)
    if any("without cards" in shown(one) for one in team.cards()):
        collected = await team.inner.desk.collected_in(SUPPORT.id, after=0, most=1_000_000)
        found |= {one.number for one in collected}
    return found


async def _all_shown(team: Team, count: int) -> bool:
    return len(_with_cards(team)) == count


def _with_cards(team: Team) -> set[int]:
    """Read off the room itself: what people see there."""
    titles = (re.match(r"\W*(?::\w+:\W*)*#(\d+) ", shown(one)) for one in team.cards())
    return {int(title[1]) for title in titles if title}


async def _posts(count: int) -> float:
    """The CPU that a bare loop of as many posts takes, against a stand-in without limits."""
    async with running_standin() as slack, aiohttp.ClientSession() as session:
        began = time.process_time()
        for number in range(count):
            body = {"channel": SUPPORT.place, "text": f"Order {number}"}
            headers = {"Authorization": f"Bearer {slack.platform.app.bot_token}", "Content-Type": "application/json"}
            async with session.post(f"{slack.api_url}chat.postMessage", data=json.dumps(body), headers=headers) as said:
                await said.read()
        return time.process_time() - began
