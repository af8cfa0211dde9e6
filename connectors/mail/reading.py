"""Decides what a mail means to us: words of a customer, news of a mail of ours, or nothing that needs anybody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import Signer
from connectors.mail.addresses import is_own, normal
from connectors.mail.ids import newest_first, ticket_number
from connectors.mail.machines import MAILING_LIST, PRECEDENCE_LIST
from connectors.mail.model import Address, Mail
from connectors.mail.seals import MAIL_ID, conversation_of_address, conversation_of_id
from connectors.mail.staff import is_about_staff_mail
from routing.errors import Unreadable
from routing.ids import ConversationId
from routing.messages import Item, Kind, Party, Received, Report, Skipped, Thread

CHANNEL = "email"
SCOPE = "email"
_LONGEST_ID = 300
_MOST_PARTICIPANTS = 100
_SKEW = timedelta(minutes=5)
_OWN_MARK = re.compile(r"([0-9A-Za-z-]{8,40}\.[0-9A-Za-z-]{8,40})\.([0-9A-Za-z_-]{4,80})\Z")
# Strings and comments inside results hold what senders wrote; nothing in them is a result.
_FOREIGN_WORDS = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|\([^()]*\)?")
_DMARC = re.compile(r"\s*dmarc\s*=\s*(\w+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What reading must know of the account: its address, all addresses of the organisation, and whose authentication
    results it may believe (the authserv-id of its own mail server; empty believes nobody's)."""

    address: str
    own: frozenset[str]
    authserv_id: str
    signer: Signer


def read_items(mail: Mail, envelope: Mapping[str, str], received_at: datetime, mailbox: Mailbox) -> tuple[Item, ...]:
    """The one item of a mail. `envelope` is what the door noted of its delivery. Raises Unreadable without a sender."""
    message_id = mail.message_id or f"{mail.digest}@missing.madoguchi"
    external_id = f"{message_id[:_LONGEST_ID]}#{mail.digest}"
    if _is_ours(mail, mailbox.signer):
        return (Skipped(external_id, "a mail of ours came back"),)
    if _is_echo_of_staff_mail(mail, mailbox.signer):
        return (Skipped(external_id, "a machine's answer to a mail to the team"),)
    at = received_at if mail.date is None or mail.date > received_at + _SKEW else mail.date
    received = _received(mail, message_id, external_id, envelope, at, mailbox)
    if mail.notice is not None:
        return (
            Report(
                external_id=external_id,
                references=mail.notice.references,
                state=mail.notice.state,
                at=at,
                reason=mail.notice.reason,
                otherwise=received,
            ),
        )
    if received is None:
        raise Unreadable("The mail names no sender, neither in From nor in Sender, Reply-To or its envelope.")
    return (received,)


def _received(
    mail: Mail, message_id: str, external_id: str, envelope: Mapping[str, str], at: datetime, mailbox: Mailbox
) -> Received | None:
    envelope_sender = normal(envelope.get("mail-from", ""))
    sender = mail.sender or (Address(envelope_sender) if envelope_sender else None)
    if sender is None:
        return None
    return Received(
        external_id=external_id,
        kind=Kind.MAIL,
        channel=CHANNEL,
        sender=Party(SCOPE, sender.address, sender.name),
        thread=Thread(
            signed=_signed(mail, envelope, mailbox.signer),
            references=newest_first(mail.in_reply_to, mail.references),
            number=ticket_number(mail.subject),
        ),
        text=mail.text,
        sent_at=at,
        subject=mail.subject,
        full_text=mail.full_text,
        ids=(message_id,),
        participants=_participants(sender, mail.recipients, mailbox.own),
        attachments=mail.attachments,
        automatic=_automatic(mail, sender, envelope, mailbox),
        verified=_verified(mail, sender, mailbox.authserv_id),
        handle=_answer_to(mail, sender, mailbox.own),
        language=mail.language,
    )


def _is_ours(mail: Mail, signer: Signer) -> bool:
    """Whether we wrote this mail. A mark without our signature is another desk's, or a forger's: it counts nothing."""
    if mark := _OWN_MARK.match(mail.own_mark):
        return signer.verifies(MAIL_ID, mark[1], mark[2])
    return conversation_of_id(signer, mail.message_id) is not None


def _is_echo_of_staff_mail(mail: Mail, signer: Signer) -> bool:
    """A bounce of a mail to a colleague, or their absence note: no customer's matter. What a person answers is kept."""
    if mail.notice is not None:
        return is_about_staff_mail(mail.notice.references, signer)
    return bool(mail.marks) and is_about_staff_mail((*mail.in_reply_to, *mail.references), signer)


def _signed(mail: Mail, envelope: Mapping[str, str], signer: Signer) -> ConversationId | None:
    """The conversation that our signature names: in an address the mail was sent to, else in an id it points at."""
    addresses = [one.address for one in mail.recipients]
    addresses += [*mail.delivered_to, *envelope.get("rcpt-to", "").split()]
    for address in addresses:
        if "+" in address and (conversation := conversation_of_address(signer, address)):
            return conversation
    for reference in newest_first(mail.in_reply_to, mail.references):
        if conversation := conversation_of_id(signer, reference):
            return conversation
    return None


def _participants(sender: Address, recipients: tuple[Address, ...], own: frozenset[str]) -> tuple[str, ...]:
    addresses = dict.fromkeys((sender.address, *(one.address for one in recipients)))
    return tuple(address for address in addresses if not is_own(address, own))[:_MOST_PARTICIPANTS]


def _automatic(mail: Mail, sender: Address, envelope: Mapping[str, str], mailbox: Mailbox) -> str:
    """Why this looks written by a machine; empty when a person wrote it."""
    marks = list(mail.marks)
    if _through_own_list(mail.list_id, mailbox.own):
        # A group of ours hands customers' mails on as a mailing list; that makes nobody a machine.
        marks = [mark for mark in marks if mark not in (MAILING_LIST, PRECEDENCE_LIST)]
    if envelope.get("mail-from") == "<>" and "null sender" not in marks:
        marks.append("null sender")
    if is_own(sender.address, mailbox.own):
        marks.append("an address of our own")
    if mail.notice is not None and not marks:
        marks.append("report")
    return ", ".join(marks)


def _through_own_list(list_id: str, own: frozenset[str]) -> bool:
    if not list_id:
        return False
    name = list_id.rpartition("<")[2].rstrip("> ").lower()
    return any(address.replace("@", ".") == name for address in own)


def _verified(mail: Mail, sender: Address, authserv_id: str) -> bool:
    """Whether our own mail server found the sender's domain to be the true one (DMARC). Anybody can write such a
    header, so only the topmost that bears our server's name counts."""
    if not authserv_id or mail.several_senders or mail.sender is None:
        return False
    for result in mail.authentication:
        server, *results = _FOREIGN_WORDS.sub(" ", result).split(";")
        if server.strip().partition(" ")[0].lower() != authserv_id.lower():
            continue
        verdicts = [(match[1].lower(), part) for part in results if (match := _DMARC.match(part))]
        if [verdict for verdict, _ in verdicts] != ["pass"]:
            return False
        domain = _HEADER_FROM.search(verdicts[0][1])
        own_domain = sender.address.rpartition("@")[2]
        return domain is None or _same_domain(domain[1].lower().rpartition("@")[2].rstrip("."), own_domain)
    return False


def _same_domain(stated: str, of_sender: str) -> bool:
    return stated == of_sender or of_sender.endswith(f".{stated}")


def _answer_to(mail: Mail, sender: Address, own: frozenset[str]) -> Mapping[str, str]:
    """Where an answer goes when not to the sender: a single Reply-To that is neither ours nor a robot's."""
    if len(mail.reply_to) != 1:
        return {}
    wanted = mail.reply_to[0]
    if wanted.address == sender.address or is_own(wanted.address, own):
        return {}
    if wanted.address.startswith(("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply")):
        return {}
    return {"reply_to": wanted.address, "reply_to_name": wanted.name} if wanted.name else {"reply_to": wanted.address}
