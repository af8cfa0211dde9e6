"""Presses on what stands for a whole room: taking the next ticket of its queue."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled
from bot.cards.board import taken_answer
from bot.surface import Answer, Done, Room
from routing.errors import Gone, Refused, Rejected, TryLater
from routing.ticket import Ticket


async def take_next(asked: Asked) -> Answer:
    room = room_of(asked)
    ticket = await asked.desk.take_next_in(asked.actor, room.id)
    return Done(taken_answer(ticket, asked.reader, link=await _link(asked, room, ticket)))


def room_of(asked: Asked) -> Room:
    """The room in which somebody pressed; Refused when it is none of ours any more."""
    room = asked.house.room_at(asked.action.who, asked.action.place)
    if room is None:
        raise Refused("board.no_room")
    return room


async def _link(asked: Asked, room: Room, ticket: Ticket) -> str:
    """Where the ticket's card is opened; nothing while it has none. A ticket that was taken is not given back because
    its address cannot be had."""
    posting = next((one for one in await asked.desk.rooms_of(ticket.id) if one.room == room.id), None)
    if posting is None or not posting.reference:
        return ""
    try:
        return await asked.house.surfaces[room.surface].link(room, posting.reference)
    except (Gone, Rejected, TryLater):
        return ""


HANDLERS: Mapping[str, Entitled] = {"take_next": Entitled(take_next)}
