"""Goes through the index block by block, newest or oldest first, and combines what stands under its words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from storage import tables
from storage.search_bits import BLOCK, places_of, unpacked
from storage.search_plan import Group, Plan, Range
from storage.statements import Among, Statement, ours

Rows = Callable[..., Awaitable[Sequence[Sequence[Any]]]]

_b, _t = tables.SEARCH_WORDS, tables.TICKETS
_NEWEST = Statement(
    select(_t.c.number).where(ours(_t), _t.c.number > 0).order_by(_t.c.number.desc()).limit(bindparam("limit"))
)
_in_window = (ours(_b), _b.c.block >= bindparam("first"), _b.c.block <= bindparam("last"))
_UNDER_WORDS = Statement(select(_b.c.word, _b.c.block, _b.c.tickets).where(*_in_window, Among(_b.c.word, "words")))
_UNDER_RANGE = Statement(
    select(_b.c.block, _b.c.tickets).where(
        *_in_window, _b.c.word >= bindparam("from_word"), _b.c.word < bindparam("before_word")
    )
)
# Most searches end in the newest blocks; who must go further reads more at once.
_WINDOWS = (2, 8, 32)


@dataclass(slots=True)
class _Window:
    """What stands under words and ranges, for each block."""

    words: dict[str, dict[int, int]] = field(default_factory=dict)
    ranges: dict[Range, dict[int, int]] = field(default_factory=dict)

    def fitting(self, plan: Plan, block: int) -> int:
        bits = -1
        for group in plan.needs:
            bits &= self._under(group, block)
            if not bits:
                return 0
        for group in plan.bars:
            bits &= ~self._under(group, block)
        return bits

    def _under(self, group: Group, block: int) -> int:
        bits = 0
        for word in group.words:
            bits |= self.words.get(word, _NOTHING).get(block, 0)
        for one in group.ranges:
            bits |= self.ranges.get(one, _NOTHING).get(block, 0)
        return bits


_NOTHING: Mapping[int, int] = {}


async def fitting(
    rows: Rows, plan: Plan, waiting: Collection[int], *, bound: int | None, down: bool
) -> AsyncIterator[list[int]]:
    """The numbers behind `bound`, in order, of the tickets that fit the plan as far as the index knows, and of those
    `waiting` to be indexed; a list for each window of blocks."""
    newest = await rows(_NEWEST, limit=1)
    top = newest[0][0] // BLOCK if newest else -1
    words = plan.words()
    for first, last in _windows(top, bound, down=down):
        window = _Window()
        for word, block, tickets in await rows(_UNDER_WORDS, words=words, first=first, last=last) if words else ():
            window.words.setdefault(word, {})[block] = unpacked(tickets)
        for one in plan.ranges():
            under = window.ranges.setdefault(one, {})
            for block, tickets in await rows(
                _UNDER_RANGE, from_word=one[0], before_word=one[1], first=first, last=last
            ):
                under[block] = under.get(block, 0) | unpacked(tickets)
        numbers = {
            block * BLOCK + place
            for block in range(first, last + 1)
            for place in places_of(window.fitting(plan, block))
        }
        numbers.update(one for one in waiting if first <= one // BLOCK <= last)
        if bound is not None:
            numbers = {one for one in numbers if (one < bound if down else one > bound)}
        yield sorted(numbers, reverse=down)


def _windows(top: int, bound: int | None, *, down: bool) -> Iterator[tuple[int, int]]:
    """First and last block of each window, in the order of the search."""
    sizes = iter(_WINDOWS)
    if down:
        last = top if bound is None else min(top, bound // BLOCK)
        while last >= 0:
            first = max(0, last - next(sizes, top + 1) + 1)
            yield first, last
            last = first - 1
    else:
        first = 0 if bound is None else max(0, bound // BLOCK)
        while first <= top:
            last = min(top, first + next(sizes, top + 1) - 1)
            yield first, last
            first = last + 1
