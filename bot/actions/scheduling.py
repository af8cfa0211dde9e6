"""Replies that leave later: choosing the time in the form, and sending a scheduled one at once."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled
from bot.cards.entries import answer, held_answer
from bot.surface import Answer, Done
from routing.ids import MessageId


async def send_now(asked: Asked) -> Answer:
    """The scheduled reply leaves after the undo time. Only its author can undo it then, so only they get the button."""
    message = MessageId(asked.value("message"))
    held = await asked.desk.send_now(asked.actor, message)
    written = await asked.desk.message(message)
    if written is not None and written.agent == asked.agent.id:
        return Done(held_answer(asked.reader, asked.action.ticket, held, asked.house.clock()))
    return Done(answer(asked.reader, "tell.sent_now", number=held.ticket.number))


HANDLERS: Mapping[str, Entitled] = {"send_now": Entitled(send_now)}
