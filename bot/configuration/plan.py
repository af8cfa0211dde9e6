"""Makes the plan of a house from the configuration."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.configuration.shape import SlackMode
from bot.configuration.values import Settings
from bot.plan import AccountPlan, PausedPlan, Plan
from connectors.guard import is_loopback


def plan_of(settings: Settings) -> Plan:
    """The plan, for settings whose secrets were all brought (see `bot.settings.unlock`)."""
    storage, server = settings.storage, settings.server
    return Plan(
        policy=settings.policy,
        zone=ZoneInfo(settings.policy.timezone),
        rooms=settings.rooms,
        accounts=tuple(AccountPlan(one.id, one.connector, one.title, one.settings) for one in settings.accounts),
        workspaces=settings.workspaces,
        database_url=storage.database_url,
        data_dir=storage.data_dir,
        socket_mode=settings.slack_mode is SlackMode.SOCKET,
        redis_url=storage.redis_url,
        redis_prefix=storage.redis_prefix or "madoguchi",
        s3=storage.s3,
        host=server.host,
        port=server.port,
        worker_port=server.worker_port,
        public_url=server.public_url,
        trusted_proxies=server.trusted_proxies,
        smtp_door=settings.smtp_door,
        paused=tuple(PausedPlan(one.id, one.addresses, one.reason) for one in settings.paused),
        keys=settings.keys,
        allow_loopback=any(_names_this_machine(one.settings) for one in settings.accounts),
    )


def _names_this_machine(value: Any) -> bool:
    """Whether any address in an account's settings is of this very machine: then a provider's stand-in is meant, and
    only then may connectors call it."""
    if isinstance(value, str):
        url = urlsplit(value)
        return url.scheme in ("http", "https") and is_loopback(url.hostname or "")
    if isinstance(value, Mapping):
        return any(map(_names_this_machine, value.values()))
    return isinstance(value, Sequence) and any(map(_names_this_machine, value))
