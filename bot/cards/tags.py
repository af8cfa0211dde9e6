"""Draws tags on cards, and the form that puts them on and takes them off."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from bot.cards.model import Checks, Field, Form, Option, Plain, Span, TextInput
from bot.cards.parts import Reader
from routing.folding import folded
from routing.tags import MOST_TAGS, Tag, together, without
from routing.ticket import Ticket

SHOWN_TAGS = 8
_MARK = 8


def tags_span(tags: Sequence[str], reader: Reader) -> Span:
    """The first tags, and how many more there are."""
    shown = " · ".join(tags[:SHOWN_TAGS])
    more = len(tags) - SHOWN_TAGS
    return Plain(f"{shown} {reader.say('card.more_tags', count=more)}" if more > 0 else shown)


def tags_form(ticket: Ticket, known: Iterable[Tag], reader: Reader) -> Form:
    """The ticket's own tags first, then those in use elsewhere. The form keeps marks of the tags that it was opened
    with, so that what colleagues change meanwhile is not undone by it."""
    others = without(tuple(one.title for one in known), ticket.tags)
    options = tuple(Option(tag, tag) for tag in (*ticket.tags, *others)[:MOST_TAGS])
    fields: list[Field] = []
    if options:
        fields.append(Checks("chosen", reader.say("form.tags.chosen"), options, initial=ticket.tags))
    hint = reader.say("form.tags.hint")
    fields.append(TextInput("new", reader.say("form.tags.new"), hint=hint, optional=True))
    return Form(
        name="set_tags",
        title=reader.say("form.tags.title", number=ticket.number),
        fields=tuple(fields),
        ticket=ticket.id,
        submit=reader.say("form.tags.submit"),
        cancel=reader.say("button.cancel"),
        keep={"had": "".join(map(_mark, ticket.tags))},
    )


def tags_changed(ticket: Ticket, had: str, chosen: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which tags the form's reader put on and which they took off. `had` is what the form kept."""
    before = {had[start : start + _MARK] for start in range(0, len(had), _MARK)}
    put_on = tuple(tag for tag in chosen if _mark(tag) not in before)
    taken_off = tuple(tag for tag in without(ticket.tags, chosen) if _mark(tag) in before)
    return together((), put_on), taken_off


def _mark(tag: str) -> str:
    return sha256(folded(tag).encode(errors="surrogatepass")).hexdigest()[:_MARK]
