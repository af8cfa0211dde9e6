"""The desk itself: the one object with every use case; one method is one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from routing.agents import Actor, Agent
from routing.contacts import Contact, Identity
from routing.desk import people, receiving, replying, sending, views, working
from routing.desk.records import Scribe
from routing.errors import Refused
from routing.ids import AccountId, AgentId, AttachmentId, ConversationId, IdentityId, MessageId, TicketId
from routing.jobs import Alert, Topic
from routing.messages import Attachment, Fetching, ItemRecord, Message
from routing.policy import Accounts, Policy
from routing.ports import Reads, Store, Tx, Urgency
from routing.postings import PostedEntry, Posting, PostingState
from routing.replies import Sent
from routing.ticket import Priority, Ticket

T = TypeVar("T")

SIGNED_AFTERWARDS = 100  # messages that get their author's name when it is learned only later


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the team and the doors can ask for. Raises Refused (nothing changed), Gone, TryLater."""

    store: Store
    policy: Policy
    accounts: Accounts
    clock: Callable[[], datetime]

    async def _act(self, work: Callable[[Tx, Scribe], Awaitable[T]], *, urgency: Urgency = Urgency.PRESS) -> T:
        async def once(tx: Tx) -> T:
            return await work(tx, Scribe(tx, self.policy.organisation, self.clock()))

        return await self.store.transact(once, urgency=urgency)

    # --- from the customers' side ----------------------------------------------------------------------------------

    async def receive(self, batch: Sequence[receiving.ReadDelivery]) -> list[ItemRecord]:
        """Takes what was read into tickets. Items seen before are counted as duplicates, so a batch may come twice."""

        async def work(tx: Tx) -> list[ItemRecord]:
            return await receiving.receive(tx, self.policy, self.accounts, batch, self.clock())

        return await self.store.transact(work, urgency=Urgency.BATCH)

    async def attachment_stored(self, attachment_id: AttachmentId, *, blob: str, size: int, media_type: str) -> None:
        """The bytes are in the blob store: the file takes its place in the thread."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            known = (await tx.get(Attachment, [attachment_id]))[attachment_id]
            ticket = (await working.locked(tx, known.ticket)).next_seq().touched(at=scribe.now)
            file = (await tx.lock(Attachment, [attachment_id]))[attachment_id]
            if file.state is not Fetching.WANTED:
                return
            kind = media_type or file.media_type
            tx.put(replace(file, blob=blob, size=size, media_type=kind, state=Fetching.STORED, seq=ticket.seq), ticket)
            tx.ask(Topic.SHOW, ticket.id)

        await self._act(work, urgency=Urgency.WORK)

    async def attachment_lost(self, attachment_id: AttachmentId, reason: str) -> None:
        """The provider no longer has the file: that is told in its place."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            known = (await tx.get(Attachment, [attachment_id]))[attachment_id]
            ticket = (await working.locked(tx, known.ticket)).next_seq().touched(at=scribe.now)
            file = (await tx.lock(Attachment, [attachment_id]))[attachment_id]
            if file.state is not Fetching.WANTED:
                return
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

    # --- agents at work --------------------------------------------------------------------------------------------

    async def meet(self, member: people.Member) -> Agent:
        """The agent behind a surface's user; raises Refused for whoever is not a full member."""
        agent = await self._act(lambda tx, scribe: people.meet(tx, scribe, self.policy, member))
        if agent is None:
            raise Refused("not_a_member")
        return agent

    async def note_refusal(self, actor: Actor, ticket: TicketId, details: Mapping[str, str]) -> None:
        """Keeps in the audit that somebody was not allowed what they asked for."""

        async def work(_tx: Tx, scribe: Scribe) -> None:
            scribe.audit(actor, "action.refused", ticket or None, details)

        await self._act(work)

    async def claim(self, actor: Actor, ticket: TicketId) -> Ticket:
        """Atomic: of any number of agents exactly one gets it, the others are told who and when."""
        return await self._act(lambda tx, scribe: working.claim(tx, scribe, actor, ticket))

    async def release(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.release(tx, scribe, actor, ticket))

    async def assign(self, actor: Actor, ticket: TicketId, to: AgentId) -> Ticket:
        return await self._act(lambda tx, scribe: working.assign(tx, scribe, actor, ticket, to))

    async def prioritise(self, actor: Actor, ticket: TicketId, priority: Priority) -> Ticket:
        return await self._act(lambda tx, scribe: working.prioritise(tx, scribe, actor, ticket, priority))

    async def close(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.close(tx, scribe, actor, ticket))

    async def reopen(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.reopen(tx, scribe, actor, ticket))

    async def note(self, actor: Actor, ticket: TicketId, new: working.NewNote) -> Ticket:
        return await self._act(lambda tx, scribe: working.note(tx, scribe, actor, ticket, new))

    async def reply(self, actor: Actor, ticket: TicketId, draft: replying.Draft) -> replying.Held:
        """Keeps a reply for the undo time; submitted twice it is one reply."""
        return await self._act(
            lambda tx, scribe: replying.reply(tx, scribe, self.policy, self.accounts, actor, ticket, draft)
        )

    async def undo(self, actor: Actor, message: MessageId) -> Message:
        return await self._act(lambda tx, scribe: replying.undo(tx, scribe, actor, message))

    async def decide(self, actor: Actor, message: MessageId, decision: str) -> Ticket:
        """A person settles a reply whose fate is unknown, or that failed: `arrived`, `again`, `drop`."""
        return await self._act(lambda tx, scribe: replying.decide(tx, scribe, actor, message, decision))

    # --- replies on their way out ----------------------------------------------------------------------------------

    async def begin_sending(
        self, conversation: ConversationId, prepare: Callable[[str], sending.Prepare]
    ) -> sending.Leaving | sending.Later | None:
        return await self._act(
            lambda tx, scribe: sending.begin(tx, scribe, self.accounts, conversation, prepare), urgency=Urgency.WORK
        )

    async def sent(self, message: MessageId, fence: int, outcome: Sent) -> None:
        await self._act(lambda tx, scribe: sending.sent(tx, scribe, message, fence, outcome), urgency=Urgency.WORK)

    async def not_sent(self, message: MessageId, fence: int, reason: str, again: datetime) -> None:
        await self._act(
            lambda tx, scribe: sending.not_sent(tx, scribe, message, fence, reason, again), urgency=Urgency.WORK
        )

    async def send_failed(self, message: MessageId, fence: int, reason: str) -> None:
        await self._act(lambda tx, scribe: sending.failed(tx, scribe, message, fence, reason), urgency=Urgency.WORK)

    async def send_unknown(self, message: MessageId, fence: int, reason: str) -> None:
        await self._act(lambda tx, scribe: sending.unknown(tx, scribe, message, fence, reason), urgency=Urgency.WORK)

    async def account_needs_attention(self, account: AccountId, reason: str) -> None:
        """Credentials or set-up of an account are broken: told once a day, as long as it lasts."""
        values = {"account": self.accounts.title(account), "reason": reason}
        await self.warn(f"account:{account}", "alert.account", values)

    # --- rooms -----------------------------------------------------------------------------------------------------

    async def remember(self, posting: Posting, *entries: PostedEntry) -> None:
        """Writes down what a room has now seen."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            tx.put(posting)
            tx.add(*entries)

        await self._act(work, urgency=Urgency.WORK)

    async def room_lost(self, posting_id: str) -> None:
        """The room is not there; what it had seen is remembered for when it comes back."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            posting = (await tx.lock(Posting, [posting_id]))[posting_id]
            tx.put(replace(posting, state=PostingState.GONE, updated_at=scribe.now))

        await self._act(work, urgency=Urgency.WORK)

    async def entry_redrawn(self, entry: PostedEntry) -> None:
        async def work(tx: Tx, _scribe: Scribe) -> None:
            tx.put(entry)

        await self._act(work, urgency=Urgency.WORK)

    async def warn(self, about: str, what: str, values: Mapping[str, str]) -> None:
        """Tells managers the sentence `what`, once a day for what it is about."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            tx.raise_alert(Alert(f"{about}:{scribe.now:%Y-%m-%d}", what, dict(values)))

        await self._act(work, urgency=Urgency.WORK)

    async def alert_told(self, key: str) -> None:
        async def work(tx: Tx, _scribe: Scribe) -> None:
            tx.alert_told(key)

        await self._act(work, urgency=Urgency.WORK)

    # --- looking ---------------------------------------------------------------------------------------------------

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

    async def message(self, message: str) -> Message | None:
        return (await self.look(lambda reads: reads.get(Message, [message]))).get(message)

    async def agents(self, ids: Sequence[AgentId]) -> dict[str, Agent]:
        return await self.look(lambda reads: reads.get(Agent, set(ids))) if ids else {}

    async def wanted_attachment(self, attachment: AttachmentId) -> Attachment | None:
        found = (await self.look(lambda reads: reads.get(Attachment, [attachment]))).get(attachment)
        return found if found is not None and found.state is Fetching.WANTED else None

    async def identity(self, identity: IdentityId) -> Identity | None:
        return (await self.look(lambda reads: reads.get(Identity, [identity]))).get(identity)

    async def look(self, work: Callable[[Reads], Awaitable[T]]) -> T:
        return await self.store.look(work)
