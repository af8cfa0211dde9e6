"""What a search finds, for whom, and whether a ticket is what was looked for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.agents import Agent, Role
from routing.contacts import Conversation
from routing.folding import folded
from routing.ids import AgentId, RoomId
from routing.messages import Attachment, Direction, Fetching, Message
from routing.queries import ME, NOBODY, Query, Terms
from routing.search_words import Snippet, Term, searchable, snippet
from routing.ticket import Ticket

ROSTER_GOOD_FOR = timedelta(hours=24)
LONGEST_SNIPPET = 160


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, and when. Admins see everything; others what is assigned to them, and what is shown in rooms that they
    are known to be members of (known for a day, see `ROSTER_GOOD_FOR`)."""

    agent: AgentId
    everything: bool
    at: datetime

    @property
    def trusts_since(self) -> datetime:
        """Who was last known to be a member before this is none."""
        return self.at - ROSTER_GOOD_FOR


def sight_of(agent: Agent, at: datetime) -> Sight:
    return Sight(agent.id, agent.active and agent.role is Role.ADMIN, at)


@dataclass(frozen=True, slots=True)
class RoomReference:
    """Where a ticket's card stands, as far as the one who looks may go there."""

    room: RoomId
    reference: str


@dataclass(frozen=True, slots=True)
class TicketHit:
    """A ticket that was found: its customer's name, the words around what was looked for, and where its card stands."""

    ticket: Ticket
    contact: str
    snippet: Snippet
    rooms: tuple[RoomReference, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found, in order. `next_key` is the `before_key` of the page behind; the last one has none."""

    hits: tuple[TicketHit, ...]
    next_key: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were found; when there are `more`, counting was left off there."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """A ticket with everything that is looked at when it is searched."""

    ticket: Ticket
    contact: str
    conversation: Conversation | None
    messages: Sequence[Message]
    files: Sequence[Attachment]

    def known_names(self) -> Iterable[str]:
        """Who the customer is, and who takes part: names and addresses."""
        yield self.contact
        if self.conversation is not None:
            yield self.conversation.address
            yield from self.conversation.participants

    def authors(self) -> Iterable[str]:
        """As whom customers wrote."""
        return {one.author for one in self.messages if one.direction is Direction.INBOUND and not one.unsent}

    def names(self) -> Iterable[str]:
        yield from self.known_names()
        yield from self.authors()

    def own_texts(self) -> Iterable[str]:
        """What the ticket itself is called."""
        yield f"#{self.ticket.number}"
        yield self.ticket.subject
        yield from self.ticket.tags
        yield from self.ticket.fields.values()

    def said(self) -> Iterable[str]:
        """What was said, and how files are called."""
        for message in self.messages:
            yield from texts_of(message)
        yield from (file.name for file in self.files if file.state is not Fetching.MASKED)

    def texts(self) -> Iterable[str]:
        """Everything in which words are found, each by itself."""
        yield from self.own_texts()
        yield from self.names()
        yield from self.said()


def texts_of(message: Message) -> Iterable[str]:
    """What was said in a message; nothing where its words were taken back, or where it only tells of an event."""
    if message.direction is Direction.EVENT or message.unsent:
        return
    yield message.text
    if message.subject:
        yield message.subject


def fields_match(query: Query, ticket: Ticket, me: AgentId, named: Collection[tuple[str, AgentId]]) -> bool:
    """Whether all but the words fit. `named` are the agents whom the query names, by the name it uses."""
    return (
        _fields_fit(query.wanted, ticket, me, named)
        and not _any_field_fits(query.unwanted, ticket, me, named)
        and (query.created_from is None or ticket.created_at >= query.created_from)
        and (query.created_before is None or ticket.created_at < query.created_before)
        and (query.updated_from is None or ticket.updated_at >= query.updated_from)
        and (query.updated_before is None or ticket.updated_at < query.updated_before)
    )


def words_match(query: Query, holding: Holding) -> bool:
    """Whether the words fit: each stands somewhere in the ticket, those of a phrase one after the other."""
    texts: list[str] = []
    names: list[str] = []
    wanted, unwanted = query.wanted, query.unwanted
    if wanted.words or unwanted.words:
        texts = [searchable(text) for text in holding.texts() if text]
    if wanted.contacts or unwanted.contacts:
        names = [searchable(name) for name in holding.names() if name]
    return (
        all(_stands(one, texts) for one in wanted.words)
        and all(_stands(one, names) for one in wanted.contacts)
        and not any(_stands(one, texts) for one in unwanted.words)
        and not any(_stands(one, names) for one in unwanted.contacts)
    )


def _stands(one: Term, texts: Sequence[str]) -> bool:
    pattern = one.pattern()
    return any(pattern.search(text) for text in texts)


def _fields_fit(terms: Terms, ticket: Ticket, me: AgentId, named: Collection[tuple[str, AgentId]]) -> bool:
    tags = {folded(tag) for tag in ticket.tags}
    return (
        (not terms.statuses or ticket.status in terms.statuses)
        and (not terms.channels or folded(ticket.channel) in terms.channels)
        and (not terms.accounts or folded(ticket.account) in terms.accounts)
        and (not terms.assignees or any(_is_with(one, ticket, me, named) for one in terms.assignees))
        and (not terms.teams or folded(ticket.team or "") in terms.teams)
        and (not terms.priorities or ticket.priority in terms.priorities)
        and (not terms.numbers or ticket.number in terms.numbers)
        and tags.issuperset(terms.tags)
    )


def _any_field_fits(terms: Terms, ticket: Ticket, me: AgentId, named: Collection[tuple[str, AgentId]]) -> bool:
    return (
        ticket.status in terms.statuses
        or folded(ticket.channel) in terms.channels
        or folded(ticket.account) in terms.accounts
        or any(_is_with(one, ticket, me, named) for one in terms.assignees)
        or (ticket.team is not None and folded(ticket.team) in terms.teams)
        or ticket.priority in terms.priorities
        or ticket.number in terms.numbers
        or any(folded(tag) in terms.tags for tag in ticket.tags)
    )


def _is_with(name: str, ticket: Ticket, me: AgentId, named: Collection[tuple[str, AgentId]]) -> bool:
    if name == NOBODY:
        return ticket.assignee is None
    if ticket.assignee is None:
        return False
    return ticket.assignee == me if name == ME else (name, ticket.assignee) in named


def agent_is_named(name: str, agent: Agent) -> bool:
    """An agent is known by id, mail address, name, or one word of the name."""
    known = folded(agent.name)
    return name in (folded(agent.id), folded(agent.email), known, *known.split())


def shown_words(query: Query, holding: Holding) -> Snippet:
    """The words to show with a hit: around what was looked for if it stands in a message, the latest ones else."""
    patterns = tuple(one.pattern() for one in query.wanted.words)
    said = [text for message in reversed(holding.messages) for text in texts_of(message) if text.strip()]
    for text in said if patterns else ():
        compared = searchable(text)
        if any(pattern.search(compared) for pattern in patterns):
            return snippet(text, patterns, longest=LONGEST_SNIPPET)
    return snippet(said[0] if said else "", (), longest=LONGEST_SNIPPET)
