"""Draws replies that leave later: when they may be planned for, their line in the thread, and what is given back."""

from collections.abc import Mapping
from datetime import datetime

from bot.cards.model import (
    Button,
    Choice,
    Emoji,
    Entry,
    Field,
    Line,
    Moment,
    MomentInput,
    Option,
    Plain,
    Quote,
    Strong,
    Style,
)
from bot.cards.parts import Reader
from bot.cards.times import AT, NOW, PRESETS, read_seconds, tomorrow
from routing.desk.replying import Held
from routing.desk.scheduling import RETURNED
from routing.desk.views import RoomView
from routing.ids import MessageId, TicketId
from routing.messages import Message
from routing.replies import Outbound, Sending

QUOTED = 1500


def when_fields(when: str, at: str, reader: Reader, now: datetime) -> list[Field]:
    """When the reply leaves: at once, at one of the usual times, or at a time that is then asked for."""
    options = tuple(Option(one, reader.say(f"when.{one}")) for one in PRESETS)
    hint = reader.say("form.reply.when_hint", zone=reader.zone.key)
    fields: list[Field] = [
        Choice("when", reader.say("form.reply.when"), options, when or NOW, hint=hint, refreshes=True)
    ]
    if when == AT:
        fields.append(MomentInput("at", reader.say("form.reply.at"), read_seconds(at) or tomorrow(now, reader.zone)))
    return fields


def scheduled_answer(reader: Reader, ticket: TicketId, held: Held) -> Entry:
    """Tells the author when the reply leaves, with the buttons to stop it or to send it at once."""
    number = held.ticket.number
    line: Line = (Plain(reader.say("tell.scheduled", number=number)), Plain(" "), Moment(held.until))
    fallback = reader.say("tell.scheduled", number=number)
    return Entry(fallback=fallback, lines=(line,), buttons=_buttons(ticket, held.message, reader))


def _buttons(ticket: TicketId, message: MessageId, reader: Reader) -> tuple[Button, ...]:
    values = {"message": message}
    return (
        Button("undo", reader.say("button.take_back"), ticket, style=Style.DANGER, values=values),
        Button("send_now", reader.say("button.send_now"), ticket, values=values),
    )


def scheduled_lines(replies: tuple[Outbound, ...], reader: Reader) -> list[Line]:
    """What a ticket's card tells of replies that wait for their time."""
    return [
        (Emoji("alarm_clock"), Plain(f" {reader.say('sending.scheduled')} · "), Moment(reply.held_until))
        for reply in replies
    ]


def scheduled_entry(message: Message, reply: Outbound, view: RoomView, reader: Reader) -> Entry:
    """The line that announces a scheduled reply: its words and buttons while it waits, later what became of it."""
    who = message.author or reader.say("who.system")
    if not reply.waits_for_its_time:
        text = reader.say(_became(reply), who=who)
        return Entry(fallback=text, lines=((Emoji("alarm_clock"), Plain(f" {text}")),))
    first = reader.say("entry.scheduled", who=who)
    words = view.scheduled.get(reply.message)
    line: Line = (Emoji("alarm_clock"), Plain(" "), Strong(first), Plain(" "), Moment(reply.held_until))
    return Entry(
        fallback=first,
        lines=(line,),
        quote=Quote(words.text[:QUOTED]) if words is not None and words.text.strip() else None,
        buttons=_buttons(message.ticket, reply.message, reader),
    )


def _became(reply: Outbound) -> str:
    match reply.state:
        case Sending.HELD:
            return "entry.scheduled_leaving"
        case Sending.UNDONE:
            return "entry.scheduled_taken_back"
        case Sending.RETURNED:
            return "entry.scheduled_returned"
        case _:
            return "entry.scheduled_left"


def given_back_entry(
    message: Message, values: Mapping[str, str], reply: Outbound, view: RoomView, reader: Reader
) -> Entry:
    """Tells the author that their scheduled reply did not leave, and why, with the button to write it anew."""
    agent = view.agents.get(reply.agent) if reply.agent is not None else None
    users = dict(view.users.get(reply.agent, {})) if reply.agent is not None else {}
    if message.text == RETURNED:
        sentence = reader.say("entry.given_back", reason=reader.say(f"returned.{values.get('reason', 'limits')}"))
    else:
        sentence = reader.say("entry.stopped", who=values.get("who", ""))
    return Entry(
        fallback=sentence,
        lines=((Emoji("warning"), Plain(" "), reader.person(agent, users), Plain(" "), Strong(sentence)),),
        buttons=(edit_again_button(message.ticket, reply.message, reader),),
    )


def edit_again_button(ticket: TicketId, message: MessageId, reader: Reader) -> Button:
    """Opens the form with the words and files of a reply that did not leave."""
    return Button(
        "edit_again",
        reader.say("button.edit_again"),
        ticket,
        style=Style.PRIMARY,
        opens_form=True,
        values={"message": message},
    )
