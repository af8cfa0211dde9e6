"""One run: a world outside, a program that dies again and again under load, and the verdict."""

import asyncio
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from tests.crash.agents import DESKS, Agent
from tests.crash.crowd import Crowd
from tests.crash.evidence import Evidence, Finding
from tests.crash.invariants import findings
from tests.crash.lives import Lives
from tests.crash.memory import Memory, memory_at
from tests.crash.orders import Mutant, Orders, Place, Point
from tests.crash.outside import world_outside
from tests.crash.truth import read_truth

# The latest passing at which a life may end: so that a life lasts about a second under load.
LATEST = {
    Point.LEDGER_COMMITTED: 40,
    Point.RECEIVE_INSIDE: 25,
    Point.RECEIVE_COMMITTED: 25,
    Point.CARD_POSTED: 12,
    Point.ENTRY_POSTED: 30,
    Point.SEND_INTENDED: 5,
    Point.SEND_ANSWERED: 5,
    Point.MISTAKE: 6,
}
_EARLIEST_DEATH, _LATEST_DEATH = 0.1, 2.0
_DIES_WITHIN = 150.0
_SAID_WITHIN = 300.0
# Slack brings an event that it could not bring again after a minute.
_DRAINED_WITHIN = 100.0
_STOPS_WITHIN = 30.0


class DiedByItself(Exception):
    """Nobody killed the program, or it did not stop in peace; its last words are told."""

    def __init__(self, code: int, place: Place) -> None:
        last_words = place.log.read_text("utf-8", "replace")[-3_000:] if place.log.exists() else ""
        super().__init__(f"the program ended by itself with {code}:\n{last_words}")


@dataclass(frozen=True, slots=True)
class Load:
    """How often the program dies, and what must be in flight meanwhile, at least."""

    kills: int = 3
    mails: int = 500
    lines: int = 40
    replies: int = 36


@dataclass(frozen=True, slots=True)
class Verdict:
    place: Place
    point: Point
    mutant: Mutant
    seed: int
    evidence: Evidence
    findings: Sequence[Finding]

    @property
    def kills(self) -> int:
        return sum(life.killed for life in self.evidence.lives)

    def told(self) -> str:
        """Everything that is wrong, for a failing test."""
        shown = [f"  {finding}" for finding in self.findings[:30]]
        more = [f"  … and {len(self.findings) - 30} more"] if len(self.findings) > 30 else []
        head = f"{self.point}, mutant {self.mutant}, seed {self.seed}, journals in {self.place.folder}:"
        return "\n".join([head, *shown, *more])


async def campaign(
    lives: Lives, place: Place, point: Point, load: Load, *, seed: int, mutant: Mutant = Mutant.NONE
) -> Verdict:
    """Kills the program at a point as often as the load says, lets the last life finish everything, and judges."""
    chance = random.Random(seed)
    lives.past.clear()
    # Nothing of ours is asked twice on one connection: a server's idle time-out would look like a fault of the program.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        world_outside(place),
        aiohttp.ClientSession(connector=connector) as session,
        memory_at(place.database_url) as memory,
    ):
        survived = asyncio.Event()
        crowd = Crowd(place, session, chance, load.mails, load.lines, survived.is_set)
        quota = -(-load.replies // len(DESKS))
        agents = [Agent(place, session, chance, user, quota, survived.is_set, lives.answers) for user in DESKS]
        async with asyncio.TaskGroup() as working:
            speaking = [working.create_task(live()) for live in (crowd.live, *(agent.live for agent in agents))]
            try:
                await _die_and_live(lives, place, point, load.kills, chance, mutant)
                survived.set()
                async with asyncio.timeout(_SAID_WITHIN):
                    await asyncio.gather(*speaking)
                noted = [token for agent in agents for token in agent.noted]
                left_over = await _drained(memory, noted)
                code = await lives.stop(within=_STOPS_WITHIN)
                if code != 0:
                    raise DiedByItself(code, place)
            finally:
                await lives.put_out()
        evidence = Evidence(
            mailed=crowd.mailed,
            lined=crowd.lined,
            replied=[token for agent in agents for token in agent.sent],
            tried=[token for agent in agents for token in agent.tried],
            noted=noted,
            truth=read_truth(place),
            tables=await memory.tables(),
            lives=tuple(lives.past),
            left_over=left_over,
            damage=await memory.damage(),
        )
    return Verdict(place, point, mutant, seed, evidence, findings(evidence))


async def _die_and_live(
    lives: Lives, place: Place, point: Point, kills: int, chance: random.Random, mutant: Mutant
) -> None:
    for _ in range(kills):
        passing = 0 if point is Point.ANY_TIME else chance.randint(1, LATEST[point])
        await lives.begin(Orders(place, point, passing, mutant))
        if point is Point.ANY_TIME:
            await asyncio.sleep(chance.uniform(_EARLIEST_DEATH, _LATEST_DEATH))
            await lives.kill()
        code = await lives.ended(within=_DIES_WITHIN)
        if code != -signal.SIGKILL:
            raise DiedByItself(code, place)
    await lives.begin(Orders(place, point, 0, mutant))


async def _drained(memory: Memory, noted: Sequence[str]) -> list[str]:
    """Waits until nothing waits, and Slack has brought what agents wrote; what is left at the deadline is returned."""
    deadline = asyncio.get_running_loop().time() + _DRAINED_WITHIN
    while left := await memory.left_over(noted):
        if asyncio.get_running_loop().time() > deadline:
            return left
        await asyncio.sleep(0.1)
    return []
