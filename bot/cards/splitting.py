"""Draws the form in which messages are chosen that become a ticket of their own."""

from collections.abc import Sequence

from bot.cards.model import Checks, Form, Option, Said
from bot.cards.parts import Reader
from routing.ids import new_id
from routing.messages import Message
from routing.ticket import Ticket

OFFERED = 20
WORDS = 55


def split_form(ticket: Ticket, messages: Sequence[Message], reader: Reader) -> Form:
    """`messages` are the customers' last ones, newest first. With fewer than two there is nothing to choose."""
    title, cancel = reader.say("form.split.title", number=ticket.number), reader.say("button.cancel")
    if len(messages) < 2:
        nothing = Said(lines=(reader.line("form.split.nothing"),))
        return Form(name="split_off", title=title, fields=(nothing,), ticket=ticket.id, cancel=cancel)
    options = tuple(Option(one.id, _offered(one, reader)) for one in messages)
    return Form(
        name="split_off",
        title=title,
        fields=(
            Said(lines=(reader.line("form.split.explained", number=ticket.number),)),
            Checks("messages", reader.say("form.split.messages"), options),
        ),
        ticket=ticket.id,
        submit=reader.say("form.split.submit"),
        cancel=cancel,
        keep={"fresh": new_id()},
    )


def _offered(message: Message, reader: Reader) -> str:
    words = reader.say("card.masked") if message.unsent else " ".join(message.text.split())
    words = words or reader.say("card.no_text")
    return f"{reader.clock(message.sent_at)} {words if len(words) <= WORDS else words[: WORDS - 1] + '…'}"
