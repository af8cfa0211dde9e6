"""Does what the command line asks for."""

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Mapping

from bot import keeping
from bot.app import Part, open_house
from bot.configuration.plan import plan_of
from bot.configuration.problems import Faulty
from bot.logs import start_logging
from bot.plan import Plan
from bot.running import run
from bot.sandbox.demo.running import run_demo
from bot.settings import Settings, load, report, unlock
from routing.errors import Gone
from routing.ids import DeliveryId
from storage.migrate import migrate
from storage.signing import renew_signer

Command = Callable[[argparse.Namespace], Coroutine[None, None, int]]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


async def _settings(asked: argparse.Namespace) -> Settings:
    """The configuration with its secrets in their places."""
    settings = load(asked.config, os.environ)
    start_logging(level="warning" if asked.quiet else settings.log.level, as_json=settings.log.as_json)
    if not settings.wanted:
        return settings
    await migrate(settings.storage.database_url)
    async with keeping.open_safe(settings.storage.database_url, settings.policy.organisation, settings.keys) as safe:
        return await unlock(settings, safe.secret)


async def _plan(asked: argparse.Namespace) -> Plan:
    return plan_of(await _settings(asked))


def _runs(part: Part) -> Command:
    async def command(asked: argparse.Namespace) -> int:
        await run(await _plan(asked), part)
        return 0

    return command


async def _check(asked: argparse.Namespace) -> int:
    """Says what is wrong; with --connect also asks everybody outside."""
    try:
        settings = await _settings(asked)
    except Faulty as faulty:
        _say(report(faulty))
        return 1
    _say(report(settings))
    if not asked.connect:
        return 0
    return await _connect(plan_of(settings))


async def _connect(plan: Plan) -> int:
    healthy = True
    async with open_house(plan, only_looks=True) as app:
        for account, connection in app.connections.items():
            health = await connection.probe()
            healthy = healthy and health.ok
            facts = "".join(f"\n      {name}: {value}" for name, value in (health.facts or {}).items())
            _say(f"  {'ok  ' if health.ok else 'FAIL'} {account}: {health.summary}{facts}")
            if health.mend:
                _say(f"      → {health.mend}")
        if app.slack is not None:
            for workspace in app.slack.workspaces.values():
                for finding in await workspace.probe({room.place for room in plan.rooms.values()}):
                    healthy = healthy and finding.ok
                    _say(f"  {'ok  ' if finding.ok else 'FAIL'} slack {workspace.team}: {finding.what}")
                    if finding.mend:
                        _say(f"      → {finding.mend}")
    return 0 if healthy else 1


async def _migrate(asked: argparse.Namespace) -> int:
    settings = load(asked.config, os.environ)
    _say(f"The database's tables are at revision {await migrate(settings.storage.database_url)}.")
    return 0


async def _demo(asked: argparse.Namespace) -> int:
    start_logging(level="warning", as_json=False)
    language = asked.language or ("ja" if os.environ.get("LANG", "").startswith("ja") else "en")
    await run_demo(language=language, page_port=asked.port, keep=asked.keep)
    return 0


async def _secret(asked: argparse.Namespace) -> int:
    if asked.what == "new-key":
        _say(keeping.new_key())
        return 0
    settings = load(asked.config, os.environ)
    url, organisation = settings.storage.database_url, settings.policy.organisation
    await migrate(url)
    async with keeping.open_safe(url, organisation, settings.keys) as safe:
        match asked.what:
            case "list":
                for name in await safe.names():
                    _say(name)
            case "set":
                await safe.put(asked.name, keeping.read_secret(asked.name))
                _say(f"{asked.name} is set. Write it as secret:{asked.name} in the configuration.")
            case "remove":
                if asked.name not in await safe.names():
                    raise Gone(f"there is no secret {asked.name}; madoguchi secret list tells what there is")
                await safe.remove(asked.name)
                _say(f"{asked.name} is forgotten.")
            case "renew-signing":
                _say(f"{await renew_signer(safe)} signing keys are known now. Restart every process.")
            case "rotate":
                _say(f"{await safe.rotate()} secrets are encrypted with the first key now.")
    return 0


async def _quarantine(asked: argparse.Namespace) -> int:
    async with keeping.open_inbox(await _plan(asked)) as inbox:
        match asked.what:
            case "list":
                for one in await inbox.quarantine(limit=100):
                    at = one.received_at.isoformat(timespec="seconds")
                    _say(f"{one.id}  {at}  {one.account}  {one.size} bytes  {one.reason}")
            case "show":
                found = await inbox.quarantined(DeliveryId(asked.id))
                if found is None:
                    raise Gone(f"{asked.id} is not in quarantine; madoguchi quarantine list tells what is")
                if found.lost:
                    raise Gone(f"the body of {asked.id} cannot be had: {found.lost}")
                sys.stdout.buffer.write(found.body)
            case "retry":
                ids = [DeliveryId(one) for one in asked.ids] or None
                _say(f"{await inbox.retry(ids)} will be read again.")
    return 0


async def _figures(asked: argparse.Namespace) -> int:
    async with keeping.open_inbox(await _plan(asked)) as inbox:
        figures = await inbox.figures()
    items = sum(figures.outcomes.values())
    _say(f"deliveries {figures.deliveries}, repeats {figures.repeats}, waiting {figures.waiting}")
    _say(f"items {items} = " + " + ".join(f"{count} {outcome}" for outcome, count in figures.outcomes.items()))
    return 0


COMMANDS: Mapping[str, Command] = {
    "run": _runs(Part.ALL),
    "web": _runs(Part.WEB),
    "worker": _runs(Part.WORK),
    "check": _check,
    "migrate": _migrate,
    "demo": _demo,
    "secret": _secret,
    "quarantine": _quarantine,
    "figures": _figures,
}
