"""The organisation's own fields: the form, and what is filled in."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer, refusal_words
from bot.cards.own_fields import fields_form, filled_in, input_of
from bot.surface import Answer, Done, FieldErrors
from routing.errors import Refused


async def open_fields(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    fields = asked.desk.policy.fields
    if not fields:
        return Done(answer(asked.reader, "tell.no_fields"))
    return fields_form(view.ticket, fields, asked.reader)


async def set_fields(asked: Asked) -> Answer:
    """Every value that its field does not take is told beside it, and the form stays."""
    fields = asked.desk.policy.fields
    values = filled_in(fields, asked.action.values)
    errors: dict[str, str] = {}
    for one in fields:
        try:
            one.checked(values.get(one.id, ""))
        except Refused as refusal:
            errors[input_of(one.id)] = refusal_words(asked.reader, refusal)
    if errors:
        return FieldErrors(errors)
    ticket = await asked.desk.fill(asked.actor, asked.action.ticket, values)
    return Done(answer(asked.reader, "tell.filled", number=ticket.number))


HANDLERS: Mapping[str, Entitled] = {
    "fields": Entitled(open_fields, word=Word(ticket=True, opens=True)),
    "set_fields": Entitled(set_fields, form=True),
}
