"""Routing rules: which rooms a new ticket is shown in, and how urgent it is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from routing.folding import folded
from routing.ids import AccountId, RoomId
from routing.messages import Received
from routing.ticket import Priority


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds for a first message when every condition given holds; an empty condition is not asked.

    `words` are already folded: any of them in the subject or text is enough, by substring, for Japanese has no spaces.
    """

    name: str
    accounts: frozenset[AccountId] = frozenset()
    channels: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    rooms: tuple[RoomId, ...] = ()
    priority: Priority | None = None
    stop: bool = True

    def holds(self, account: AccountId, message: Received, said: Callable[[], str]) -> bool:
        """`said` gives all words of the message, folded."""
        if self.accounts and account not in self.accounts:
            return False
        if self.channels and message.channel not in self.channels:
            return False
        if not self.words:
            return True
        text = said()
        return any(word in text for word in self.words)


@dataclass(frozen=True, slots=True)
class Route:
    """What the rules decided, and which of them did."""

    rooms: tuple[RoomId, ...]
    priority: Priority
    rules: tuple[str, ...]


def route(rules: Iterable[Rule], default_rooms: Sequence[RoomId], account: AccountId, message: Received) -> Route:
    """Runs the rules in order until one that holds says stop. Without any room decided, the default rooms are used."""
    rooms: dict[RoomId, None] = {}
    priority: Priority | None = None
    named: list[str] = []
    # Folding takes longer than all the rest of a rule, so it is done once, and only if a rule asks for words.
    said = cache(lambda: folded(f"{message.subject}\n{message.text}"))
    for rule in rules:
        if not rule.holds(account, message, said):
            continue
        named.append(rule.name)
        rooms |= dict.fromkeys(rule.rooms)
        priority = priority or rule.priority
        if rule.stop:
            break
    return Route(tuple(rooms) or tuple(default_rooms), priority or Priority.NORMAL, tuple(named))
