"""Says under which words the index finds a ticket: those that stand in it, and one for each of its fields."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from routing.folding import folded
from routing.search import Holding
from routing.search_words import words_of
from routing.ticket import Ticket

# No word of a text has a colon in it, and none begins with one: so fields are never taken for words, nor for words that
# begin like them.
EVERY = ":all"
FROM = ":from:"
ROOM = ":room:"
ASSIGNEE = ":assignee:"
CREATED = ":created:"
UPDATED = ":updated:"
STATUS = ":status:"
PRIORITY = ":priority:"
CHANNEL = ":channel:"
ACCOUNT = ":account:"
TEAM = ":team:"
TAG = ":tag:"


def head_words(holding: Holding, rooms: Collection[str]) -> set[str]:
    """Of the ticket itself, its customer, and the rooms that ever showed it: whether they still do is asked later."""
    names = list(holding.known_names())
    found = _fields(holding.ticket, rooms)
    found.update(*map(words_of, holding.own_texts()), *map(words_of, names))
    found.update(_as_from(names))
    return found


def body_words(holding: Holding) -> set[str]:
    """Of what was said, by whom, and of files."""
    authors = list(holding.authors())
    found: set[str] = set()
    found.update(*map(words_of, holding.said()), *map(words_of, authors))
    found.update(_as_from(authors))
    return found


def day(name: str, moment: datetime) -> str:
    return f"{name}{moment.astimezone(UTC):%Y-%m-%d}"


def _fields(ticket: Ticket, rooms: Collection[str]) -> set[str]:
    return {
        EVERY,
        f"{STATUS}{ticket.status}",
        f"{PRIORITY}{ticket.priority}",
        f"{CHANNEL}{folded(ticket.channel)}",
        f"{ACCOUNT}{folded(ticket.account)}",
        f"{ASSIGNEE}{ticket.assignee or ''}",
        f"{TEAM}{folded(ticket.team or '')}",
        day(CREATED, ticket.created_at),
        day(UPDATED, ticket.updated_at),
        *(f"{TAG}{folded(tag)}" for tag in ticket.tags),
        *(f"{ROOM}{room}" for room in rooms),
    }


def _as_from(names: Iterable[str]) -> set[str]:
    return {f"{FROM}{word}" for name in names for word in words_of(name)}
