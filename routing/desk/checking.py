"""Judges whether a reply may leave: its words, its files, its account, and the reply window at a given moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from routing.contacts import Conversation
from routing.errors import Refused
from routing.ids import AccountId
from routing.policy import Accounts, Policy
from routing.templates import unfilled


def check_reply(
    accounts: Accounts,
    conversation: Conversation,
    *,
    through: AccountId,
    channel: str,
    text: str,
    file_sizes: Sequence[int],
    at: datetime,
) -> None:
    """Raises Refused with the sentence for its author when the reply could not leave at `at`."""
    if not text.strip() and not file_sizes:
        raise Refused("reply.empty")
    if unfilled(text):
        raise Refused("reply.unfilled")
    if not conversation.address:
        raise Refused("reply.no_address")
    if not accounts.can_send(through):
        raise Refused("reply.cannot_send", account=accounts.title(through))
    limits = accounts.limits(through, channel)
    length = limits.measure(text)
    if length > limits.text:
        raise Refused("reply.too_long", length=str(length), limit=str(limits.text), unit=limits.unit)
    if len(file_sizes) > limits.attachments:
        raise Refused("reply.too_many_files", limit=str(limits.attachments))
    if sum(file_sizes) > limits.attachment_bytes:
        raise Refused("reply.files_too_large", limit=str(limits.attachment_bytes // 1_000_000))
    window = accounts.window(through, conversation, at)
    if not window.open:
        raise Refused("reply.window_closed", note=window.note)


def undo_time(policy: Policy, accounts: Accounts, through: AccountId, channel: str) -> timedelta:
    """How long a reply is held before it leaves: as the organisation decided, else as the channel proposes."""
    return policy.undo.get(channel, accounts.limits(through, channel).undo)
