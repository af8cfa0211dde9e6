"""What a house is built of, every secret resolved: made from the configuration, or by the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.proxies import Network
from bot.slack.workspace import SlackWorkspace
from bot.surface import Room
from routing.ids import AccountId, RoomId
from routing.policy import Policy


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """One account to connect. `settings` are the connector's own."""

    id: AccountId
    connector: str
    title: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PausedPlan:
    """One account that waits for a secret. What comes for it is asked to come again, for the fault is ours."""

    id: AccountId
    addresses: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SmtpDoorPlan:
    host: str
    port: int
    hostname: str = "localhost"
    certificate: Path | None = None
    key: Path | None = None
    require_tls: bool = False
    mail_bytes: int = 25 * 1024 * 1024
    connections: int = 200


@dataclass(frozen=True, slots=True)
class S3Plan:
    bucket: str
    region: str = ""
    endpoint: str = ""
    prefix: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """`keys`: `id:fernetkey` pairs, the first encrypts. `redis_url` empty: one process, bells in process.
    `worker_port`: where a process that only works tells its health and figures; 0 for nowhere."""

    policy: Policy
    zone: ZoneInfo
    rooms: Mapping[RoomId, Room]
    accounts: tuple[AccountPlan, ...]
    workspaces: tuple[SlackWorkspace, ...]
    database_url: str
    data_dir: Path
    socket_mode: bool = False
    redis_url: str = ""
    redis_prefix: str = "madoguchi"
    s3: S3Plan | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    worker_port: int = 0
    public_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    smtp_door: SmtpDoorPlan | None = None
    paused: tuple[PausedPlan, ...] = ()
    keys: str = field(default="", repr=False)
    allow_loopback: bool = False

    @property
    def is_embedded(self) -> bool:
        """One process with SQLite, and nobody else who could hold a lease."""
        return self.database_url.startswith("sqlite")
