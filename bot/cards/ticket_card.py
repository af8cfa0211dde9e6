"""Draws a ticket's card."""

from collections.abc import Sequence

from bot.cards.merging import alike_buttons, alike_lines, merged_card
from bot.cards.model import Button, Card, Emoji, Fact, Line, Moment, Plain, Quote, Strong, Style
from bot.cards.own_fields import own_facts
from bot.cards.parts import PRIORITY_ICONS, Reader, sending_words
from bot.cards.replying import replying_lines
from bot.cards.scheduled import scheduled_lines
from bot.cards.tags import tags_span
from routing.desk.views import TicketView
from routing.own_fields import OwnField
from routing.policy import Look
from routing.replies import Window
from routing.ticket import Status, Ticket

QUOTED = 500


def ticket_card(
    view: TicketView,
    reader: Reader,
    *,
    account: str,
    look: Look,
    window: Window,
    writers: Sequence[str] = (),
    thread: Sequence[Line] = (),
    team: str = "",
    own_fields: Sequence[OwnField] = (),
) -> Card:
    """The card of a ticket as one room sees it. `account` is the title of the account it came to, `look` its
    channel's; `writers` are replying just now, `thread` says what a message in the thread becomes, `team` is what the
    ticket's team is called; `own_fields` are the organisation's."""
    ticket = view.ticket
    if ticket.merged_into is not None:
        return merged_card(view, reader)
    customer = view.contact.name or view.identity.name or _nameless(view, reader)
    if ticket.status is Status.SPAM:
        return _spam_card(view, reader, customer, look)
    return Card(
        fallback=reader.say("card.fallback", number=ticket.number, who=customer, text=_words(ticket, reader)[:150]),
        title=_title(ticket, customer, look),
        facts=(
            *_facts(view, reader, f"{look.title_in(reader.language)} · {account}", customer, window, team),
            *own_facts(ticket, own_fields, reader),
        ),
        quote=Quote(_words(ticket, reader)),
        footnotes=(*replying_lines(writers, reader), *_footnotes(view, reader, window), *thread),
        buttons=(*_buttons(ticket, reader), *alike_buttons(ticket, view.alike, reader)),
        menu=_menu(ticket, reader, has_fields=bool(own_fields)),
        menu_label=reader.say("card.more"),
    )


def _spam_card(view: TicketView, reader: Reader, customer: str, look: Look) -> Card:
    """Small: nobody needs to read it, but it can be taken back."""
    ticket = view.ticket
    words = reader.say("card.is_spam")
    return Card(
        fallback=reader.say("card.fallback", number=ticket.number, who=customer, text=words),
        title=_title(ticket, customer, look),
        footnotes=((Plain(words),), *_blocked_note(view, reader)),
        buttons=(_button(ticket, reader, "not_spam"),),
        menu=_menu(ticket, reader),
        menu_label=reader.say("card.more"),
    )


def _blocked_note(view: TicketView, reader: Reader) -> tuple[Line, ...]:
    return (reader.line("card.blocked"),) if view.identity.blocked else ()


def _nameless(view: TicketView, reader: Reader) -> str:
    """A mail address names its customer well enough, a provider's user id does not."""
    return view.conversation.address if view.identity.scope == "email" else reader.say("who.customer")


def _title(ticket: Ticket, customer: str, look: Look) -> Line:
    icon = PRIORITY_ICONS.get(ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    return (
        Emoji(look.icon),
        Plain(" "),
        *urgent,
        Strong(f"#{ticket.number} {ticket.subject or customer}"),
    )


def _words(ticket: Ticket, reader: Reader) -> str:
    if ticket.latest_masked:
        return reader.say("card.masked")
    if not ticket.latest.strip():
        return reader.say("card.no_text")
    return ticket.latest if len(ticket.latest) <= QUOTED else ticket.latest[:QUOTED].rstrip() + "…"


def _facts(
    view: TicketView, reader: Reader, channel: str, customer: str, window: Window, team: str
) -> tuple[Fact, ...]:
    ticket = view.ticket
    address = view.conversation.address
    readable = view.identity.scope == "email" and customer != address
    shown = f"{customer} <{address}>" if readable else customer
    nth = reader.say("card.first") if view.nth <= 1 else reader.say("card.nth", nth=view.nth)
    assignee: Line = (Plain(reader.say("card.nobody")),)
    if view.assignee is not None:
        assignee = (reader.person(view.assignee, dict(view.assignee_users)),)
        if ticket.claimed_at is not None:
            assignee = (*assignee, Plain(" · "), Moment(ticket.claimed_at))
    facts = [
        Fact(reader.say("card.customer"), (Plain(f"{shown} · {nth}"),)),
        Fact(reader.say("card.channel"), (Plain(channel),)),
        Fact(reader.say("card.status"), _status(ticket, reader)),
        Fact(reader.say("card.priority"), (Plain(reader.say(f"priority.{ticket.priority}")),)),
        Fact(reader.say("card.assignee"), assignee),
    ]
    if team:
        facts.append(Fact(reader.say("card.team"), (Plain(team),)))
    if ticket.tags:
        facts.append(Fact(reader.say("card.tags"), (tags_span(ticket.tags, reader),)))
    if window.until is not None:
        facts.append(Fact(reader.say("card.window"), (Moment(window.until),)))
    return tuple(facts)


def _status(ticket: Ticket, reader: Reader) -> Line:
    words = Plain(reader.say(f"status.{ticket.status}"))
    return (words,) if ticket.snoozed_until is None else (words, Plain(" → "), Moment(ticket.snoozed_until))


def _footnotes(view: TicketView, reader: Reader, window: Window) -> tuple[Line, ...]:
    ticket = view.ticket
    notes: list[Line] = []
    if ticket.last_customer_at is not None and not ticket.latest_masked:
        by = ticket.latest_by or reader.say("who.customer")
        notes.append((Plain(f"{by} · "), Moment(ticket.last_customer_at)))
    last = view.last_reply
    if last is not None:
        notes.append((Plain(sending_words(reader, last)), Plain(" · "), Moment(last.updated_at)))
    notes += scheduled_lines(view.scheduled, reader)
    if ticket.needs_no_answer:
        notes.append(reader.line("card.needs_no_answer"))
    if ticket.follows is not None:
        notes.append(reader.line("card.follows", number=ticket.follows))
    if ticket.followed_by is not None:
        notes.append(reader.line("card.followed_by", number=ticket.followed_by))
    if ticket.claims_number is not None:
        notes.append(reader.line("card.claims", number=ticket.claims_number))
    if ticket.split_from is not None:
        notes.append(reader.line("card.split_from", number=view.split_number))
    notes += alike_lines(view.alike, reader)
    notes += _blocked_note(view, reader)
    if ticket.latest_automatic:
        notes.append(reader.line("card.latest_automatic"))
    if not window.open and window.note:
        notes.append(reader.line("card.window_note", note=window.note))
    return tuple(notes)


def _button(ticket: Ticket, reader: Reader, action: str, *, form: bool = False, style: Style = Style.DEFAULT) -> Button:
    return Button(action, reader.say(f"button.{action}"), ticket.id, ticket.version, style, opens_form=form)


def _buttons(ticket: Ticket, reader: Reader) -> tuple[Button, ...]:
    if ticket.status is Status.CLOSED:
        return (_button(ticket, reader, "reopen"), _button(ticket, reader, "reply", form=True))
    if ticket.needs_no_answer:
        return (
            _button(ticket, reader, "close"),
            _button(ticket, reader, "reopen"),
            _button(ticket, reader, "reply", form=True),
        )
    if ticket.status is Status.SNOOZED:
        first = _button(ticket, reader, "unsnooze", style=Style.PRIMARY)
        return (first, _button(ticket, reader, "reply", form=True), _button(ticket, reader, "close"))
    if ticket.assignee is None:
        first = _button(ticket, reader, "claim", style=Style.PRIMARY)
        return (first, _button(ticket, reader, "reply", form=True), _button(ticket, reader, "close"))
    reply = _button(ticket, reader, "reply", form=True, style=Style.PRIMARY)
    return (reply, _button(ticket, reader, "close"), _button(ticket, reader, "release"))


def _menu(ticket: Ticket, reader: Reader, *, has_fields: bool = False) -> tuple[Button, ...]:
    names = [
        "assign",
        "priority",
        "transfer",
        "tags",
        "snooze",
        "note",
        "merge",
        "split",
        "contact",
        "spam",
        "templates",
        "history",
    ]
    if ticket.status is Status.CLOSED:
        names = ["tags", "note", "merge", "split", "contact", "spam", "templates", "history"]
    if ticket.status is Status.SPAM:
        names = ["contact", "history"]
    of_the_reader = _button(ticket, reader, "notification_settings", form=True)
    if has_fields and not ticket.is_settled:
        names = ["fields", *names]
    return (*(_button(ticket, reader, name, form=True) for name in names), of_the_reader)
