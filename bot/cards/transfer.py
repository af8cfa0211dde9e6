"""Draws the form that hands a ticket to a team or room, and what is left of its card where it no longer is."""

from collections.abc import Iterable

from bot.cards.model import Card, Choice, Emoji, Form, Option, Plain
from bot.cards.parts import Reader
from bot.surface import Room
from routing.teams import Team
from routing.ticket import Ticket

TEAM, ROOM = "team:", "room:"
MOVE, ALSO = "move", "also"


def transfer_form(ticket: Ticket, teams: Iterable[Team], rooms: Iterable[Room], reader: Reader) -> Form:
    """Teams first, for that is what people mostly mean."""
    options = (
        *(Option(f"{TEAM}{one.id}", reader.say("form.transfer.team", name=one.title)) for one in teams),
        *(Option(f"{ROOM}{one.id}", reader.say("form.transfer.room", name=one.name)) for one in rooms),
    )
    how = (
        Option(MOVE, reader.say("form.transfer.move")),
        Option(ALSO, reader.say("form.transfer.also")),
    )
    return Form(
        name="set_transfer",
        title=reader.say("form.transfer.title", number=ticket.number),
        fields=(
            Choice("to", reader.say("form.transfer.to"), options, hint=reader.say("form.transfer.hint")),
            Choice("how", reader.say("form.transfer.how"), how, MOVE),
        ),
        ticket=ticket.id,
        submit=reader.say("form.transfer.submit"),
        cancel=reader.say("button.cancel"),
    )


def moved_card(ticket: Ticket, room: str, reader: Reader) -> Card:
    """One line in place of a card whose ticket is shown elsewhere now. Its customer's words are gone from it."""
    words = reader.say("card.moved", number=ticket.number, room=room)
    return Card(fallback=words, title=(Emoji("arrow_right"), Plain(f" {words}")))
