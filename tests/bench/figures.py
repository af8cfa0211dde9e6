"""Holds what the rounds of a comparison measured, and tells it as a table and as JSON."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured both ways, round by round. `ratio` is the median over the rounds of ours by bare: the two of a
    round were taken one right after the other, so a machine that slows down slows both."""

    part: str
    store: str
    what: str
    unit: str
    ours: Sequence[float]
    bare: Sequence[float]
    goal: str = ""

    @property
    def ratio(self) -> float:
        return statistics.median(one / other for one, other in zip(self.ours, self.bare, strict=True))


def table(figures: Sequence[Figure]) -> str:
    """Medians and ratios, with the least and the most of the ratios behind."""
    heads = ("", "store", "measured", "ours", "bare", "ratio", "(rounds)", "goal")
    lines = [heads, *(_line(one) for one in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    right = (3, 4, 5)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _line(one: Figure) -> tuple[str, ...]:
    ratios = [ours / bare for ours, bare in zip(one.ours, one.bare, strict=True)]
    return (
        one.part,
        one.store,
        f"{one.what}, {one.unit}",
        _short(statistics.median(one.ours)),
        _short(statistics.median(one.bare)),
        f"{one.ratio:.2f}",
        f"({min(ratios):.2f}–{max(ratios):.2f})",
        one.goal,
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def as_json(figures: Sequence[Figure], notes: Sequence[str]) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "notes": list(notes),
        "figures": [
            {
                "part": one.part,
                "store": one.store,
                "what": one.what,
                "unit": one.unit,
                "ours": statistics.median(one.ours),
                "bare": statistics.median(one.bare),
                "ratio": one.ratio,
                "goal": one.goal,
                "rounds": {"ours": list(one.ours), "bare": list(one.bare)},
            }
            for one in figures
        ],
    }
