"""Finds on which line of a TOML file a setting stands, so that people need not count tables."""

import re
from collections.abc import Iterator

from bot.configuration.problems import Place

_TABLE = re.compile(r"\s*(\[{1,2})([^\[\]#]+)\]{1,2}\s*(?:#.*)?$")
_ASSIGNED = re.compile(
    r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_STEP = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def lines_of(text: str) -> dict[Place, int]:
    """Every table and every key at the beginning of a line with its line number, counted from one.

    Keys inside inline tables are found at the line of the key that holds them (see `problems.line_of`).
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in _outside_long_strings(text):
        if match := _TABLE.match(line):
            table = _table(_steps(match[2]), counts, opens_another=match[1] == "[[")
            found.setdefault(table, number)
        elif match := _ASSIGNED.match(line):
            found.setdefault((*table, *_steps(match[1])), number)
    return found


def _table(steps: Place, counts: dict[Place, int], *, opens_another: bool) -> Place:
    """The place of a table header: arrays of tables get the index of the one that is open."""
    place: Place = ()
    for index, step in enumerate(steps):
        place = (*place, step)
        if opens_another and index == len(steps) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _steps(dotted: str) -> Place:
    return tuple(match[1] or match[2] or match[3] or "" for match in _STEP.finditer(dotted))


def _outside_long_strings(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that do not begin within a triple-quoted string."""
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not quote:
            yield number, line
        quote = _open_after(line, quote)


def _open_after(line: str, quote: str) -> str:
    """The triple quote that is open at the end of the line, given the one open at its beginning."""
    rest = line
    while True:
        if quote:
            _, closed, rest = rest.partition(quote)
            if not closed:
                return quote
            quote = ""
        starts = [(rest.find(mark), mark) for mark in ('"""', "'''") if mark in rest]
        if not starts:
            return ""
        at, quote = min(starts)
        rest = rest[at + 3 :]
