"""Makes any text harmless to draw and cuts it between what people see as characters."""

import re
import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
MOST_DRAWN = 30_000
_LONGEST_CLUSTER = 32

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Bidirectional controls can turn a file name or an address round; zero-width and tag characters hide words in words.
# Zero-width joiners stay: emoji and several scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_UNPAIRED = re.compile("[\ud800-\udfff\ufffe\uffff]")
_PILED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_RUN_OF_SPACE = re.compile(r"[\n\t ]+")


def harmless(text: str) -> str:
    """The text without characters that act on what stands around them; line breaks are kept."""
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    text = _UNPAIRED.sub("\ufffd", _UNSEEN.sub("", text))
    return _PILED_MARKS.sub(r"\1", text)


def drawable(text: str) -> str:
    """Harmless, for drawing: of a text without end only the beginning is looked at, for no more is ever shown."""
    return harmless(text[:MOST_DRAWN])


def one_line(text: str) -> str:
    """Drawable, with every line break drawn as a space."""
    return drawable(text).replace("\n", " ")


def tidy(text: str) -> str:
    """One line for a label: no space at its ends nor doubled within."""
    return _RUN_OF_SPACE.sub(" ", drawable(text)).strip()


def size(text: str) -> int:
    """The length as Slack counts it at its strictest: UTF-16 units, so that an emoji counts two."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def cut(text: str, longest: int) -> str:
    """The text, or as many whole characters of it as fit before an ellipsis."""
    if len(text) <= longest and size(text) <= longest:
        return text
    left = longest - 1
    end = 0
    for cluster in clusters(text):
        left -= size(cluster)
        if left < 0:
            break
        end += len(cluster)
    return text[:end].rstrip() + ELLIPSIS


def cut_lines(text: str, most: int) -> str:
    """The first lines of a text that has too many."""
    lines = text.split("\n", most)
    return text if len(lines) <= most else "\n".join(lines[:most]).rstrip() + "\n" + ELLIPSIS


def split(text: str, longest: int) -> list[tuple[str, str]]:
    """The text in pieces of at most `longest`, each with what stood behind it (a line break or nothing)."""
    pieces: list[tuple[str, str]] = []
    while size(text) > longest:
        head = _head(text, longest)
        newline = head.rfind("\n", len(head) // 2)
        if newline >= 0:
            pieces.append((text[:newline], "\n"))
            text = text[newline + 1 :]
        else:
            pieces.append((head, ""))
            text = text[len(head) :]
    return [*pieces, (text, "")]


def clusters(text: str) -> Iterator[str]:
    """The text in what people see as characters. A heap of marks without end is broken up, for it is no character."""
    start = 0
    flags = 0
    for at in range(1, len(text)):
        before, here = text[at - 1], text[at]
        flags = flags + 1 if _is_flag_letter(before) else 0
        if at - start < _LONGEST_CLUSTER and (_belongs(before, here) or (flags % 2 == 1 and _is_flag_letter(here))):
            continue
        yield text[start:at]
        start = at
    if text:
        yield text[start:]


def _head(text: str, longest: int) -> str:
    end = 0
    for cluster in clusters(text):
        longest -= size(cluster)
        if longest < 0:
            break
        end += len(cluster)
    return text[:end]


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _belongs(before: str, here: str) -> bool:
    """Whether `here` is part of the character that `before` began (Unicode's grapheme rules, without the rarest)."""
    if here < "\u0300":
        return False
    if here in "\u200c\u200d\uff9e\uff9f" or before == "\u200d" or "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if "\u1160" <= here <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return unicodedata.category(here)[0] == "M"
