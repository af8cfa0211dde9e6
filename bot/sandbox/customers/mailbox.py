"""Is the mail system of the sample customers: takes every mail sent to them, and sends theirs as real SMTP mail."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiosmtplib
from aiosmtpd.smtp import SMTP as SmtpServer  # noqa: N811  aiosmtplib has a class of the same name
from aiosmtpd.smtp import Envelope, Session

from bot.sandbox.customers.journal import Journal
from bot.sandbox.customers.letters import Enclosure, Letter, Standing, quote_below, read_letter, write_letter
from bot.sandbox.customers.mishaps import Door, Mishap, Mishaps
from bot.sandbox.customers.people import Person, person_at

# A mail server keeps trying for days; these customers try often at first, so that a restart is seen to lose nothing.
RETRY_DELAYS: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_LARGEST_MAIL = 60 * 1024 * 1024


class Mailbox:
    """Everybody's mailbox. `heard` is called with every mail that arrives, after it is on record."""

    def __init__(
        self,
        *,
        support_address: str,
        journal: Journal,
        mishaps: Mishaps,
        announce: Callable[[Mapping[str, Any]], None],
        clock: Callable[[], float],
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        self.support_address = support_address
        self.door: tuple[str, int] | None = None
        self.letters: dict[str, Letter] = {}
        self.heard: Callable[[Letter], None] = _nobody_listens
        self._by_message_id: dict[str, str] = {}
        self._journal = journal
        self._mishaps = mishaps
        self._announce = announce
        self._clock = clock
        self._retry_delays = retry_delays
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Starts to take mail; gives the port."""
        postman = _Postman(self, self._mishaps)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SmtpServer(
                postman, enable_SMTPUTF8=True, data_size_limit=_LARGEST_MAIL, hostname="customers.example"
            ),
            host,
            port,
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def send(
        self,
        person: Person,
        subject: str,
        text: str,
        *,
        in_reply_to: str = "",
        enclosures: tuple[Enclosure, ...] = (),
        charset: str = "utf-8",
    ) -> Letter:
        """Writes a mail and brings it to the program's SMTP door; returns when it is delivered or given up.

        `in_reply_to` is the Message-ID of the mail that is answered; the answer goes where that mail wants it.
        """
        letter = self._compose(person, subject, text, in_reply_to=in_reply_to, enclosures=enclosures)
        self._keep(letter)
        return await self._deliver(letter, write_letter(letter, charset=charset))

    def receive(self, recipient: str, content: bytes) -> Letter:
        """Puts a mail that arrived into its mailbox. It is on record when this returns."""
        person = person_at(recipient)
        letter = read_letter(
            content,
            id=secrets.token_hex(8),
            person=person.key if person else "",
            recipient=recipient,
            at=self._clock(),
        )
        self._journal.record(
            "mail_received",
            letter.at,
            to=recipient,
            message_id=letter.message_id,
            subject=letter.subject,
            in_reply_to=letter.in_reply_to,
            text=letter.text,
        )
        letter = self._threaded(letter)
        self._keep(letter)
        self.heard(letter)
        return letter

    def in_order(self) -> list[Letter]:
        return list(self.letters.values())

    def find_by_message_id(self, message_id: str) -> Letter | None:
        return self.letters.get(self._by_message_id.get(message_id, ""))

    def _compose(
        self, person: Person, subject: str, text: str, *, in_reply_to: str, enclosures: tuple[Enclosure, ...]
    ) -> Letter:
        answered = self.find_by_message_id(in_reply_to)
        recipient = self.support_address
        references: tuple[str, ...] = ()
        if in_reply_to:
            references = (*(answered.references if answered else ()), in_reply_to)
        if answered is not None:
            text = quote_below(text, answered, person)
            if answered.is_received:
                recipient = answered.reply_to or answered.sender
            if not subject:
                subject = answered.subject if answered.subject.lower().startswith("re:") else f"Re: {answered.subject}"
        domain = person.address.rpartition("@")[2]
        return self._threaded(
            Letter(
                id=secrets.token_hex(8),
                person=person.key,
                sender_name=person.name,
                sender=person.address,
                recipient=recipient,
                subject=subject,
                text=text,
                at=self._clock(),
                message_id=f"<{secrets.token_hex(12)}@{domain}>",
                standing=Standing.SENDING,
                in_reply_to=in_reply_to,
                references=references,
                enclosures=enclosures,
            )
        )

    def _threaded(self, letter: Letter) -> Letter:
        for message_id in (letter.in_reply_to, *reversed(letter.references)):
            if (earlier := self.find_by_message_id(message_id)) is not None:
                return replace(letter, thread=earlier.thread)
        return replace(letter, thread=letter.id)

    def _keep(self, letter: Letter) -> Letter:
        self.letters[letter.id] = letter
        if letter.message_id:
            self._by_message_id.setdefault(letter.message_id, letter.id)
        self._announce({"type": "letter", "letter": letter.shown()})
        return letter

    async def _deliver(self, letter: Letter, content: bytes) -> Letter:
        remark = ""
        for delay in (*self._retry_delays, None):
            try:
                await self._hand_over(letter, content)
            except aiosmtplib.SMTPResponseException as refusal:
                if refusal.code >= 500:
                    return self._give_up(letter, f"{refusal.code} {refusal.message}")
                remark = f"{refusal.code} {refusal.message}"
            except (aiosmtplib.SMTPException, OSError) as trouble:
                remark = str(trouble) or type(trouble).__name__
            else:
                self._journal.record("mail_delivered", self._clock(), message_id=letter.message_id, to=letter.recipient)
                return self._keep(replace(letter, standing=Standing.DELIVERED))
            if delay is None:
                break
            self._keep(replace(letter, standing=Standing.WAITING, remark=remark))
            await asyncio.sleep(delay)
        return self._give_up(letter, remark)

    async def _hand_over(self, letter: Letter, content: bytes) -> None:
        if self.door is None:
            raise ConnectionRefusedError("no mail door is known yet")
        host, port = self.door
        try:
            await aiosmtplib.send(
                content,
                sender=letter.sender,
                recipients=[letter.recipient],
                hostname=host,
                port=port,
                timeout=20,
                start_tls=False,
                use_tls=False,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            # There is one recipient, so its refusal is the answer to the mail.
            first = refused.recipients[0]
            raise aiosmtplib.SMTPResponseException(first.code, first.message) from refused

    def _give_up(self, letter: Letter, remark: str) -> Letter:
        self._journal.record("mail_returned", self._clock(), message_id=letter.message_id, reason=remark)
        return self._keep(replace(letter, standing=Standing.RETURNED, remark=remark))


def _nobody_listens(_letter: Letter) -> None:
    pass


class _Postman:
    """The handler that aiosmtpd calls; the method's name is its."""

    def __init__(self, mailbox: Mailbox, mishaps: Mishaps) -> None:
        self._mailbox = mailbox
        self._mishaps = mishaps

    async def handle_DATA(self, server: SmtpServer, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        mishap = self._mishaps.strike(Door.MAIL)
        if mishap in (Mishap.ERROR, Mishap.THROTTLED):
            return "451 4.3.0 Please try again later"
        if mishap is Mishap.REFUSED:
            return "550 5.7.1 This mailbox does not want your mail"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        for recipient in envelope.rcpt_tos:
            self._mailbox.receive(recipient, content)
        if mishap is Mishap.LOST and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        if mishap is Mishap.SILENT:
            await asyncio.sleep(600)  # plays a server that never answers: the sender gives up long before
        return "250 2.0.0 In the mailbox"
