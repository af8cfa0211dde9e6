"""What the organisation decided in its configuration, as the desk needs it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from routing.agents import Role
from routing.contacts import Conversation
from routing.ids import AccountId, OrganisationId, RoomId, TeamId
from routing.own_fields import OwnField
from routing.replies import Limits, Window
from routing.rules import Rule
from routing.teams import Team
from routing.templates import Template


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, people and the configuration's templates, read once at the start.

    `roles` are by case-folded mail address; everybody else who is a full member of the workspace has `default_role`.
    `colleague_domains`: mail domains whose people may join a customer's mail thread by reference. `notices_from`: the
    mail account that tells people of the team what concerns them. `reopens_within`: for how long after its end a ticket
    is reopened by its customer; later words open a new one that follows it.
    """

    organisation: OrganisationId
    name: str
    language: str
    timezone: str
    rules: tuple[Rule, ...]
    default_rooms: tuple[RoomId, ...]
    alerts_room: RoomId
    templates: Mapping[str, Template] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    default_role: Role = Role.AGENT
    colleague_domains: frozenset[str] = frozenset()
    undo: Mapping[str, timedelta] = field(default_factory=dict)
    # Above how many new tickets a minute a room collects them; a room that is not named never does.
    surge: Mapping[RoomId, int] = field(default_factory=dict)
    notices_from: AccountId | None = None
    reopens_within: timedelta = timedelta(days=14)
    teams: Mapping[TeamId, Team] = field(default_factory=dict)
    fields: tuple[OwnField, ...] = ()

    @property
    def mails_notices(self) -> bool:
        """Whether people of the team can be told by mail."""
        return self.notices_from is not None


@dataclass(frozen=True, slots=True)
class Look:
    """How people know a channel: its name by language, and an emoji (by its Slack short name)."""

    title: Mapping[str, str]
    icon: str

    def title_in(self, language: str) -> str:
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()))


class Accounts(Protocol):
    """What the desk asks of the connected accounts before a reply may leave."""

    def title(self, account: AccountId) -> str:
        """What people call the account: shown on cards."""
        ...

    def answering_channels(self) -> Collection[str]:
        """Every channel that customers can be answered on."""
        ...

    def look_of(self, channel: str) -> Look: ...
    def answers_through(self, account: AccountId) -> AccountId:
        """The account that sends the answers (a form's answers go by mail)."""
        ...

    def answering_channel(self, account: AccountId, channel: str) -> str: ...
    def can_send(self, account: AccountId) -> bool: ...
    def sending_on(self, channel: str) -> Sequence[AccountId]:
        """The accounts that can send on a channel."""
        ...

    def limits(self, account: AccountId, channel: str) -> Limits: ...
    def window(self, account: AccountId, conversation: Conversation, now: datetime) -> Window: ...
    def sender_name(self, account: AccountId) -> str: ...
    def signature(self, account: AccountId) -> str:
        """What is put under every reply of the account, for the preview."""
        ...

    def knows_profiles(self, account: AccountId) -> bool: ...
