"""Measures a press on Claim from Slack's signed request to the committed claim, beside a bare Bolt listener.

Ours is the house with cards posted to a stand-in of Slack; the presses are of those cards' buttons, through our door
and Bolt to the desk, and answered when the claim is committed. The bare listener verifies, finds its one action, and
acknowledges. Both are servers in processes of their own. Between two passes the tickets are released, unmeasured. How
long the store itself takes to commit one row is told as well.
"""

import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.sandbox.slack import AppSettings, SlackStandin, running_standin, seed
from bot.slack.door import PATH
from routing.agents import Actor
from routing.desk.desk import Desk
from routing.ids import TicketId
from tests.bench.button_press import measure
from tests.bench.commits import commit_times
from tests.bench.corpus import mails
from tests.bench.figures import Figure
from tests.bench.houses import House, bench_house, bench_plan
from tests.bench.ingest import fill_ledger, read_everything
from tests.bench.serving import Served, listening, obey, own_process, ready
from tests.bench.stores import Store
from tests.slack.payloads import pressed
from tests.slack.side import signed

TICKETS = 60
AT_ONCE = 10
SECRET = AppSettings().signing_secret
Json = dict[str, Any]
_moments = count(1)


@dataclass(slots=True)
class Waits:
    """Round by round: how long presses took in milliseconds, what they cost the server's processor, and how long the
    store itself took to commit one row."""

    alone: list[list[float]] = field(default_factory=list)
    together: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)


# --- the servers ---------------------------------------------------------------------------------------------------


async def serve_ours(pipe: Connection, url: str, folder: str) -> None:
    async with running_standin(app=AppSettings()) as slack:
        port = int(slack.api_url.split(":")[2].split("/")[0])
        plan = bench_plan(url, Path(folder), slack_port=port)
        async with bench_house(plan) as house, listening(house.app.web) as door:
            tickets = await _post_cards(house)
            ready(pipe, door, _cards(slack))
            await obey(pipe, {"release": lambda: _release(house, tickets)})


async def _post_cards(house: House) -> list[TicketId]:
    """Mails become tickets, and tickets cards."""
    desk = house.app.desk
    first_mails = [raw for raw in mails(2 * TICKETS, seed=9) if b"\nIn-Reply-To:" not in raw][:TICKETS]
    await read_everything(house, await fill_ledger(house, first_mails))
    tickets = [await _ticket(desk, number) for number in range(1, TICKETS + 1)]
    for ticket in tickets:
        await house.app.noticeboard.show(ticket)
    return tickets


async def _ticket(desk: Desk, number: int) -> TicketId:
    found = await desk.look(lambda reads: reads.ticket_by_number(number))
    assert found is not None
    return found.id


def _cards(slack: SlackStandin) -> list[Json]:
    """The cards as they stand in their rooms."""
    rooms = (seed.SUPPORT, seed.JAPAN, seed.BILLING)
    messages = [(place, message) for place in rooms for message in slack.messages(place)]
    return [{"place": place, "message": message} for place, message in messages if _has_claim(message)]


def _has_claim(message: Json) -> bool:
    elements = (element for block in message.get("blocks", ()) for element in block.get("elements", ()))
    return any(element.get("action_id") == "claim" for element in elements)


async def _release(house: House, tickets: Sequence[TicketId]) -> int:
    """Gives every ticket back, and tells how many were claimed."""
    claimed = 0
    for one in tickets:
        view = await house.app.desk.view(one)
        if view.assignee is not None:
            claimed += 1
            await house.app.desk.release(Actor(view.assignee, "slack"), one)
    return claimed


async def serve_bare(pipe: Connection) -> None:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=seed.TEAM_ID, bot_token="xoxb-bench")

    bolt = AsyncApp(name="bare", signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @bolt.action("claim")
    async def claim(ack: AsyncAck) -> None:
        await ack()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    app = web.Application()
    app.router.add_post(PATH, answer)
    async with listening(app) as port:
        ready(pipe, port)
        await obey(pipe)


# --- the presses ---------------------------------------------------------------------------------------------------


def compare_presses(stores: Sequence[Store], *, rounds: int, passes: int) -> list[Figure]:
    """Both ways in turns, on every store; the first round warms up and does not count."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        bare = stack.enter_context(own_process(serve_bare))
        doors = [stack.enter_context(_our_door(stack, store)) for store in stores]
        for store, door in zip(stores, doors, strict=True):
            found = {bare: Waits(), door: Waits()}
            url = stack.enter_context(store.fresh())
            for turn in range(rounds + 1):
                for one in (door, bare) if turn % 2 else (bare, door):
                    _one_round(one, door.told, passes, found[one] if turn else Waits(), claims=one is door)
                if turn:
                    found[door].commits.append(statistics.median(commit_times(url, TICKETS)))
            figures += _figures(store.name, found[door], found[bare])
    return figures


def profile_presses(store: Store, *, rounds: int, passes: int) -> str:
    with ExitStack() as stack:
        door = stack.enter_context(_our_door(stack, store))
        _press_all(door, door.told, 1, at_once=1, claims=True)
        for _ in range(rounds * passes):
            presses = [press(card) for card in door.told]
            door.ask("look")
            asyncio.run(measure(door.port, presses, at_once=1))
            door.ask("look away")
            door.ask("release")
        return str(door.ask("tell"))


def _our_door(stack: ExitStack, store: Store) -> AbstractContextManager[Served]:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="madoguchi-bench-"))
    return own_process(serve_ours, stack.enter_context(store.fresh()), folder)


def _one_round(door: Served, cards: Sequence[Json], passes: int, waits: Waits, *, claims: bool) -> None:
    alone, cpu = _press_all(door, cards, passes, at_once=1, claims=claims)
    together, _ = _press_all(door, cards, passes, at_once=AT_ONCE, claims=claims)
    waits.alone.append(alone)
    waits.together.append(together)
    waits.cpu.append(cpu)


def _press_all(
    door: Served, cards: Sequence[Json], passes: int, *, at_once: int, claims: bool
) -> tuple[list[float], float]:
    """How long each press took, and how many milliseconds of the server's processor it cost."""
    waits: list[float] = []
    spent = 0.0
    for _ in range(passes):
        presses = [press(card) for card in cards]
        used = door.ask("cpu")
        waits += asyncio.run(measure(door.port, presses, at_once=at_once))
        spent += door.ask("cpu") - used
        if claims and (claimed := door.ask("release")) != len(cards):
            raise RuntimeError(f"{len(cards)} presses, but {claimed} claims")
    return waits, spent / len(waits) * 1_000


def press(card: Json) -> bytes:
    """Aki presses Claim: a signed request as it stands on the wire, each of another moment."""
    place, message = card["place"], card["message"]
    payload = pressed(message["blocks"], 0, message_ts=message["ts"], channel_id=place)
    payload["message"] = message
    payload["channel"] = {"id": place, "name": "room"}
    payload["actions"][0]["action_ts"] = f"{1_795_000_000 + next(_moments)}.000200"
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = signed(body, secret=SECRET, kind="application/x-www-form-urlencoded")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


def _figures(store: str, ours: Waits, bare: Waits) -> list[Figure]:
    figures: list[Figure] = []
    for name, mine, other in (
        ("press, alone", ours.alone, bare.alone),
        (f"press, {AT_ONCE} at once", ours.together, bare.together),
    ):
        for quantile, goal in ((50, "ours < 5" if mine is ours.alone else ""), (99, "")):
            of_mine, of_other = ([_quantile(one, quantile) for one in waits] for waits in (mine, other))
            figures.append(Figure("c", store, f"{name}, p{quantile}", "ms", of_mine, of_other, goal))
    alone = [_quantile(one, 50) for one in ours.alone]
    return [
        *figures,
        Figure("c", store, "press, alone, p50; bare: one row committed", "ms", alone, ours.commits),
        Figure("c", store, "server's CPU, alone", "ms each", ours.cpu, bare.cpu),
    ]


def _quantile(waits: Sequence[float], which: int) -> float:
    return statistics.quantiles(waits, n=100)[which - 1]
