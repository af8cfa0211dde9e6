"""Makes the delivery of a mail that a door or a mailbox hands over."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from connectors.contract import NewDelivery
from connectors.mail.addresses import read_addresses
from connectors.mail.headers import unfold
from routing.ids import AccountId

# Notes that stand in the headers of a delivery whose mail could not be taken in whole.
OVERSIZE = "oversize"
UNFETCHED = "unfetched"

_FROM = re.compile(rb"^From[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE | re.IGNORECASE)
_HEAD = 32 * 1024


def delivery_of(
    account: AccountId, content: bytes, received_at: datetime, headers: Mapping[str, str], *, unique: str = ""
) -> NewDelivery:
    """The delivery of one mail. The same bytes are the same delivery, whichever way they come; `unique` names it where
    the bytes do not. Mails of one sender share a lane, so they are read in the order in which they came."""
    name = unique or hashlib.sha256(content).hexdigest()[:48]
    return NewDelivery(
        account=account,
        provider_id=f"mail:{name}",
        lane=f"mail:{_sender(content) or name}",
        headers=headers,
        body=content,
        received_at=received_at,
    )


def _sender(content: bytes) -> str:
    head = content[:_HEAD].partition(b"\r\n\r\n")[0]
    if match := _FROM.search(head):
        for one in read_addresses(unfold(match[1])):
            return one.address
    return ""
