"""Says which words of the index a query asks for, and whether the index alone can answer it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from routing.ids import AgentId
from routing.queries import ME, NOBODY, Query, Terms
from routing.search import Sight
from routing.search_words import LONGEST_WORD, Term
from storage.search_entry import (
    ACCOUNT,
    ASSIGNEE,
    CHANNEL,
    CREATED,
    EVERY,
    FROM,
    PRIORITY,
    ROOM,
    STATUS,
    TAG,
    TEAM,
    UPDATED,
    day,
)
from storage.shapes import clean

_LAST = "\U0010ffff"
_MOMENT = timedelta(microseconds=1)
Range = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Any of these words is enough; also any from the first to before the second of a range."""

    words: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Tickets under a word of each of `needs` and of none of `bars`. `exact`: those are the ones that fit; else they
    are only the ones that may."""

    needs: tuple[Group, ...]
    bars: tuple[Group, ...]
    exact: bool

    def words(self) -> list[str]:
        return list({word for group in (*self.needs, *self.bars) for word in group.words})

    def ranges(self) -> list[Range]:
        return list({one for group in (*self.needs, *self.bars) for one in group.ranges})


def plan(query: Query, sight: Sight, rooms: Collection[str], named: Collection[tuple[str, AgentId]]) -> Plan:
    wanted, unwanted = query.wanted, query.unwanted
    needs = [*_any_of(wanted, sight.agent, named), *(Group((clean(f"{TAG}{tag}"),)) for tag in wanted.tags)]
    for prefix, terms in (("", wanted.words), (FROM, wanted.contacts)):
        for term in terms:
            needs += _groups(term, prefix)
    if not sight.everything:
        needs.append(Group((f"{ASSIGNEE}{sight.agent}", *(f"{ROOM}{room}" for room in rooms))))
    dates = list(_dates(query))
    bars = [*_any_of(unwanted, sight.agent, named), *(Group((clean(f"{TAG}{tag}"),)) for tag in unwanted.tags)]
    for prefix, terms in (("", unwanted.words), (FROM, unwanted.contacts)):
        for term in terms:
            if _is_exact(term):  # of others the index knows only who may have them
                bars += _groups(term, prefix)
    every = (*wanted.words, *wanted.contacts, *unwanted.words, *unwanted.contacts)
    exact = not dates and not wanted.numbers and not unwanted.numbers and all(map(_is_exact, every))
    return Plan((*needs, *dates) or (Group((EVERY,)),), tuple(bars), exact)


def _is_exact(term: Term) -> bool:
    return term.is_one_word() and len(term.runs[0]) <= LONGEST_WORD


def _groups(term: Term, prefix: str) -> Iterable[Group]:
    for word in term.whole_words():
        yield Group((f"{prefix}{word}",))
    if beginning := term.beginning():
        yield Group(ranges=((f"{prefix}{beginning}", f"{prefix}{beginning}{_LAST}"),))


def _any_of(terms: Terms, me: AgentId, named: Collection[tuple[str, AgentId]]) -> Iterable[Group]:
    for name, values in (
        (STATUS, terms.statuses),
        (PRIORITY, terms.priorities),
        (CHANNEL, terms.channels),
        (ACCOUNT, terms.accounts),
        (TEAM, terms.teams),
    ):
        if values:
            yield Group(tuple(clean(f"{name}{value}") for value in values))
    if terms.assignees:
        yield Group(tuple(word for one in terms.assignees for word in _assignee(one, me, named)))


def _assignee(name: str, me: AgentId, named: Collection[tuple[str, AgentId]]) -> Iterable[str]:
    if name == NOBODY:
        yield ASSIGNEE
    elif name == ME:
        yield f"{ASSIGNEE}{me}"
    else:
        yield from (f"{ASSIGNEE}{agent}" for known, agent in named if known == name)


def _dates(query: Query) -> Iterable[Group]:
    """By days of UTC; the moment is looked at in the ticket itself."""
    for name, since, before in (
        (CREATED, query.created_from, query.created_before),
        (UPDATED, query.updated_from, query.updated_before),
    ):
        if since is not None or before is not None:
            first = day(name, since) if since else name
            last = f"{day(name, before - _MOMENT)}{_LAST}" if before else f"{name}{_LAST}"
            yield Group(ranges=((first, last),))
