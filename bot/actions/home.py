"""Choices on a person's Home: which list, which filters, which page."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, House
from bot.surface import Answer, Done, Who
from routing.agents import Agent, Permission
from routing.homes import Home

CHOICES = ("view", "channel", "priority", "status", "page")


async def choose(asked: Asked) -> Answer:
    """What was chosen is remembered, and the Home is drawn with it."""
    chosen = {name: value for name, value in asked.action.values.items() if name in CHOICES}
    await look(asked.house, asked.action.who, asked.agent, **chosen)
    return Done()


async def look(house: House, who: Who, agent: Agent, **choices: str) -> None:
    """Somebody is at their Home: it is drawn anew, and kept current for a while."""
    new = Home(agent.organisation, who.surface, who.workspace, who.user, agent.id, house.clock())
    await house.desk.look_home(new, **choices)


HANDLERS: Mapping[str, Entitled] = {"home_choose": Entitled(choose, Permission.SEE)}
