"""Speaks IMAP on one connection, blocking; every method is called in the account's own thread, but `cut`."""

import contextlib
import imaplib
import re
import select
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import imap_tools
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from connectors.mail.clean import clean_line
from connectors.mail.config import AfterKeeping, ImapSettings, Security
from connectors.mail.dates import read_date
from connectors.mail.tls import client_context
from routing.errors import NeedsAttention, TryLater

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_INTERNAL_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Refusals of a sign-in that pass by themselves (RFC 5530, and what Gmail says without a code).
_PASSING = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "TOO MANY SIMULTANEOUS", "TEMPORAR", "TRY AGAIN")
_LONGEST_REASON = 300


class SignInRefused(Exception):
    """The server does not know the user or the secret."""


class Refusal(Exception):
    """The server said no to one command; the connection is in order."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What signs us in: a password, or an access token."""

    text: str
    is_token: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder as the server opened it."""

    validity: int
    next_uid: int
    calls: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one mail, and when the server took it."""

    content: bytes
    arrived_at: datetime | None


class ImapSession:
    """One connection to one folder. Raises TryLater when the connection is lost."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._mailbox: imap_tools.BaseMailBox | None = None
        self._cut = False

    def cut(self) -> None:
        """Ends whatever call is under way; may be called from another thread."""
        self._cut = True
        if self._mailbox is not None:
            with contextlib.suppress(OSError):  # It was closed already.
                self._client.sock.shutdown(socket.SHUT_RDWR)

    @property
    def _box(self) -> imap_tools.BaseMailBox:
        if self._mailbox is None or self._cut:
            raise TryLater("The connection to the mailbox is closed.")
        return self._mailbox

    @property
    def _client(self) -> Any:
        return self._mailbox.client if self._mailbox is not None else None

    def open(self, user: str, secret: Secret) -> Folder:
        """Connects, signs in and opens the folder. Raises TryLater, NeedsAttention or SignInRefused."""
        where = f"{self._settings.host}:{self._settings.port}"
        with _translated(where):
            self._mailbox = self._connect()
            self._sign_in(user, secret)
            client = self._client
            _, stated = client.capability()
            client.capabilities = tuple((stated[-1] or b"").decode("ascii", "replace").upper().split())
            try:
                self._mailbox.folder.set(self._settings.folder)
            except MailboxFolderSelectError as failure:
                raise NeedsAttention(f"{where} has no folder {self._settings.folder!r} for {user}.") from failure
            return Folder(
                validity=self._stated("UIDVALIDITY"),
                next_uid=self._stated("UIDNEXT"),
                calls="IDLE" in client.capabilities,
            )

    def close(self) -> None:
        """Says goodbye where that is still possible."""
        if self._mailbox is not None:
            with contextlib.suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                self._mailbox.client.logout()

    def uids_after(self, last: int) -> list[int]:
        """The UIDs above `last` in rising order. (`n:*` always names the newest mail, also one below n.)"""
        with _translated("the mailbox"):
            return sorted(uid for uid in self._search(f"UID {last + 1}:*") if uid > last)

    def uids_since(self, day: date) -> list[int]:
        with _translated("the mailbox"):
            return sorted(self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"))

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """The sizes of those mails that are still there."""
        found: dict[int, int] = {}
        with _translated("the mailbox"):
            for text, _ in self._fetch(uids, "(RFC822.SIZE)"):
                uid, size = _UID.search(text), _SIZE.search(text)
                if uid and size:
                    found[int(uid[1])] = int(size[1])
        return found

    def mails(self, uids: Sequence[int]) -> Mapping[int, Fetched]:
        """Those mails that are still there, without marking them as read."""
        return self._contents(uids, "(INTERNALDATE BODY.PEEK[])")

    def heads(self, uids: Sequence[int]) -> Mapping[int, Fetched]:
        """Their headers only."""
        return self._contents(uids, "(INTERNALDATE BODY.PEEK[HEADER])")

    def settle(self, uids: Sequence[int]) -> None:
        """Marks mails that were kept as read, or moves them away, as the settings say. Raises Refusal."""
        names = [str(uid) for uid in uids]
        with _translated("the mailbox"):
            if self._settings.after is AfterKeeping.SEEN:
                self._box.flag(names, imap_tools.MailMessageFlags.SEEN, value=True)
            elif self._settings.after is AfterKeeping.MOVE:
                self._box.move(names, self._settings.move_to)

    def wait(self, seconds: float) -> bool:
        """Waits by IDLE until the server calls (True) or the time is over."""
        with _translated("the mailbox"):
            box = self._box
            box.idle.start()  # type: ignore[no-untyped-call]  # the library has no types here
            called = self._is_readable(seconds)
            box.idle.stop()  # type: ignore[no-untyped-call]  # the library has no types here
            return called

    def _is_readable(self, seconds: float) -> bool:
        """Whether the server says something in time. A call that came in the same packet as the answer to IDLE stands
        in the buffer already, where polling the socket would not see it."""
        client = self._client
        patience = client.sock.gettimeout()
        client.sock.settimeout(0)
        try:
            if client.file.peek(1):
                return True
        except OSError:
            pass  # Nothing has come yet.
        finally:
            client.sock.settimeout(patience)
        poll = select.poll()
        poll.register(client.sock.fileno(), select.POLLIN)
        return bool(poll.poll(seconds * 1_000))

    def _connect(self) -> imap_tools.BaseMailBox:
        settings = self._settings
        context = client_context(settings)
        match settings.security:
            case Security.TLS:
                return imap_tools.MailBox(settings.host, settings.port, timeout=settings.timeout, ssl_context=context)
            case Security.STARTTLS:
                return imap_tools.MailBoxStartTls(
                    settings.host, settings.port, timeout=settings.timeout, ssl_context=context
                )
            case Security.NONE:
                return imap_tools.MailBoxUnencrypted(settings.host, settings.port, timeout=settings.timeout)

    def _sign_in(self, user: str, secret: Secret) -> None:
        box = self._box
        try:
            if secret.is_token:
                box.xoauth2(user, secret.text, initial_folder=None)
            elif user.isascii() and secret.text.isascii():
                box.login(user, secret.text, initial_folder=None)
            else:
                box.login_utf8(user, secret.text, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, MailboxLoginError) as failure:
            said = clean_line(str(failure))[:_LONGEST_REASON]
            if any(word in said.upper() for word in _PASSING):
                raise TryLater(f"The mail server does not let us in now: {said}") from failure
            raise SignInRefused(said) from failure

    def _stated(self, name: str) -> int:
        _, values = self._client.response(name)
        value = values[-1] if values else None
        return int(value) if value and value.isdigit() else 0

    def _search(self, criteria: str) -> Iterable[int]:
        kind, answer = self._box.client.uid("SEARCH", criteria)
        if kind != "OK":
            raise Refusal(f"SEARCH: {clean_line(str(answer))[:_LONGEST_REASON]}")
        return [int(uid) for line in answer if line for uid in line.split() if uid.isdigit()]

    def _fetch(self, uids: Sequence[int], what: str) -> Iterable[tuple[bytes, bytes]]:
        """What is told of each mail, and the literal that came with it. The UID may stand before or behind it."""
        kind, answer = self._box.client.uid("FETCH", ",".join(str(uid) for uid in uids), what)
        if kind != "OK":
            raise Refusal(f"FETCH: {clean_line(str(answer))[:_LONGEST_REASON]}")
        pieces: list[Any] = [piece for piece in answer if piece]
        for index, piece in enumerate(pieces):
            if isinstance(piece, tuple):
                behind = pieces[index + 1] if index + 1 < len(pieces) else b""
                yield piece[0] + b" " + (behind if isinstance(behind, bytes) else b""), piece[1]
            elif index == 0 or not isinstance(pieces[index - 1], tuple):
                yield piece, b""

    def _contents(self, uids: Sequence[int], what: str) -> Mapping[int, Fetched]:
        found: dict[int, Fetched] = {}
        with _translated("the mailbox"):
            for text, content in self._fetch(uids, what):
                uid, arrived = _UID.search(text), _INTERNAL_DATE.search(text)
                if uid and b"BODY[" in text.upper():
                    found[int(uid[1])] = Fetched(content, read_date(arrived[1]) if arrived else None)
        return found


@contextlib.contextmanager
def _translated(where: str) -> Any:
    """Foreign errors, translated once: a lost connection is TryLater, a plain no is Refusal."""
    try:
        yield
    except imaplib.IMAP4.abort as failure:
        raise TryLater(f"The connection to {where} was lost: {clean_line(str(failure))[:_LONGEST_REASON]}") from failure
    except (imaplib.IMAP4.error, ImapToolsError) as failure:
        raise Refusal(clean_line(str(failure))[:_LONGEST_REASON]) from failure
    except OSError as failure:
        if "CERTIFICATE_VERIFY_FAILED" in str(failure):
            raise NeedsAttention(f"The certificate of {where} cannot be trusted: {failure}") from failure
        raise TryLater(f"{where} cannot be reached: {clean_line(str(failure))[:_LONGEST_REASON]}") from failure
