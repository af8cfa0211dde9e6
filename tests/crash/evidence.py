"""Gathers what a run is judged by: what was said, what arrived, what the program believes, and when it died."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from typing_extensions import override

from tests.crash.crowd import token_in
from tests.crash.memory import Rows
from tests.crash.truth import Truth

MICROS = 1_000_000


class Kind(StrEnum):
    """What sort of harm was done."""

    LOST = "lost"
    DOUBLED = "doubled"
    DISORDER = "disorder"
    STUCK = "stuck"
    UNTOLD = "untold"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    what: str

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the program, by the clock of this machine."""

    born: float
    ended: float
    killed: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """`mailed`, `lined`: tokens of what customers wrote; `replied`: of replies that a form took; `tried`: of all;
    `noted`: of what agents wrote under cards."""

    mailed: Sequence[str]
    lined: Sequence[str]
    replied: Sequence[str]
    tried: Sequence[str]
    noted: Sequence[str]
    truth: Truth
    tables: dict[str, Rows]
    lives: Sequence[Life]
    left_over: Sequence[str]
    damage: Sequence[str]

    def messages(self, direction: str) -> Rows:
        return [row for row in self.tables["messages"] if row["direction"] == direction]

    @property
    def unknown(self) -> Rows:
        return [row for row in self.tables["outbounds"] if row["state"] == "unknown"]


def token_of(message: dict[str, Any]) -> str:
    return token_in(message["text"])


def values_of(row: dict[str, Any], column: str) -> dict[str, str]:
    values: dict[str, str] = json.loads(row[column] or "{}")
    return values
