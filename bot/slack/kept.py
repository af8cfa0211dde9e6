"""Keeps in a view, unseen and sealed, which form it is and where it was opened from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.slack.seal import Seal, packed
from routing.errors import BadSignature, Rejected
from routing.ids import TicketId

LONGEST_KEPT = 3000
NO_TICKET = TicketId("")
_PURPOSE = "form"
_BLOCK = re.compile(r"(?P<id>.*)~(?P<drawing>\d{1,6})(?:~(?P<part>\d{1,4})(?P<joint>[ns]))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a person was when they asked: the room, the card (or thread) and whether they stood in its thread."""

    place: str = ""
    card: str = ""
    in_thread: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What a view carries for us, unseen: which form it is, where it was opened from, how often it was drawn."""

    form: str = ""
    ticket: TicketId = NO_TICKET
    origin: Origin = field(default_factory=Origin)
    keep: Mapping[str, str] = field(default_factory=dict)
    drawing: int = 0


@dataclass(frozen=True, slots=True)
class Typed:
    """A field as it stands in an open view: in which drawing of the form it appeared, and what is in it now."""

    drawing: int
    value: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An open view that is to be replaced: how often it was drawn, and what stands in its fields."""

    drawing: int
    typed: Mapping[str, Typed]


def read_metadata(text: str, seal: Seal) -> Kept:
    """What a view carries. Raises BadSignature unless we drew it."""
    try:
        form, ticket, place, card, in_thread, drawing, keep = json.loads(seal.open(_PURPOSE, text))
        return Kept(form, TicketId(ticket), Origin(place, card, bool(in_thread)), dict(keep), int(drawing))
    except (ValueError, TypeError, RecursionError) as fault:
        raise BadSignature("a view's metadata is not of this version") from fault


def field_of(block: str) -> tuple[str, int, str]:
    """The field that a block of ours belongs to, the drawing it was made in, and what joins it to its next part."""
    match = _BLOCK.fullmatch(block)
    if not match:
        return block, 0, ""
    return match["id"], int(match["drawing"]), "\n" if match["joint"] == "n" else ""


def metadata(kept: Kept, seal: Seal) -> str:
    origin = kept.origin
    carried = [kept.form, kept.ticket, origin.place, origin.card, int(origin.in_thread), kept.drawing, dict(kept.keep)]
    text = seal.close(_PURPOSE, packed(carried))
    if len(text) > LONGEST_KEPT:
        raise Rejected(f"the form {kept.form} keeps {len(text)} characters; Slack takes {LONGEST_KEPT}")
    return text
