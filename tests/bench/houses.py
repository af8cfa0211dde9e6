"""Opens the real house for the measurements: the demo company's, as production puts it together, with no worker."""

import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet

from bot.app import App, Around, open_house
from bot.plan import Plan
from bot.sandbox.demo.plan import MAIL, Ports, demo_plan
from bot.worker import Duty
from routing.jobs import Topic
from tests.bench.corpus import ADDRESS


@dataclass(frozen=True, slots=True)
class House:
    """An open house, and how its worker would read the ledger."""

    app: App
    ingest: Duty


def bench_plan(url: str, folder: Path, *, slack_port: int = 0) -> Plan:
    """The demo company's plan on this database. Its mail is sent to the address of the corpus. With `slack_port` it has
    a workspace, where Slack's stand-in listens."""
    plan = demo_plan(
        Ports(page=slack_port, program=9, smtp_door=9, customers_smtp=9, customers_line=9),
        folder,
        language="en",
        keys=f"k1:{Fernet.generate_key().decode()}",
        database_url=url,
    )
    accounts = tuple(
        replace(one, settings={**one.settings, "address": ADDRESS}) if one.id == MAIL else one for one in plan.accounts
    )
    workspaces = tuple(replace(one, limited=False) for one in plan.workspaces) if slack_port else ()
    return replace(plan, accounts=accounts, workspaces=workspaces)


@asynccontextmanager
async def bench_house(plan: Plan) -> AsyncIterator[House]:
    duties: list[Duty] = []

    def note(offered: Sequence[Duty]) -> Sequence[Duty]:
        duties.extend(one for one in offered if one.topic is Topic.INGEST)
        return offered

    async with open_house(plan, around=Around(duties=note)) as app:
        yield House(app, duties[0])


def cpu_seconds() -> float:
    """What this process and the children it has waited for have used of the processor, in all their threads."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
