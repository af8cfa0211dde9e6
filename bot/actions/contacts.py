"""The customer behind a ticket: their tickets page by page, shutting them out, and spam."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.contact import PAGE, contact_form, spam_form
from bot.cards.entries import answer
from bot.surface import Answer, Done
from routing.agents import Permission
from routing.ids import IdentityId

_LAST_PAGE = 10_000


async def show_contact(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    page = _page(asked.value("page"))
    tickets = await asked.desk.tickets_of(await asked.reach(), view.contact.id, start=page * PAGE, limit=PAGE + 1)
    known = await asked.desk.identities_of(view.contact.id)
    return contact_form(view, tickets, known, page, asked.reader)


def _page(value: str) -> int:
    return min(int(value), _LAST_PAGE) if value.isascii() and value.isdecimal() and len(value) < 9 else 0


async def block(asked: Asked) -> Answer:
    await asked.desk.block(asked.actor, asked.action.ticket, IdentityId(asked.value("identity")))
    return await show_contact(asked)


async def unblock(asked: Asked) -> Answer:
    await asked.desk.unblock(asked.actor, asked.action.ticket, IdentityId(asked.value("identity")))
    return await show_contact(asked)


async def open_spam(asked: Asked) -> Answer:
    return spam_form(await asked.desk.view(asked.action.ticket), asked.reader)


async def set_spam(asked: Asked) -> Answer:
    blocking = IdentityId(asked.value("identity")) if "block" in asked.value("also").split(",") else None
    ticket = await asked.desk.mark_spam(asked.actor, asked.action.ticket, blocking=blocking)
    return Done(answer(asked.reader, "tell.spam", number=ticket.number))


async def not_spam(asked: Asked) -> Answer:
    await asked.desk.not_spam(asked.actor, asked.action.ticket)
    return Done()


HANDLERS: Mapping[str, Entitled] = {
    "contact": Entitled(show_contact, Permission.SEE, word=Word(ticket=True, opens=True)),
    "block": Entitled(block),
    "unblock": Entitled(unblock),
    "spam": Entitled(open_spam, word=Word(ticket=True, opens=True)),
    "set_spam": Entitled(set_spam, form=True),
    "not_spam": Entitled(not_spam),
}
