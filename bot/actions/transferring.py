"""Handing tickets over: the form with teams and rooms, and what is chosen in it."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer
from bot.cards.transfer import MOVE, ROOM, TEAM, transfer_form
from bot.surface import Answer, Done
from routing.errors import Refused
from routing.ids import RoomId, TeamId


async def open_transfer(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return transfer_form(view.ticket, asked.desk.policy.teams.values(), asked.house.rooms.values(), asked.reader)


async def set_transfer(asked: Asked) -> Answer:
    """What is neither a team nor a room of ours is refused in the form."""
    to, leaving = asked.value("to"), asked.value("how") == MOVE
    team = asked.desk.policy.teams.get(TeamId(to.removeprefix(TEAM))) if to.startswith(TEAM) else None
    room = asked.house.rooms.get(RoomId(to.removeprefix(ROOM))) if to.startswith(ROOM) else None
    if team is not None:
        ticket = await asked.desk.hand_to_team(asked.actor, asked.action.ticket, team, leaving=leaving)
        name = team.title
    elif room is not None:
        ticket = await asked.desk.show_in_room(asked.actor, asked.action.ticket, room.id, room.name, leaving=leaving)
        name = room.name
    else:
        raise Refused("transfer.nowhere")
    return Done(answer(asked.reader, "tell.transferred", number=ticket.number, to=name))


HANDLERS: Mapping[str, Entitled] = {
    "transfer": Entitled(open_transfer, word=Word(ticket=True, opens=True)),
    "set_transfer": Entitled(set_transfer, form=True),
}
