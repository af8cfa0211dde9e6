"""Templates: reusable replies with blanks that name fields and nothing else, so that nothing can be executed."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing.errors import Refused
from routing.folding import folded
from routing.ids import AgentId, OrganisationId, RoomId

LONGEST_TITLE = 75  # what Slack shows of a choice
LONGEST_TEXT = 6000
MOST_LANGUAGES = 6
MOST_TEMPLATES = 1000

_CONFIGURED = OrganisationId("")  # those of the configuration are in no table
_ANY_BLANK = re.compile(r"\{\{[^{}]*\}\}|\{\{|\}\}")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
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
    """`texts` by language; `channels` and `rooms` empty mean all.

    `version` counts the changes made in chat; 0 is a template from the configuration, which chat does not change.
    """

    id: str
    title: str
    texts: Mapping[str, str]
    channels: frozenset[str] = frozenset()
    rooms: frozenset[RoomId] = frozenset()
    archived: bool = False
    version: int = 0
    organisation: OrganisationId = _CONFIGURED
    changed_by: AgentId | None = None
    changed_at: datetime | None = None

    @property
    def configured(self) -> bool:
        return self.version == 0

    def text(self, language: str, fallback: str) -> str:
        """The variant in `language`, else in `fallback`, else the first."""
        return self.texts[self.variant(language, fallback)]

    def variant(self, language: str, fallback: str) -> str:
        """Which language `text` would answer in: `ja-JP` is content with `ja`."""
        for wanted in (language, language.partition("-")[0], fallback):
            if wanted in self.texts:
                return wanted
        return next(iter(self.texts))

    def fits(self, channel: str, rooms: Iterable[RoomId]) -> bool:
        """Whether it is offered for a ticket of this channel that is shown in these rooms."""
        if self.archived or (self.channels and channel not in self.channels):
            return False
        return not self.rooms or not self.rooms.isdisjoint(rooms)

    def written(self, draft: "TemplateDraft", by: AgentId, *, at: datetime) -> "Template":
        """With the draft's content; itself when nothing would change."""
        changed = replace(self, title=draft.title, texts=draft.texts, channels=draft.channels, rooms=draft.rooms)
        return self if changed == self else changed._signed(by, at)

    def put_away(self, away: bool, by: AgentId, *, at: datetime) -> "Template":  # noqa: FBT001  the only thing it says
        return self if self.archived is away else replace(self, archived=away)._signed(by, at)

    def _signed(self, by: AgentId, at: datetime) -> "Template":
        return replace(self, version=self.version + 1, changed_by=by, changed_at=at)


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as somebody wrote it in a form."""

    title: str
    texts: Mapping[str, str]
    channels: frozenset[str] = frozenset()
    rooms: frozenset[RoomId] = frozenset()

    def checked(self) -> "TemplateDraft":
        """The draft without what is blank. Raises Refused: a text's fault names its language as `tag`."""
        title = " ".join(self.title.split())
        if not title:
            raise Refused("template.no_title")
        if len(title) > LONGEST_TITLE:
            raise Refused("template.title_long", length=str(len(title)), limit=str(LONGEST_TITLE))
        texts = {language: text.strip() for language, text in self.texts.items() if text.strip()}
        if not texts:
            raise Refused("template.no_text")
        if len(texts) > MOST_LANGUAGES:
            raise Refused("template.languages", limit=str(MOST_LANGUAGES))
        for language, text in texts.items():
            check_language(language)
            check_text(language, text)
        return replace(self, title=title, texts=texts)


def check_language(tag: str) -> None:
    """Raises Refused for what is no language tag."""
    if not _TAG.fullmatch(tag):
        raise Refused("template.language", tag=tag)


def check_text(language: str, text: str) -> None:
    """Raises Refused when a customer would see a blank that nothing fills; the sentence lists those there are."""
    if len(text) > LONGEST_TEXT:
        raise Refused("template.text_long", tag=language, length=str(len(text)), limit=str(LONGEST_TEXT))
    known = ", ".join(f"{{{{ {name} }}}}" for name in FIELDS)
    for name in unknown_blanks(text):
        raise Refused("template.unknown_blank", tag=language, name=name, known=known)
    if (broken := broken_blank(text)) is not None:
        raise Refused("template.unknown_blank", tag=language, name=broken, known=known)


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """How often one agent's replies made from one template left, and how much of it they had changed: only numbers.

    `changed` is the sum of all shares in thousandths.
    """

    id: str
    organisation: OrganisationId
    template: str
    agent: AgentId
    used: int
    changed: int
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """A template's figures over all agents. `changed` is the average share in per cent."""

    used: int = 0
    agents: int = 0
    changed: int = 0
    last_used_at: datetime | None = None


def usage(uses: Iterable[TemplateUse]) -> dict[str, Usage]:
    """The figures of each template that was ever used."""
    by_template: dict[str, list[TemplateUse]] = {}
    for one in uses:
        by_template.setdefault(one.template, []).append(one)
    return {name: _summed(several) for name, several in by_template.items()}


def _summed(uses: list[TemplateUse]) -> Usage:
    used = sum(one.used for one in uses)
    changed = round(sum(one.changed for one in uses) / used / 10) if used else 0
    return Usage(used, len(uses), changed, max(one.last_used_at for one in uses))


def changed_share(before: str, after: str) -> int:
    """How much of a text was changed, in thousandths: by the pairs of characters that both have: cheap for long
    texts, and fit for Japanese, which has no spaces."""
    if before == after:
        return 0
    one, other = _pairs(before), _pairs(after)
    both = one.total() + other.total()
    return 1000 - round(2000 * (one & other).total() / both) if both else 0


def _pairs(text: str) -> "Counter[str]":
    words = " ".join(text.split())
    return Counter(words[at : at + 2] for at in range(len(words) - 1))


def matches(template: Template, words: str) -> bool:
    """Whether every word stands in the title or a text, width and case folded."""
    within = folded("\n".join((template.title, *template.texts.values())))
    return all(word in within for word in folded(words).split())


def put_in(text: str, words: str, *, former: str = "") -> str:
    """The text with a template's words in it. They take the place of those chosen before (`former`) where these still
    stand as they were; else they come below what was typed: nothing that somebody wrote is lost."""
    if former and former in text:
        return text.replace(former, words, 1)
    return f"{text.rstrip()}\n\n{words}" if text.strip() else words


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replaces each known blank once; what a value contains is never looked at again. Unknown blanks stay, so that the
    agent sees them in the form."""
    return _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)


def unknown_blanks(text: str) -> list[str]:
    """Blanks that no field fills, for checking the configuration."""
    return [name for name in _BLANK.findall(text) if name not in FIELDS]


def broken_blank(text: str) -> str | None:
    """What looks like a blank and is none: the customer would see it."""
    bare = fill(text, dict.fromkeys([*FIELDS, *unknown_blanks(text)], ""))
    left = _ANY_BLANK.search(bare)
    return left[0] if left else None


def unfilled(text: str) -> bool:
    """Whether the text still has a blank in it: it must not leave like this."""
    return "{{" in text and _BLANK.search(text) is not None
