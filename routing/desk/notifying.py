"""Tells people by name: writes down who should know what, and hands out what is to leave next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from routing.agents import SYSTEM, Actor, Agent, AgentIdentity
from routing.contacts import Contact
from routing.desk.moving import last_of_chain
from routing.desk.records import Scribe
from routing.ids import AgentId, ContactId, MessageId, RoomId, TicketId, new_id
from routing.jobs import Alert, Topic
from routing.messages import Delivered, Message
from routing.notices import APART, GATHERED, Due, Notice, NoticeSettings, NoticeState, Occasion, Way, sort
from routing.policy import Policy
from routing.ports import Reads, Tx
from routing.postings import Posting, PostingState
from routing.replies import UNDECIDED, Outbound, Sending
from routing.rosters import Roster
from routing.ticket import Priority, Status, Ticket

Places = Mapping[RoomId, tuple[str, str]]
"""Where each room is: surface and workspace."""

DROPPED, RETURNED, TAKEN_BACK = "reply.dropped", "reply.returned", "reply.taken_back"
_STOPPED = {DROPPED: Sending.DROPPED, RETURNED: Sending.RETURNED, TAKEN_BACK: Sending.UNDONE}
_ANSWERED = (Status.WAITING, Status.CLOSED, Status.SPAM)


def notify(
    tx: Tx,
    scribe: Scribe,
    occasion: Occasion,
    agent: AgentId | None,
    ticket: TicketId,
    *,
    event: str,
    about: str = "",
    actor: Actor = SYSTEM,
) -> None:
    """Writes down that the agent should know, once for each `event` however often this is called; nobody is told what
    they did themselves, and where there is no agent there is nobody to tell."""
    if agent is None or (actor.agent is not None and actor.agent.id == agent):
        return
    tx.add(
        Notice(
            id=f"{event}:{agent}",
            organisation=scribe.organisation,
            agent=agent,
            ticket=ticket,
            occasion=occasion,
            about=about,
            author=actor.agent.name if actor.agent else "",
            raised_at=scribe.now,
            state=NoticeState.WAITING,
            changed_at=scribe.now,
        )
    )
    tx.ask(Topic.NOTIFY, agent, due=scribe.now + GATHERED)


def what_happened(notice: Notice) -> str:
    """The kind of the event, as its key begins."""
    return notice.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class News:
    """One notice with what it is about; the message only where there is one."""

    notice: Notice
    ticket: Ticket
    customer: str
    message: Message | None
    reply: Outbound | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one person is told at once: marked as leaving, to be handed over under the key `id`. `interrupted`: an
    earlier attempt was, after `since`, and may have arrived. `cards`: where the tickets' cards stand; `users`: the
    person's users by (surface, workspace)."""

    id: str
    agent: Agent
    way: Way
    address: str
    news: tuple[News, ...]
    since: datetime
    interrupted: bool = False
    cards: Mapping[TicketId, Posting] = field(default_factory=dict)
    users: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def user_at(self, surface: str, workspace: str) -> str:
        """The person's user there; empty when they have none."""
        return self.users.get((surface, workspace), "")

    @property
    def is_summary(self) -> bool:
        return len({one.ticket.id for one in self.news}) > 1


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing is to be told before `until`."""

    until: datetime


async def told_by_surface(reads: Reads, posting_id: str, agent: AgentId) -> bool:
    """Whether a person who was named in a room's thread hears of it there: who does not read the room does not. Where
    nobody knows who reads it, the surface is believed to tell them, for it is not to be told twice."""
    posting = (await reads.get(Posting, [posting_id])).get(posting_id)
    if posting is None:
        return True
    users = {(one.surface, one.workspace, one.user) for one in await reads.identities_of_agent(agent)}
    return await _reads_room(reads, posting.room, users)


async def _reads_room(reads: Reads, room: RoomId, users: Collection[tuple[str, str, str]]) -> bool:
    """Whether one of these users reads the room, or may, as far as anybody knows."""
    if not await reads.get(Roster, [room]):
        return True
    return any(one.present and (one.surface, one.workspace, one.user) in users for one in await reads.members_of(room))


async def settings_of(reads: Reads, policy: Policy, agent: AgentId) -> NoticeSettings:
    """What the agent chose, or how it is until they do."""
    found = (await reads.get(NoticeSettings, [agent])).get(agent)
    return found or NoticeSettings(agent, policy.organisation, zone=policy.timezone)


async def next_parcel(
    tx: Tx, scribe: Scribe, policy: Policy, agent_id: AgentId, places: Places
) -> Parcel | Quiet | None:
    """Marks what the agent is to be told next as leaving and returns it; what was left standing by an earlier attempt
    comes first. None: nothing is waiting."""
    standing = await tx.open_notices(agent_id)
    if not standing:
        return None
    agent = (await tx.get(Agent, [agent_id])).get(agent_id)
    if leaving := [one for one in standing if one.state is NoticeState.LEAVING]:
        parcel = leaving[0].parcel
        its = [one for one in leaving if one.parcel == parcel]
        if agent is not None:
            return await _parcel(tx, agent, its, places, interrupted=True)
        standing = its
    identities = [one for one in await tx.identities_of_agent(agent_id) if one.allowed]
    if agent is None or not agent.active or not identities:
        _settle(tx, scribe, standing, NoticeState.DROPPED)
        return None
    worthwhile = await _worthwhile(tx, scribe, await _followed(tx, standing))
    tickets = await tx.get(Ticket, {one.ticket for one in worthwhile})
    decided = sort(
        worthwhile,
        await settings_of(tx, policy, agent_id),
        scribe.now,
        urgent=[one.id for one in tickets.values() if one.priority is Priority.URGENT],
        told=await tx.told_of(agent_id, since=scribe.now - APART),
    )
    _settle(tx, scribe, decided.unwanted, NoticeState.DROPPED)
    if decided.due is None:
        return Quiet(decided.again) if decided.again else None
    return await _pack(tx, scribe, policy, agent, identities, decided.due, places)


async def _followed(tx: Tx, waiting: Sequence[Notice]) -> list[Notice]:
    """Each notice goes where its message was moved to, and with its ticket into what that was merged into."""
    messages = await tx.get(Message, {one.about for one in waiting if one.about})
    ends: dict[TicketId, TicketId] = {}
    followed: list[Notice] = []
    for one in waiting:
        message = messages.get(one.about)
        ticket = message.ticket if message is not None else one.ticket
        if ticket not in ends:
            ends[ticket] = await last_of_chain(tx, ticket)
        followed.append(one if ends[ticket] == one.ticket else replace(one, ticket=ends[ticket]))
    tx.put(*(now for before, now in zip(waiting, followed, strict=True) if now is not before))
    return followed


async def _worthwhile(tx: Tx, scribe: Scribe, waiting: Sequence[Notice]) -> list[Notice]:
    """Those that still have something to say: whose ticket is still the agent's, whose customer was not answered
    since, whose reply nobody settled."""
    tickets = await tx.get(Ticket, {one.ticket for one in waiting})
    replies = await tx.get(Outbound, {one.about for one in waiting if one.occasion is Occasion.REPLY_TROUBLED})
    messages = await tx.get(Message, {one.about for one in waiting if one.occasion is Occasion.CUSTOMER_WROTE})
    kept: list[Notice] = []
    for one in waiting:
        ticket = tickets.get(one.ticket)
        match one.occasion:
            case Occasion.ASSIGNED:
                stands = ticket is not None and ticket.assignee == one.agent
            case Occasion.CUSTOMER_WROTE:
                message = messages.get(one.about)
                stands = ticket is not None and ticket.assignee == one.agent and ticket.status not in _ANSWERED
                stands = stands and message is not None and not message.unsent
            case Occasion.REPLY_TROUBLED:
                reply = replies.get(one.about)
                stands = reply is not None and _in_trouble(reply, one)
            case Occasion.MENTIONED:
                stands = ticket is not None
        if stands:
            kept.append(one)
    _settle(tx, scribe, [one for one in waiting if one not in kept], NoticeState.DROPPED)
    return kept


def _in_trouble(reply: Outbound, notice: Notice) -> bool:
    """Whether what the notice tells of a reply is still so."""
    if (stopped := _STOPPED.get(what_happened(notice))) is not None:
        return reply.state is stopped
    return reply.state in UNDECIDED or reply.delivered == Delivered.BOUNCED


async def _pack(
    tx: Tx,
    scribe: Scribe,
    policy: Policy,
    agent: Agent,
    identities: Sequence[AgentIdentity],
    due: Due,
    places: Places,
) -> Parcel | Quiet | None:
    cards = await _cards(tx, due.notices, places, identities)
    address = _address(policy, agent, identities, due, cards, places)
    if due.way is Way.NOTHING:
        _settle(tx, scribe, due.notices, NoticeState.LOST)
        values = {"who": agent.name, "count": str(len(due.notices))}
        tx.raise_alert(Alert(f"notices:{agent.id}:{scribe.now:%Y-%m-%d}", "alert.notices", values))
        return Quiet(scribe.now)
    if not address:
        _refuse(tx, scribe, due.notices, due.way)
        return Quiet(scribe.now)
    parcel = new_id()
    leaving = [
        replace(
            one,
            state=NoticeState.LEAVING,
            changed_at=scribe.now,
            parcel=parcel,
            way=due.way.value,
            address=address,
        )
        for one in due.notices
    ]
    tx.put(*leaving)
    return await _parcel(tx, agent, leaving, places, interrupted=False)


def _address(
    policy: Policy,
    agent: Agent,
    identities: Sequence[AgentIdentity],
    due: Due,
    cards: Mapping[TicketId, Posting],
    places: Places,
) -> str:
    """Where the person is reached by the way that is due; empty when they cannot be."""
    match due.way:
        case Way.MAIL:
            return agent.email if policy.mails_notices else ""
        case Way.THREAD:
            card = cards.get(due.notices[0].ticket)
            return card.id if card else ""
        case Way.DIRECT:
            near = {places[card.room] for card in cards.values()}
            users = sorted(identities, key=lambda one: (one.surface, one.workspace) not in near)
            return f"{users[0].surface}/{users[0].workspace}/{users[0].user}"
        case Way.NOTHING:
            return ""


async def _cards(
    reads: Reads, notices: Sequence[Notice], places: Places, identities: Sequence[AgentIdentity]
) -> dict[TicketId, Posting]:
    """For each ticket one card that the person can reach: the first, so that several rooms are one telling."""
    users = {(one.surface, one.workspace, one.user) for one in identities if one.allowed}
    reach = {(surface, workspace) for surface, workspace, _ in users}
    read: dict[RoomId, bool] = {}
    found: dict[TicketId, Posting] = {}
    for ticket in dict.fromkeys(one.ticket for one in notices):
        for posting in await reads.postings_of(ticket):
            if not (posting.state is PostingState.SHOWN and posting.reference and places.get(posting.room) in reach):
                continue
            if posting.room not in read:
                read[posting.room] = await _reads_room(reads, posting.room, users)
            if read[posting.room]:
                found.setdefault(ticket, posting)
    return found


async def _parcel(
    reads: Reads, agent: Agent, notices: Sequence[Notice], places: Places, *, interrupted: bool
) -> Parcel:
    first = notices[0]
    tickets = await reads.get(Ticket, {one.ticket for one in notices})
    contacts = await reads.get(Contact, {one.contact for one in tickets.values()})
    messages = await reads.get(Message, {one.about for one in notices if one.about})
    replies = await reads.get(Outbound, {one.about for one in notices if one.occasion is Occasion.REPLY_TROUBLED})
    identities = [one for one in await reads.identities_of_agent(agent.id) if one.allowed]
    cards = await _cards(reads, notices, places, identities)
    if first.way == Way.THREAD:
        # Looked for where it was to stand, wherever the card has gone since.
        cards |= {one.ticket: one for one in (await reads.get(Posting, [first.address])).values()}
    return Parcel(
        id=first.parcel,
        agent=agent,
        way=Way(first.way),
        address=first.address,
        news=tuple(
            News(
                one,
                tickets[one.ticket],
                _customer(tickets[one.ticket], contacts),
                messages.get(MessageId(one.about)),
                replies.get(one.about),
            )
            for one in notices
            if one.ticket in tickets
        ),
        since=first.changed_at,
        interrupted=interrupted,
        cards=cards,
        users={(one.surface, one.workspace): one.user for one in identities},
    )


def _customer(ticket: Ticket, contacts: Mapping[str, Contact]) -> str:
    contact = contacts.get(ContactId(ticket.contact))
    return (contact.name if contact else "") or ticket.latest_by


async def told(tx: Tx, scribe: Scribe, parcel: Parcel, reference: str) -> None:
    """The person was told. Said twice it is written once."""
    its = await _leaving(tx, parcel)
    if not its:
        return
    tx.put(
        *(replace(one, state=NoticeState.TOLD, reference=reference, changed_at=scribe.now) for one in its),
    )
    details = {"agent": parcel.agent.id, "way": parcel.way.value, "notices": ",".join(one.id for one in its)}
    scribe.audit(SYSTEM, "agent.notified", None if parcel.is_summary else its[0].ticket, details)


async def refused(tx: Tx, scribe: Scribe, parcel: Parcel) -> None:
    """This way will never take it; the next one is tried at once."""
    _refuse(tx, scribe, await _leaving(tx, parcel), parcel.way)


async def put_back(tx: Tx, scribe: Scribe, parcel: Parcel) -> None:
    """It surely did not leave: it waits again, and is judged anew."""
    its = await _leaving(tx, parcel)
    tx.put(*(replace(one, state=NoticeState.WAITING, parcel="", changed_at=scribe.now) for one in its))


def _refuse(tx: Tx, scribe: Scribe, notices: Sequence[Notice], way: Way) -> None:
    tx.put(
        *(
            replace(
                one,
                state=NoticeState.WAITING,
                parcel="",
                tried=(*one.tried, way.value),
                changed_at=scribe.now,
            )
            for one in notices
        )
    )


async def _leaving(tx: Tx, parcel: Parcel) -> list[Notice]:
    return [one for one in await tx.open_notices(parcel.agent.id) if one.parcel == parcel.id]


def _settle(tx: Tx, scribe: Scribe, notices: Sequence[Notice], state: NoticeState) -> None:
    tx.put(*(replace(one, state=state, changed_at=scribe.now) for one in notices))
