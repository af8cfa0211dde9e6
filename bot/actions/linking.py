"""Linking identities from the contact form: another one is named, the evidence is seen, confirmed, and undone."""

from collections.abc import Mapping

from bot.actions.contacts import show_contact
from bot.actions.context import Asked, Entitled
from bot.cards.entries import answer
from bot.cards.identities import choose_link_form, confirm_link_form
from bot.surface import Answer, Done, FieldErrors
from routing.errors import Refused
from routing.folding import folded
from routing.ids import IdentityId

LONGEST_REASON = 300


async def open_link(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return choose_link_form(view.ticket, asked.reader)


async def choose_link(asked: Asked) -> Answer:
    """Shows both sides with what speaks for them."""
    view, reach = await asked.desk.view(asked.action.ticket), await asked.reach()
    which = folded(asked.value("which")).strip().removeprefix("#").strip()
    other = await asked.desk.identity_meant(reach, which)
    if other is None:
        return FieldErrors({"which": asked.reader.say("refused.link.no_such", which=which)})
    if other.identity.contact == view.contact.id:
        return FieldErrors({"which": asked.reader.say("refused.link.one_already")})
    if other.link is not None:
        return FieldErrors({"which": asked.reader.say("refused.link.linked_already")})
    return confirm_link_form(view.ticket, await asked.desk.identities_of(view.contact.id), other, asked.reader)


async def link_identity(asked: Asked) -> Answer:
    identity, reason = IdentityId(asked.value("identity")), asked.value("reason").strip()[:LONGEST_REASON]
    known = await asked.desk.identity(identity)
    if known is None:
        raise Refused("gone")
    await asked.desk.link(asked.actor, asked.action.ticket, identity, reason)
    return Done(answer(asked.reader, "tell.linked"))


async def unlink(asked: Asked) -> Answer:
    await asked.desk.unlink(asked.actor, asked.action.ticket, IdentityId(asked.value("identity")))
    return await show_contact(asked)


HANDLERS: Mapping[str, Entitled] = {
    "link": Entitled(open_link),
    "choose_link": Entitled(choose_link, form=True),
    "link_identity": Entitled(link_identity, form=True),
    "unlink": Entitled(unlink),
}
