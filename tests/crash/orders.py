"""Says what one life of the program under test is told: where everything is, where to die, and what is broken."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Point(StrEnum):
    """Where the program dies. It passes there many times in a life; which passing kills it is said beside."""

    LEDGER_COMMITTED = "ledger.committed"  # the mail is on disk, its sender has not heard so
    RECEIVE_INSIDE = "receive.inside"  # tickets are made and written, not committed
    RECEIVE_COMMITTED = "receive.committed"  # they are committed, nobody else knows yet
    CARD_POSTED = "card.posted"  # Slack has the card, we do not know its name
    ENTRY_POSTED = "entry.posted"  # the same of an entry in a thread
    SEND_INTENDED = "send.intended"  # the reply is marked `sending`, the provider knows nothing
    SEND_ANSWERED = "send.answered"  # the provider has it, we have not written so
    ANY_TIME = "any.time"  # whatever it is doing
    MISTAKE = "mistake"  # where a mutant's mistake shows


class Mutant(StrEnum):
    """A planted bug that the invariants must find."""

    NONE = "none"
    ACKNOWLEDGE_FIRST = "acknowledge_first"
    MARK_DONE_FIRST = "mark_done_first"
    MARK_SENT_FIRST = "mark_sent_first"
    FORGET_INTENT = "forget_intent"
    NEVER_LOOK = "never_look"
    SEND_AGAIN = "send_again"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run takes place; the same for every life of the program."""

    folder: str
    database_url: str
    redis_url: str
    redis_prefix: str
    keys: str
    slack: int
    program: int
    smtp_door: int
    customers_smtp: int
    customers_line: int

    @property
    def log(self) -> Path:
        return Path(self.folder) / "program.log"


@dataclass(frozen=True, slots=True)
class Orders:
    """One life: die at the `passing`th time that `point` is passed (0: live on)."""

    place: Place
    point: Point = Point.ANY_TIME
    passing: int = 0
    mutant: Mutant = Mutant.NONE

    def written(self) -> str:
        return json.dumps(asdict(self))


def read_orders(text: str) -> Orders:
    fields: dict[str, Any] = json.loads(text)
    return Orders(Place(**fields["place"]), Point(fields["point"]), int(fields["passing"]), Mutant(fields["mutant"]))
