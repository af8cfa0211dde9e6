"""Runs the measurements and prints one table: `python -m tests.bench [--small] [--json file] [a] [b] [c] [d] [e]`.

(a) a mail from the ledger to its ticket, (b) webhooks accepted, (c) a button press, (d) finding tickets, (e) a flood of
tickets into one room of a Slack with its real limits. Each is a ratio against the plain floor below it, taken in one
run by turns. Nothing is asserted; README.md beside this file says how to read the figures.
"""

import argparse
import json
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, as_json, table
from tests.bench.flood import compare_flood, profile_flood
from tests.bench.ingest import compare_ingest, profile_ingest
from tests.bench.presses import TICKETS, compare_presses, profile_presses
from tests.bench.searching import compare_searches, profile_searches
from tests.bench.stores import Store, open_stores
from tests.bench.webhooks import compare_webhooks, profile_webhooks


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured in a round, and how many rounds count."""

    rounds: int
    mails: int
    webhooks: int
    passes: int
    flood: int
    tickets: int
    searches: int


WHOLE = Size(rounds=7, mails=1_000, webhooks=6_400, passes=5, flood=2_000, tickets=100_000, searches=40)
SMALL = Size(rounds=3, mails=200, webhooks=1_280, passes=1, flood=200, tickets=2_000, searches=10)
NOTES = (
    "PostgreSQL works in processes of its own: its CPU is in neither figure, its time in both walls.",
    "(a) without cards; the mails are tests/bench/corpus.py's, about 12 kB on average.",
    f"(c) each press claims one of {TICKETS} tickets on the card that was posted for it.",
    "(d) wall time; three of ten texts are Japanese; the small desk holds a hundredth of the tickets.",
)

PARTS: dict[str, Callable[[Sequence[Store], Size], list[Figure]]] = {
    "a": lambda stores, size: compare_ingest(stores, rounds=size.rounds, count=size.mails),
    "b": lambda stores, size: compare_webhooks(stores, rounds=size.rounds, requests=size.webhooks),
    "c": lambda stores, size: compare_presses(stores, rounds=size.rounds, passes=size.passes),
    "d": lambda stores, size: compare_searches(stores, rounds=size.rounds, tickets=size.tickets, times=size.searches),
    "e": lambda _stores, size: compare_flood(count=size.flood),
}
PROFILES: dict[str, Callable[[Store, Size], str]] = {
    "a": lambda store, size: profile_ingest(store, rounds=size.rounds, count=size.mails),
    "b": lambda store, size: profile_webhooks(store, rounds=size.rounds, requests=size.webhooks),
    "c": lambda store, size: profile_presses(store, rounds=size.rounds, passes=size.passes),
    "d": lambda store, size: profile_searches(store, tickets=size.tickets, times=size.searches),
    "e": lambda _store, size: profile_flood(count=size.flood),
}


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {name!r}; there are {', '.join(PARTS)}")
    return name


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", type=_part, help="a, b, c, d, e; all if none is named")
    parser.add_argument("--small", action="store_true", help="three short rounds")
    parser.add_argument("--json", type=Path, help="also write every round to this file")
    parser.add_argument("--profile", action="store_true", help="tell where our time goes instead")
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    size = SMALL if given.small else WHOLE
    parts = [part for part in PARTS if part in (given.parts or PARTS)]
    notes = list(NOTES)
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder, open_stores(Path(folder), notes) as stores:
        if given.profile:
            for part in parts:
                for store in stores:
                    print(f"=== ({part}) on {store.name}\n{PROFILES[part](store, size)}")
            return
        figures = [figure for part in parts for figure in PARTS[part](stores, size)]
    print(f"medians of {size.rounds} rounds; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(table(figures))
    print("\n" + "\n".join(notes))
    if given.json:
        given.json.write_text(json.dumps(as_json(figures, notes), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
