"""Tries an account's servers out and says what is wrong and how to mend it."""

import contextlib
from collections.abc import Awaitable, Callable

from connectors.contract import Health
from connectors.mail.config import ImapSettings, MailConfig, SmtpSettings
from connectors.mail.imap_session import ImapSession, Refusal, Secret, SignInRefused
from connectors.mail.own_thread import OwnThread
from connectors.mail.smtp import Access, signed_in
from routing.errors import NeedsAttention, TryLater


async def probe_account(
    config: MailConfig, user: str, secret: Callable[[], Awaitable[Secret]], access: Access
) -> Health:
    """Signs in to both servers. Never raises for what it finds."""
    facts: dict[str, str] = {"address": config.address}
    if config.imap is None and not config.door:
        return Health(
            ok=False,
            summary="No way in is set up.",
            mend="Set up IMAP, or let mail be forwarded to our SMTP door.",
            facts=facts,
        )
    try:
        if config.imap is not None:
            facts["imap"] = await _probe_imap(config.imap, user, secret)
        if config.smtp is None:
            return Health(
                ok=False,
                summary="Mail arrives, but answers cannot be sent.",
                mend="Set up the SMTP server.",
                facts=facts,
            )
        facts["smtp"] = await _probe_smtp(config.smtp, access, config.address.rpartition("@")[2])
    except SignInRefused as failure:
        mend = "Check user name and password; many providers want an app password, and IMAP switched on."
        return Health(ok=False, summary=f"The mailbox refuses the sign-in: {failure}", mend=mend, facts=facts)
    except NeedsAttention as failure:
        return Health(
            ok=False, summary=str(failure), mend="Mend the setting that is named, then probe again.", facts=facts
        )
    except (TryLater, Refusal) as failure:
        mend = "Check server name, port and encryption, and whether a firewall is in between."
        return Health(ok=False, summary=str(failure), mend=mend, facts=facts)
    return Health(ok=True, summary=f"{config.address} is read and can answer.", facts=facts)


async def _probe_imap(settings: ImapSettings, user: str, secret: Callable[[], Awaitable[Secret]]) -> str:
    thread = OwnThread("imap-probe")
    session = ImapSession(settings)
    known = await secret()
    try:
        folder = await thread.start(lambda: session.open(user, known))
        with contextlib.suppress(TryLater, Refusal):  # The answer is known already.
            await thread.start(session.close)
        return "calls when mail arrives" if folder.calls else f"is asked every {settings.poll:.0f} s (no IDLE)"
    finally:
        session.cut()
        thread.stop()


async def _probe_smtp(settings: SmtpSettings, access: Access, helo: str) -> str:
    async with signed_in(settings, access, helo) as smtp:
        size = smtp.esmtp_extensions.get("size", "").strip()
        return f"takes mails up to {int(size) / 1_048_576:.0f} MB" if size.isdigit() and int(size) else "ready"
