"""Keeps the Home of everybody who looks at theirs as it should be now."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.context import House
from bot.cards.home import Shown, home, refused_home
from bot.cards.home_model import Home
from bot.cards.parts import Reader
from bot.surface import Who
from routing import homes
from routing.agents import Agent, Permission, may
from routing.errors import Refused
from routing.jobs import Job

PER_PAGE = 10
REDRAWN_EVERY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Homes:
    """Draws what is true, compares it with what stands there, and publishes only what differs.

    The job of one person is held by one worker at a time, so no older drawing can come after a newer one.
    """

    house: House

    async def draw(self, job: Job) -> datetime | None:
        """Returns when to look again: every few seconds while its person looks now and then, and then no more."""
        surface, workspace, user = job.key.split("/", 2)
        choices = await self.house.desk.home(surface, workspace, user)
        if choices is None:
            return None
        who = Who(surface, workspace, user)
        person = await self.house.surfaces[surface].person(who)
        agent = await self.house.desk.agent(choices.agent)
        language = (agent.language if agent else "") or person.language or self.house.desk.policy.language
        reader = Reader(language, surface, workspace, self.house.zone)
        if agent is None or not person.member or not may(agent, Permission.SEE):
            await self._show(who, choices, refused_home(Refused("not_a_member"), reader))
            return None
        await self._show(who, choices, await self._drawn(choices, agent, reader))
        now = self.house.clock()
        return now + REDRAWN_EVERY if choices.is_watched(now) else None

    async def _drawn(self, choices: homes.Home, agent: Agent, reader: Reader) -> Home:
        desk = self.house.desk
        reach = await desk.reach(agent)
        overview = await desk.overview(reach, today=self.house.today())
        start = choices.page * PER_PAGE
        page = await desk.page(reach, choices.wanted(reach), start=start, limit=PER_PAGE)
        channels = dict.fromkeys((*overview.channels, *(one.ticket.channel for one in page.tickets)))
        shown = Shown(
            choices=choices,
            agent=agent,
            overview=overview,
            page=page,
            per_page=PER_PAGE,
            looks={channel: desk.accounts.look_of(channel) for channel in channels},
            links=await self.house.links(reader, page.tickets),
        )
        return home(shown, reader, organisation=desk.policy.name)

    async def _show(self, who: Who, choices: homes.Home, drawn: Home) -> None:
        drawing = hashlib.sha256(repr(drawn).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if drawing == choices.drawn:
            return
        await self.house.surfaces[who.surface].show_home(who, drawn)
        await self.house.desk.home_drawn(choices, drawing)
