"""What the desk shows to those who only look."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from routing.agents import Agent, Permission, may
from routing.contacts import Identity
from routing.desk import views
from routing.desk.core import Core
from routing.errors import Refused
from routing.ids import AgentId, AttachmentId, IdentityId, MessageId, RoomId, TicketId
from routing.likeness import Alike, alike
from routing.messages import Attachment, Direction, Fetching, Message
from routing.overview import Reach, reach_of
from routing.ports import Reads
from routing.postings import PostedEntry, Posting
from routing.queries import NO_MORE_WORDS, Query, Vocabulary, parse_query
from routing.search import ROSTER_GOOD_FOR, Counted, Page, sight_of
from routing.ticket import Ticket

FOUND_AT_ONCE = 10
COUNTED_MOST = 1000
MOST_SIBLINGS = 25
LOOKED_BACK = 500
COMPARED_OF_CONTACT = 20
COMPARED_AT_WORK = 30


class Looking(Core):
    """Looks things up; nothing changes."""

    __slots__ = ()

    async def view(self, ticket: TicketId) -> views.TicketView:
        return await self.store.look(lambda reads: views.ticket_view(reads, ticket))

    async def rooms_of(self, ticket: TicketId) -> list[Posting]:
        return list(await self.look(lambda reads: reads.postings_of(ticket)))

    async def room_view(self, posting: str) -> views.RoomView:
        return await self.store.look(lambda reads: views.room_view(reads, posting))

    async def shown_files(self, posting: str, message: MessageId) -> list[tuple[Attachment, PostedEntry]]:
        """The files of a message that a room's thread shows."""

        async def work(reads: Reads) -> list[tuple[Attachment, PostedEntry]]:
            files = await reads.attachments_of([message])
            posted = await reads.entries_of(posting, [file.id for file in files]) if files else {}
            return [(file, posted[file.id]) for file in files if file.id in posted]

        return await self.look(work)

    async def files_of(self, message: MessageId) -> tuple[Attachment, ...]:
        """The files of a message whose bytes we have."""
        found = await self.look(lambda reads: reads.attachments_of([message]))
        return tuple(file for file in found if file.state is Fetching.STORED)

    async def message(self, message: str) -> Message | None:
        return (await self.look(lambda reads: reads.get(Message, [message]))).get(message)

    async def agents(self, ids: Sequence[AgentId]) -> dict[str, Agent]:
        return await self.look(lambda reads: reads.get(Agent, set(ids))) if ids else {}

    async def wanted_attachment(self, attachment: AttachmentId) -> Attachment | None:
        found = (await self.look(lambda reads: reads.get(Attachment, [attachment]))).get(attachment)
        return found if found is not None and found.state is Fetching.WANTED else None

    async def identity(self, identity: IdentityId) -> Identity | None:
        return (await self.look(lambda reads: reads.get(Identity, [identity]))).get(identity)

    def understood(self, looked_for: str | Query, *, vocabulary: Vocabulary = NO_MORE_WORDS) -> Query:
        """The query that a text means, in the organisation's time zone. Raises Refused with what is wrong in it."""
        if isinstance(looked_for, Query):
            return looked_for
        zone = ZoneInfo(self.policy.timezone)
        return parse_query(looked_for, today=self.clock().astimezone(zone).date(), zone=zone, vocabulary=vocabulary)

    async def find(
        self,
        agent: Agent,
        looked_for: str | Query,
        *,
        limit: int = FOUND_AT_ONCE,
        before_key: int | None = None,
        vocabulary: Vocabulary = NO_MORE_WORDS,
    ) -> Page:
        """The tickets that fit and that the agent may see; the next page begins at `before_key`. Of others nothing is
        told. Raises Refused for a query that cannot be understood, with what would be right."""
        query, sight = self._looked_for(agent, looked_for, vocabulary), sight_of(agent, self.clock())
        return await self.look(
            lambda reads: reads.find_tickets(query, seen_by=sight, limit=limit, before_key=before_key)
        )

    async def count(self, agent: Agent, looked_for: str | Query, *, vocabulary: Vocabulary = NO_MORE_WORDS) -> Counted:
        """How many tickets `find` would find in all, counted up to a thousand."""
        query, sight = self._looked_for(agent, looked_for, vocabulary), sight_of(agent, self.clock())
        return await self.look(lambda reads: reads.count_tickets(query, seen_by=sight, most=COUNTED_MOST))

    def _looked_for(self, agent: Agent, looked_for: str | Query, vocabulary: Vocabulary) -> Query:
        if not may(agent, Permission.SEE):
            raise Refused("not_allowed")
        return self.understood(looked_for, vocabulary=vocabulary)

    async def reach(self, agent: Agent) -> Reach:
        """What somebody may see: in rooms that they are known to be in, for a day after those were last read."""
        since = self.clock() - ROSTER_GOOD_FOR
        rooms = await self.look(lambda reads: reads.rooms_read_by(agent.id, known_since=since))
        return reach_of(agent, frozenset(rooms))

    async def visible(self, reach: Reach, ticket: TicketId) -> bool:
        return await self.look(lambda reads: reads.may_see(reach, ticket))

    async def open_siblings(self, reach: Reach, ticket: TicketId) -> list[Ticket]:
        """The contact's other tickets that somebody still works at, newest first, of those that this person may see;
        at most twenty-five."""

        async def work(reads: Reads) -> list[Ticket]:
            own = (await reads.get(Ticket, [ticket]))[ticket]
            others = [one for one in await reads.open_tickets_of(own.contact) if one != ticket]
            found = await reads.get(Ticket, sorted(others)[-MOST_SIBLINGS:])
            return [found[one] for one in sorted(found, reverse=True) if await reads.may_see(reach, TicketId(one))]

        return await self.look(work)

    async def alike(self, ticket: Ticket, *, room: RoomId | None = None) -> list[Alike]:
        """Earlier tickets that may be about the same; only suggested, never acted on. At most fifty are compared: the
        contact's last ones, and those changed last of all that are at work. `room`: only those that it
        shows."""

        async def work(reads: Reads) -> list[Ticket]:
            own = await reads.contact_tickets(ticket.contact, skip=0, limit=COMPARED_OF_CONTACT)
            found = [*own, *await reads.recently_at_work(limit=COMPARED_AT_WORK)]
            if room is None:
                return found
            cards = await reads.postings_of_all([one.id for one in found])
            here = {one.ticket for one in cards if one.room == room}
            return [one for one in found if one.id in here]

        candidates = {one.id: one for one in await self.look(work)}
        return alike(ticket, candidates.values())

    async def last_said(self, ticket: TicketId, *, limit: int) -> list[Message]:
        """The last messages and notes of a ticket, in their order."""

        async def work(reads: Reads) -> list[Message]:
            own = (await reads.get(Ticket, [ticket]))[ticket]
            said = await reads.timeline(ticket, after=max(0, own.seq - LOOKED_BACK), limit=LOOKED_BACK)
            words = [one for one in said if isinstance(one, Message) and one.direction is not Direction.EVENT]
            return words[-limit:]

        return await self.look(work)
