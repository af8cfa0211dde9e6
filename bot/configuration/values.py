"""The configuration as the rest of the program sees it: frozen, checked, with nothing left to look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.configuration.problems import Place, Problem
from bot.configuration.secrets import Vault
from bot.configuration.shape import LogLevel, SlackMode
from bot.plan import S3Plan, SmtpDoorPlan
from bot.proxies import Network
from bot.slack.workspace import SlackWorkspace
from bot.surface import Room
from routing.ids import AccountId, RoomId
from routing.policy import Policy


@dataclass(frozen=True, slots=True)
class Source:
    """Where a configuration came from, kept so that it can be read again once the database has given its secrets."""

    file: str
    document: Mapping[str, Any] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    base: Path
    lines: Mapping[Place, int] = field(default_factory=dict, repr=False)
    vault: Vault = field(default_factory=Vault, repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """Where we listen, how the outside reaches us, and whose X-Forwarded-For is believed."""

    host: str
    port: int
    worker_port: int
    public_url: str
    trusted_proxies: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """Where everything is kept. `s3` None: raw bodies and attachments are files in `data_dir`."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_prefix: str
    data_dir: Path
    s3: S3Plan | None

    @property
    def is_embedded(self) -> bool:
        """One process with SQLite."""
        return self.database_url.startswith("sqlite")


@dataclass(frozen=True, slots=True)
class Log:
    level: LogLevel
    as_json: bool


@dataclass(frozen=True, slots=True)
class Account:
    """One connected account. `settings` are the connector's own with their secrets in their places; `config` is what
    the connector makes of them."""

    id: AccountId
    connector: str
    title: str
    settings: Mapping[str, Any] = field(repr=False)
    config: BaseModel = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paused:
    """An account that cannot be connected, because a secret of it cannot be read. `addresses`: where it gets mail."""

    id: AccountId
    connector: str
    title: str
    reason: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was configured. `wanted`: the names of secrets that stand in the database; until `unlock` has
    brought them, whatever holds them (`accounts`, `workspaces`) holds references. `keys`: as `bot.plan` has them."""

    source: Source = field(repr=False)
    language: str
    policy: Policy
    slack_mode: SlackMode
    workspaces: tuple[SlackWorkspace, ...] = field(repr=False)
    rooms: Mapping[RoomId, Room]
    server: Server
    storage: Storage
    log: Log
    accounts: tuple[Account, ...]
    paused: tuple[Paused, ...]
    smtp_door: SmtpDoorPlan | None
    keys: str = field(repr=False)
    wanted: frozenset[str]
    warnings: tuple[Problem, ...]
