"""Draws a room's queue board, and tells who took the next ticket what they got."""

from bot.cards.model import Button, Emoji, Entry, Line, Link, Moment, Plain, Strong, Style
from bot.cards.parts import PRIORITY_ICONS, Reader
from routing.ids import TicketId
from routing.queue import Queue, waiting_since
from routing.ticket import Status, Ticket

NEXT_SHOWN = 5
LONGEST_SUBJECT = 60
LONGEST_NAME = 40
COUNTED = (Status.NEW, Status.OPEN, Status.WAITING, Status.SNOOZED)
NO_TICKET = TicketId("")


def board_entry(queue: Queue, reader: Reader) -> Entry:
    """The board: counts, who waits longest, the next tickets in order, and a button that takes the first of them."""
    title = reader.say("board.title", count=queue.unassigned)
    counts = " · ".join(f"{reader.say(f'status.{one}')} {queue.of(one)}" for one in COUNTED)
    lines: list[Line] = [(Emoji("clipboard"), Plain(" "), Strong(title)), (Plain(counts),)]
    if queue.oldest is not None:
        lines.append((Plain(reader.say("board.oldest")), Plain(" "), Moment(queue.oldest)))
    lines += [(Plain(f"{place}. "), *ticket_line(ticket, reader)) for place, ticket in enumerate(queue.next, start=1)]
    more = queue.unassigned - len(queue.next)
    return Entry(
        fallback=title,
        lines=tuple(lines),
        footnotes=(reader.line("board.more", count=more),) if more > 0 else (),
        buttons=(take_next_button(reader),) if queue.unassigned else (),
    )


def take_next_button(reader: Reader) -> Button:
    return Button("take_next", reader.say("button.take_next"), NO_TICKET, style=Style.PRIMARY)


def ticket_line(ticket: Ticket, reader: Reader) -> Line:
    """One ticket in a line: how urgent, number, customer, subject, since when they wait."""
    icon = PRIORITY_ICONS.get(ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    name = _short(ticket.latest_by or reader.say("who.customer"), LONGEST_NAME)
    words = [Plain(f" · {_short(ticket.subject, LONGEST_SUBJECT)}")] if ticket.subject.strip() else []
    return (
        *urgent,
        Strong(f"#{ticket.number}"),
        Plain(f" {name}"),
        *words,
        Plain(" · "),
        Moment(waiting_since(ticket)),
    )


def taken_answer(ticket: Ticket, reader: Reader, *, link: str) -> Entry:
    """Told to the one who took the next ticket alone. Without a `link` its card is still on its way."""
    text = reader.say("board.taken", number=ticket.number)
    where: Line = (Link(reader.say("board.open_card"), link),) if link else reader.line("board.card_comes")
    return Entry(
        fallback=text,
        lines=((Emoji("raised_hand"), Plain(" "), Strong(text)), ticket_line(ticket, reader), where),
    )


def _short(text: str, longest: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"
