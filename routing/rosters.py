"""Who is in which room, as the surface last told."""

from dataclasses import dataclass
from datetime import datetime

from routing.ids import OrganisationId, RoomId


@dataclass(frozen=True, slots=True)
class Roster:
    """How fresh our knowledge of a room's members is. `changes` counts what was told of single members: who read the
    whole list meanwhile may have an older one."""

    room: RoomId
    organisation: OrganisationId
    refreshed_at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class RoomMember:
    """A user of a surface's workspace who reads a room, or (not `present`) did so once."""

    room: RoomId
    surface: str
    workspace: str
    user: str
    organisation: OrganisationId
    present: bool
