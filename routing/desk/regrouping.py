"""What the desk does with tickets that belong together, or apart."""

from collections.abc import Collection

from routing.agents import Actor
from routing.desk import merging, splitting
from routing.desk.core import Core
from routing.ids import MessageId, TicketId
from routing.ticket import Ticket


class Regrouping(Core):
    """Use cases that merge and split tickets."""

    __slots__ = ()

    async def merge(self, actor: Actor, source: TicketId, target: TicketId) -> merging.Merged:
        """The source's matter is looked after in the target from now on; the same again changes nothing."""
        return await self._act(lambda tx, scribe: merging.merge(tx, scribe, actor, source, target))

    async def unmerge(self, actor: Actor, source: TicketId) -> Ticket:
        """The ticket stands by itself again, with what came for it meanwhile; not merged, nothing changes."""
        return await self._act(lambda tx, scribe: merging.unmerge(tx, scribe, actor, source))

    async def split(self, actor: Actor, ticket: TicketId, messages: Collection[MessageId], fresh: TicketId) -> Ticket:
        """The messages stand in a new ticket with the id `fresh`; the same `fresh` again changes nothing."""
        return await self._act(lambda tx, scribe: splitting.split(tx, scribe, actor, ticket, messages, fresh))
