"""Takes texts apart into what a search index holds of them, and says whether a text holds what was looked for.

Width, case, accents, and hiragana or katakana make no difference. Where words stand apart they are found whole (or by
their beginning), in scripts without spaces anything is found wherever it stands, single characters too.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from routing.folding import folded

# Scripts without spaces between words: Thai to Khmer, kana, bopomofo, ideographs; and Hangul, whose particles cling.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3031-\u3035\u303b\u3041-\u3096\u3099-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_SPACED = rf"[^\W_{_DENSE}]"
_RUNS = re.compile(rf"{_SPACED}+|[{_DENSE}]+")
_IS_DENSE = re.compile(f"[{_DENSE}]")
_BETWEEN = rf"(?:(?!{_SPACED}|[{_DENSE}])[\s\S])"
LONGEST_WORD = 64
_PAIRS = 0xFFF


class _Folds(dict[int, int | str]):
    """What each character is compared as, found out when it is first met."""

    def __missing__(self, code: int) -> int | str:
        self[code] = found = _compared_as(code)
        return found


def _compared_as(code: int) -> int | str:
    if 0x30A1 <= code <= 0x30F6 or code in (0x30FD, 0x30FE):
        return code - 0x60  # katakana as hiragana
    if 0x300 <= code <= 0x36F:
        return ""
    if 0xC0 <= code < 0x530 or 0x1E00 <= code < 0x2000:
        return unicodedata.normalize("NFD", chr(code))[0]
    return code


_folds = _Folds()


def searchable(text: str) -> str:
    """The text as it is compared."""
    return text.lower() if text.isascii() else folded(text).translate(_folds)


def words_of(text: str) -> set[str]:
    """What the index holds of a text: words, single characters and pairs of those of dense scripts, and, in few
    buckets, which words stand beside each other (they begin with a sign that stands in no word)."""
    found: set[str] = set()
    before = ""
    for run in _RUNS.findall(searchable(text)):
        if _IS_DENSE.match(run):
            found.update(run)
            found.update(map(str.__add__, run, run[1:]))
            before = ""
            continue
        word = run[:LONGEST_WORD]
        found.add(word)
        if before:
            found.add(_pair(before, word))
        before = word
    return found


def _pair(one: str, other: str) -> str:
    return f"~{crc32(f'{one} {other}'.encode('utf-8', 'surrogatepass')) & _PAIRS:x}"


@dataclass(frozen=True, slots=True)
class Term:
    """Something to find in texts: runs of characters, one after the other. `begins`: the last may go on."""

    runs: tuple[str, ...]
    begins: bool = False

    def whole_words(self) -> set[str]:
        """What the index must hold of a text in which this stands."""
        found: set[str] = set()
        before = ""
        for place, run in enumerate(self.runs):
            if _IS_DENSE.match(run):
                found.update(map(str.__add__, run, run[1:]) if len(run) > 1 else run)
                before = ""
                continue
            if self.begins and place == len(self.runs) - 1:
                break
            word = run[:LONGEST_WORD]
            found.add(word)
            if before:
                found.add(_pair(before, word))
            before = word
        return found

    def beginning(self) -> str:
        """The beginning of a word that the index must hold; empty when there is no such."""
        last = self.runs[-1]
        return last[:LONGEST_WORD] if self.begins and not _IS_DENSE.match(last) else ""

    def is_one_word(self) -> bool:
        """The index alone knows whether a text holds it."""
        return len(self.runs) == 1 and len(self.whole_words() or {self.beginning()}) == 1

    def pattern(self) -> re.Pattern[str]:
        """Finds the term in a text that is `searchable`."""
        parts: list[str] = []
        for place, run in enumerate(self.runs):
            dense = _IS_DENSE.match(run) is not None
            part = re.escape(run)
            if not dense:
                goes_on = self.begins and place == len(self.runs) - 1
                part = rf"(?<!{_SPACED}){part}" + (rf"{_SPACED}*" if goes_on else rf"(?!{_SPACED})")
            parts.append(part)
        return re.compile(rf"{_BETWEEN}*".join(parts))


def term(text: str) -> Term | None:
    """The term that somebody wrote; a star at its end asks for beginnings. None when there is nothing to look for."""
    runs = tuple(_RUNS.findall(searchable(text)))
    return Term(runs, begins=text.rstrip().endswith("*")) if runs else None


Snippet = tuple[tuple[str, bool], ...]
"""Pieces of a text, each with whether it was looked for."""


def snippet(text: str, patterns: tuple[re.Pattern[str], ...], *, longest: int) -> Snippet:
    """The part of a text around the first thing that was looked for; its beginning when nothing is in it."""
    text = " ".join(text[: longest * 40].split())
    found = list(_places(text, patterns))
    start = max(0, found[0][0] - longest // 4) if found else 0
    end = min(len(text), start + longest)
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for begin, stop in found:
        if stop > end:
            break
        pieces += [(text[at:begin], False), (text[begin:stop], True)]
        at = stop
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return tuple(piece for piece in pieces if piece[0])


def _places(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[int, int]]:
    """Where in the text, from its beginning on and without overlap, something that was looked for stands."""
    compared = searchable(text)
    origins = _origins(text) if len(compared) != len(text) else None
    places = sorted(match.span() for pattern in patterns for match in pattern.finditer(compared))
    last = 0
    for begin, stop in places:
        if origins is not None:
            begin, stop = origins[begin], origins[stop]
        if begin >= last and stop > begin:
            yield begin, stop
            last = stop


def _origins(text: str) -> list[int]:
    """Where each place of the compared text stands in the original, for folding may make a text shorter or longer."""
    places: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        # What follows a letter and belongs to it (a voicing mark) is folded together with it.
        if end < len(text) and (text[end] in "\u3099\u309a\uff9e\uff9f" or unicodedata.combining(text[end])):
            continue
        places += [start] * len(searchable(text[start:end]))
        start = end
    compared = len(searchable(text))
    return [*places, *[len(text)] * (compared + 1 - len(places))]
