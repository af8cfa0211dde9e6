"""Opens a ticket for a customer who phoned or stopped by: an agent takes down what they said."""

from dataclasses import dataclass

from routing.agents import Actor, Agent
from routing.contacts import Contact, Conversation, Identity
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.desk.working import worker
from routing.errors import Refused
from routing.ids import AccountId, ContactId, ConversationId, IdentityId, MessageId, RoomId, TicketId, new_id
from routing.jobs import Topic
from routing.messages import Direction, Kind, Message, Party, Received, Thread
from routing.ports import Tx
from routing.postings import Posting, PostingState
from routing.rules import Route, route
from routing.ticket import Priority, Status, Ticket

CHANNEL = "email"
BY_MAIL = "email"
NO_ADDRESS = "desk"
"""The scope of somebody of whom no address is known: each such customer is one of their own."""
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What an agent wrote down. `key` was minted when the form was opened: the same one again is the same ticket.
    `address` empty: the customer left none, and cannot be answered. `room` empty, `priority` None: as the rules say."""

    key: str
    account: AccountId
    name: str
    address: str
    subject: str
    text: str
    room: RoomId | None = None
    priority: Priority | None = None
    mine: bool = False


class Opening(Core):
    """Use cases of those who hear customers themselves."""

    __slots__ = ()

    async def take_down(self, actor: Actor, taken: TakenDown) -> Ticket:
        """A new ticket whose first message is what the customer said. Raises Refused, and then nothing was kept."""
        return await self._act(lambda tx, scribe: self._take_down(tx, scribe, actor, taken))

    async def _take_down(self, tx: Tx, scribe: Scribe, actor: Actor, taken: TakenDown) -> Ticket:
        agent = worker(actor)
        external = f"form:{taken.key}"
        known = (await tx.messages_by_external_id(taken.account, [external])).get(external)
        if known is not None:
            return (await tx.get(Ticket, [known.ticket]))[known.ticket]
        item = _read(taken, external, scribe)
        self._check(taken, item)
        identity = await self._identity(tx, scribe, item)
        decided = route(self.policy.rules, self.policy.default_rooms, taken.account, item)
        ticket, conversation = _opened(scribe, agent, taken, item, identity, decided)
        message = _said(scribe, agent, taken, item, identity, ticket, conversation)
        ticket = ticket.numbered(await tx.take_numbers(1))
        tx.add(ticket, conversation, message)
        rooms = (taken.room,) if taken.room else decided.rooms
        tx.add(
            *(
                Posting(new_id(), scribe.organisation, ticket.id, room, "", 0, 0, "", PostingState.SHOWN, scribe.now)
                for room in rooms
            )
        )
        scribe.record(actor, ticket.id, "ticket.taken_down", account=taken.account, rules=", ".join(decided.rules))
        tx.ask(Topic.SHOW, ticket.id)
        return ticket

    def _check(self, taken: TakenDown, item: Received) -> None:
        if item.sender.scope == NO_ADDRESS and not item.sender.name:
            raise Refused("new.nobody")
        if not taken.text.strip():
            raise Refused("new.empty")
        local, _, domain = item.sender.address.rpartition("@")
        odd = any(sign.isspace() or sign in ",;<>" for sign in item.sender.address)
        if item.sender.scope == BY_MAIL and (
            not local or "." not in domain or odd or len(item.sender.address) > LONGEST_ADDRESS
        ):
            raise Refused("new.address")
        if not self.accounts.can_send(taken.account):
            raise Refused("reply.cannot_send", account=self.accounts.title(taken.account))

    async def _identity(self, tx: Tx, scribe: Scribe, item: Received) -> Identity:
        """Who has this address already, or somebody new."""
        party = (item.sender.scope, item.sender.address)
        known = (await tx.identities([party])).get(party)
        if known is not None:
            return known
        contact = Contact(ContactId(new_id()), scribe.organisation, item.sender.name, "", scribe.now)
        identity = Identity(IdentityId(new_id()), scribe.organisation, *party, contact.id, item.sender.name, scribe.now)
        tx.add(contact, identity)
        return identity


def _read(taken: TakenDown, external: str, scribe: Scribe) -> Received:
    address = taken.address.strip().casefold()  # as mails name it, so that one person is one contact
    sender = (
        Party(BY_MAIL, address, taken.name.strip()) if address else Party(NO_ADDRESS, taken.key, taken.name.strip())
    )
    return Received(
        external_id=external,
        kind=Kind.FORM,
        channel=CHANNEL,
        sender=sender,
        thread=Thread(),
        text=taken.text,
        sent_at=scribe.now,
        subject=taken.subject.strip(),
    )


def _opened(
    scribe: Scribe, agent: Agent, taken: TakenDown, item: Received, identity: Identity, decided: Route
) -> tuple[Ticket, Conversation]:
    reachable = item.sender.address if item.sender.scope == BY_MAIL else ""
    conversation = ConversationId(new_id())
    ticket = Ticket(
        id=TicketId(new_id()),
        organisation=scribe.organisation,
        number=0,
        account=taken.account,
        channel=CHANNEL,
        contact=identity.contact,
        conversation=conversation,
        subject=item.subject,
        status=Status.NEW,
        priority=taken.priority or decided.priority,
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
        claims_number=None,
        created_at=scribe.now,
        updated_at=scribe.now,
        last_customer_at=None,
        last_agent_at=None,
        closed_at=None,
    )
    author = item.sender.name or identity.name or reachable
    ticket = ticket.customer_wrote(text=item.text, author=author, automatic=False, at=scribe.now)
    if taken.mine:
        ticket = ticket.claim(agent.id, at=scribe.now)
    return ticket, Conversation(
        id=conversation,
        organisation=scribe.organisation,
        account=taken.account,
        channel=CHANNEL,
        key=item.external_id,
        ticket=ticket.id,
        contact=identity.contact,
        identity=identity.id,
        address=reachable,
        subject=item.subject,
        participants=(reachable.casefold(),) if reachable else (),
        refs=(),
        last_customer_at=scribe.now,
    )


def _said(
    scribe: Scribe,
    agent: Agent,
    taken: TakenDown,
    item: Received,
    identity: Identity,
    ticket: Ticket,
    conversation: Conversation,
) -> Message:
    """The customer's words, with the agent who took them down."""
    return Message(
        id=MessageId(new_id()),
        organisation=scribe.organisation,
        ticket=ticket.id,
        conversation=conversation.id,
        account=taken.account,
        seq=ticket.seq,
        direction=Direction.INBOUND,
        kind=Kind.FORM,
        external_id=item.external_id,
        identity=identity.id,
        agent=agent.id,
        author=ticket.latest_by,
        subject=item.subject,
        text=item.text,
        full_text="",
        automatic="",
        verified=False,
        created_at=scribe.now,
        sent_at=scribe.now,
    )
