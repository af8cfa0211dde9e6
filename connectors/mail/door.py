"""Our own SMTP door: takes mail for the configured addresses, and says 250 only when the mail is in the ledger."""

import asyncio
import contextlib
import logging
import ssl
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

from connectors.contract import Ledger
from connectors.mail.addresses import is_own, normal, without_plus
from connectors.mail.arriving import delivery_of
from connectors.mail.model import DEFAULT_CAPS
from routing.errors import TryLater
from routing.ids import AccountId

_log = logging.getLogger(__name__)
# The library logs every command with its addresses, and at debug level the mail itself.
logging.getLogger("mail.log").setLevel(logging.ERROR)

_MOST_RECIPIENTS = 100
_CALLS = {"RCPT": 200, "*": 100}
_LONGEST_LINE = 1024 * 1024
_GOODBYE = 2.0
_LONGEST_COMMAND = 2_048
_GREETING = "ESMTP Madoguchi"


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How much one client, and all of them, may ask of the door."""

    size: int = DEFAULT_CAPS.size
    connections: int = 200
    idle: float = 120.0
    line: int = _LONGEST_LINE


class Door:
    """The open door. `port` is where it listens."""

    def __init__(self, server: asyncio.Server, port: int, visitors: "_Visitors") -> None:
        self._server = server
        self._visitors = visitors
        self.port = port

    async def close(self) -> None:
        """Lets nobody in any more, finishes the mails that are being kept, and sends the others away."""
        self._server.close()
        await self._visitors.leave()


async def open_smtp_door(
    host: str,
    port: int,
    mailboxes: Mapping[str, AccountId],
    ledger: Ledger,
    clock: Callable[[], datetime],
    *,
    paused: Collection[str] = (),
    limits: DoorLimits | None = None,
    tls: ssl.SSLContext | None = None,
    require_tls: bool = False,
    hostname: str = "localhost",
) -> Door:
    """Opens the door for the addresses of `mailboxes` and their plus-addresses. Port 0 takes any free port. Who writes
    to one of those `paused` is asked to come again."""
    limits = limits or DoorLimits()
    loop = asyncio.get_running_loop()
    visitors = _Visitors()
    known = {address.casefold(): account for address, account in mailboxes.items()}
    keeper = _Keeper(known, frozenset(map(str.casefold, paused)), ledger, clock, visitors)

    def welcome() -> asyncio.Protocol:
        if visitors.count >= limits.connections or visitors.leaving:
            return _Full()
        return _Visit(
            keeper,
            visitors,
            data_size_limit=limits.size,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident=_GREETING,
            tls_context=tls,
            require_starttls=require_tls,
            timeout=limits.idle,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=_CALLS,
            loop=loop,
            line_limit=limits.line,
        )

    server = await loop.create_server(welcome, host, port)
    return Door(server, server.sockets[0].getsockname()[1], visitors)


class _Full(asyncio.Protocol):
    """Sends a client away that comes while the door is full or closing."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections, come again later\r\n")
        transport.close()


class _Visitors:
    """Who is inside, and which mails are just being kept."""

    def __init__(self) -> None:
        self.leaving = False
        self._inside: set[_Visit] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def count(self) -> int:
        return len(self._inside)

    def enter(self, visit: "_Visit") -> None:
        self._inside.add(visit)
        self._empty.clear()

    def left(self, visit: "_Visit") -> None:
        self._inside.discard(visit)
        if not self._inside:
            self._empty.set()

    async def leave(self) -> None:
        self.leaving = True
        for visit in tuple(self._inside):
            visit.dismiss()
        while self._inside:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), _GOODBYE)
            for visit in tuple(self._inside):
                visit.hang_up()


class _Visit(SMTP):
    """One client's connection."""

    def __init__(self, keeper: "_Keeper", visitors: _Visitors, *, line_limit: int, **options: Any) -> None:
        self.line_length_limit = line_limit
        # The library keeps these in one dictionary for all connections, and empties it whenever somebody comes.
        self.command_size_limits = defaultdict(lambda: _LONGEST_COMMAND)
        super().__init__(keeper, **options)
        self._visitors = visitors
        self.keeping = False
        self._dismissed = False
        self._was_inside = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._was_inside:  # STARTTLS makes the connection a second time.
            self._was_inside = True
            self._visitors.enter(self)
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._visitors.left(self)

    def dismiss(self) -> None:
        """Ends the visit, after the answer to the mail that is just being kept."""
        self._dismissed = True
        if not self.keeping and isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(b"421 4.3.2 Closing, come again later\r\n")
            self.transport.close()

    def hang_up(self) -> None:
        """Ends the visit of a client that does not answer our goodbye (TLS waits for it), but for a mail being kept."""
        transport = self._original_transport or self.transport
        if not self.keeping and isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    @override
    async def push(self, status: Any) -> None:
        await super().push(status)
        if self._dismissed and not self.keeping and self.transport is not None and not self.transport.is_closing():
            self.transport.close()


class _Keeper:
    """Answers the library's questions: who may be written to, and what becomes of a mail."""

    def __init__(
        self,
        mailboxes: Mapping[str, AccountId],
        paused: frozenset[str],
        ledger: Ledger,
        clock: Callable[[], datetime],
        visitors: _Visitors,
    ) -> None:
        self._mailboxes = mailboxes
        self._paused = paused
        self._ledger = ledger
        self._clock = clock
        self._visitors = visitors

    def account_of(self, address: str) -> AccountId | None:
        plain = normal(address)
        if plain is None:
            return None
        return self._mailboxes.get(plain) or self._mailboxes.get(without_plus(plain))

    def is_paused(self, address: str) -> bool:
        plain = normal(address)
        return plain is not None and is_own(plain, self._paused)

    async def handle_RCPT(  # noqa: N802  the library looks the hook up by this name
        self, _visit: _Visit, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.account_of(address) is None:
            if self.is_paused(address):
                return "451 4.3.0 That mailbox is paused, come again later"
            return "550 5.1.1 Nobody here has that address"
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  the library looks the hook up by this name
        self, visit: _Visit, session: Session, envelope: Envelope
    ) -> str:
        visit.keeping = True
        try:
            return await self._keep(session, envelope)
        finally:
            visit.keeping = False

    async def _keep(self, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        received_at = self._clock()
        wanted: dict[AccountId, list[str]] = {}
        for address in envelope.rcpt_tos:
            if account := self.account_of(address):
                wanted.setdefault(account, []).append(address)
        for account, addresses in wanted.items():
            headers = {
                "source": "smtp",
                "mail-from": envelope.mail_from or "",
                "rcpt-to": " ".join(addresses),
                "client": str(session.peer[0]) if session.peer else "",
                "helo": str(session.host_name or ""),
                "tls": "yes" if session.ssl else "no",
            }
            try:
                await self._ledger.accept(delivery_of(account, content, received_at, headers))
            except TryLater as failure:
                # The reason is for whoever is on call: it names our paths and hosts, in the database's own language.
                _log.warning("mail not kept", extra={"account": account, "fault": failure.reason})
                return "451 4.3.0 Cannot keep the mail now, come again later"
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        _log.error("fault at the SMTP door", exc_info=error)
        return "451 4.3.0 A fault of ours, come again later"
