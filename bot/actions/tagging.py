"""Tags: the form that shows them, and what is chosen in it."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer, refusal_words
from bot.cards.tags import tags_changed, tags_form
from bot.surface import Answer, Done, FieldErrors
from routing.errors import Refused
from routing.tags import listed


async def open_tags(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return tags_form(view.ticket, await asked.desk.known_tags(), asked.reader)


async def set_tags(asked: Asked) -> Answer:
    """New tags are refused beside the field they were written in, and what was written stays."""
    view = await asked.desk.view(asked.action.ticket)
    chosen = [one for one in asked.value("chosen").split(",") if one]
    put_on, taken_off = tags_changed(view.ticket, asked.value("had"), chosen)
    try:
        new = listed(asked.value("new"))
        ticket = await asked.desk.tag(asked.actor, asked.action.ticket, add=(*put_on, *new), remove=taken_off)
    except Refused as refusal:
        return FieldErrors({"new": refusal_words(asked.reader, refusal)})
    if ticket.tags == view.ticket.tags:
        return Done()
    return Done(answer(asked.reader, "tell.tagged", number=ticket.number))


HANDLERS: Mapping[str, Entitled] = {
    "tags": Entitled(open_tags, word=Word(ticket=True, fills=("set_tags", "new"), opens=True)),
    "set_tags": Entitled(set_tags, form=True),
}
