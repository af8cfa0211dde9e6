"""Draws a person's Home: figures, their lists of tickets, filters and pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.cards.home_model import Home, Menu, Row, Tab
from bot.cards.lists import Links, counts
from bot.cards.model import Button, Emoji, Line, Moment, Plain, Strong, Style
from bot.cards.parts import PRIORITY_ICONS, Reader
from routing import homes
from routing.agents import Agent, Permission, may
from routing.errors import Refused
from routing.homes import View
from routing.ids import TicketId
from routing.overview import AT_WORK, NEEDS_US, Listed, Overview, Page, Whose
from routing.policy import Look
from routing.ticket import Priority, Status

NO_TICKET = TicketId("")
LONGEST_SUBJECT = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a Home tells: the choices made there, the figures, the page of the list, and the channels."""

    choices: homes.Home
    agent: Agent
    overview: Overview
    page: Page
    per_page: int
    looks: Mapping[str, Look]
    links: Links


def home(shown: Shown, reader: Reader, *, organisation: str) -> Home:
    works = may(shown.agent, Permission.WORK)
    page = shown.page
    return Home(
        title=reader.line("home.title", organisation=organisation),
        figures=tuple(_figures(shown, reader)),
        buttons=tuple(_buttons(reader, works=works)),
        tabs=tuple(_tabs(shown, reader)),
        menus=tuple(_menus(shown, reader)),
        rows=tuple(_row(one, shown, reader, works=works) for one in page.tickets),
        empty=reader.line(f"home.empty.{shown.choices.view}"),
        position=_position(page, reader),
        pages=tuple(_pages(shown, reader)),
    )


def refused_home(refusal: Refused, reader: Reader) -> Home:
    """What somebody sees who may see nothing here."""
    return Home(title=reader.line("home.closed"), figures=(reader.line(f"refused.{refusal.key}"),))


def _figures(shown: Shown, reader: Reader) -> Iterable[Line]:
    overview = shown.overview
    flow = overview.flow.values()
    yield (Strong(reader.say("stats.now", **counts(overview))),)
    yield reader.line("stats.today", came=sum(one.came for one in flow), closed=sum(one.closed for one in flow))
    for channel, look in shown.looks.items():
        if overview.count(channel=channel):
            values = {"channel": look.title_in(reader.language), **counts(overview, channel)}
            yield (Emoji(look.icon), Plain(" "), *reader.line("home.channel", **values))


def _buttons(reader: Reader, *, works: bool) -> Iterable[Button]:
    if works:
        yield Button("next", reader.say("button.next"), NO_TICKET, style=Style.PRIMARY)
        yield Button("new_ticket", reader.say("button.new_ticket"), NO_TICKET, opens_form=True)
        yield Button("templates", reader.say("button.templates"), NO_TICKET, opens_form=True)
    yield Button("search", reader.say("button.search"), NO_TICKET, opens_form=True)
    yield Button("notification_settings", reader.say("button.notification_settings"), NO_TICKET, opens_form=True)


def _tabs(shown: Shown, reader: Reader) -> Iterable[Tab]:
    overview = shown.overview
    sizes = {
        View.MINE: overview.count(whose=Whose.MINE),
        View.UNASSIGNED: overview.count(whose=Whose.NOBODYS),
        View.ROOMS: overview.count(in_my_rooms=True),
        View.WAITING: overview.count(statuses=(Status.WAITING,)),
    }
    for view, size in sizes.items():
        label = reader.say(f"home.view.{view}", count=size)
        is_open = view is shown.choices.view
        style = Style.PRIMARY if is_open else Style.DEFAULT
        yield Tab(Button("home_choose", label, NO_TICKET, style=style, values={"view": view}), is_open)


def _menus(shown: Shown, reader: Reader) -> Iterable[Menu]:
    choices = shown.choices
    channels = {name: look.title_in(reader.language) for name, look in shown.looks.items()}
    if choices.channel and choices.channel not in channels:
        channels[choices.channel] = choices.channel
    yield _menu("channel", channels, choices.channel, reader)
    priorities = {str(one): reader.say(f"priority.{one}") for one in reversed(Priority)}
    yield _menu("priority", priorities, choices.priority, reader)
    yield _menu("status", {str(one): reader.say(f"status.{one}") for one in AT_WORK}, choices.status, reader)


def _menu(name: str, options: Mapping[str, str], chosen: str, reader: Reader) -> Menu:
    everything = {"": reader.say(f"home.all.{name}"), **options}
    return Menu(
        label=reader.say(f"card.{name}"),
        options=tuple(
            Button("home_choose", label, NO_TICKET, values={name: value}) for value, label in everything.items()
        ),
        chosen=list(everything).index(chosen),
    )


def _row(one: Listed, shown: Shown, reader: Reader, *, works: bool) -> Row:
    ticket = one.ticket
    look = shown.looks[ticket.channel]
    icon = PRIORITY_ICONS.get(ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    customer = one.customer or ticket.latest_by or reader.say("who.customer")
    subject = ticket.subject or customer
    shown_subject = subject if len(subject) <= LONGEST_SUBJECT else subject[:LONGEST_SUBJECT].rstrip() + "…"
    facts = [*([customer] if ticket.subject else []), reader.say(f"status.{ticket.status}")]
    facts.append(reader.say(f"priority.{ticket.priority}"))
    facts.append(one.assignee.name if one.assignee else reader.say("card.nobody"))
    return Row(
        name=str(ticket.number),
        title=(Emoji(look.icon), Plain(" "), *urgent, Strong(f"#{ticket.number} {shown_subject}")),
        about=(Plain(f"{' · '.join(facts)} · "), Moment(ticket.created_at)),
        address=shown.links.get(ticket.id, ""),
        open_label=reader.say("home.open_card"),
        buttons=tuple(_row_buttons(one, shown, reader)) if works else (),
    )


def _row_buttons(one: Listed, shown: Shown, reader: Reader) -> Iterable[Button]:
    ticket = one.ticket
    if ticket.assignee is None and ticket.status in NEEDS_US:
        yield Button("claim", reader.say("button.claim"), ticket.id, ticket.version, Style.PRIMARY)
    elif ticket.assignee == shown.agent.id:
        yield Button("reply", reader.say("button.reply"), ticket.id, ticket.version, opens_form=True)


def _position(page: Page, reader: Reader) -> Line:
    if page.total <= len(page.tickets):
        return ()
    first, last = page.start + 1, page.start + len(page.tickets)
    return reader.line("home.position", first=first, last=last, total=page.total)


def _pages(shown: Shown, reader: Reader) -> Iterable[Button]:
    number = shown.page.start // shown.per_page
    turned = {"page_before": number - 1, "page_after": number + 1}
    for name, other in turned.items():
        if 0 <= other * shown.per_page < shown.page.total:
            label = reader.say(f"button.{name}")
            yield Button("home_choose", label, NO_TICKET, values={"page": str(other)})
