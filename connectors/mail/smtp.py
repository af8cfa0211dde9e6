"""Hands one mail to an SMTP server, and tells surely whether it left, did not leave, or nobody knows."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiosmtplib

from connectors.mail.clean import clean_line
from connectors.mail.config import Security, SmtpSettings
from connectors.mail.tls import client_context
from routing.errors import NeedsAttention, Rejected, TryLater, Unclear

_STUFFING = re.compile(rb"(?m)^\.")
_AUTH_BROKEN = frozenset({454, 500, 501, 502, 503, 504, 530, 534, 535, 538})
_LONGEST_REASON = 300
_BUSY = timedelta(seconds=60)
_START_INPUT, _COMPLETED = 354, 250


@dataclass(frozen=True, slots=True)
class Access:
    """How to sign in: a user with a password, or with a way to get an access token (and to say that the last one was
    refused), or not at all (user empty)."""

    user: str = ""
    password: str = ""
    token: Callable[[], Awaitable[str]] | None = None
    renew: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom; the copies may fail where the recipient may not."""

    sender: str
    recipient: str
    copies: tuple[str, ...]


async def hand_over(
    server: SmtpSettings, access: Access, helo: str, envelope: Envelope, content: bytes
) -> Sequence[str]:
    """Gives the mail to the server; returns what it said of copies that it refused.

    Raises TryLater, Rejected or NeedsAttention when the mail surely did not leave, Unclear when it may have.
    """
    async with signed_in(server, access, helo) as smtp:
        refused = await _address(smtp, envelope, content)
        await _transfer(smtp, content, server)
        return refused


@asynccontextmanager
async def signed_in(server: SmtpSettings, access: Access, helo: str) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connection on which mail may be sent. Raises TryLater or NeedsAttention."""
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        timeout=server.timeout,
        local_hostname=helo,
        use_tls=server.security is Security.TLS,
        start_tls=server.security is Security.STARTTLS,
        tls_context=client_context(server),
    )
    where = f"{server.host}:{server.port}"
    try:
        await smtp.connect()
        await _sign_in(smtp, access, where)
    except aiosmtplib.SMTPResponseException as failure:
        smtp.close()
        raise TryLater(f"{where} answered {_told(failure)}", after=_BUSY) from failure
    except ssl.SSLCertVerificationError as failure:
        smtp.close()
        raise NeedsAttention(f"The certificate of {where} cannot be trusted: {failure.verify_message}") from failure
    except (aiosmtplib.SMTPException, OSError) as failure:
        smtp.close()
        if isinstance(cause := failure.__cause__, ssl.SSLCertVerificationError):
            raise NeedsAttention(f"The certificate of {where} cannot be trusted: {cause.verify_message}") from failure
        raise TryLater(f"{where} cannot be reached: {clean_line(str(failure))[:_LONGEST_REASON]}") from failure
    except BaseException:
        smtp.close()
        raise
    try:
        yield smtp
    finally:
        await _leave(smtp)


async def _sign_in(smtp: aiosmtplib.SMTP, access: Access, where: str) -> None:
    await smtp.ehlo()
    if not access.user:
        return
    try:
        if access.token is not None:
            await _sign_in_by_token(smtp, access, access.token)
        else:
            await smtp.login(access.user, access.password)
    except aiosmtplib.SMTPAuthenticationError as failure:
        if failure.code in _AUTH_BROKEN and failure.code != 454:
            raise NeedsAttention(f"{where} refuses the sign-in of {access.user}: {_told(failure)}") from failure
        raise TryLater(f"{where} cannot check the sign-in now: {_told(failure)}", after=_BUSY) from failure
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except aiosmtplib.SMTPException as failure:
        raise NeedsAttention(f"{where} offers no way to sign in that we know: {clean_line(str(failure))}") from failure


async def _sign_in_by_token(smtp: aiosmtplib.SMTP, access: Access, token: Callable[[], Awaitable[str]]) -> None:
    """A token may have been withdrawn before its time: a refused one is tried once more with a fresh one."""
    try:
        await smtp.auth_xoauth2(access.user, await token())
    except aiosmtplib.SMTPAuthenticationError:
        access.renew()
        await smtp.auth_xoauth2(access.user, await token())


async def _address(smtp: aiosmtplib.SMTP, envelope: Envelope, content: bytes) -> list[str]:
    """MAIL and RCPT. Nothing has left yet, so every failure here is a sure one."""
    addresses = (envelope.sender, envelope.recipient, *envelope.copies)
    options = [f"SIZE={len(content)}"] if smtp.supports_extension("size") else []
    encoding = "ascii"
    if not all(address.isascii() for address in addresses):
        if not smtp.supports_extension("smtputf8"):
            raise Rejected("The mail server cannot send to addresses with such letters (it has no SMTPUTF8).")
        options.append("SMTPUTF8")
        encoding = "utf-8"
    _check_size(smtp, len(content))
    try:
        await smtp.mail(envelope.sender, options=options, encoding=encoding)
        await smtp.rcpt(envelope.recipient, encoding=encoding)
    except aiosmtplib.SMTPResponseException as failure:
        raise _refusal(failure) from failure
    except (aiosmtplib.SMTPException, OSError) as failure:
        raise _lost(failure) from failure
    refused: list[str] = []
    for copy in envelope.copies:
        try:
            await smtp.rcpt(copy, encoding=encoding)
        except aiosmtplib.SMTPResponseException as failure:
            refused.append(f"{copy}: {_told(failure)}")
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise _lost(failure) from failure
    return refused


def _check_size(smtp: aiosmtplib.SMTP, size: int) -> None:
    if not smtp.supports_extension("size"):
        return
    stated = smtp.esmtp_extensions.get("size", "").strip()
    if stated.isdigit() and 0 < int(stated) < size:
        raise Rejected(
            f"The mail has {size / 1_048_576:.1f} MB; the mail server takes {int(stated) / 1_048_576:.1f} MB at most."
        )


async def _transfer(smtp: aiosmtplib.SMTP, content: bytes, server: SmtpSettings) -> None:
    """DATA. From the first byte of the mail on, a lost connection leaves it unknown whether the server kept it."""
    try:
        start = await smtp.execute_command(b"DATA")
    except (aiosmtplib.SMTPException, OSError) as failure:
        raise _lost(failure) from failure
    protocol = smtp.protocol
    if start.code != _START_INPUT:
        raise _refusal(aiosmtplib.SMTPDataError(start.code, start.message))
    if protocol is None:
        raise TryLater("The mail server closed the connection before it was given the mail.")
    body = _STUFFING.sub(b"..", content)
    try:
        protocol.write(body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n"))
        answer = await protocol.read_response(timeout=server.data_timeout)
    except (aiosmtplib.SMTPException, OSError, asyncio.CancelledError) as failure:
        smtp.close()
        if isinstance(failure, asyncio.CancelledError):
            raise
        raise Unclear(f"The mail was given to {server.host}, but no answer came: {type(failure).__name__}") from failure
    if answer.code != _COMPLETED:
        if answer.code < 400:
            raise Unclear(f"{server.host} answered {answer.code} to the mail, which means neither yes nor no.")
        raise _refusal(aiosmtplib.SMTPDataError(answer.code, answer.message))


def _refusal(failure: aiosmtplib.SMTPResponseException) -> TryLater | Rejected | NeedsAttention:
    """What an answer of the server to our mail means to us."""
    if failure.code in (530, 535):
        return NeedsAttention(f"The mail server wants us to sign in: {_told(failure)}")
    if 400 <= failure.code < 500:
        return TryLater(f"The mail server asks for patience: {_told(failure)}", after=_BUSY)
    return Rejected(f"The mail server refused: {_told(failure)}")


def _lost(failure: Exception) -> TryLater:
    return TryLater(f"The connection to the mail server was lost before the mail was given: {type(failure).__name__}")


def _told(failure: aiosmtplib.SMTPResponseException) -> str:
    return f"{failure.code} {clean_line(failure.message)[:_LONGEST_REASON]}"


async def _leave(smtp: aiosmtplib.SMTP) -> None:
    """Says goodbye; whatever comes of that changes nothing about the mail."""
    if not smtp.is_connected:
        return
    try:
        await smtp.quit(timeout=5)
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()
