"""Templates: reusable replies with blanks that name fields and nothing else, so that nothing can be executed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BLANK = re.compile(r"\{\{\s*([a-z]+(?:\.[a-z_]+)+)\s*\}\}")

FIELDS = (
    "contact.name",
    "contact.address",
    "ticket.number",
    "ticket.subject",
    "agent.name",
    "organisation.name",
)


@dataclass(frozen=True, slots=True)
class Template:
    """`texts` by language; `channels` empty means all."""

    id: str
    title: str
    texts: Mapping[str, str]
    channels: frozenset[str] = frozenset()

    def text(self, language: str, fallback: str) -> str:
        """The variant in `language`, else in `fallback`, else the first."""
        for wanted in (language, fallback):
            if wanted in self.texts:
                return self.texts[wanted]
        return next(iter(self.texts.values()))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replaces each known blank once; what a value contains is never looked at again. Unknown blanks stay, so that the
    agent sees them in the form."""
    return _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)


def unknown_blanks(text: str) -> list[str]:
    """Blanks that no field fills, for checking the configuration."""
    return [name for name in _BLANK.findall(text) if name not in FIELDS]


def unfilled(text: str) -> bool:
    """Whether the text still has a blank in it: it must not leave like this."""
    return "{{" in text and _BLANK.search(text) is not None
