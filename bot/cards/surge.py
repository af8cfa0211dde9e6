"""Draws a room's roll-up while more tickets come than cards can be posted, and the list of those that it collects."""

from collections.abc import Sequence

from bot.cards.board import NO_TICKET, take_next_button, ticket_line
from bot.cards.model import Button, Emoji, Entry, Field, Form, FormButtons, Line, Plain, Said, Strong
from bot.cards.parts import Reader
from routing.rushes import RollUp
from routing.ticket import Ticket

LATEST_SHOWN = 3
AT_ONCE = 10


def roll_up_entry(roll_up: RollUp, reader: Reader, *, surging: bool) -> Entry:
    """The roll-up: how many wait without cards of their own, the newest of them, and ways to get at all of them."""
    title = reader.say("surge.title", count=roll_up.count)
    lines: list[Line] = [(Emoji("ocean"), Plain(" "), Strong(title))]
    if roll_up.urgent:
        lines.append(reader.line("surge.urgent", count=roll_up.urgent))
    lines += [ticket_line(ticket, reader) for ticket in roll_up.latest]
    return Entry(
        fallback=title,
        lines=tuple(lines),
        footnotes=(reader.line("surge.explained" if surging else "surge.ebbing"),),
        buttons=_buttons(reader) if roll_up.count else (),
    )


def over_entry(reader: Reader) -> Entry:
    """Stands where the roll-up stood when everything that it collected has a card."""
    return Entry(fallback=reader.say("surge.over"), lines=((Emoji("ocean"), Plain(" "), *reader.line("surge.over")),))


def _buttons(reader: Reader) -> tuple[Button, ...]:
    return (
        take_next_button(reader),
        Button("surge_show", reader.say("button.surge_show", count=AT_ONCE), NO_TICKET),
        Button("surge_list", reader.say("button.surge_list"), NO_TICKET, opens_form=True),
    )


def surge_form(tickets: Sequence[Ticket], reader: Reader, *, after: int, more: bool, told: str = "") -> Form:
    """One page of the collected tickets, each with its buttons; `told` says what the last press did."""
    fields: list[Field] = []
    if told:
        fields.append(Said(lines=((Strong(told),),)))
    if not tickets:
        fields.append(Said(lines=(reader.line("surge.none_left"),)))
    for ticket in tickets:
        values = {"after": str(after)}
        claim = Button("surge_claim", reader.say("button.claim"), ticket.id, ticket.version, values=values)
        card = Button("surge_card", reader.say("button.surge_card"), ticket.id, ticket.version, values=values)
        fields += [Said(lines=(ticket_line(ticket, reader),)), FormButtons((claim, card))]
    turns = _turns(tickets, reader, after=after, more=more)
    if turns:
        fields.append(FormButtons(turns))
    return Form(
        name="surge_list",
        title=reader.say("form.surge.title"),
        fields=tuple(fields),
        ticket=NO_TICKET,
        cancel=reader.say("button.done"),
    )


def _turns(tickets: Sequence[Ticket], reader: Reader, *, after: int, more: bool) -> tuple[Button, ...]:
    """Pages go by number, so that one who claims meanwhile neither hides nor repeats a ticket."""
    turns: list[Button] = []
    if after:
        turns.append(Button("surge_list", reader.say("button.first_page"), NO_TICKET, values={"after": "0"}))
    if more:
        values = {"after": str(tickets[-1].number)}
        turns.append(Button("surge_list", reader.say("button.next_page"), NO_TICKET, values=values))
    return tuple(turns)
