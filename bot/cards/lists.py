"""Draws short answers about many tickets: lists, figures, help, who did what."""

from collections.abc import Mapping, Sequence

from bot.cards.model import Emoji, Entry, Line, Link, Moment, Plain, Strong
from bot.cards.parts import PRIORITY_ICONS, Reader
from bot.cards.words import knows
from routing.desk.overseeing import Audit
from routing.ids import TicketId
from routing.overview import NEEDS_US, Listed, Overview, Page, Whose
from routing.policy import Look
from routing.ticket import Status

Links = Mapping[TicketId, str]
LONGEST_SUBJECT = 60


def ticket_line(one: Listed, reader: Reader, links: Links) -> Line:
    """One ticket in one line: its number leads to its card. None of the customer's words: a list that somebody was
    answered with stands for good, and a customer may take words back."""
    ticket = one.ticket
    number, link = f"#{ticket.number}", links.get(ticket.id, "")
    icon = PRIORITY_ICONS.get(ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    customer = one.customer or ticket.latest_by or reader.say("who.customer")
    subject = ticket.subject or customer
    shown = subject if len(subject) <= LONGEST_SUBJECT else subject[:LONGEST_SUBJECT].rstrip() + "…"
    about = [*([customer] if ticket.subject else []), reader.say(f"status.{ticket.status}")]
    if one.assignee is not None:
        about.append(one.assignee.name)
    return (
        *urgent,
        Link(number, link) if link else Strong(number),
        Plain(" "),
        Strong(shown),
        Plain(f" · {' · '.join(about)} · "),
        Moment(ticket.created_at),
    )


def _entry(first: str, lines: Sequence[Line] = (), notes: Sequence[Line] = ()) -> Entry:
    return Entry(fallback=first, lines=((Strong(first),), *lines), footnotes=tuple(notes))


def mine_entry(page: Page, reader: Reader, links: Links) -> Entry:
    if not page.total:
        return _entry(reader.say("list.none_mine"))
    notes = []
    if page.total > len(page.tickets):
        notes.append(reader.line("list.more", count=page.total - len(page.tickets)))
    first = reader.say("list.mine", count=page.total)
    return _entry(first, [ticket_line(one, reader, links) for one in page.tickets], notes)


def next_entry(one: Listed, reader: Reader, links: Links) -> Entry:
    return _entry(reader.say("list.next", number=one.ticket.number), [ticket_line(one, reader, links)])


def new_entry(one: Listed, reader: Reader) -> Entry:
    return _entry(reader.say("list.new", number=one.ticket.number), [ticket_line(one, reader, {})])


def found_entry(found: Sequence[Listed], reader: Reader, links: Links) -> Entry:
    return _entry(
        reader.say("list.found", count=len(found)),
        [ticket_line(one, reader, links) for one in found],
    )


def stats_entry(overview: Overview, looks: Mapping[str, Look], reader: Reader) -> Entry:
    """The figures of now and of today, in all and by channel."""
    came = sum(flow.came for flow in overview.flow.values())
    closed = sum(flow.closed for flow in overview.flow.values())
    lines = [
        reader.line("stats.now", **counts(overview)),
        reader.line("stats.today", came=came, closed=closed),
    ]
    for channel, look in looks.items():
        flow = overview.flow.get(channel)
        values = {
            **counts(overview, channel),
            "channel": look.title_in(reader.language),
            "came": flow.came if flow else 0,
            "closed": flow.closed if flow else 0,
        }
        lines.append((Emoji(look.icon), Plain(" "), *reader.line("stats.channel", **values)))
    return _entry(reader.say("stats.title"), lines, [reader.line("stats.yours")])


def counts(overview: Overview, channel: str = "") -> dict[str, int]:
    return {
        "open": overview.count(statuses=NEEDS_US, channel=channel),
        "waiting": overview.count(statuses=(Status.WAITING,), channel=channel),
        "unassigned": overview.count(whose=Whose.NOBODYS, statuses=NEEDS_US, channel=channel),
    }


def help_entry(
    general: Sequence[str], on_ticket: Sequence[str], reader: Reader, *, unknown: str = "", near: str = ""
) -> Entry:
    """Every word there is for this reader. A word that nobody knows is answered with the nearest one."""
    lines: list[Line] = []
    first = reader.say("help.title")
    if unknown and near:
        first = reader.say("help.near", word=unknown, near=near)
    elif unknown:
        first = reader.say("help.unknown", word=unknown)
    lines += [(Strong(name), Plain("  "), Plain(reader.say(f"help.words.{name}"))) for name in general]
    notes = []
    if on_ticket:
        lines.append(reader.line("help.on_ticket", words=" · ".join(name for name in on_ticket)))
        notes.append(reader.line("help.where"))
    return _entry(first, lines, notes)


def audit_entry(audit: Audit, reader: Reader) -> Entry:
    """Who did what, newest first: in a sentence where there is one, else by the act's name."""
    lines: list[Line] = []
    for row in audit.rows:
        agent = audit.agents.get(row.agent) if row.agent is not None else None
        values = {name: value for name, value in row.details.items() if name not in ("text", "message")}
        for name in ("before", "after"):
            if name in values and knows(reader.language, f"priority.{values[name]}"):
                values[name] = reader.say(f"priority.{values[name]}")
        who = agent.name if agent else reader.say("who.system")
        known = knows(reader.language, f"history.{row.action}")
        said = reader.say(f"history.{row.action}", **(values | {"who": who})) if known else f"{who}: {row.action}"
        lines.append((Moment(row.at), Plain(f" {said} · {row.surface}")))
    return _entry(reader.say("list.audit", number=audit.ticket.number), lines)
