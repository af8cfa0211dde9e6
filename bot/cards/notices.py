"""Draws what one person is told by name: a direct message, a mention below the card, a summary, a mail.

Customers' words are not repeated here: what a customer takes back must disappear, and a mail cannot be taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.entries import decision_buttons
from bot.cards.model import Button, Emoji, Entry, Line, Link, Plain, Quote, Strong, Style
from bot.cards.parts import PRIORITY_ICONS, Reader
from bot.cards.scheduled import edit_again_button
from routing.desk.notifying import DROPPED, RETURNED, TAKEN_BACK, News, Parcel, what_happened
from routing.ids import TicketId
from routing.notices import Occasion
from routing.replies import UNDECIDED
from routing.ticket import Status, Ticket

MOST_LISTED = 20
QUOTED = 600
Links = Mapping[TicketId, str]
"""Where the tickets' cards are opened."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """A mail to somebody of the team."""

    subject: str
    text: str


def direct_entry(parcel: Parcel, reader: Reader, links: Links) -> Entry:
    """What happened to one ticket or to several, with what one may want to do about it."""
    if parcel.is_summary:
        return _summary(parcel, reader, links)
    ticket = parcel.news[0].ticket
    told = _sentences(parcel.news, reader)
    return Entry(
        fallback=f"{_name(parcel.news[0])}: {' '.join(told)}",
        lines=(_title(parcel.news[0], reader, links), *((Plain(one),) for one in told)),
        quote=_note(parcel.news),
        buttons=(
            *_again(parcel.news, reader),
            *_decisions(parcel.news, reader),
            *_work(ticket, reader),
            _choose(ticket.id, reader),
        ),
    )


def mention_entry(parcel: Parcel, reader: Reader) -> Entry:
    """Stands below the card and calls the person by name."""
    told = " ".join(_sentences(parcel.news, reader))
    users = {(reader.surface, reader.workspace): parcel.user_at(reader.surface, reader.workspace)}
    line: Line = (Emoji("bell"), Plain(" "), reader.person(parcel.agent, users, ping=True), Plain(f" {told}"))
    return Entry(fallback=f"{_name(parcel.news[0])}: {told}", lines=(line,))


def notice_mail(parcel: Parcel, reader: Reader, links: Links) -> MailWords:
    first = parcel.news[0]
    told = _sentences(parcel.news, reader)
    if parcel.is_summary:
        subject = reader.say("notice.summary", count=len(_by_ticket(parcel)))
    else:
        subject = f"{_name(first)}: {told[0]}"
    parts: list[str] = []
    for news in _by_ticket(parcel)[:MOST_LISTED]:
        quote = _note(news)
        parts += [_name(news[0]), *(f"  {one}" for one in _sentences(news, reader))]
        parts += [f"  > {one}" for one in quote.text.splitlines()] if quote else []
        parts += [f"  {links[news[0].ticket.id]}"] if news[0].ticket.id in links else []
        parts.append("")
    parts += _left_out(parcel, reader)
    parts.append(reader.say("notice.mail_foot"))
    return MailWords(subject, "\n".join(parts))


def _summary(parcel: Parcel, reader: Reader, links: Links) -> Entry:
    """What was kept through quiet hours, ticket by ticket."""
    title = reader.say("notice.summary", count=len(_by_ticket(parcel)))
    tickets = (
        (*_title(news[0], reader, links), Plain(f": {' '.join(_sentences(news, reader))}"))
        for news in _by_ticket(parcel)[:MOST_LISTED]
    )
    more = ((Plain(one),) for one in _left_out(parcel, reader))
    lines: tuple[Line, ...] = ((Emoji("sunrise"), Plain(" "), Strong(title)), *tickets, *more)
    return Entry(fallback=title, lines=lines, buttons=(_choose(parcel.news[0].ticket.id, reader),))


def _left_out(parcel: Parcel, reader: Reader) -> list[str]:
    left = len(_by_ticket(parcel)) - MOST_LISTED
    return [reader.say("notice.more", count=left)] if left > 0 else []


def _by_ticket(parcel: Parcel) -> list[Sequence[News]]:
    found: dict[TicketId, list[News]] = {}
    for one in parcel.news:
        found.setdefault(one.ticket.id, []).append(one)
    return list(found.values())


def _name(news: News) -> str:
    return f"#{news.ticket.number} {news.ticket.subject or news.customer}".strip()


def _title(news: News, reader: Reader, links: Links) -> Line:
    icon = PRIORITY_ICONS.get(news.ticket.priority)
    urgent: Line = (Emoji(icon), Plain(" ")) if icon else ()
    name = (Strong(_name(news)),)
    if news.ticket.id not in links:
        return (*urgent, *name)
    return (*urgent, *name, Plain(" · "), Link(reader.say("notice.open"), links[news.ticket.id]))


def _sentences(news: Sequence[News], reader: Reader) -> list[str]:
    """What happened, in order; the same thing several times is said once, with how often."""
    counted: dict[str, int] = {}
    for one in news:
        sentence = _sentence(one, reader)
        counted[sentence] = counted.get(sentence, 0) + 1
    return [one if times == 1 else reader.say("notice.times", what=one, times=times) for one, times in counted.items()]


def _sentence(news: News, reader: Reader) -> str:
    notice = news.notice
    who = notice.author or reader.say("who.system")
    match notice.occasion:
        case Occasion.ASSIGNED:
            return reader.say("notice.assigned", who=who)
        case Occasion.MENTIONED:
            return reader.say("notice.mentioned", who=who)
        case Occasion.CUSTOMER_WROTE:
            return reader.say("notice.customer_wrote", who=news.customer or reader.say("who.customer"))
        case Occasion.REPLY_TROUBLED:
            return _trouble(news, reader, who)


def _trouble(news: News, reader: Reader, who: str) -> str:
    reply, happened = news.reply, what_happened(news.notice)
    if happened == TAKEN_BACK:
        return reader.say("notice.reply_taken_back", who=who)
    if happened == DROPPED or reply is None:
        return reader.say("notice.reply_dropped", who=who)
    if happened == RETURNED:
        return reader.say("notice.reply_returned", reason=reader.say(f"returned.{reply.fault}"))
    state = "bounced" if reply.delivered == "bounced" else str(reply.state)
    return reader.say(f"notice.reply_{state}", reason=reply.fault)


def _note(news: Sequence[News]) -> Quote | None:
    """The words of the last note; only colleagues wrote them."""
    notes = [one.message for one in news if one.notice.occasion is Occasion.MENTIONED and one.message is not None]
    words = notes[-1].text.strip() if notes else ""
    return Quote(words if len(words) <= QUOTED else words[:QUOTED].rstrip() + "…") if words else None


def _decisions(news: Sequence[News], reader: Reader) -> tuple[Button, ...]:
    """An unclear or failed reply can be settled from here."""
    replies = {one.reply.message: one for one in news if one.reply is not None and one.reply.state in UNDECIDED}
    return tuple(
        button
        for one in replies.values()
        if one.reply is not None
        for button in decision_buttons(one.ticket.id, one.reply, reader)
    )


def _again(news: Sequence[News], reader: Reader) -> tuple[Button, ...]:
    """The words of a reply that did not leave, to be written anew."""
    stopped = [one for one in news if what_happened(one.notice) in (RETURNED, TAKEN_BACK) and one.reply is not None]
    return tuple(edit_again_button(one.ticket.id, one.reply.message, reader) for one in stopped[-1:] if one.reply)


def _work(ticket: Ticket, reader: Reader) -> tuple[Button, ...]:
    reply = Button("reply", reader.say("button.reply"), ticket.id, ticket.version, Style.PRIMARY, opens_form=True)
    if ticket.assignee is None and ticket.status is not Status.CLOSED:
        return (Button("claim", reader.say("button.claim"), ticket.id, ticket.version), reply)
    return (reply,)


def _choose(ticket: TicketId, reader: Reader) -> Button:
    return Button("notification_settings", reader.say("button.notification_settings"), ticket, opens_form=True)
