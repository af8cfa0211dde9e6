"""Takes what was read from deliveries into tickets: one short transaction for a batch of deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing.agents import SYSTEM
from routing.contacts import Contact, Conversation, Identity, Reference, with_refs
from routing.desk.finding import Found, find
from routing.desk.moving import answered_from
from routing.desk.notifying import notify
from routing.desk.records import Scribe, event
from routing.folding import folded
from routing.ids import (
    AccountId,
    AgentId,
    AttachmentId,
    ContactId,
    ConversationId,
    DeliveryId,
    IdentityId,
    MessageId,
    OrganisationId,
    TicketId,
    new_id,
)
from routing.jobs import Alert, Topic
from routing.messages import (
    Attachment,
    Delivered,
    Direction,
    Edited,
    Fetching,
    Happening,
    Item,
    ItemRecord,
    Message,
    NewAttachment,
    Outcome,
    Party,
    Received,
    Report,
    Skipped,
    Unsent,
    Version,
)
from routing.notices import Occasion
from routing.policy import Accounts, Policy
from routing.ports import Tx
from routing.postings import Posting, PostingState
from routing.queue import next_look
from routing.replies import Outbound, Sending
from routing.rules import route
from routing.rushes import Rush, calm, may_be_collected
from routing.thanks import only_thanks
from routing.ticket import Priority, Status, Ticket

BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class ReadDelivery:
    """A delivery after reading: its items, or why it could not be read."""

    id: DeliveryId
    account: AccountId
    received_at: datetime
    items: tuple[Item, ...] = ()
    fault: str = ""


async def receive(
    tx: Tx, policy: Policy, accounts: Accounts, batch: Sequence[ReadDelivery], now: datetime
) -> list[ItemRecord]:
    """Every item of the batch gets its outcome; deliveries that could not be read are quarantined with an alert."""
    batch_run = _Batch(tx, policy, accounts, now, await find(tx, policy, batch))
    for delivery in batch:
        if delivery.fault:
            batch_run.quarantine(delivery)
            continue
        for position, item in enumerate(delivery.items):
            await batch_run.take(delivery, position, item)
    await batch_run.write()
    tx.settle(
        [delivery.id for delivery in batch],
        quarantined={delivery.id: delivery.fault for delivery in batch if delivery.fault},
    )
    return batch_run.records


class _Batch:
    """The rows of one batch while it is being decided; later items see what earlier ones changed."""

    def __init__(self, tx: Tx, policy: Policy, accounts: Accounts, now: datetime, found: Found) -> None:
        self.tx, self.policy, self.accounts, self.now, self.found = tx, policy, accounts, now, found
        self.scribe = Scribe(tx, policy.organisation, now)
        self.records: list[ItemRecord] = []
        self.new_tickets: dict[TicketId, None] = {}
        self.new_postings: list[Posting] = []
        self.new_messages: dict[MessageId, Message] = {}
        self.changed_messages: dict[MessageId, Message] = {}
        self.changed_outbounds: dict[str, Outbound] = {}
        self.changed_tickets: set[TicketId] = set()
        self.new_conversations: set[ConversationId] = set()
        self.changed_conversations: set[ConversationId] = set()
        self.shown: dict[TicketId, None] = {}
        self.followed: dict[TicketId, TicketId] = {}

    @property
    def organisation(self) -> OrganisationId:
        return self.policy.organisation

    def quarantine(self, delivery: ReadDelivery) -> None:
        """Set aside whole, and told: the first of an account in ten minutes speaks for all, so that a storm of broken
        mails is not one of alerts."""
        # Nobody could read what its items are called, and names of items are unique: it stands under its own.
        self._note_outcome(delivery, 0, delivery.id, Outcome.QUARANTINED, reason=delivery.fault)
        self.tx.raise_alert(
            Alert(
                key=f"quarantine:{delivery.account}:{self.now:%Y-%m-%dT%H:%M}"[:-1],
                what="alert.quarantined",
                values={
                    "account": self.accounts.title(delivery.account),
                    "reason": delivery.fault,
                    "delivery": delivery.id,
                },
            )
        )

    def _note_outcome(
        self,
        delivery: ReadDelivery,
        position: int,
        external_id: str,
        outcome: Outcome,
        *,
        reason: str = "",
        ticket: TicketId | None = None,
    ) -> None:
        record = ItemRecord(
            delivery.id, position, self.organisation, delivery.account, external_id, outcome, reason, ticket
        )
        self.records.append(record)
        self.tx.add(record)

    async def take(self, delivery: ReadDelivery, position: int, item: Item) -> None:
        if not self.found.first_time(delivery.account, item.external_id):
            self._note_outcome(delivery, position, item.external_id, Outcome.DUPLICATE)
            return
        outcome, reason, ticket = await self._outcome(delivery, item)
        self._note_outcome(delivery, position, item.external_id, outcome, reason=reason, ticket=ticket)

    async def _outcome(self, delivery: ReadDelivery, item: Item) -> tuple[Outcome, str, TicketId | None]:
        match item:
            case Received():
                return self._received(delivery, item)
            case Edited():
                return await self._edited(delivery, item)
            case Unsent():
                return await self._unsent(delivery, item)
            case Report():
                return self._report(delivery, item)
            case Happening():
                return self._happening(delivery, item)
            case Skipped(_, reason):
                return Outcome.DISCARDED, reason, None

    # --- a message -------------------------------------------------------------------------------------------------

    def _received(self, delivery: ReadDelivery, item: Received) -> tuple[Outcome, str, TicketId | None]:
        sender = self.found.identities.get((item.sender.scope, item.sender.address))
        if sender is not None and sender.blocked:
            return Outcome.DISCARDED, BLOCKED, None
        conversation, claims = self.found.conversation(delivery.account, item)
        identity = self._identity(delivery.account, item)
        thanks = False
        if conversation is None:
            conversation, ticket = self._open(delivery, item, identity, claims)
            outcome = Outcome.TICKETED
        else:
            ticket = self.found.tickets[conversation.ticket]
            thanks = _only_says_thanks(item, conversation)
            outcome = Outcome.APPENDED
            if not thanks and self._is_long_closed(ticket, item):
                conversation, ticket = self._follow(delivery, item, conversation, ticket)
                outcome = Outcome.TICKETED
            conversation = _continued(conversation, item, self.now)
        self._append(delivery, item, identity, conversation, ticket, thanks=thanks)
        return outcome, "", ticket.id

    def _is_long_closed(self, ticket: Ticket, item: Received) -> bool:
        if ticket.status is not Status.CLOSED or ticket.closed_at is None or item.automatic:
            return False
        return self.now - ticket.closed_at > self.policy.reopens_within

    def _identity(self, account: AccountId, item: Received) -> Identity:
        party = (item.sender.scope, item.sender.address)
        known = self.found.identities.get(party)
        if known is not None:
            return known
        contact = Contact(ContactId(new_id()), self.organisation, item.sender.name, item.language, self.now)
        identity = Identity(IdentityId(new_id()), self.organisation, *party, contact.id, item.sender.name, self.now)
        self.tx.add(contact, identity)
        self.found.identities[party] = identity
        if not item.sender.name and self.accounts.knows_profiles(account):
            self.tx.ask(Topic.PROFILE, f"{account}/{identity.id}")
        return identity

    def _open(
        self, delivery: ReadDelivery, item: Received, identity: Identity, claims: int | None
    ) -> tuple[Conversation, Ticket]:
        conversation_id = ConversationId(new_id())
        ticket = self._new_ticket(delivery, item, identity.contact, conversation_id, claims=claims)
        conversation = Conversation(
            id=conversation_id,
            organisation=self.organisation,
            account=delivery.account,
            channel=item.channel,
            key=item.thread.key or item.external_id,
            ticket=ticket.id,
            contact=identity.contact,
            identity=identity.id,
            address=item.sender.address,
            subject=item.subject,
            participants=_newcomers((), item),
            refs=with_refs((), item.ids),
            handle=item.handle,
            last_customer_at=self.now,
            handle_at=self.now if item.handle else None,
        )
        self.found.add(delivery.account, conversation, ticket)
        self.new_conversations.add(conversation_id)
        return conversation, ticket

    def _follow(
        self, delivery: ReadDelivery, item: Received, conversation: Conversation, old: Ticket
    ) -> tuple[Conversation, Ticket]:
        """A new ticket for a conversation whose last one was closed long ago; each knows the other's number."""
        ticket = self._new_ticket(delivery, item, conversation.contact, conversation.id, follows=old.number)
        self.followed[ticket.id] = old.id
        self.found.tickets[ticket.id] = ticket
        return replace(conversation, ticket=ticket.id), ticket

    def _new_ticket(
        self,
        delivery: ReadDelivery,
        item: Received,
        contact: ContactId,
        conversation: ConversationId,
        *,
        claims: int | None = None,
        follows: int | None = None,
    ) -> Ticket:
        """Shown in the rooms and as urgent as the rules say; numbered only when everything is written."""
        decided = route(self.policy.rules, self.policy.default_rooms, delivery.account, item)
        ticket = Ticket(
            id=TicketId(new_id()),
            organisation=self.organisation,
            number=0,
            account=delivery.account,
            channel=item.channel,
            contact=contact,
            conversation=conversation,
            subject=item.subject,
            status=Status.NEW,
            priority=decided.priority,
            assignee=None,
            claimed_at=None,
            latest="",
            latest_by="",
            latest_seq=0,
            latest_masked=False,
            latest_automatic=False,
            sending="",
            seq=0,
            version=0,
            claims_number=claims,
            created_at=self.now,
            updated_at=self.now,
            last_customer_at=None,
            last_agent_at=None,
            closed_at=None,
            follows=follows,
        )
        self.new_tickets[ticket.id] = None
        for room in decided.rooms:
            self.new_postings.append(
                Posting(new_id(), self.organisation, ticket.id, room, "", 0, 0, "", PostingState.SHOWN, self.now)
            )
        values = {"rules": ", ".join(decided.rules), "channel": item.channel, "account": delivery.account}
        if decided.priority is not Priority.NORMAL:
            values["priority"] = decided.priority
        self.scribe.record(SYSTEM, ticket.id, "ticket.created", **values)
        if follows is not None:
            self.scribe.record(SYSTEM, ticket.id, "ticket.follows", number=str(follows))
        return ticket

    def _append(
        self,
        delivery: ReadDelivery,
        item: Received,
        identity: Identity,
        conversation: Conversation,
        ticket: Ticket,
        *,
        thanks: bool,
    ) -> None:
        was_closed, was_snoozed = ticket.status is Status.CLOSED, ticket.status is Status.SNOOZED
        author = item.sender.name or identity.name or _readable(item.sender)
        ticket = ticket.customer_wrote(
            text=item.text, author=author, automatic=bool(item.automatic), at=self.now, thanks=thanks
        )
        message = Message(
            id=MessageId(new_id()),
            organisation=self.organisation,
            ticket=ticket.id,
            conversation=conversation.id,
            account=delivery.account,
            seq=ticket.seq,
            direction=Direction.INBOUND,
            kind=item.kind,
            external_id=item.external_id,
            identity=identity.id,
            agent=None,
            author=author,
            subject=item.subject,
            text=item.text,
            full_text=item.full_text,
            automatic=item.automatic,
            verified=item.verified,
            created_at=self.now,
            sent_at=item.sent_at,
            needs_no_answer=ticket.needs_no_answer,
        )
        self.new_messages[message.id] = message
        self.found.messages[(delivery.account, item.external_id)] = message
        for attachment in item.attachments:
            ticket = self._attach(delivery, ticket, message, attachment)
        if was_snoozed and ticket.status is not Status.SNOOZED:
            ticket = self._tell(ticket, "ticket.woken_by_customer", {})
            self.scribe.record(SYSTEM, ticket.id, "ticket.woken_by_customer", by=author)
        self._save_ticket(ticket)
        if was_closed and ticket.status is not Status.CLOSED:
            self.scribe.record(SYSTEM, ticket.id, "ticket.reopened", by=author)
        elif ticket.id not in self.new_tickets:
            self.scribe.audit(SYSTEM, "message.received", ticket.id, {"message": message.id})
        if not item.automatic and ticket.id not in self.new_tickets:
            self._notify(Occasion.CUSTOMER_WROTE, ticket.assignee, ticket, f"wrote:{message.id}", message.id)
        self._save_conversation(conversation)
        self._remember_references(conversation, item)

    def _notify(
        self, occasion: Occasion, agent: AgentId | None, ticket: Ticket, event_key: str, about: MessageId
    ) -> None:
        notify(self.tx, self.scribe, occasion, agent, ticket.id, event=event_key, about=about)

    def _attach(self, delivery: ReadDelivery, ticket: Ticket, message: Message, new: NewAttachment) -> Ticket:
        stored = bool(new.blob)
        if stored:
            ticket = ticket.next_seq()
        attachment = Attachment(
            id=AttachmentId(new_id()),
            organisation=self.organisation,
            ticket=ticket.id,
            message=message.id,
            account=delivery.account,
            seq=ticket.seq if stored else 0,
            name=new.name,
            media_type=new.media_type,
            size=new.size,
            blob=new.blob,
            source=new.source,
            state=Fetching.STORED if stored else Fetching.WANTED,
        )
        self.tx.add(attachment)
        if not stored:
            self.tx.ask(Topic.FETCH, attachment.id)
        return ticket

    def _remember_references(self, conversation: Conversation, item: Received) -> None:
        for ref in dict.fromkeys((*item.ids, *item.thread.references)):
            if ref not in self.found.references:
                reference = Reference(self.organisation, ref, conversation.id)
                self.found.references[ref] = reference
                self.tx.add(reference)

    # --- changes of messages ---------------------------------------------------------------------------------------

    async def _original(self, account: AccountId, external_id: str) -> Message | None:
        return self.found.messages.get((account, external_id))

    async def _edited(self, delivery: ReadDelivery, item: Edited) -> tuple[Outcome, str, TicketId | None]:
        message = await self._original(delivery.account, item.original)
        if message is None:
            return Outcome.DISCARDED, "edit of a message we do not have", None
        if message.unsent:
            return Outcome.DISCARDED, "edit of a message that was taken back", message.ticket
        if message.text == item.text:
            return Outcome.UPDATED, "", message.ticket
        self.tx.add(Version(message.id, message.revision, self.organisation, message.text, self.now))
        ticket = self.found.tickets[message.ticket].latest_edited(seq=message.seq, text=item.text, at=self.now)
        thanks = message.needs_no_answer and only_thanks(item.text, author=message.author)
        if message.needs_no_answer and not thanks and ticket.latest_seq == message.seq:
            ticket = self._say_reopened(ticket, ticket.reopen(at=self.now), message.author)
        revised = replace(message, text=item.text, full_text="", edited=True, revision=message.revision + 1)
        self._save_message(replace(revised, needs_no_answer=thanks))
        self._save_ticket(ticket)
        self.scribe.record(SYSTEM, ticket.id, "message.edited", message=message.id)
        return Outcome.UPDATED, "", ticket.id

    def _say_reopened(self, before: Ticket, after: Ticket, author: str) -> Ticket:
        if after is not before:
            self.scribe.record(SYSTEM, after.id, "ticket.reopened", by=author)
        return after

    async def _unsent(self, delivery: ReadDelivery, item: Unsent) -> tuple[Outcome, str, TicketId | None]:
        message = await self._original(delivery.account, item.original)
        if message is None:
            return Outcome.DISCARDED, "taking back of a message we do not have", None
        if message.unsent:
            return Outcome.UPDATED, "", message.ticket
        ticket = self.found.tickets[message.ticket]
        self._save_message(
            replace(message, text="", full_text="", subject="", unsent=True, revision=message.revision + 1)
        )
        await self.tx.mask(message.id)
        self._save_ticket(ticket.latest_unsent(seq=message.seq, at=self.now))
        self.scribe.record(SYSTEM, ticket.id, "message.unsent", message=message.id)
        return Outcome.UPDATED, "", ticket.id

    # --- what became of ours, and what merely happened -------------------------------------------------------------

    def _report(self, delivery: ReadDelivery, item: Report) -> tuple[Outcome, str, TicketId | None]:
        reply = next((self.found.replies[ref] for ref in item.references if ref in self.found.replies), None)
        if reply is None:
            if item.otherwise is None:
                return Outcome.DISCARDED, "report about a message we did not send", None
            return self._received(delivery, item.otherwise)
        reply = self.changed_outbounds.get(reply.message, reply)
        ticket = self.found.tickets[reply.ticket]
        if item.state is Delivered.BOUNCED:
            reply = replace(reply, delivered=item.state, fault=item.reason, updated_at=self.now)
            if reply.state is Sending.UNKNOWN:
                reply = replace(reply, state=Sending.FAILED)
            values = {"message": reply.message, "reason": item.reason, "agent": reply.agent or ""}
            ticket = self._tell(ticket, "reply.bounced", values).sending_is("bounced", at=self.now)
            ticket = self._back_to_work(ticket, values)
            event_key = f"bounced:{delivery.account}:{item.external_id}:{reply.message}"
            self._notify(Occasion.REPLY_TROUBLED, reply.agent, ticket, event_key, reply.message)
        elif _RANK[item.state] <= _RANK.get(reply.delivered, 0):
            return Outcome.UPDATED, "", ticket.id
        else:
            reply = replace(reply, delivered=item.state, updated_at=self.now)
            if item.state is not Delivered.DELAYED and reply.state is Sending.UNKNOWN:
                reply = replace(reply, state=Sending.SENT, fault="")
                ticket = ticket.reply_sent(place=reply.order, closing=reply.closing, at=self.now)
                self._save_conversation(answered_from(self.found.conversations[reply.conversation], ticket))
                self.tx.ask(Topic.SEND, reply.conversation)  # those that waited for this one's fate may leave now
            ticket = ticket.sending_is(item.state, at=self.now)
        self.changed_outbounds[reply.message] = reply
        self._draw_anew(reply.message)
        self._save_ticket(ticket)
        self.scribe.record(SYSTEM, ticket.id, f"reply.{item.state}", message=reply.message, reason=item.reason)
        return Outcome.UPDATED, "", ticket.id

    def _draw_anew(self, message_id: str) -> None:
        """The reply's entry in the thread tells its state, so it is shown anew."""
        message = self.found.reply_messages.get(message_id)
        if message is None:
            return
        message = replace(message, revision=message.revision + 1)
        self.found.reply_messages[message_id] = message
        self.changed_messages[message.id] = message

    def _back_to_work(self, ticket: Ticket, values: dict[str, str]) -> Ticket:
        """A reply came back, so somebody must see to it: where the ticket was merged, in the one that goes on."""
        onwards = self.found.looked_after_in(ticket)
        if onwards.id == ticket.id:
            return replace(ticket, status=Status.OPEN, closed_at=None, snoozed_until=None)
        told = self._tell(onwards, "reply.bounced", values)
        self._save_ticket(replace(told, status=Status.OPEN, closed_at=None, snoozed_until=None))
        return ticket

    def _happening(self, delivery: ReadDelivery, item: Happening) -> tuple[Outcome, str, TicketId | None]:
        conversation = self.found.by_key(delivery.account, item.thread.key)
        if conversation is None:
            return Outcome.DISCARDED, item.what, None
        ticket = self.found.tickets[conversation.ticket]
        self._save_ticket(self._tell(ticket, item.what, {}))
        return Outcome.UPDATED, "", ticket.id

    def _tell(self, ticket: Ticket, sentence: str, values: dict[str, str]) -> Ticket:
        ticket = ticket.next_seq().touched(at=self.now)
        line = event(ticket, sentence, values, at=self.now, actor=SYSTEM)
        self.new_messages[line.id] = line
        return ticket

    # --- saving ----------------------------------------------------------------------------------------------------

    def _save_ticket(self, ticket: Ticket) -> None:
        self.found.tickets[ticket.id] = ticket
        self.changed_tickets.add(ticket.id)
        self.shown[ticket.id] = None

    def _save_conversation(self, conversation: Conversation) -> None:
        self.found.conversations[conversation.id] = conversation
        self.changed_conversations.add(conversation.id)

    def _save_message(self, message: Message) -> None:
        self.found.replace_message(message)
        if message.id in self.new_messages:
            self.new_messages[message.id] = message
        else:
            self.changed_messages[message.id] = message

    async def _place(self) -> None:
        """Decides which of the new tickets get cards now, and which are collected because too many come at once. One
        that is collected in all its rooms needs nobody to show it: the rooms' boards tell of it."""
        surge = self.policy.surge
        rooms = sorted({one.room for one in self.new_postings if surge.get(one.room)})
        known = await self.tx.lock(Rush, rooms) if rooms else {}
        rushes = {room: known.get(room) or calm(room, self.organisation, self.now) for room in rooms}
        placed: list[Posting] = []
        for posting in self.new_postings:
            if posting.room in rushes:
                rushes[posting.room] = rushes[posting.room].arrive(self.now, limit=surge[posting.room])
                if rushes[posting.room].since is not None and may_be_collected(self.found.tickets[posting.ticket]):
                    posting = replace(posting, state=PostingState.COLLECTED)
                    self.tx.ask(Topic.BOARD, posting.room, due=next_look(self.now))
            placed.append(posting)
        self.tx.add(*placed)
        for room, rush in rushes.items():
            (self.tx.put if room in known else self.tx.add)(rush)
        shown = {one.ticket for one in placed if one.state is not PostingState.COLLECTED}
        for ticket_id in {one.ticket for one in placed} - shown:
            self.shown.pop(ticket_id, None)

    async def write(self) -> None:
        """Numbers the new tickets last, so that the counter's row is held only for the writing itself."""
        tickets = self.found.tickets
        await self._place()
        if self.new_tickets:
            first = await self.tx.take_numbers(len(self.new_tickets))
            for number, ticket_id in enumerate(self.new_tickets, start=first):
                tickets[ticket_id] = tickets[ticket_id].numbered(number)
            self._tell_followed()
        self.tx.add(*(tickets[ticket_id] for ticket_id in self.new_tickets))
        self.tx.add(*(self.found.conversations[one] for one in self.new_conversations))
        self.tx.add(*self.new_messages.values())
        self.tx.put(*(tickets[one] for one in self.changed_tickets - self.new_tickets.keys()))
        self.tx.put(*(self.found.conversations[one] for one in self.changed_conversations - self.new_conversations))
        self.tx.put(*self.changed_messages.values())
        self.tx.put(*self.changed_outbounds.values())
        for ticket_id in self.shown:
            self.tx.ask(Topic.SHOW, ticket_id)

    def _tell_followed(self) -> None:
        """The tickets that were taken up again learn in which new ones."""
        for new, old in self.followed.items():
            number = self.found.tickets[new].number
            self._save_ticket(self.found.tickets[old].taken_up_in(number, at=self.now))
            self.scribe.record(SYSTEM, old, "ticket.followed", number=str(number))


def _only_says_thanks(item: Received, conversation: Conversation) -> bool:
    """A changed subject says something as well, and so does a file."""
    if item.automatic or item.attachments or folded(conversation.subject) not in folded(item.subject):
        return False
    return only_thanks(item.text, author=item.sender.name)


def _readable(sender: Party) -> str:
    """A mail address says who wrote; a provider's user id does not: then the name is still to be learned."""
    return sender.address if sender.scope == "email" else ""


_RANK = {"": 0, Delivered.DELAYED: 1, Delivered.DELIVERED: 2, Delivered.READ: 3, Delivered.BOUNCED: 4}


def _continued(conversation: Conversation, item: Received, now: datetime) -> Conversation:
    return replace(
        conversation,
        participants=conversation.participants + _newcomers(conversation.participants, item),
        refs=with_refs(conversation.refs, item.ids),
        handle=item.handle or conversation.handle,
        handle_at=now if item.handle else conversation.handle_at,
        last_customer_at=now,
    )


def _newcomers(participants: tuple[str, ...], item: Received) -> tuple[str, ...]:
    named = dict.fromkeys((item.sender.address.casefold(), *item.participants))
    return tuple(one for one in named if one not in participants)
