"""The people of the team, what they may do, and who asked for an act."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.ids import AgentId, OrganisationId


class Role(StrEnum):
    VIEWER = "viewer"
    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Agent:
    id: AgentId
    organisation: OrganisationId
    name: str
    email: str
    avatar: str
    language: str
    role: Role
    active: bool


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """One person's user in one workspace of one surface, as last looked up. `allowed` is false for guests, strangers,
    bots and the deactivated."""

    organisation: OrganisationId
    surface: str
    workspace: str
    user: str
    agent: AgentId
    allowed: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an agent from a surface, or the system itself (`agent` is None)."""

    agent: Agent | None
    surface: str = "system"


SYSTEM = Actor(agent=None)


class Permission(StrEnum):
    SEE = "see"
    WORK = "work"
    ASSIGN_OTHERS = "assign_others"
    MANAGE = "manage"


_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.SEE}),
    Role.AGENT: frozenset({Permission.SEE, Permission.WORK, Permission.ASSIGN_OTHERS}),
    Role.MANAGER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
}


def may(agent: Agent, permission: Permission) -> bool:
    return agent.active and permission in _PERMISSIONS[agent.role]
