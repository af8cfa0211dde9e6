"""Which sections the configuration file has, and which settings each of them takes."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.configuration.kinds import (
    ApiBase,
    Domain,
    Duration,
    Host,
    Identifier,
    Language,
    LanguageTag,
    LimitSize,
    MailAddress,
    Networks,
    PlaceId,
    Port,
    PublicUrl,
    TeamId,
    TimeZone,
)
from bot.surface import ThreadPolicy
from connectors.sizes import MEGABYTE
from routing.agents import Role
from routing.own_fields import FieldKind
from routing.ticket import Priority


class Section(BaseModel):
    """A table of the file. A setting that is not known is an error, for it is a typing mistake more often than not."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class OrganisationSection(Section):
    id: Identifier = "main"
    name: str = Field(min_length=1, max_length=200)
    language: Language = "en"
    timezone: TimeZone = "UTC"


class ServerSection(Section):
    host: Host = "127.0.0.1"
    port: Port = 8080
    worker_port: Port = 0
    public_url: PublicUrl = ""
    trust_proxy: Networks = ()


class DatabaseSection(Section):
    url: SecretStr | None = None


class RedisSection(Section):
    url: SecretStr
    prefix: Identifier = "madoguchi"


class BlobKind(StrEnum):
    DIRECTORY = "directory"
    S3 = "s3"


class S3Section(Section):
    bucket: str = Field(min_length=3, max_length=255)
    region: str = ""
    endpoint: ApiBase | None = None
    prefix: str = ""
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None


class StorageSection(Section):
    data_dir: Path = Path("data")
    blobs: BlobKind = BlobKind.DIRECTORY
    s3: S3Section | None = None


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSection(Section):
    level: LogLevel = LogLevel.INFO
    as_json: bool = Field(default=False, alias="json")


class SlackMode(StrEnum):
    HTTP = "http"
    SOCKET = "socket"


class WorkspaceSection(Section):
    team_id: TeamId
    bot_token: SecretStr
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    api_base: ApiBase = "https://slack.com/api/"


class SlackSection(Section):
    mode: SlackMode = SlackMode.SOCKET
    workspaces: list[dict[str, Any]] = []


class RoomSection(Section):
    id: Identifier
    workspace: str = ""
    channel: PlaceId
    name: str = ""
    language: Language | None = None
    board: bool = True
    shared: bool = False
    surge: int = Field(default=20, ge=0, le=10_000)
    thread_messages: ThreadPolicy = ThreadPolicy.NOTES


class RoutingSection(Section):
    default_rooms: tuple[str, ...] = ()
    alerts_room: str = ""


class WhenSection(Section):
    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class ThenSection(Section):
    rooms: tuple[str, ...] = ()
    priority: Priority | None = None
    stop: bool = True


class TicketsSection(Section):
    reopen_days: int = Field(14, ge=0, le=3650)


class FieldSection(Section):
    id: Identifier
    title: dict[LanguageTag, str] = Field(min_length=1)
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = Field((), max_length=99)
    required_to_close: bool = False


class TeamSection(Section):
    id: Identifier
    title: str = Field(min_length=1, max_length=60)
    rooms: tuple[str, ...] = Field(min_length=1)


class RuleSection(Section):
    name: str = Field(min_length=1, max_length=100)
    when: WhenSection = WhenSection()
    then: ThenSection


class TemplateSection(Section):
    """`text` holds the words by language, `file` the files they stand in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    id: Identifier
    title: str = Field(min_length=1, max_length=75)
    channels: tuple[str, ...] = ()
    text: dict[LanguageTag, str] = {}
    file: dict[LanguageTag, Path] = {}


class PeopleSection(Section):
    default_role: Role = Role.AGENT
    roles: dict[MailAddress, Role] = {}
    colleague_domains: tuple[Domain, ...] = ()


class NotificationsSection(Section):
    mail_account: str = ""


class AccountSection(Section):
    """What every account has; the rest belongs to its connector."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)

    id: Identifier
    connector: str = Field(min_length=1)
    title: str = Field("", max_length=100)


class SmtpDoorSection(Section):
    host: Host = "127.0.0.1"
    port: Port = 2525
    hostname: Host = "localhost"
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    require_tls: bool = False
    mail_size: LimitSize = 25 * MEGABYTE
    connections: int = Field(200, ge=1, le=10_000)


TABLES: dict[str, type[Section]] = {
    "organisation": OrganisationSection,
    "server": ServerSection,
    "database": DatabaseSection,
    "redis": RedisSection,
    "storage": StorageSection,
    "log": LogSection,
    "slack": SlackSection,
    "routing": RoutingSection,
    "tickets": TicketsSection,
    "people": PeopleSection,
    "notifications": NotificationsSection,
    "smtp_door": SmtpDoorSection,
}
LISTS: dict[str, type[Section]] = {
    "rooms": RoomSection,
    "teams": TeamSection,
    "fields": FieldSection,
    "rules": RuleSection,
    "templates": TemplateSection,
    "accounts": AccountSection,
}
UNDO = "undo"
LONGEST_UNDO_SECONDS = 600
UndoTime = Duration
