"""Folds away what a mail quotes and how it is signed, line by line in linear time, so that the new words show."""

from collections.abc import Sequence, Set

from connectors.mail.attributions import (
    announces_forward,
    announces_original,
    header_key,
    is_attribution,
    is_device_signature,
    is_own_mark,
    mentions_own_mark,
    starts_attribution,
)

_HEADER_BLOCK_LINES = 7
_SIGNATURE_LINES = 12
_QUOTED = (">", "＞", " >")
_RULES = "-_*=―─＝－"


def fold(text: str, marks: Set[int] = frozenset()) -> str:
    """The part of a mail that is new; all of it when nothing can be told apart, or nothing would be left.

    `marks` are lines at which the mail program itself is known to have begun quoting. An answer written between or
    below quoted lines is never cut.
    """
    lines = text.split("\n")
    quoted = [index for index, line in enumerate(lines) if line.startswith(_QUOTED)]
    cut = _cut(lines, quoted, marks, marked=mentions_own_mark(text))
    if cut is None:
        return text
    end = _signature(lines, cut)
    shown = "\n".join(lines[:end]).strip("\n")
    if not shown.strip():
        shown = "\n".join(lines[:cut]).strip("\n")
    return shown if shown.strip() else text


def _cut(lines: Sequence[str], quoted: Sequence[int], marks: Set[int], *, marked: bool) -> int | None:
    """Where the quoted history begins (the number of lines when there is none); None when all must stay."""
    first_quote = quoted[0] if quoted else len(lines)
    for index, line in enumerate(lines):
        if index in marks and not _forward_follows(lines, index):
            return _unless_answered(lines, quoted, index)
        if index >= first_quote:
            return _unless_answered(lines, quoted, index)
        bare = line.strip()
        if not bare:
            continue
        if bare[0] in _RULES or bare[0] in "Bb":
            if announces_forward(bare):
                return len(lines)
            if announces_original(bare):
                return index
        if bare[-1] in ":：" and (start := _attribution(lines, index)) is not None:
            return _unless_answered(lines, quoted, start)
        if marked and is_own_mark(bare):
            return index
        if (":" in bare[:24] or "：" in bare[:24]) and _opens_header_block(lines, index):
            return _with_rule_above(lines, index)
    return len(lines)


def _unless_answered(lines: Sequence[str], quoted: Sequence[int], start: int) -> int | None:
    """`start`, unless somebody wrote between or below the quoted lines: then None."""
    if not quoted or quoted[-1] < start:
        return start
    if quoted[0] < start:
        return None
    tail = quoted[-1] + 1
    after = [line for line in lines[tail : _signature(lines, len(lines), tail)] if line.strip()]
    if after:
        return None
    below = [index for index in quoted if index >= start]
    inside = set(below)
    if any(index not in inside and lines[index].strip() for index in range(below[0], below[-1])):
        return None
    return start


def _attribution(lines: Sequence[str], index: int) -> int | None:
    """The first line of the announcement that ends at `index`, if it is one."""
    joined = lines[index].strip()
    below = next((line for line in lines[index + 1 : index + 4] if line.strip()), "")
    sure = below.startswith(_QUOTED)
    if is_attribution(joined, quote_follows=sure):
        # A date or a name may have been wrapped onto the line before.
        above = lines[index - 1].strip() if index else ""
        wrapped = above and not starts_attribution(joined) and starts_attribution(above) and len(above) < 120
        return index - 1 if wrapped else index
    for back in (1, 2):
        if index - back < 0 or not lines[index - back].strip():
            return None
        joined = f"{lines[index - back].strip()} {joined}"
        if starts_attribution(lines[index - back].strip()) and is_attribution(joined, quote_follows=sure):
            return index - back
    return None


def _opens_header_block(lines: Sequence[str], index: int) -> bool:
    """Whether From, Sent, To, Subject of a quoted mail begin here, in whichever language and order."""
    if header_key(lines[index]) not in ("from", "sent", "subject"):
        return False
    keys: set[str] = set()
    mailbox = False
    for line in lines[index : index + _HEADER_BLOCK_LINES]:
        if key := header_key(line):
            keys.add(key)
            mailbox = mailbox or "@" in line
    return "from" in keys and len(keys) >= 3 and ("subject" in keys or mailbox)


def _with_rule_above(lines: Sequence[str], index: int) -> int:
    """The rule that Outlook draws above its header block goes with it."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    ruled = above >= 0 and len(lines[above].strip()) >= 5 and not lines[above].strip().strip(_RULES)
    return above if ruled else index


def _forward_follows(lines: Sequence[str], index: int) -> bool:
    for line in lines[index : index + 3]:
        if line.strip():
            return announces_forward(line.strip())
    return False


def _signature(lines: Sequence[str], end: int, start: int = 0) -> int:
    """Where the signature begins that ends at `end`, or `end`; only a short one, near the end, is taken for one."""
    seen = 0
    for index in range(end - 1, start - 1, -1):
        bare = lines[index].strip()
        if not bare:
            continue
        seen += 1
        if seen > _SIGNATURE_LINES:
            return end
        if lines[index].rstrip("\r") in ("-- ", "--", "—") or (seen <= 4 and is_device_signature(bare)):
            return index
    return end
