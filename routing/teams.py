"""The teams that tickets are handed to."""

from dataclasses import dataclass

from routing.ids import RoomId, TeamId


@dataclass(frozen=True, slots=True)
class Team:
    """A group of agents; its tickets are shown in its `rooms`, of which there is at least one."""

    id: TeamId
    title: str
    rooms: tuple[RoomId, ...]
