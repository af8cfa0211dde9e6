"""What the desk shows to those who only look."""

from collections.abc import Sequence

from routing.agents import Agent
from routing.contacts import Identity
from routing.desk import views
from routing.desk.core import Core
from routing.ids import AgentId, AttachmentId, IdentityId, MessageId, TicketId
from routing.messages import Attachment, Fetching, Message
from routing.ports import Reads
from routing.postings import PostedEntry, Posting


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
