"""Draws the form in which an agent takes down what a customer said on the phone or at the counter."""

from collections.abc import Mapping, Sequence

from bot.cards.model import Checks, Choice, Form, Option, Said, TextInput
from bot.cards.parts import Reader
from bot.surface import Room
from routing.ids import AccountId, RoomId, TicketId
from routing.ticket import Priority

BY_RULES = "-"
LONGEST_TEXT = 3000


def new_ticket_form(
    key: str, accounts: Mapping[AccountId, str], rooms: Sequence[Room], here: RoomId | None, reader: Reader
) -> Form:
    """`accounts`: those whose mail can answer, with their titles. `here`: the room that the form was asked for in."""
    by_rules = Option(BY_RULES, reader.say("form.new.by_rules"))
    return Form(
        name="take_down",
        title=reader.say("form.new.title"),
        fields=(
            Said(lines=(reader.line("form.new.about"),)),
            TextInput("name", reader.say("form.new.name"), optional=True, longest=200),
            TextInput(
                "address", reader.say("form.new.address"), optional=True, hint=reader.say("form.new.address_hint")
            ),
            TextInput("subject", reader.say("form.new.subject"), optional=True, longest=200),
            TextInput("text", reader.say("form.new.text"), multiline=True, longest=LONGEST_TEXT),
            Choice(
                "account",
                reader.say("form.new.account"),
                tuple(Option(account, title) for account, title in accounts.items()),
                initial=next(iter(accounts), ""),
            ),
            Choice(
                "room",
                reader.say("form.new.room"),
                (by_rules, *(Option(room.id, room.name) for room in rooms)),
                initial=here or BY_RULES,
            ),
            Choice(
                "priority",
                reader.say("card.priority"),
                (by_rules, *(Option(str(one), reader.say(f"priority.{one}")) for one in Priority)),
                initial=BY_RULES,
            ),
            Checks("mine", reader.say("form.new.then"), (Option("mine", reader.say("form.new.mine")),)),
        ),
        ticket=TicketId(""),
        submit=reader.say("form.new.submit"),
        cancel=reader.say("button.cancel"),
        keep={"key": key},
    )
