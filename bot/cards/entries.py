"""Draws what stands in a card's thread, and the short answers that only one person sees."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.cards.merging import MERGED_FROM, moved_entry, taken_in_entry
from bot.cards.model import Button, Emoji, Entry, Line, Moment, Plain, Quote, Strong, Style
from bot.cards.parts import Reader, sending_words
from bot.cards.scheduled import edit_again_button, given_back_entry, scheduled_entry
from bot.cards.words import knows
from routing.desk.replying import Held
from routing.desk.scheduling import RETURNED, SCHEDULED, TAKEN_BACK
from routing.desk.views import RoomView
from routing.errors import Refused
from routing.ids import TicketId
from routing.messages import Attachment, Direction, Fetching, Message
from routing.replies import UNDECIDED, Outbound

LONGEST_QUOTE = 6000
SHORT = 60


def message_entry(message: Message, view: RoomView, reader: Reader) -> Entry:
    """One message of the ticket as it stands in the thread; one that moved to another ticket only leads there."""
    if message.ticket != view.posting.ticket:
        return moved_entry(message, view, reader)
    match message.direction:
        case Direction.INBOUND:
            return _inbound(message, view, reader)
        case Direction.OUTBOUND:
            return _outbound(message, view, reader)
        case Direction.NOTE:
            return _note(message, view, reader)
        case Direction.EVENT:
            return _event(message, view, reader)


def _inbound(message: Message, view: RoomView, reader: Reader) -> Entry:
    author = message.author or reader.say("who.customer")
    if message.unsent:
        line = reader.line("entry.masked", who=author)
        return Entry(fallback=reader.say("entry.masked", who=author), lines=(line,))
    first = reader.say("entry.wrote", who=author)
    taker = view.agents.get(message.agent) if message.agent is not None else None
    if taker is not None:
        first = reader.say("entry.taken_down", who=author, agent=taker.name)
    head: list[Line] = [(Emoji("inbox_tray"), Plain(" "), Strong(first), Plain(" · "), Moment(message.sent_at))]
    notes: list[Line] = []
    buttons: list[Button] = []
    if message.edited:
        notes.append(reader.line("entry.edited"))
    if message.automatic:
        notes.append(reader.line("card.automatic", reason=message.automatic))
    if message.needs_no_answer:
        notes.append(reader.line("card.needs_no_answer"))
        buttons.append(Button("reopen", reader.say("button.reopen"), message.ticket))
    if message.full_text or len(message.text) > LONGEST_QUOTE:
        if message.full_text:
            notes.append(reader.line("entry.folded"))
        buttons.append(
            Button("whole", reader.say("button.whole"), message.ticket, opens_form=True, values={"message": message.id})
        )
        buttons.append(Button("as_file", reader.say("button.as_file"), message.ticket, values={"message": message.id}))
    if view.attachments.get(message.id):
        notes.append(reader.line("entry.files", count=view.attachments[message.id]))
    return Entry(
        fallback=f"{first}: {message.text[:150]}",
        lines=tuple(head),
        quote=_quote(message.text) or Quote(reader.say("card.no_text")),
        footnotes=tuple(notes),
        buttons=tuple(buttons),
    )


def _quote(text: str) -> Quote | None:
    text = text.strip("\n")
    if not text.strip():
        return None
    return Quote(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + "…")


def _outbound(message: Message, view: RoomView, reader: Reader) -> Entry:
    first = reader.say("entry.replied", who=message.author)
    reply = view.replies.get(message.id)
    notes: tuple[Line, ...] = ()
    if reply is not None:
        notes = ((Plain(sending_words(reader, reply)), Plain(" · "), Moment(reply.updated_at)),)
        if reply.outdated:
            notes = (*notes, reader.line("entry.outdated"))
        elif reply.shown_in == view.posting.id:
            words = " ".join(message.text.split())
            short = words if len(words) <= SHORT else words[:SHORT].rstrip() + "…"
            above = reader.say("entry.replied_above", who=message.author, words=short)
            return Entry(fallback=above, lines=((Emoji("outbox_tray"), Plain(f" {above}")),), footnotes=notes)
    return Entry(
        fallback=f"{first}: {message.text[:150]}",
        lines=((Emoji("outbox_tray"), Plain(" "), Strong(first)),),
        quote=_quote(message.text),
        footnotes=notes,
    )


def _note(message: Message, _view: RoomView, reader: Reader) -> Entry:
    if message.unsent:
        return answer(reader, "entry.note_deleted", who=message.author)
    first = reader.say("entry.noted", who=message.author)
    return Entry(
        fallback=f"{first}: {message.text[:150]}",
        lines=((Emoji("spiral_note_pad"), Plain(" "), Strong(first)),),
        quote=_quote(message.text),
        footnotes=(reader.line("entry.edited"),) if message.edited else (),
    )


def _event(message: Message, view: RoomView, reader: Reader) -> Entry:
    values: Mapping[str, str] = json.loads(message.full_text or "{}")
    sentence = reader.say_event(message.text, values)
    reply = view.replies.get(values.get("message", ""))
    line: Line = (Emoji("information_source"), Plain(" "), Plain(sentence))
    if message.text == MERGED_FROM:
        return taken_in_entry(message, values, sentence, reader)
    if reply is None:
        return Entry(fallback=sentence, lines=(line,))
    if message.text == SCHEDULED:
        return scheduled_entry(message, reply, view, reader)
    if message.text in (RETURNED, TAKEN_BACK):
        return given_back_entry(message, values, reply, view, reader)
    return _about_reply(message, view, reader, reply, sentence)


def _about_reply(message: Message, view: RoomView, reader: Reader, reply: Outbound, sentence: str) -> Entry:
    """What went wrong with a reply of theirs, with the buttons to settle it. It pings nobody: they are told as they
    chose, and in one place."""
    agent = view.agents.get(reply.agent) if reply.agent is not None else None
    users = dict(view.users.get(reply.agent, {})) if reply.agent is not None else {}
    line: Line = (Emoji("warning"), Plain(" "), reader.person(agent, users), Plain(" "), Strong(sentence))
    notes: tuple[Line, ...] = ((Plain(sending_words(reader, reply)),),)
    return Entry(
        fallback=sentence,
        lines=(line,),
        footnotes=notes,
        buttons=decision_buttons(message.ticket, reply, reader) if reply.state in UNDECIDED else (),
    )


def decision_buttons(ticket: TicketId, reply: Outbound, reader: Reader) -> tuple[Button, ...]:
    return tuple(
        Button(
            "decide",
            reader.say(f"button.{decision}"),
            ticket,
            style=Style.DANGER if decision == "again" else Style.DEFAULT,
            values={"message": reply.message, "decision": decision},
        )
        for decision in ("arrived", "again", "drop")
    )


def unshown_entry(message: Message, reader: Reader, reason: str) -> Entry:
    """Stands in the place of a message that the surface will not take as it is; its words can be opened."""
    text = reader.say("entry.unshown", who=message.author or reader.say("who.customer"), reason=reason)
    whole = Button("whole", reader.say("button.whole"), message.ticket, opens_form=True, values={"message": message.id})
    return Entry(fallback=text, lines=((Emoji("warning"), Plain(" "), Plain(text)),), buttons=(whole,))


def file_entry(file: Attachment, reader: Reader) -> Entry | None:
    """What stands in the place of a file that cannot be shown; None when the file itself is to be posted."""
    match file.state:
        case Fetching.STORED | Fetching.WANTED:
            return None
        case Fetching.LOST:
            text = reader.say("entry.lost", name=file.name, reason=file.reason)
        case Fetching.MASKED:
            text = reader.say("entry.masked_file")
    return Entry(fallback=text, lines=((Plain(text),),))


def answer(reader: Reader, key: str, **values: object) -> Entry:
    """A short answer for one person."""
    text = reader.say(key, **values)
    return Entry(fallback=text, lines=((Plain(text),),))


def unit_words(reader: Reader, unit: str) -> str:
    """The name of a channel's unit of length; a connector's own unit that no catalogue knows is named as it is."""
    key = f"unit.{unit}"
    return reader.say(key) if knows(reader.language, key) else unit


def refusal_words(reader: Reader, refusal: Refused) -> str:
    """The sentence of a refusal for this reader; moments in it are told in the house's time zone."""
    values = dict(refusal.values)
    if "when" in values:
        values["when"] = reader.clock(datetime.fromisoformat(values["when"]))
    if "unit" in values:
        values["unit"] = unit_words(reader, values["unit"])
    return reader.say(f"refused.{refusal.key}", **values)


def refusal_entry(reader: Reader, refusal: Refused) -> Entry:
    text = refusal_words(reader, refusal)
    return Entry(fallback=text, lines=((Plain(text),),))


def held_answer(reader: Reader, ticket: TicketId, held: Held, now: datetime) -> Entry:
    """Tells the sender that the reply leaves in a moment, with Undo, and until when that works.

    Slack lets nobody change a message that one person alone sees until that person presses in it
    (https://docs.slack.dev/messaging/modifying-messages), so the answer must stay true when the time is over.
    """
    seconds = max(0, round((held.until - now).total_seconds()))
    number = held.ticket.number
    if seconds == 0:
        return answer(reader, "tell.held_now", number=number)
    text = reader.say("tell.held", number=number, seconds=seconds)
    undo = Button("undo", reader.say("button.undo"), ticket, style=Style.DANGER, values={"message": held.message})
    until: Line = (Plain(reader.say("tell.undo_until")), Plain(" "), Moment(held.until, exact=True))
    return Entry(fallback=text, lines=((Plain(text),), until), buttons=(undo,))


def undone_answer(reader: Reader, message: Message) -> Entry:
    """Gives an undone reply's words back to its author, with a button to go on writing."""
    text = reader.say("tell.undone")
    again = edit_again_button(message.ticket, message.id, reader)
    return Entry(fallback=text, lines=((Plain(text),),), quote=_quote(message.text), buttons=(again,))


def to_open_entry(action: str, ticket: TicketId, reader: Reader) -> Entry:
    """A button that opens a form, where words alone cannot."""
    button = Button(action, reader.say(f"button.{action}"), ticket, style=Style.PRIMARY, opens_form=True)
    text = reader.say("tell.press_to_open")
    return Entry(fallback=text, lines=((Plain(text),),), buttons=(button,))


def alert_entry(reader: Reader, what: str, values: Mapping[str, str]) -> Entry:
    text = reader.say(what, **values)
    return Entry(fallback=text, lines=((Emoji("rotating_light"), Plain(" "), Plain(text)),))
