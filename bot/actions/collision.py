"""Keeps two agents from answering twice: leases on replying, and what happens when a reply form is closed."""

from collections.abc import Mapping, Sequence

from bot.actions.context import Asked, Entitled
from bot.surface import Answer, Done
from routing.leases import Lease


async def write_along(asked: Asked) -> Sequence[Lease]:
    """The agent has the reply form open. Returns the others who have."""
    return await asked.house.leases.take(asked.action.ticket, asked.agent.id, asked.agent.name)


async def stop_writing(asked: Asked) -> None:
    """The form is closed, or the reply is on its way: the card stops saying so, in its own time."""
    await asked.house.leases.drop(asked.action.ticket, asked.agent.id)
    await asked.desk.writers_changed(asked.action.ticket)


async def closed(asked: Asked) -> Answer:
    """The reply form was closed and nothing was sent."""
    await stop_writing(asked)
    return Done()


HANDLERS: Mapping[str, Entitled] = {"form.send.closed": Entitled(closed)}
