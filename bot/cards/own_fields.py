"""Draws the organisation's own fields: on the card, and the form that fills them."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from bot.cards.model import Choice, DateInput, Fact, Field, Form, Option, Plain, TextInput
from bot.cards.parts import Reader
from routing.own_fields import LONGEST_VALUE, FieldKind, OwnField
from routing.ticket import Ticket

MOST_ON_CARD = 10
_PREFIX = "field."
_MARK = 8


def own_facts(ticket: Ticket, fields: Iterable[OwnField], reader: Reader) -> tuple[Fact, ...]:
    """Those that are filled, in the order of the configuration; the first ten."""
    filled = [
        Fact(one.title_in(reader.language), (Plain(value),)) for one in fields if (value := ticket.fields.get(one.id))
    ]
    return tuple(filled[:MOST_ON_CARD])


def fields_form(ticket: Ticket, fields: Sequence[OwnField], reader: Reader) -> Form:
    """It keeps marks of the values it was opened with, so that what colleagues fill meanwhile is not undone by it."""
    return Form(
        name="set_fields",
        title=reader.say("form.fields.title", number=ticket.number),
        fields=tuple(_input(one, ticket.fields.get(one.id, ""), reader) for one in fields),
        ticket=ticket.id,
        submit=reader.say("form.fields.submit"),
        cancel=reader.say("button.cancel"),
        keep={"had": "".join(_mark(ticket.fields.get(one.id, "")) for one in fields)},
    )


def _input(one: OwnField, value: str, reader: Reader) -> Field:
    name, label = f"{_PREFIX}{one.id}", one.title_in(reader.language)
    hint = reader.say("form.fields.required") if one.required_to_close else ""
    match one.kind:
        case FieldKind.TEXT:
            return TextInput(name, label, value, hint=hint, optional=True, longest=LONGEST_VALUE)
        case FieldKind.NUMBER:
            return TextInput(name, label, value, hint=hint, optional=True)
        case FieldKind.DATE:
            return DateInput(name, label, value, hint=hint, optional=True)
        case FieldKind.CHOICE:
            options = (Option("", reader.say("form.fields.none")), *(Option(text, text) for text in one.options))
            return Choice(name, label, options, value, optional=True, hint=hint)


def filled_in(fields: Sequence[OwnField], values: Mapping[str, str]) -> dict[str, str]:
    """What the form's reader changed, by the field's id."""
    had = values.get("had", "")
    before = [had[start : start + _MARK] for start in range(0, len(had), _MARK)]
    given = {one.id: values.get(f"{_PREFIX}{one.id}", "").strip() for one in fields}
    if len(before) != len(fields):
        return given
    return {one.id: given[one.id] for one, mark in zip(fields, before, strict=True) if _mark(given[one.id]) != mark}


def input_of(field: str) -> str:
    """The form's name of a field."""
    return f"{_PREFIX}{field}"


def _mark(value: str) -> str:
    return sha256(value.encode(errors="surrogatepass")).hexdigest()[:_MARK]
