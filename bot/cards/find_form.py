"""Draws the search: what is looked for, what was found, and the way to each ticket's card."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cards.model import (
    Button,
    Emoji,
    Field,
    Form,
    FormButtons,
    Line,
    Link,
    Moment,
    Plain,
    Said,
    Span,
    Strong,
    TextInput,
)
from bot.cards.parts import PRIORITY_ICONS, Reader
from routing.ids import TicketId
from routing.queries import LONGEST_QUERY
from routing.search import Counted, Page, TicketHit

LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what was found. `links` are the addresses of cards that the reader may open, by ticket; `agents` the
    names of assignees."""

    looked_for: str
    page: Page
    counted: Counted
    links: Mapping[TicketId, str]
    agents: Mapping[str, str]


def find_form(findings: Findings | None, reader: Reader, *, ticket: TicketId) -> Form:
    """The search as it opens (`findings` None), or with what was found."""
    looked_for = findings.looked_for if findings else ""
    fields: list[Field] = [
        TextInput(
            "query",
            reader.say("form.search.query"),
            initial=looked_for,
            hint=reader.say("form.search.hint"),
            optional=True,
            longest=LONGEST_QUERY,
        )
    ]
    if findings is not None:
        fields.append(Said(lines=((Strong(_count(findings.counted, reader)),),)))
        fields += [Said(lines=_hit(one, findings, reader)) for one in findings.page.hits]
        if findings.page.next_key is not None:
            fields.append(FormButtons((_more(findings, findings.page.next_key, reader, ticket),)))
    return Form(
        name="search",
        title=reader.say("form.search.title"),
        fields=tuple(fields),
        ticket=ticket,
        submit=reader.say("form.search.submit"),
        cancel=reader.say("button.cancel"),
    )


def _count(counted: Counted, reader: Reader) -> str:
    if counted.number == 0:
        return reader.say("form.search.nothing")
    return reader.say("form.search.found_more" if counted.more else "form.search.found", count=f"{counted.number:,}")


def _more(findings: Findings, key: int, reader: Reader, ticket: TicketId) -> Button:
    values = {"looked_for": findings.looked_for, "before": str(key)}
    return Button("form.search.more", reader.say("form.search.more"), ticket, values=values)


def _hit(hit: TicketHit, findings: Findings, reader: Reader) -> tuple[Line, ...]:
    ticket = hit.ticket
    number = f"#{ticket.number}"
    address = findings.links.get(ticket.id, "")
    icon = PRIORITY_ICONS.get(ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    customer = hit.contact or reader.say("who.customer")
    title: Line = (
        *urgent,
        Link(number, address) if address else Strong(number),
        Plain("  "),
        Strong(ticket.subject[:LONGEST_SUBJECT] or customer),
    )
    told = [reader.say(f"status.{ticket.status}"), customer]
    if ticket.assignee is not None and (name := findings.agents.get(ticket.assignee)):
        told.append(f"{reader.say('card.assignee')}: {name}")
    about: Line = (Plain(f"{' · '.join(told)} · "), Moment(ticket.updated_at))
    words: tuple[Span, ...] = tuple(Strong(text) if found else Plain(text) for text, found in hit.snippet)
    return (title, about, words) if words else (title, about)
