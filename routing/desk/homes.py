"""What the desk remembers of people's Homes: who looks at theirs, and what they chose to see."""

from dataclasses import replace

from routing.agents import Agent
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.homes import Home
from routing.ids import AgentId
from routing.jobs import Topic
from routing.ports import Tx


class Homes(Core):
    """Use cases of those who look at their own page."""

    __slots__ = ()

    async def look_home(self, new: Home, **choices: str) -> None:
        """Somebody looks at their Home, or chose something there: it is drawn at once, and kept current for a while.
        `new` is the Home of one who never looked before."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            known = await tx.home(new.surface, new.workspace, new.user)
            home = (known or new).choosing(**choices) if choices else (known or new)
            home = replace(home, agent=new.agent).looked(at=scribe.now)
            if known is None:
                tx.add(home)
            else:
                tx.put(home)
            tx.ask(Topic.HOME, home.key)

        await self._act(work)

    async def home(self, surface: str, workspace: str, user: str) -> Home | None:
        return await self.look(lambda reads: reads.home(surface, workspace, user))

    async def home_drawn(self, home: Home, drawing: str) -> None:
        """What stands there now; whoever chose anew meanwhile gets it drawn anew."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            present = await tx.home(home.surface, home.workspace, home.user)
            if present == home and drawing != home.drawn:
                tx.put(replace(home, drawn=drawing))

        await self._act(work)

    async def agent(self, agent: AgentId) -> Agent | None:
        return (await self.look(lambda reads: reads.get(Agent, [agent]))).get(agent)
