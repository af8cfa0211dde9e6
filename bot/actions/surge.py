"""Presses on a room's roll-up: showing the next cards, and working from the list of what it collects."""

from collections.abc import Mapping

from bot.actions.board import room_of
from bot.actions.context import Asked, Entitled
from bot.cards.entries import answer, refusal_words
from bot.cards.model import Form
from bot.cards.surge import AT_ONCE, surge_form
from bot.surface import Answer, Done, Room
from routing.agents import Permission
from routing.errors import Refused


async def show_next(asked: Asked) -> Answer:
    """Posts the cards of the next ten."""
    shown = await asked.desk.show_collected(room_of(asked).id, most=AT_ONCE, actor=asked.actor)
    return Done(answer(asked.reader, "surge.shown" if shown else "surge.none_left", count=shown))


async def show_list(asked: Asked) -> Answer:
    return await _page(asked, room_of(asked))


async def claim_from_list(asked: Asked) -> Answer:
    """The list again, with what became of it; the card is posted because somebody works on it now."""
    room = room_of(asked)
    try:
        ticket = await asked.desk.claim(asked.actor, asked.action.ticket)
    except Refused as refusal:
        return await _page(asked, room, refusal_words(asked.reader, refusal))
    return await _page(asked, room, asked.reader.say("board.taken", number=ticket.number))


async def show_one(asked: Asked) -> Answer:
    room = room_of(asked)
    await asked.desk.show_one_collected(asked.actor, room.id, asked.action.ticket)
    return await _page(asked, room, asked.reader.say("board.card_comes"))


async def _page(asked: Asked, room: Room, told: str = "") -> Form:
    after = int(asked.value("after") or 0)
    found = await asked.desk.collected_in(room.id, after=after, most=AT_ONCE + 1)
    return surge_form(found[:AT_ONCE], asked.reader, after=after, more=len(found) > AT_ONCE, told=told)


HANDLERS: Mapping[str, Entitled] = {
    "surge_show": Entitled(show_next),
    "surge_list": Entitled(show_list, Permission.SEE),
    "surge_claim": Entitled(claim_from_list),
    "surge_card": Entitled(show_one),
}
