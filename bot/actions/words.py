"""Understands what is asked of the desk in words: by a slash command, by mentioning the bot, in a direct message.

There is no second table of actions: a word is the name of an action that says so of itself (`Entitled.word`), or the
label of its button in any language of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from bot.actions.context import Asked, Entitled, Word
from bot.cards.words import LANGUAGES, catalogue
from bot.surface import Action
from routing.errors import Refused
from routing.folding import folded
from routing.ticket import Priority

HELP = "help"
LONGEST_LABEL = 4  # in words
_NUMBER = re.compile(r"#?(\d{1,15})\b\s*")
_SELF = frozenset({"me", "myself", "自分", "私"})


@dataclass(frozen=True, slots=True)
class Words:
    """What can be said, and for which action it stands. Later names never take an earlier one's word."""

    actions: Mapping[str, str]

    def understood(self, action: Action) -> Action:
        """The action that the words ask for; what follows the word is the value `rest`. Unknown words ask for help,
        which names the nearest."""
        text = action.values.get("text", "").strip()
        word, rest = self._split(text)
        if word:
            return replace(action, name=self.actions[word], values={**action.values, "rest": rest})
        first = text.split(maxsplit=1)[0] if text else ""
        return replace(action, name=HELP, values={**action.values, "unknown": first, "near": self._near(first)})

    def _split(self, text: str) -> tuple[str, str]:
        """The longest word that the text begins with (a label may be several), and what follows it."""
        said = text.split(maxsplit=LONGEST_LABEL)
        for count in range(min(LONGEST_LABEL, len(said)), 0, -1):
            word = folded(" ".join(said[:count]))
            if word in self.actions:
                return word, text.split(maxsplit=count)[count] if len(said) > count else ""
        return "", text

    def _near(self, word: str) -> str:
        near = get_close_matches(folded(word), self.actions, n=1, cutoff=0.6)
        return near[0] if near else ""


def words_of(handlers: Mapping[str, Entitled]) -> Words:
    spoken = [name for name, entitled in handlers.items() if entitled.word is not None]
    actions = {folded(name): name for name in spoken}
    for name in spoken:
        word = handlers[name].word
        actions |= {folded(one): name for one in (word.also if word else ())}
    for language in LANGUAGES:
        for name in spoken:
            label = folded(catalogue(language)[f"button.{name}"].rstrip("…"))
            actions.setdefault(label, name)
    return Words(actions)


async def on_its_ticket(asked: Asked, word: Word) -> Asked:
    """The same with the ticket that the words are about: the one whose number was said, else the one under whose card.

    Raises Refused when there is none, or none that the person may see.
    """
    action = asked.action
    rest = action.values.get("rest", "")
    if match := _NUMBER.match(rest):
        number = int(match[1])
        ticket = (await asked.desk.ticket_numbered(await asked.reach(), number)).id
        action = replace(action, ticket=ticket, values={**action.values, "rest": rest[match.end() :]})
    else:
        message = action.message
        below = await asked.house.ticket_at(action.who, message.place, message.card) if message else None
        if below is None:
            raise Refused("word.which_ticket", word=action.name)
        action = replace(action, ticket=below)
    return replace(asked, action=action if word.fills is None else _filled(action, word.fills))


def _filled(action: Action, fills: tuple[str, str]) -> Action:
    """The form's own action, when what follows the word can stand in its field."""
    name, field = fills
    value = _value(field, action.values.get("rest", "").strip(), action)
    if not value:
        return action
    return replace(action, name=name, values={**action.values, field: value})


def _value(field: str, said: str, action: Action) -> str:
    match field:
        case "who" if folded(said) in _SELF:
            return action.who.user
        case "who":
            return action.values.get("people", "").split(",")[0]
        case "priority":
            return _priorities().get(folded(said), "")
        case _:
            return said


def _priorities() -> Mapping[str, str]:
    labels = {folded(catalogue(language)[f"priority.{one}"]): str(one) for language in LANGUAGES for one in Priority}
    return {str(one): str(one) for one in Priority} | labels
