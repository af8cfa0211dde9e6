"""Merging from the card: choosing the other ticket, seeing both, confirming, and taking apart again."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer
from bot.cards.merging import READ_AT_ONCE, choose_merge_form, confirm_merge_form, merged_words_form
from bot.surface import Answer, Done, FieldErrors
from routing.agents import Permission
from routing.desk.moving import last_of_chain
from routing.errors import Refused
from routing.folding import folded
from routing.ids import TicketId
from routing.messages import Direction
from routing.ticket import Ticket

MOST_FIGURES = 19


async def open_merge(asked: Asked) -> Answer:
    """Offers what looks alike and the contact's other open tickets; any other one is named by its number."""
    view = await asked.desk.view(asked.action.ticket)
    if view.ticket.merged_into is not None:
        raise Refused("ticket.merged", number=str(view.merged_number))
    return choose_merge_form(view, await _offered(asked, view.ticket), asked.reader, chosen=asked.value("target"))


async def _offered(asked: Asked, ticket: Ticket) -> list[tuple[Ticket, str]]:
    """What looks alike first, with how much; then the same customer's other open tickets."""
    reach, say = await asked.reach(), asked.reader.say
    alike = [one for one in await asked.desk.alike(ticket) if await asked.desk.visible(reach, one.ticket.id)]
    sentences = {True: "form.merge.alike", False: "form.merge.alike_other"}
    offered = [(one.ticket, say(sentences[one.same_customer], percent=one.percent)) for one in alike]
    known = {one.id for one, _ in offered}
    same = say("form.merge.same_customer")
    siblings = await asked.desk.open_siblings(reach, ticket.id)
    return offered + [(one, same) for one in siblings if one.id not in known]


async def choose_merge(asked: Asked) -> Answer:
    """Shows both tickets. A number that is written counts before what was chosen."""
    written = folded(asked.value("number")).strip().lstrip("#").strip()
    chosen = asked.value("target")
    if not written and not chosen:
        return FieldErrors({"number": asked.reader.say("refused.merge.which")})
    target = await _numbered(asked, written) if written else TicketId(chosen)
    if target is None:
        return FieldErrors({"number": asked.reader.say("refused.merge.no_such", number=written)})
    source = await asked.desk.view(asked.action.ticket)
    if source.ticket.merged_into is not None:
        raise Refused("ticket.merged", number=str(source.merged_number))
    end = await asked.desk.look(lambda reads: last_of_chain(reads, target))
    if end == source.ticket.id:
        words = asked.reader.say("refused.merge.itself", number=source.ticket.number)
        return FieldErrors({"number": words})
    if not await asked.desk.visible(await asked.reach(), end):
        return FieldErrors({"number": asked.reader.say("refused.merge.no_such", number=written)})
    return confirm_merge_form(source, await asked.desk.view(end), asked.reader)


async def _numbered(asked: Asked, written: str) -> TicketId | None:
    """The ticket with the number that somebody wrote; None for what is no number of one that they may see."""
    if not (written.isascii() and written.isdigit() and len(written) < MOST_FIGURES):
        return None
    try:
        return (await asked.desk.ticket_numbered(await asked.reach(), int(written))).id
    except Refused:
        return None


async def merge_into(asked: Asked) -> Answer:
    merged = await asked.desk.merge(asked.actor, asked.action.ticket, TicketId(asked.value("into")))
    number, into = merged.source.number, merged.target.number
    return Done(answer(asked.reader, "tell.merged", number=number, into=into))


async def unmerge(asked: Asked) -> Answer:
    ticket = await asked.desk.unmerge(asked.actor, asked.action.ticket)
    return Done(answer(asked.reader, "tell.unmerged", number=ticket.number))


async def read_merged(asked: Asked) -> Answer:
    """What was said in a ticket that was merged into this one, as it stands there now; its internal notes only for whom
    that ticket is shown to."""
    other = await asked.desk.view(TicketId(asked.value("other")))
    if other.ticket.merged_into is None:
        raise Refused("merge.taken_out", number=str(other.ticket.number))
    said = await asked.desk.last_said(other.ticket.id, limit=READ_AT_ONCE)
    if not await asked.desk.visible(await asked.reach(), other.ticket.id):
        said = [one for one in said if one.direction is not Direction.NOTE]
    return merged_words_form(other, said, asked.action.ticket, asked.reader)


HANDLERS: Mapping[str, Entitled] = {
    "merge": Entitled(open_merge, word=Word(ticket=True, opens=True)),
    "choose_merge": Entitled(choose_merge, form=True),
    "merge_into": Entitled(merge_into, form=True),
    "unmerge": Entitled(unmerge),
    "read_merged": Entitled(read_merged, Permission.SEE),
}
