"""Draws who a contact is: their identities with what speaks for each, and the forms to link another one."""

from collections.abc import Sequence

from bot.cards.model import Button, Confirm, Field, Form, FormButtons, Line, Moment, Plain, Said, Strong, TextInput
from bot.cards.parts import Reader
from routing.desk.linking import Evidence, KnownIdentity
from routing.ids import TicketId
from routing.ticket import Ticket

SURE = frozenset({Evidence.PROVED, Evidence.ACCOUNT})
MOST_SHOWN = 10


def identity_fields(ticket: TicketId, known: Sequence[KnownIdentity], reader: Reader) -> list[Field]:
    """For the contact form: every identity with its evidence, linked ones with the way back, and a button to link."""
    fields: list[Field] = [Said(lines=tuple(_line(one, reader) for one in known[:MOST_SHOWN]))]
    linked = [one for one in known[:MOST_SHOWN] if one.link is not None]
    buttons = tuple(_unlink(ticket, one, reader) for one in linked)
    add = Button("link", reader.say("button.link"), ticket, opens_form=True)
    return [*fields, FormButtons((*buttons, add))]


def _line(one: KnownIdentity, reader: Reader) -> Line:
    words = " · ".join(reader.say(f"evidence.{proof}") for proof in one.evidence) or reader.say("evidence.none")
    line: Line = (Strong(_shown(one, reader)), Plain(f" · {words}"))
    if one.link is not None:
        line = (*line, Plain(f" · {reader.say('form.link.linked')} "), Moment(one.link.at))
    return line


def _shown(one: KnownIdentity, reader: Reader) -> str:
    """A mail address tells who it is, a provider's user id tells nobody anything."""
    identity = one.identity
    if identity.scope == "email":
        return f"{identity.name} <{identity.address}>" if identity.name else identity.address
    return f"{identity.name or reader.say('who.customer')} ({identity.scope.partition(':')[0]})"


def _unlink(ticket: TicketId, one: KnownIdentity, reader: Reader) -> Button:
    label = reader.say("button.unlink", who=_shown(one, reader))
    text = reader.say("form.link.unlink", who=_shown(one, reader))
    confirm = Confirm(
        reader.say("form.link.unlink_title"), text, reader.say("form.link.apart"), reader.say("button.cancel")
    )
    return Button("unlink", label, ticket, confirm=confirm, values={"identity": one.identity.id})


def choose_link_form(ticket: Ticket, reader: Reader) -> Form:
    return Form(
        name="choose_link",
        title=reader.say("form.link.title"),
        fields=(
            Said(lines=(reader.line("form.link.explained"),)),
            TextInput("which", reader.say("form.link.which"), hint=reader.say("form.link.hint")),
        ),
        ticket=ticket.id,
        submit=reader.say("form.merge.go_on"),
        cancel=reader.say("button.cancel"),
    )


def confirm_link_form(ticket: Ticket, own: Sequence[KnownIdentity], other: KnownIdentity, reader: Reader) -> Form:
    """Shows what speaks for both, and says so when nothing proves it."""
    said = [reader.line("form.link.sure" if SURE & set(other.evidence) else "form.link.unsure")]
    return Form(
        name="link_identity",
        title=reader.say("form.link.title"),
        fields=(
            Said(lines=(reader.line("form.link.this"), *(_line(one, reader) for one in own[:MOST_SHOWN]))),
            Said(lines=(reader.line("form.link.other"), _line(other, reader))),
            Said(lines=tuple(said)),
            TextInput("reason", reader.say("form.link.reason"), optional=True, longest=300),
        ),
        ticket=ticket.id,
        submit=reader.say("form.link.submit"),
        cancel=reader.say("button.cancel"),
        keep={"identity": other.identity.id},
    )
