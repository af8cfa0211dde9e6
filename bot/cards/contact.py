"""Draws the form about a ticket's customer: who they are, their other tickets, and whether they are shut out."""

from collections.abc import Sequence

from bot.cards.identities import identity_fields
from bot.cards.model import (
    Button,
    Checks,
    Confirm,
    Field,
    Form,
    FormButtons,
    Line,
    Moment,
    Option,
    Plain,
    Said,
    Strong,
    Style,
)
from bot.cards.parts import Reader
from routing.desk.linking import KnownIdentity
from routing.desk.views import TicketView
from routing.ticket import Ticket

PAGE = 10
_LONGEST_SUBJECT = 80


def sender_words(view: TicketView, reader: Reader) -> str:
    """What people call the sender: name and mail address; a provider's user id tells nobody anything."""
    name = view.contact.name or view.identity.name
    address = view.identity.address if view.identity.scope == "email" else ""
    return f"{name} <{address}>" if name and address else name or address or reader.say("who.customer")


def contact_form(
    view: TicketView, tickets: Sequence[Ticket], known: Sequence[KnownIdentity], page: int, reader: Reader
) -> Form:
    """One page of the customer's tickets, newest first. `tickets` holds one more than a page when there is another."""
    lines: list[Line] = [(Strong(sender_words(view, reader)),), reader.line("form.contact.count", count=view.nth)]
    if view.identity.blocked:
        lines.append(reader.line("form.contact.is_blocked"))
    fields: list[Field] = [Said(lines=tuple(lines)), *identity_fields(view.ticket.id, known, reader)]
    fields.append(Said(lines=tuple(_ticket_line(one, view.ticket, reader) for one in tickets[:PAGE])))
    turns = _turns(view.ticket, page, more=len(tickets) > PAGE, reader=reader)
    if turns:
        fields.append(FormButtons(turns))
    fields.append(FormButtons((_block_button(view, page, reader),)))
    return Form(
        name="contact",
        title=reader.say("form.contact.title"),
        fields=tuple(fields),
        ticket=view.ticket.id,
        cancel=reader.say("button.cancel"),
    )


def _ticket_line(ticket: Ticket, this: Ticket, reader: Reader) -> Line:
    number = f"#{ticket.number}"
    subject = (ticket.subject or ticket.latest).replace("\n", " ")[:_LONGEST_SUBJECT]
    words = f" · {reader.say(f'status.{ticket.status}')} · {subject or reader.say('card.no_text')} · "
    return (Strong(number) if ticket.id == this.id else Plain(number), Plain(words), Moment(ticket.created_at))


def _turns(ticket: Ticket, page: int, *, more: bool, reader: Reader) -> tuple[Button, ...]:
    newer = Button("contact", reader.say("button.newer"), ticket.id, values={"page": str(page - 1)})
    older = Button("contact", reader.say("button.older"), ticket.id, values={"page": str(page + 1)})
    return (*((newer,) if page > 0 else ()), *((older,) if more else ()))


def _block_button(view: TicketView, page: int, reader: Reader) -> Button:
    who, values = sender_words(view, reader), {"identity": view.identity.id, "page": str(page)}
    no = reader.say("button.cancel")
    if view.identity.blocked:
        label = reader.say("button.unblock")
        confirm = Confirm(label, reader.say("form.contact.unblock", who=who), label, no)
        return Button("unblock", label, view.ticket.id, confirm=confirm, values=values)
    label = reader.say("button.block")
    confirm = Confirm(label, reader.say("form.contact.block", who=who), label, no)
    return Button("block", label, view.ticket.id, style=Style.DANGER, confirm=confirm, values=values)


def spam_form(view: TicketView, reader: Reader) -> Form:
    """Asks before a ticket is taken for spam, and whether its sender is shut out with it."""
    who = sender_words(view, reader)
    fields: list[Field] = [Said(lines=(reader.line("form.spam.text"),))]
    if not view.identity.blocked:
        option = Option("block", reader.say("form.spam.block", who=who))
        fields.append(Checks("also", reader.say("form.spam.also"), (option,)))
    return Form(
        name="set_spam",
        title=reader.say("form.spam.title", number=view.ticket.number),
        fields=tuple(fields),
        ticket=view.ticket.id,
        submit=reader.say("form.spam.submit"),
        cancel=reader.say("button.cancel"),
        keep={"identity": view.identity.id},
    )
