"""Turns a letter into a mail and has it sent."""

from collections.abc import Callable
from datetime import datetime

from connectors.contract import Blobs, Signer
from connectors.mail.addresses import normal
from connectors.mail.composing import File, Outgoing, answer_subject, compose, signed_text
from connectors.mail.config import MailConfig, SmtpSettings
from connectors.mail.machines import OWN_HEADER
from connectors.mail.seals import own_id, reply_address
from connectors.mail.smtp import Access, Envelope, hand_over
from routing.errors import Gone, NeedsAttention, Rejected
from routing.replies import Letter, Prepared, SendClass, Sent

OPERATION = "smtp"
KEPT_REFERENCES = 20


def prepare_letter(letter: Letter, config: MailConfig, signer: Signer) -> Prepared:
    """Chooses the Message-ID, which depends on nothing but the message: every attempt bears the same."""
    return Prepared(OPERATION, SendClass.ASK, ids=(_message_id(letter, config, signer),))


async def send_letter(
    letter: Letter,
    prepared: Prepared,
    *,
    config: MailConfig,
    access: Access,
    blobs: Blobs,
    signer: Signer,
    clock: Callable[[], datetime],
) -> Sent:
    """Sends it once. Raises TryLater, Rejected, NeedsAttention (surely not sent) or Unclear."""
    server = _server(config)
    recipient = normal(letter.handle.get("reply_to") or letter.address)
    if recipient is None:
        raise Rejected(f"{letter.address!r} is no mail address.")
    copies = tuple(dict.fromkeys(copy for one in letter.copies if (copy := normal(one)) and copy != recipient))
    message_id = prepared.ids[0] if prepared.ids else _message_id(letter, config, signer)
    mail = Outgoing(
        message_id=message_id,
        mark=message_id.rpartition("@")[0],
        date=clock(),
        sender=(sender_name(config, letter.agent_name), config.address),
        to=(letter.handle.get("reply_to_name") or letter.address_name, recipient),
        copies=copies,
        reply_to=_reply_to(letter, config, signer),
        subject=answer_subject(letter.subject, letter.ticket_number, tag=config.subject_tag),
        in_reply_to=letter.refs[-1] if letter.refs else "",
        references=_chain(letter.refs),
        text=signed_text(letter.text, config.signature),
        files=await _files(letter, config, blobs),
    )
    helo = config.address.rpartition("@")[2]
    envelope = Envelope(config.address, recipient, copies)
    refused = await hand_over(server, access, helo, envelope, compose(mail, OWN_HEADER))
    return Sent(note="; ".join(refused))


def sender_name(config: MailConfig, agent: str = "") -> str:
    if config.agent_name and agent:
        return f"{agent} ({config.display_name})" if config.display_name else agent
    return config.display_name


def _server(config: MailConfig) -> SmtpSettings:
    if config.smtp is None:
        raise NeedsAttention(f"{config.address} has no SMTP server: answers cannot be sent until one is set up.")
    return config.smtp


def _message_id(letter: Letter, config: MailConfig, signer: Signer) -> str:
    return own_id(signer, letter.conversation, letter.message, config.address.rpartition("@")[2])


def _reply_to(letter: Letter, config: MailConfig, signer: Signer) -> str:
    if not config.signs_reply_addresses:
        return ""
    return reply_address(signer, letter.conversation, config.address) or ""


def _chain(refs: tuple[str, ...]) -> tuple[str, ...]:
    """The ids answered to; of a long chain the first and the newest, as mail programs thread by these."""
    return refs if len(refs) <= KEPT_REFERENCES else (refs[0], *refs[-(KEPT_REFERENCES - 1) :])


async def _files(letter: Letter, config: MailConfig, blobs: Blobs) -> tuple[File, ...]:
    """The files with their bytes: all are at hand before the server is spoken to."""
    if len(letter.attachments) > config.max_attachments:
        raise Rejected(f"The answer has {len(letter.attachments)} files; {config.max_attachments} are allowed.")
    total = sum(attachment.size for attachment in letter.attachments)
    if total > config.max_attachment_bytes:
        raise Rejected(
            f"The files of the answer have {total / 1_048_576:.1f} MB; "
            f"{config.max_attachment_bytes / 1_048_576:.0f} MB are allowed."
        )
    files: list[File] = []
    for attachment in letter.attachments:
        try:
            content = await blobs.get(attachment.blob)
        except Gone as failure:
            raise Rejected(f"The file {attachment.name} is not there any more.") from failure
        files.append(File(attachment.name, attachment.media_type, content))
    return tuple(files)
