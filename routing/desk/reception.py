"""What the desk does for the customers' side: takes in what was read, and what was learned later."""

from collections.abc import Sequence
from dataclasses import replace

from routing.contacts import Contact, Identity
from routing.desk import receiving, working
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.ids import AttachmentId, IdentityId
from routing.jobs import Topic
from routing.messages import Attachment, Fetching, ItemRecord, Message
from routing.ports import Tx, Urgency
from routing.ticket import Ticket

SIGNED_AFTERWARDS = 100  # messages that get their author's name when it is learned only later


class Reception(Core):
    """Use cases of the doors."""

    __slots__ = ()

    async def receive(self, batch: Sequence[receiving.ReadDelivery]) -> list[ItemRecord]:
        """Takes what was read into tickets. Items seen before are counted as duplicates, so a batch may come twice."""

        async def work(tx: Tx) -> list[ItemRecord]:
            return await receiving.receive(tx, self.policy, self.accounts, batch, self.clock())

        return await self.store.transact(work, urgency=Urgency.BATCH)

    async def attachment_stored(self, attachment_id: AttachmentId, *, blob: str, size: int, media_type: str) -> None:
        """The bytes are in the blob store: the file takes its place in the thread."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            known = (await tx.get(Attachment, [attachment_id]))[attachment_id]
            file, ticket = await _file_and_ticket(tx, known)
            if file.state is not Fetching.WANTED:
                return
            ticket = ticket.next_seq().touched(at=scribe.now)
            kind = media_type or file.media_type
            tx.put(replace(file, blob=blob, size=size, media_type=kind, state=Fetching.STORED, seq=ticket.seq), ticket)
            tx.ask(Topic.SHOW, ticket.id)

        await self._act(work, urgency=Urgency.WORK)

    async def attachment_lost(self, attachment_id: AttachmentId, reason: str) -> None:
        """The provider no longer has the file: that is told in its place."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            known = (await tx.get(Attachment, [attachment_id]))[attachment_id]
            file, ticket = await _file_and_ticket(tx, known)
            if file.state is not Fetching.WANTED:
                return
            ticket = ticket.next_seq().touched(at=scribe.now)
            tx.put(replace(file, state=Fetching.LOST, reason=reason, seq=ticket.seq), ticket)
            tx.ask(Topic.SHOW, ticket.id)

        await self._act(work, urgency=Urgency.WORK)

    async def profile_learned(self, identity_id: IdentityId, *, name: str, language: str) -> None:
        """The provider told a customer's name; their cards show it."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            identity = (await tx.lock(Identity, [identity_id]))[identity_id]
            contact = (await tx.lock(Contact, [identity.contact]))[identity.contact]
            tx.put(replace(identity, name=name or identity.name))
            tx.put(replace(contact, name=contact.name or name, language=contact.language or language))
            for ticket_id in await tx.open_tickets_of(contact.id):
                ticket = await working.locked(tx, ticket_id)
                tx.put(replace(ticket.touched(at=scribe.now), latest_by=ticket.latest_by or name))
                said = await tx.timeline(ticket_id, after=0, limit=SIGNED_AFTERWARDS)
                nameless = [
                    one for one in said if isinstance(one, Message) and one.identity == identity_id and not one.author
                ]
                tx.put(*(replace(one, author=name, revision=one.revision + 1) for one in nameless))
                tx.ask(Topic.SHOW, ticket_id)

        await self._act(work, urgency=Urgency.WORK)


async def _file_and_ticket(tx: Tx, file: Attachment) -> tuple[Attachment, Ticket]:
    """Locks both; a file whose message moved to another ticket meanwhile is followed there."""
    while True:
        ticket = await working.locked(tx, file.ticket)
        file = (await tx.lock(Attachment, [file.id]))[file.id]
        if file.ticket == ticket.id:
            return file, ticket
