"""Collects everything that is wrong with a configuration, so that it is told at once and not one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot.configuration.words import say
from routing.errors import Misconfigured

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (or unwise, as a warning). `key` and `values` make its sentences in each language."""

    place: Place
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The place as people read it: `accounts[2].imap.host` is in the second [[accounts]]."""
        told = ""
        for step in self.place:
            if isinstance(step, int):
                told += f"[{step + 1}]"
            else:
                told += f".{step}" if told else step
        return told

    def wrong(self, language: str) -> str:
        return say(language, "wrong", self.key, self.values)

    def instead(self, language: str) -> str:
        """What to write, or do, so that it goes away."""
        return say(language, "instead", self.key, self.values)


@dataclass(slots=True)
class Problems:
    """A list to which every check adds what it found."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, place: Place, key: str, /, **values: object) -> None:
        self.errors.append(Problem(place, key, values))

    def warn(self, place: Place, key: str, /, **values: object) -> None:
        self.warnings.append(Problem(place, key, values))


class Faulty(Misconfigured):
    """The configuration cannot work. `problems` are all of them; the text tells them in the operator's language."""

    def __init__(self, file: str, problems: Sequence[Problem], lines: Mapping[Place, int], language: str) -> None:
        self.file = file
        self.problems = tuple(problems)
        self.lines = lines
        self.language = language
        super().__init__("\n".join(told(problems, lines, language)))


def told(problems: Iterable[Problem], lines: Mapping[Place, int], language: str) -> list[str]:
    """Two lines for each problem: where and what it is, and what to write instead. In the order of the file."""
    found: list[str] = []
    for problem in sorted(problems, key=lambda one: line_of(one.place, lines)):
        line = line_of(problem.place, lines)
        where = problem.where or say(language, "report", "whole_file", {})
        if line:
            where += " " + say(language, "report", "line", {"line": line})
        found.append(f"{where}: {problem.wrong(language)}")
        found.append(f"    → {problem.instead(language)}")
    return found


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line where the place stands, or the nearest one around it; 0 when the file does not have it at all."""
    for length in range(len(place), 0, -1):
        around = place[:length]
        if line := lines.get(around) or lines.get((*around, 0)):
            return line
    return 0


def names(known: Iterable[str]) -> str:
    """What there is, for a sentence."""
    return ", ".join(sorted(known)) or "–"


def meant(written: str, known: Iterable[str]) -> str:
    """The known name that comes closest to what was written, quoted, else all of them."""
    known = list(known)
    close = get_close_matches(written, known, n=1, cutoff=0.6)
    return f'"{close[0]}"' if close else names(known)
