"""Writes mails of the program's own to people of the team, and knows what comes back of them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from connectors.contract import Signer, StaffMail
from connectors.mail.addresses import normal
from connectors.mail.composing import Outgoing, compose
from connectors.mail.config import MailConfig
from connectors.mail.machines import OWN_HEADER
from connectors.mail.seals import conversation_of_id, own_id
from connectors.mail.smtp import Access, Envelope, hand_over
from routing.errors import NeedsAttention, Rejected
from routing.ids import ConversationId, MessageId

# Where a mail to a customer names its conversation. No conversation is ever called so.
_STAFF = ConversationId("staff-notice")


async def send_to_staff(
    mail: StaffMail, *, config: MailConfig, access: Access, signer: Signer, clock: Callable[[], datetime]
) -> None:
    """Sends it once; every attempt bears the same Message-ID. Raises TryLater, Rejected, NeedsAttention (surely not
    sent) or Unclear."""
    if config.smtp is None:
        raise NeedsAttention(f"{config.address} has no SMTP server: nobody can be told by mail until one is set up.")
    recipient = normal(mail.address)
    if recipient is None:
        raise Rejected(f"{mail.address!r} is no mail address.")
    domain = config.address.rpartition("@")[2]
    message_id = own_id(signer, _STAFF, MessageId(mail.key), domain)
    content = Outgoing(
        message_id=message_id,
        mark=message_id.rpartition("@")[0],
        date=clock(),
        sender=(config.display_name, config.address),
        to=(mail.name, recipient),
        copies=(),
        reply_to="",
        subject=mail.subject,
        in_reply_to="",
        references=(),
        text=f"{mail.text.strip()}\n",
        files=(),
        automatic=True,
    )
    await hand_over(config.smtp, access, domain, Envelope(config.address, recipient, ()), compose(content, OWN_HEADER))


def is_about_staff_mail(ids: Iterable[str], signer: Signer) -> bool:
    """Whether one of these Message-IDs is of a mail of ours to the team."""
    return any(conversation_of_id(signer, one) == _STAFF for one in ids)
