"""Makes our signed Message-IDs and reply addresses, and knows them again when they come back."""

import re

from connectors.contract import Signer
from routing.ids import ConversationId, MessageId

MAIL_ID = "mail-id"
REPLY_ADDRESS = "reply-address"

_OWN = re.compile(r"([0-9A-Za-z-]{8,40})\.([0-9A-Za-z-]{8,40})\.([0-9A-Za-z_-]{4,80})(?:@|\Z)")
# Mail programs and servers change the case of local parts, so signatures are made and read in lower case.
_PLUS = re.compile(r"[^@]*\+([0-9a-z-]{8,40})\.([0-9a-z_-]{4,80})@")
_LOCAL_LIMIT = 64


def own_id(signer: Signer, conversation: ConversationId, message: MessageId, domain: str) -> str:
    """The Message-ID of a mail of ours, without brackets: it names its conversation, and nobody else can make it."""
    named = f"{conversation}.{message}"
    return f"{named}.{signer.sign(MAIL_ID, named)}@{domain}"


def conversation_of_id(signer: Signer, mail_id: str) -> ConversationId | None:
    """The conversation of an id that we made, or None when we did not make it."""
    match = _OWN.match(mail_id)
    if match is None:
        return None
    conversation, message, signature = match.groups()
    genuine = signer.verifies(MAIL_ID, f"{conversation}.{message}", signature)
    return ConversationId(conversation) if genuine else None


def reply_address(signer: Signer, conversation: ConversationId, address: str) -> str | None:
    """The signed address under which answers find their conversation; None when it would be too long to be one."""
    local, _, domain = address.rpartition("@")
    signed = f"{local}+{conversation}.{signer.sign(REPLY_ADDRESS, conversation)}"
    return f"{signed}@{domain}" if len(signed) <= _LOCAL_LIMIT else None


def conversation_of_address(signer: Signer, address: str) -> ConversationId | None:
    """The conversation of a signed reply address, or None when it is none of ours."""
    match = _PLUS.match(address.lower())
    if match is None:
        return None
    conversation, signature = match.groups()
    return ConversationId(conversation) if signer.verifies(REPLY_ADDRESS, conversation, signature) else None
