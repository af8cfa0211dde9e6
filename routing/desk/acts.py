"""What the desk does with a ticket beside answering and handing it out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from routing.agents import Actor
from routing.desk import filing, filling, shelving, spam, tagging, transferring
from routing.desk.core import Core
from routing.ids import ContactId, IdentityId, MessageId, RoomId, TicketId
from routing.overview import Reach
from routing.ports import Urgency
from routing.tags import Tag
from routing.teams import Team
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

    async def fill(self, actor: Actor, ticket: TicketId, values: Mapping[str, str]) -> Ticket:
        """Fills the organisation's own fields that are named; the others stay."""
        return await self._act(lambda tx, scribe: filling.fill(tx, scribe, self.policy, actor, ticket, values))

    async def as_file(self, actor: Actor, message: MessageId, written: filing.Written) -> Ticket:
        """Puts a message's words into its thread as a file, once."""
        return await self._act(lambda tx, scribe: filing.as_file(tx, scribe, actor, message, written))

    async def snooze(self, actor: Actor, ticket: TicketId, until: datetime) -> Ticket:
        return await self._act(lambda tx, scribe: shelving.snooze(tx, scribe, actor, ticket, until))

    async def unsnooze(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: shelving.unsnooze(tx, scribe, actor, ticket))

    async def wake_due(self, ticket: TicketId) -> datetime | None:
        """Wakes a snoozed ticket whose time has come; returns when to look again."""
        return await self._act(lambda tx, scribe: shelving.wake_due(tx, scribe, ticket), urgency=Urgency.WORK)

    async def mark_spam(self, actor: Actor, ticket: TicketId, *, blocking: IdentityId | None = None) -> Ticket:
        return await self._act(lambda tx, scribe: spam.mark(tx, scribe, actor, ticket, blocking=blocking))

    async def not_spam(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: spam.unmark(tx, scribe, actor, ticket))

    async def block(self, actor: Actor, ticket: TicketId, identity: IdentityId) -> Ticket:
        """What this identity of the ticket's customer sends becomes no ticket any more; it is kept all the same."""
        return await self._act(lambda tx, scribe: spam.block(tx, scribe, actor, ticket, identity, blocked=True))

    async def unblock(self, actor: Actor, ticket: TicketId, identity: IdentityId) -> Ticket:
        return await self._act(lambda tx, scribe: spam.block(tx, scribe, actor, ticket, identity, blocked=False))

    async def tickets_of(self, reach: Reach, contact: ContactId, *, start: int, limit: int) -> Sequence[Ticket]:
        """Those of the contact's tickets that may be seen, newest first."""
        return await self.look(lambda reads: reads.seen_of_contact(reach, contact, start=start, limit=limit))

    async def hand_to_team(self, actor: Actor, ticket: TicketId, team: Team, *, leaving: bool) -> Ticket:
        """To another team, whose rooms show it from now on; `leaving`: and no others."""
        return await self._act(
            lambda tx, scribe: transferring.to_team(tx, scribe, actor, ticket, team, leaving=leaving)
        )

    async def show_in_room(self, actor: Actor, ticket: TicketId, room: RoomId, name: str, *, leaving: bool) -> Ticket:
        """In another room, called `name`; `leaving`: and in no other."""
        return await self._act(
            lambda tx, scribe: transferring.to_room(tx, scribe, actor, ticket, room, name, leaving=leaving)
        )
