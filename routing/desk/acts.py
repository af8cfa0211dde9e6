"""What the desk does with a ticket beside answering and handing it out."""

from collections.abc import Sequence

from routing.agents import Actor
from routing.desk import tagging
from routing.desk.core import Core
from routing.ids import TicketId
from routing.tags import Tag
from routing.ticket import Ticket

MOST_KNOWN_TAGS = 100


class Acts(Core):
    """Use cases that sort and shelve tickets."""

    __slots__ = ()

    async def tag(self, actor: Actor, ticket: TicketId, *, add: Sequence[str], remove: Sequence[str]) -> Ticket:
        """Puts tags on and takes others off; what is so already stays so."""
        return await self._act(lambda tx, scribe: tagging.tag(tx, scribe, actor, ticket, add=add, remove=remove))

    async def known_tags(self) -> Sequence[Tag]:
        """Those in use, most used first."""
        return await self.look(lambda reads: reads.tags_in_use(limit=MOST_KNOWN_TAGS))
