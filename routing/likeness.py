"""How alike two tickets are: whose they are, how much of their words they share, and how near in time they came."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from routing.folding import folded
from routing.ticket import Ticket

ENOUGH_OF_ONE_CUSTOMER = 40
ENOUGH_OF_TWO = 80
NEAR_OF_ONE_CUSTOMER = timedelta(days=14)
NEAR_OF_TWO = timedelta(days=3)
FEWEST_PIECES = 20
MOST_SUGGESTED = 2

_WIDE = "\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUNS = re.compile(rf"([{_WIDE}]+)|([^\W_{_WIDE}]+)")


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier ticket that may be about the same. `percent` says how much of the words both share."""

    ticket: Ticket
    percent: int
    same_customer: bool


def pieces(text: str) -> frozenset[str]:
    """A text cut into overlapping pieces: pairs of Chinese, Japanese and Korean characters, which say as much as
    several letters do; of other words every three letters in a row, with a blank before and behind. Case and width do
    not count."""
    found: set[str] = set()
    for wide, word in _RUNS.findall(folded(text)):
        run, size = (wide, 2) if wide else (f" {word} ", 3)
        found.update(run[start : start + size] for start in range(max(1, len(run) - size + 1)))
    return frozenset(found)


def shared_percent(one: frozenset[str], other: frozenset[str]) -> int:
    """Of the pieces that the two texts have, how many are in both (twice the common ones, divided by the sum of both):
    100 are the same words in the same order, 0 have nothing in common; two texts of one language on different matters
    have about 10 to 30."""
    if not one or not other:
        return 0
    return round(200 * len(one & other) / (len(one) + len(other)))


def alike(ticket: Ticket, candidates: Iterable[Ticket]) -> list[Alike]:
    """The earlier tickets that may be about the same as this one, the most alike first, at most two.

    The percentage is that of the words alone (`shared_percent` of subject and latest words). Who wrote and when decide
    how much is needed: 40 of one customer within two weeks or while somebody still works at the other ticket; 80 of two
    customers within three days, and then only texts long enough that courtesies alone do not reach it.
    """
    own = pieces(_words(ticket))
    found = [
        Alike(other, percent, other.contact == ticket.contact)
        for other in candidates
        if other.number < ticket.number
        and other.merged_into is None
        and other.id != ticket.split_from
        and other.number != ticket.follows
        and _near(ticket, other)
        and (percent := shared_percent(own, theirs := pieces(_words(other))))
        >= (ENOUGH_OF_ONE_CUSTOMER if other.contact == ticket.contact else ENOUGH_OF_TWO)
        and (other.contact == ticket.contact or min(len(own), len(theirs)) >= FEWEST_PIECES)
    ]
    return sorted(found, key=lambda one: (-one.percent, not one.same_customer, -one.ticket.number))[:MOST_SUGGESTED]


def _words(ticket: Ticket) -> str:
    return ticket.subject if ticket.latest_masked else f"{ticket.subject}\n{ticket.latest}"


def _near(ticket: Ticket, other: Ticket) -> bool:
    apart = ticket.created_at - (other.last_customer_at or other.created_at)
    if other.contact == ticket.contact:
        return not other.is_settled or apart <= NEAR_OF_ONE_CUSTOMER
    return not other.is_settled and apart <= NEAR_OF_TWO
