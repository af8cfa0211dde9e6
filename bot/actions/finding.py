"""Finding tickets from chat: the search form, its pages, and the links to cards."""

import asyncio
from collections.abc import Mapping
from functools import cache

from bot.actions.context import Asked, Entitled
from bot.cards.entries import refusal_words
from bot.cards.find_form import Findings, find_form
from bot.cards.words import LANGUAGES, say
from bot.surface import Answer, FieldErrors
from routing.agents import Permission
from routing.errors import MadoguchiError, Refused
from routing.folding import folded
from routing.ids import TicketId
from routing.queries import Vocabulary
from routing.search import TicketHit
from routing.ticket import Priority, Status


@cache
def vocabulary() -> Vocabulary:
    """What cards call statuses and priorities, in every language."""
    return {
        folded(say(language, f"{kind}.{value}")): value.value
        for language in LANGUAGES
        for kind, values in (("status", Status), ("priority", Priority))
        for value in values
    }


async def find(asked: Asked) -> Answer:
    """The search as it opens; with something to look for, what was found. A query that cannot be understood is told
    beside what was written."""
    if "query" not in asked.action.values:
        return find_form(None, asked.reader, ticket=asked.action.ticket)
    try:
        return await _found(asked, asked.value("query"), before=None)
    except Refused as refusal:
        return FieldErrors({"query": refusal_words(asked.reader, refusal)})


async def more(asked: Asked) -> Answer:
    """The page behind the one that is shown."""
    before = asked.value("before")
    return await _found(
        asked, asked.value("looked_for"), before=int(before) if before.isascii() and before.isdigit() else None
    )


async def _found(asked: Asked, looked_for: str, *, before: int | None) -> Answer:
    desk, words = asked.desk, vocabulary()
    page = await desk.find(asked.agent, looked_for, before_key=before, vocabulary=words)
    counted = await desk.count(asked.agent, looked_for, vocabulary=words)
    agents = await desk.agents([hit.ticket.assignee for hit in page.hits if hit.ticket.assignee is not None])
    findings = Findings(
        looked_for=looked_for,
        page=page,
        counted=counted,
        links=await _links(asked, page.hits),
        agents={one: agent.name for one, agent in agents.items()},
    )
    return find_form(findings, asked.reader, ticket=asked.action.ticket)


async def _links(asked: Asked, hits: tuple[TicketHit, ...]) -> Mapping[TicketId, str]:
    addresses = await asyncio.gather(*(_link(asked, hit) for hit in hits))
    return {hit.ticket.id: address for hit, address in zip(hits, addresses, strict=True) if address}


async def _link(asked: Asked, hit: TicketHit) -> str:
    """The address of the ticket's card on the reader's own surface; empty when there is none that they may open, or the
    surface does not tell it now."""
    who = asked.action.who
    for place in hit.rooms:
        room = asked.house.rooms.get(place.room)
        if room is None or (room.surface, room.workspace) != (who.surface, who.workspace):
            continue
        try:
            return await asked.house.surfaces[room.surface].link(room, place.reference)
        except MadoguchiError:
            continue
    return ""


HANDLERS: Mapping[str, Entitled] = {
    "search": Entitled(find, Permission.SEE, form=True),
    "form.search.more": Entitled(more, Permission.SEE, form=True),
}
