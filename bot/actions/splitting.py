"""Splitting from the card: messages are chosen, and become a ticket of their own."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer, refusal_words
from bot.cards.splitting import OFFERED, split_form
from bot.surface import Answer, Done, FieldErrors
from routing.errors import Refused
from routing.ids import MessageId, TicketId


async def open_split(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    if view.ticket.merged_into is not None:
        raise Refused("ticket.merged", number=str(view.merged_number))
    said = await asked.desk.look(lambda reads: reads.latest_inbound(view.ticket.id, limit=OFFERED))
    return split_form(view.ticket, said, asked.reader)


async def split_off(asked: Asked) -> Answer:
    """What cannot be split is told beside the messages, and what was chosen stays."""
    chosen = [MessageId(one) for one in asked.value("messages").split(",") if one]
    fresh = TicketId(asked.value("fresh"))
    if not fresh:
        raise Refused("unknown_action")
    try:
        ticket = await asked.desk.split(asked.actor, asked.action.ticket, chosen, fresh)
    except Refused as refusal:
        return FieldErrors({"messages": refusal_words(asked.reader, refusal)})
    return Done(answer(asked.reader, "tell.split", into=ticket.number))


HANDLERS: Mapping[str, Entitled] = {
    "split": Entitled(open_split, word=Word(ticket=True, opens=True)),
    "split_off": Entitled(split_off, form=True),
}
