"""Draws what belongs to merging: the card of a merged ticket, lines in threads, and the forms."""

from collections.abc import Mapping, Sequence

from bot.cards.model import (
    Button,
    Card,
    Choice,
    Confirm,
    Emoji,
    Entry,
    Field,
    Form,
    Line,
    Moment,
    Option,
    Plain,
    Quote,
    Said,
    Strong,
    TextInput,
)
from bot.cards.parts import Reader
from routing.desk.views import RoomView, TicketView
from routing.ids import TicketId
from routing.likeness import Alike
from routing.messages import Direction, Message
from routing.ticket import Ticket

MERGED_FROM = "ticket.merged_from"
QUOTED = 400
READ_AT_ONCE = 20
READ_QUOTED = 1000


def customer_name(view: TicketView, reader: Reader) -> str:
    """As good a name as there is: a mail address names its customer, a provider's user id does not."""
    address = view.conversation.address if view.identity.scope == "email" else ""
    return view.contact.name or view.identity.name or address or reader.say("who.customer")


def merged_card(view: TicketView, reader: Reader) -> Card:
    """One line that leads on, with the way back."""
    ticket = view.ticket
    words = reader.say("card.merged", number=ticket.number, into=view.merged_number)
    undo = Button(
        "unmerge",
        reader.say("button.unmerge"),
        ticket.id,
        ticket.version,
        confirm=Confirm(
            reader.say("form.unmerge.title", number=ticket.number),
            reader.say("form.unmerge.text", number=ticket.number, into=view.merged_number),
            reader.say("button.unmerge"),
            reader.say("button.cancel"),
        ),
    )
    history = Button("history", reader.say("button.history"), ticket.id, ticket.version, opens_form=True)
    return Card(
        fallback=words,
        title=(Emoji("link"), Plain(" "), Strong(words)),
        footnotes=((Plain(f"{customer_name(view, reader)} · {ticket.subject}"),),),
        buttons=(undo, history),
    )


def alike_lines(found: Sequence[Alike], reader: Reader) -> tuple[Line, ...]:
    """What looks like the same matter, and how much so."""
    return tuple(
        reader.line(
            "card.alike" if one.same_customer else "card.alike_other", number=one.ticket.number, percent=one.percent
        )
        for one in found
    )


def alike_buttons(ticket: Ticket, found: Sequence[Alike], reader: Reader) -> tuple[Button, ...]:
    """Opens the form with the most alike one chosen; nothing is merged before somebody has seen both."""
    if not found:
        return ()
    values = {"target": found[0].ticket.id}
    return (Button("merge", reader.say("button.merge"), ticket.id, ticket.version, opens_form=True, values=values),)


def taken_in_entry(message: Message, values: Mapping[str, str], sentence: str, reader: Reader) -> Entry:
    """Tells that a ticket was merged into this one. Its words stay in its own thread and are read from there, so that
    what its customer edits or takes back is so here too."""
    read = Button(
        "read_merged",
        reader.say("button.read_merged", number=values.get("number", "?")),
        message.ticket,
        opens_form=True,
        values={"other": values.get("other", "")},
    )
    return Entry(fallback=sentence, lines=((Emoji("link"), Plain(" "), Plain(sentence)),), buttons=(read,))


def moved_entry(message: Message, view: RoomView, reader: Reader) -> Entry:
    """Stands where a message stood that belongs to another ticket now."""
    who = message.author or reader.say("who.customer")
    text = reader.say("entry.moved", who=who, number=view.numbers.get(message.ticket, 0))
    return Entry(fallback=text, lines=((Emoji("arrow_right"), Plain(" "), Plain(text)),))


def summary(view: TicketView, reader: Reader) -> Said:
    """Which ticket, whose, and the customer's last words."""
    ticket = view.ticket
    head: Line = (
        Strong(f"#{ticket.number} {ticket.subject}".strip()),
        Plain(f" · {customer_name(view, reader)} · {reader.say(f'status.{ticket.status}')}"),
    )
    if ticket.last_customer_at is not None:
        head = (*head, Plain(" · "), Moment(ticket.last_customer_at))
    words = reader.say("card.masked") if ticket.latest_masked else ticket.latest.strip()
    return Said(lines=(head,), quote=Quote(words[:QUOTED] or reader.say("card.no_text")))


def choose_merge_form(
    view: TicketView, others: Sequence[tuple[Ticket, str]], reader: Reader, *, chosen: str = ""
) -> Form:
    """Asks which ticket this one is merged into. `others` are offered, each with why."""
    fields: list[Field] = [summary(view, reader)]
    if others:
        options = tuple(Option(one.id, _offered(one, why)) for one, why in others)
        fields.append(Choice("target", reader.say("form.merge.offered"), options, chosen, optional=True))
    hint = reader.say("form.merge.hint")
    fields.append(TextInput("number", reader.say("form.merge.number"), hint=hint, optional=bool(others)))
    return Form(
        name="choose_merge",
        title=reader.say("form.merge.title", number=view.ticket.number),
        fields=tuple(fields),
        ticket=view.ticket.id,
        submit=reader.say("form.merge.go_on"),
        cancel=reader.say("button.cancel"),
    )


def _offered(ticket: Ticket, why: str) -> str:
    words = ticket.subject or ("" if ticket.latest_masked else " ".join(ticket.latest.split()))
    return f"#{ticket.number} {words[:30]} · {why}" if words else f"#{ticket.number} · {why}"


def confirm_merge_form(source: TicketView, target: TicketView, reader: Reader) -> Form:
    """Shows both, and what will happen, before it does."""
    first, second = source.ticket, target.ticket
    said: list[Line] = [reader.line("form.merge.explained", number=first.number, into=second.number)]
    if first.contact != second.contact:
        said.append(reader.line("form.merge.two_customers", into=second.number))
    return Form(
        name="merge_into",
        title=reader.say("form.merge.title", number=first.number),
        fields=(summary(source, reader), Said(lines=tuple(said)), summary(target, reader)),
        ticket=first.id,
        submit=reader.say("form.merge.submit"),
        cancel=reader.say("button.cancel"),
        keep={"into": second.id},
    )


def merged_words_form(other: TicketView, said: Sequence[Message], ticket: TicketId, reader: Reader) -> Form:
    """What was said in a ticket before it was merged into `ticket`."""
    fields: list[Field] = [Said(lines=(_headed(one, reader),), quote=_quoted(one, reader)) for one in said]
    return Form(
        name="merged_words",
        title=reader.say("form.merged_words.title", number=other.ticket.number),
        fields=tuple(fields) or (Said(lines=(reader.line("card.no_text"),)),),
        ticket=ticket,
        cancel=reader.say("button.cancel"),
    )


def _headed(message: Message, reader: Reader) -> Line:
    sentences = {Direction.OUTBOUND: "entry.replied", Direction.NOTE: "entry.noted"}
    who = message.author or reader.say("who.customer")
    return (
        Strong(reader.say(sentences.get(message.direction, "entry.wrote"), who=who)),
        Plain(" · "),
        Moment(message.sent_at),
    )


def _quoted(message: Message, reader: Reader) -> Quote:
    text = reader.say("card.masked") if message.unsent else message.text.strip()
    return Quote(text if len(text) <= READ_QUOTED else text[:READ_QUOTED].rstrip() + "…") if text else Quote("…")
