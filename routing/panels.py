"""What we know of a message of ours that stands for a whole room: its queue board, its roll-up."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from routing.ids import OrganisationId, RoomId


class PanelKind(StrEnum):
    BOARD = "board"
    ROLL_UP = "roll_up"


@dataclass(frozen=True, slots=True)
class Panel:
    """`reference` is the surface's name of the message (empty until posted), `shown` a hash of what it shows. `posting`
    says that we were about to post it when this was written: after a crash it is looked for before it is posted
    again. `pinned_at` is when it was last known to be pinned."""

    id: str
    organisation: OrganisationId
    room: RoomId
    kind: PanelKind
    reference: str
    shown: str
    posting: bool
    pinned_at: datetime | None
    updated_at: datetime

    def lost(self) -> "Panel":
        """Somebody deleted the message."""
        return replace(self, reference="", shown="", posting=False, pinned_at=None)


def panel_id(room: RoomId, kind: PanelKind) -> str:
    return f"{kind}:{room}"
