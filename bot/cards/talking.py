"""Tells the author of a thread message what became of it, and a card's readers where such messages go."""

from collections.abc import Iterable

from bot.cards.entries import refusal_words
from bot.cards.model import Button, Emoji, Entry, Line, Plain, Strong, Style
from bot.cards.parts import Reader
from bot.cards.scheduled import edit_again_button
from bot.surface import Room, ThreadPolicy
from routing.errors import Refused
from routing.ids import MessageId, TicketId
from routing.messages import Message


def kept_inside_entry(reader: Reader, ticket: TicketId, note: MessageId, why: Refused) -> Entry:
    """It did not go to the customer: why, and the button to send it all the same, after a look."""
    text = reader.say("tell.kept_inside", reason=refusal_words(reader, why))
    button = Button(
        "send_noted",
        reader.say("button.send_noted"),
        ticket,
        style=Style.PRIMARY,
        opens_form=True,
        values={"message": note},
    )
    return Entry(fallback=text, lines=((Emoji("warning"), Plain(" "), Strong(text)),), buttons=(button,))


def stopped_entry(reader: Reader, message: Message, why: Refused) -> Entry:
    """The new words could not be sent, so nothing leaves."""
    text = reader.say("tell.change_stopped", reason=refusal_words(reader, why))
    again = edit_again_button(message.ticket, message.id, reader)
    return Entry(fallback=text, lines=((Emoji("warning"), Plain(" "), Strong(text)),), buttons=(again,))


def policy_lines(room: Room, rooms: Iterable[Room], reader: Reader) -> list[Line]:
    """What a message in this card's thread becomes. Where every thread is internal nobody needs to be told."""
    if room.thread_messages is ThreadPolicy.CUSTOMER:
        return [(Emoji("outbox_tray"), Plain(" "), Strong(reader.say("card.thread_customer")))]
    if any(one.thread_messages is ThreadPolicy.CUSTOMER for one in rooms):
        return [(Emoji("lock"), Plain(f" {reader.say('card.thread_notes')}"))]
    return []
