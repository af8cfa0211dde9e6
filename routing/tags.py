"""What a tag may look like, and which tags are the same."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from routing.errors import Refused
from routing.folding import folded
from routing.ids import OrganisationId

LONGEST_TAG = 50
MOST_TAGS = 100
_BETWEEN = re.compile("[,、，\r\n]")
_UNSEEN = frozenset({"Cc", "Cs"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it was first written, and on how many tickets it is put. `name` is its folded form, by which tags are
    the same."""

    name: str
    organisation: OrganisationId
    title: str
    uses: int


def tidied(text: str) -> str:
    """One tag without superfluous space and control characters; empty when nothing is left. Raises Refused when it is
    too long."""
    words = " ".join(text.split())
    words = "".join(sign for sign in words if unicodedata.category(sign) not in _UNSEEN)
    if len(words) > LONGEST_TAG:
        raise Refused("tags.too_long", limit=str(LONGEST_TAG), tag=f"{words[:LONGEST_TAG]}…")
    return words


def listed(text: str) -> tuple[str, ...]:
    """The tags in a text where commas (of any script) or line breaks stand between them; each once, in their order."""
    return together((), (one for part in _BETWEEN.split(text) if (one := tidied(part))))


def together(tags: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """`tags` and those of `more` that are not among them. Raises Refused when they become too many."""
    found = {folded(tag): tag for tag in tags}
    for tag in more:
        found.setdefault(folded(tag), tag)
    if len(found) > MOST_TAGS:
        raise Refused("tags.too_many", limit=str(MOST_TAGS))
    return tuple(found.values())


def without(tags: tuple[str, ...], taken: Iterable[str]) -> tuple[str, ...]:
    """`tags` but for those of `taken`."""
    away = {folded(tag) for tag in taken}
    return tuple(tag for tag in tags if folded(tag) not in away)
