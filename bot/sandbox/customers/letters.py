"""Reads and writes the mails of sample customers as the mail programs of real ones would."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import format_datetime, formataddr, getaddresses, parseaddr
from enum import StrEnum
from html.parser import HTMLParser

from typing_extensions import override

from bot.sandbox.customers.people import Person


class Standing(StrEnum):
    SENDING = "sending"
    WAITING = "waiting"  # the other side could not take it yet; it will be tried again
    DELIVERED = "delivered"
    RETURNED = "returned"  # refused for good, or tried often enough
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Enclosure:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as a person sees it, in the mailbox of `person` (a key, or "" for nobody we know)."""

    id: str
    person: str
    sender_name: str
    sender: str
    recipient: str
    subject: str
    text: str
    at: float
    message_id: str
    standing: Standing
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread: str = ""
    enclosures: tuple[Enclosure, ...] = field(default=())
    remark: str = ""
    is_automatic: bool = False

    @property
    def is_received(self) -> bool:
        return self.standing is Standing.RECEIVED

    def shown(self) -> dict[str, object]:
        return {
            "id": self.id,
            "person": self.person,
            "direction": "received" if self.is_received else "sent",
            "from_name": self.sender_name,
            "from": self.sender,
            "to": self.recipient,
            "subject": self.subject,
            "text": self.text,
            "at": self.at,
            "message_id": self.message_id,
            "in_reply_to": self.in_reply_to,
            "reply_to": self.reply_to,
            "thread": self.thread,
            "state": self.standing,
            "remark": self.remark,
            "automatic": self.is_automatic,
            "attachments": [
                {
                    "name": enclosure.name,
                    "type": enclosure.content_type,
                    "size": len(enclosure.content),
                    "url": f"/customers/mail/{self.id}/{number}",
                }
                for number, enclosure in enumerate(self.enclosures)
            ],
        }


def read_letter(content: bytes, *, id: str, person: str, recipient: str, at: float) -> Letter:  # noqa: A002  the field's name
    """What a mail program shows of a mail that has just arrived."""
    mail = BytesParser(EmailMessage, policy=default).parsebytes(content)
    sender_name, sender = parseaddr(str(mail.get("From", "")))
    return Letter(
        id=id,
        person=person,
        sender_name=sender_name,
        sender=sender,
        recipient=recipient,
        subject=str(mail.get("Subject", "")),
        text=_readable_text(mail),
        at=at,
        message_id=str(mail.get("Message-ID", "")).strip(),
        standing=Standing.RECEIVED,
        reply_to=next((address for _, address in getaddresses([str(mail.get("Reply-To", ""))]) if address), ""),
        in_reply_to=str(mail.get("In-Reply-To", "")).strip(),
        references=tuple(re.findall(r"<[^<>\s]{1,900}>", str(mail.get("References", "")))),
        enclosures=tuple(_enclosures(mail)),
        is_automatic=str(mail.get("Auto-Submitted", "no")).strip().lower() != "no",
    )


def write_letter(letter: Letter, *, charset: str = "utf-8") -> bytes:
    """The mail on the wire. The time zone is UTC, as many web mailers have it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((letter.sender_name, letter.sender))
    mail["To"] = letter.recipient
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(letter.at, UTC))
    mail["Message-ID"] = letter.message_id
    if letter.in_reply_to:
        mail["In-Reply-To"] = letter.in_reply_to
        mail["References"] = " ".join(letter.references)
    mail.set_content(letter.text, charset=charset)
    for enclosure in letter.enclosures:
        kind, _, subtype = enclosure.content_type.partition("/")
        mail.add_attachment(
            enclosure.content, maintype=kind, subtype=subtype or "octet-stream", filename=enclosure.name
        )
    return mail.as_bytes()


def quote_below(text: str, answered: Letter, person: Person) -> str:
    """The person's words with the answered mail quoted below them, as mail programs do it unasked."""
    written = datetime.fromtimestamp(answered.at, UTC)
    who = answered.sender_name or answered.sender
    if person.language == "ja":
        introduction = f"{written:%Y年%m月%d日 %H:%M} {who} <{answered.sender}>:"
    else:
        introduction = f"On {written:%a, %d %b %Y at %H:%M}, {who} <{answered.sender}> wrote:"
    quoted = "\n".join(f"> {line}".rstrip() for line in answered.text.splitlines())
    return f"{text}\n\n{introduction}\n{quoted}\n"


def _readable_text(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content()).replace("\r\n", "\n")
    return _text_of_html(text) if body.get_content_type() == "text/html" else text.rstrip("\n")


def _enclosures(mail: EmailMessage) -> list[Enclosure]:
    found = []
    for number, part in enumerate(mail.iter_attachments(), start=1):
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        found.append(Enclosure(part.get_filename() or f"attachment-{number}", part.get_content_type(), content))
    return found


class _Words(HTMLParser):
    """Collects the words of a mail that has no plain part; blocks become lines."""

    _LINES = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote"})
    _UNSEEN = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = 0

    @override
    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]], /) -> None:
        self._unseen += tag in self._UNSEEN
        if tag in self._LINES:
            self.words.append("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self._UNSEEN and self._unseen > 0

    @override
    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def _text_of_html(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return re.sub(r"\n\s*\n+", "\n\n", "".join(words.words)).strip()
