"""What each room has seen of a ticket."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.ids import OrganisationId, RoomId, TicketId


class PostingState(StrEnum):
    """`COLLECTED`: the ticket stands on the room's roll-up and has no card of its own yet. `GONE`: the room could not
    be reached. `MOVED`: the ticket was taken from this room, whose card says where it is."""

    SHOWN = "shown"
    GONE = "gone"
    COLLECTED = "collected"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Posting:
    """A ticket's card in one room. `reference` is the surface's name of the card (empty until posted).

    `card_version` and `seq` say how much of the ticket the room has seen. `step` names what we were about to post when
    it was written (empty: nothing in flight); after a crash it is looked for before it is posted again. `writers` are
    those whom the card names as writing a reply. A MOVED one no longer shows the ticket but says where it went.
    """

    id: str
    organisation: OrganisationId
    ticket: TicketId
    room: RoomId
    reference: str
    card_version: int
    seq: int
    step: str
    state: PostingState
    updated_at: datetime
    writers: tuple[str, ...] = ()
    moved_to: RoomId | None = None


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """A message (or attachment) as shown in one room's thread: where, and at which revision. Unique by posting and
    subject; adding it twice keeps the first."""

    organisation: OrganisationId
    posting: str
    subject: str
    reference: str
    revision: int
