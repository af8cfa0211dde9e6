"""Snoozing from the card: the form, what is chosen in it, and waking early."""

from collections.abc import Mapping

from bot.actions.context import ON_TICKET, Asked, Entitled, Word
from bot.cards.entries import answer, refusal_words
from bot.cards.snooze import chosen_moment, snooze_form
from bot.surface import Answer, Done, FieldErrors
from routing.errors import Refused


async def open_snooze(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return snooze_form(view.ticket, asked.reader, asked.house.clock())


async def set_snooze(asked: Asked) -> Answer:
    """What cannot be is told beside the field that it was chosen in."""
    at = asked.value("at")
    try:
        until = chosen_moment(asked.value("preset"), at, asked.house.clock(), asked.house.zone)
        ticket = await asked.desk.snooze(asked.actor, asked.action.ticket, until)
    except Refused as refusal:
        return FieldErrors({"at" if at else "preset": refusal_words(asked.reader, refusal)})
    return Done(answer(asked.reader, "tell.snoozed", number=ticket.number, until=asked.reader.clock(until)))


async def unsnooze(asked: Asked) -> Answer:
    await asked.desk.unsnooze(asked.actor, asked.action.ticket)
    return Done()


HANDLERS: Mapping[str, Entitled] = {
    "snooze": Entitled(open_snooze, word=Word(ticket=True, opens=True)),
    "set_snooze": Entitled(set_snooze, form=True),
    "unsnooze": Entitled(unsnooze, word=ON_TICKET),
}
