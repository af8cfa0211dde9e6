"""Finds and locks what a batch of items is about: conversations first, then tickets, in key order."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from routing.contacts import Conversation, Identity, Reference
from routing.desk.moving import locked_with_ends
from routing.ids import AccountId, ConversationId, TicketId
from routing.messages import Edited, Happening, Item, Message, Received, Report, Unsent
from routing.policy import Policy
from routing.ports import Tx
from routing.replies import Outbound
from routing.ticket import Ticket

if TYPE_CHECKING:  # the batch's type lives with its reader; at run time that module imports this one
    from routing.desk.receiving import ReadDelivery


@dataclass(slots=True)
class Found:
    """What the database knows about a batch; the batch adds to it what it makes."""

    colleague_domains: frozenset[str]
    seen: set[tuple[AccountId, str]] = field(default_factory=set)
    keys: dict[tuple[AccountId, str], ConversationId] = field(default_factory=dict)
    numbers: dict[int, ConversationId] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    tickets: dict[TicketId, Ticket] = field(default_factory=dict)
    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    messages: dict[tuple[AccountId, str], Message] = field(default_factory=dict)
    replies: dict[str, Outbound] = field(default_factory=dict)
    reply_messages: dict[str, Message] = field(default_factory=dict)

    def first_time(self, account: AccountId, external_id: str) -> bool:
        """Whether this item is new; says so only once."""
        if (account, external_id) in self.seen:
            return False
        self.seen.add((account, external_id))
        return True

    def by_key(self, account: AccountId, key: str) -> Conversation | None:
        found = self.keys.get((account, key)) if key else None
        return self.conversations[found] if found else None

    def looked_after_in(self, ticket: Ticket) -> Ticket:
        """The ticket itself, or the one that it was merged into, and that into."""
        while ticket.merged_into is not None:
            ticket = self.tickets[ticket.merged_into]
        return ticket

    def add(self, account: AccountId, conversation: Conversation, ticket: Ticket) -> None:
        self.conversations[conversation.id] = conversation
        self.keys[(account, conversation.key)] = conversation.id
        self.tickets[ticket.id] = ticket

    def replace_message(self, message: Message) -> None:
        if message.external_id is not None:
            self.messages[(message.account, message.external_id)] = message

    def conversation(self, account: AccountId, item: Received) -> tuple[Conversation | None, int | None]:
        """The conversation that the item joins, or none; and the number of the ticket that it claims to belong to when
        its sender does not take part in that one."""
        by_key = self.by_key(account, item.thread.key)
        if by_key is not None:
            return by_key, None
        claimed: Conversation | None = None
        for candidate in self._hinted(item):
            if self._takes_part(candidate, item.sender.address):
                return candidate, None
            claimed = claimed or candidate
        return None, self.tickets[claimed.ticket].number if claimed else None

    def _hinted(self, item: Received) -> Iterable[Conversation]:
        thread = item.thread
        if thread.signed is not None and thread.signed in self.conversations:
            yield self.conversations[thread.signed]
        for ref in thread.references:
            reference = self.references.get(ref)
            if reference is not None and reference.conversation in self.conversations:
                yield self.conversations[reference.conversation]
        if thread.number is not None and thread.number in self.numbers:
            yield self.conversations[self.numbers[thread.number]]

    def _takes_part(self, conversation: Conversation, address: str) -> bool:
        address = address.casefold()
        return address in conversation.participants or address.rpartition("@")[2] in self.colleague_domains


async def find(tx: Tx, policy: Policy, batch: Sequence["ReadDelivery"]) -> Found:
    found = Found(policy.colleague_domains)
    by_account: dict[AccountId, list[Item]] = {}
    for delivery in batch:
        by_account.setdefault(delivery.account, []).extend(delivery.items)
    wanted: set[ConversationId] = set()
    for account, items in by_account.items():
        await _find_in_account(tx, found, account, items, wanted)
    everything = [item for items in by_account.values() for item in items]
    messages = list(_messages(everything))
    refs = {ref for one in messages for ref in (*one.thread.references, *one.ids)}
    found.references = await tx.references(refs) if refs else {}
    numbers = {one.thread.number for one in messages if one.thread.number is not None}
    found.numbers = await tx.conversations_by_number(numbers) if numbers else {}
    parties = {(one.sender.scope, one.sender.address) for one in messages}
    found.identities = await tx.identities(parties) if parties else {}
    await _find_replies(tx, found, everything)
    hinted = {ref for one in messages for ref in one.thread.references}
    wanted |= {reference.conversation for ref, reference in found.references.items() if ref in hinted}
    wanted |= {one.thread.signed for one in messages if one.thread.signed is not None}
    wanted |= set(found.numbers.values())
    wanted |= {reply.conversation for reply in found.replies.values()}
    await _lock(tx, found, wanted)
    reported = {reply.message for reply in found.replies.values()}
    found.reply_messages = await tx.lock(Message, reported) if reported else {}
    return found


def _messages(items: Collection[Item]) -> Iterable[Received]:
    for item in items:
        if isinstance(item, Received):
            yield item
        elif isinstance(item, Report) and item.otherwise is not None:
            yield item.otherwise


async def _find_in_account(
    tx: Tx, found: Found, account: AccountId, items: Sequence[Item], wanted: set[ConversationId]
) -> None:
    seen = await tx.seen(account, {item.external_id for item in items})
    found.seen |= {(account, one) for one in seen}
    keys = {one.thread.key for one in _messages(items)} | {
        one.thread.key for one in items if isinstance(one, Happening)
    }
    keys |= {one.external_id for one in _messages(items) if not one.thread.key}
    keys.discard("")
    by_key = await tx.conversations_by_key(account, keys) if keys else {}
    found.keys |= {(account, key): conversation for key, conversation in by_key.items()}
    wanted |= set(by_key.values())
    originals = {one.original for one in items if isinstance(one, Edited | Unsent)}
    if originals:
        messages = await tx.messages_by_external_id(account, originals)
        found.messages |= {(account, one): message for one, message in messages.items()}
        wanted |= {message.conversation for message in messages.values()}


async def _find_replies(tx: Tx, found: Found, items: Sequence[Item]) -> None:
    refs = {ref for item in items if isinstance(item, Report) for ref in item.references}
    if not refs:
        return
    known = await tx.replies_known_as(refs)
    outbounds = await tx.lock(Outbound, set(known.values()))
    found.replies = {ref: outbounds[message] for ref, message in known.items() if message in outbounds}


async def _lock(tx: Tx, found: Found, wanted: set[ConversationId]) -> None:
    conversations = await tx.lock(Conversation, wanted) if wanted else {}
    found.conversations = {one.id: one for one in conversations.values()}
    tickets = {one.ticket for one in conversations.values()}
    tickets |= {message.ticket for message in found.messages.values()}
    tickets |= {reply.ticket for reply in found.replies.values()}
    found.tickets = await locked_with_ends(tx, tickets) if tickets else {}
    await _follow_moved(tx, found)


async def _follow_moved(tx: Tx, found: Found) -> None:
    """Messages move only under the lock of the ticket they stand in: those that moved before we had it are read anew,
    with the ticket they stand in now."""
    while found.messages:
        ids = [one.id for one in found.messages.values()]
        present = await tx.get(Message, ids)
        found.messages = {key: present.get(one.id, one) for key, one in found.messages.items()}
        missing = {one.ticket for one in found.messages.values()} - found.tickets.keys()
        if not missing:
            return
        found.tickets |= await locked_with_ends(tx, missing)
