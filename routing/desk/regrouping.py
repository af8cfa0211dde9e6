"""What the desk does with tickets that belong together, or apart."""

from collections.abc import Collection

from routing.agents import Actor
from routing.contacts import Contact, Identity
from routing.desk import linking, merging, splitting
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.ids import ContactId, IdentityId, MessageId, TicketId
from routing.overview import Reach
from routing.ports import Tx
from routing.ticket import Ticket


class Regrouping(Core):
    """Use cases that merge and split tickets, and link identities."""

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

    async def identities_of(self, contact: ContactId) -> list[linking.KnownIdentity]:
        """The contact's identities with what speaks for each."""
        return await self.look(lambda reads: linking.known_identities(reads, contact))

    async def identity_meant(self, reach: Reach, which: str) -> linking.KnownIdentity | None:
        """The identity that wrote the ticket of this number, or has this mail address; None when there is none, or only
        one whose tickets this person may not see."""

        async def work(tx: Tx, _scribe: Scribe) -> linking.KnownIdentity | None:
            return await linking.meant(tx, reach, which)

        return await self._act(work)

    async def link(self, actor: Actor, ticket: TicketId, identity: IdentityId, reason: str) -> Contact:
        """The identity belongs to the ticket's contact from now on; the same again changes nothing."""
        return await self._act(lambda tx, scribe: linking.link(tx, scribe, actor, ticket, identity, reason))

    async def unlink(self, actor: Actor, ticket: TicketId, identity: IdentityId) -> Identity:
        """The identity belongs to whom it belonged before; not linked, nothing changes."""
        return await self._act(lambda tx, scribe: linking.unlink(tx, scribe, actor, ticket, identity))
