"""Lets a door of the customers' side go wrong on demand, a stated number of times."""

from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    MAIL = "mail"
    LINE_REPLY = "line.reply"
    LINE_PUSH = "line.push"
    LINE_PROFILE = "line.profile"
    LINE_CONTENT = "line.content"


class Mishap(StrEnum):
    ERROR = "500"  # nothing is done, and an error of the provider's is answered (mail: 451)
    THROTTLED = "429"  # nothing is done: too fast (mail: 451)
    REFUSED = "550"  # mail only: this recipient is refused for good
    LOST = "lost"  # the work is done, then the line is cut before any answer
    SILENT = "silent"  # the work is done, and no answer ever comes


@dataclass(frozen=True, slots=True)
class Expected:
    door: Door
    mishap: Mishap
    times: int


class Mishaps:
    """What is going to go wrong. A door has at most one expectation: a new one replaces it, 0 times ends it."""

    def __init__(self) -> None:
        self._expected: dict[Door, Expected] = {}

    def expect(self, door: Door, mishap: Mishap, times: int) -> None:
        if times > 0:
            self._expected[door] = Expected(door, mishap, times)
        else:
            self._expected.pop(door, None)

    def strike(self, door: Door) -> Mishap | None:
        """What goes wrong at this door now, counted down; nothing if all is well."""
        expected = self._expected.get(door)
        if expected is None:
            return None
        self.expect(door, expected.mishap, expected.times - 1)
        return expected.mishap

    def outstanding(self) -> list[dict[str, object]]:
        return [{"door": e.door, "mode": e.mishap, "times": e.times} for e in self._expected.values()]
