"""Declares the e-mail connector and makes the connection of one mail account."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from connectors.contract import (
    Ability,
    Channel,
    Cursors,
    Declaration,
    Delivery,
    Health,
    Ledger,
    Operation,
    StaffMail,
    Tools,
)
from connectors.mail.arriving import OVERSIZE, UNFETCHED
from connectors.mail.config import MailConfig
from connectors.mail.guarded import Guard, looks_heavy
from connectors.mail.imap import Lease, MailboxReader
from connectors.mail.imap_session import Secret
from connectors.mail.model import Caps
from connectors.mail.oauth import TokenSource
from connectors.mail.parsing import parse_mail
from connectors.mail.probing import probe_account
from connectors.mail.reading import CHANNEL, Mailbox, read_items
from connectors.mail.sending import OPERATION, prepare_letter, send_letter, sender_name
from connectors.mail.smtp import Access
from connectors.mail.staff import send_to_staff
from routing.contacts import Conversation
from routing.errors import NeedsAttention, Unreadable
from routing.ids import AccountId
from routing.messages import Item
from routing.replies import Letter, Limits, Prepared, SendClass, Sent, Window, code_points

_LONGEST_TEXT = 100_000


class MailConnection:
    """One mail account: reads what its doors brought, listens to its mailbox, sends its answers."""

    def __init__(self, account: AccountId, config: MailConfig, tools: Tools) -> None:
        self.account = account
        self._config = config
        self._tools = tools
        self._caps = Caps(size=config.max_mail_bytes)
        self._guard = Guard(self._caps)
        self._mailbox = Mailbox(
            address=config.address,
            own=tools.own_addresses | frozenset(config.addresses),
            authserv_id=config.authserv_id,
            signer=tools.signer,
        )
        self._tokens = TokenSource(config.oauth, tools.http, tools.clock) if config.oauth else None
        self._reader = self._make_reader()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses whose mail our SMTP door takes for this account; none unless the door is part of it."""
        return self._config.addresses if self._config.door else ()

    def read(self, delivery: Delivery) -> Sequence[Item]:
        self._refuse_partial(delivery)
        mail = parse_mail(delivery.body, self._caps)
        return read_items(mail, delivery.headers, delivery.received_at, self._mailbox)

    def needs_guard(self, delivery: Delivery) -> bool:
        return looks_heavy(delivery.body)

    async def read_guarded(self, delivery: Delivery) -> Sequence[Item]:
        self._refuse_partial(delivery)
        mail = await self._guard.parse(delivery.body)
        return read_items(mail, delivery.headers, delivery.received_at, self._mailbox)

    def limits(self, channel: str) -> Limits:  # noqa: ARG002  mail has one channel
        return Limits(
            text=_LONGEST_TEXT,
            unit="characters",
            measure=code_points,
            attachments=self._config.max_attachments,
            attachment_bytes=self._config.max_attachment_bytes,
        )

    def window(self, conversation: Conversation, now: datetime) -> Window:  # noqa: ARG002  mail may be answered for ever
        return Window(open=True)

    def sender_name(self) -> str:
        name = sender_name(self._config)
        return f"{name} <{self._config.address}>" if name else self._config.address

    async def probe(self) -> Health:
        return await probe_account(self._config, self._imap_user(), self._secret, self._access())

    def prepare(self, letter: Letter, now: datetime) -> Prepared:  # noqa: ARG002  the same id at any time
        return prepare_letter(letter, self._config, self._tools.signer)

    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        return await send_letter(
            letter,
            prepared,
            config=self._config,
            access=self._access(),
            blobs=self._tools.blobs,
            signer=self._tools.signer,
            clock=self._tools.clock,
        )

    async def write_to_staff(self, mail: StaffMail) -> None:
        access, tools = self._access(), self._tools
        await send_to_staff(mail, config=self._config, access=access, signer=tools.signer, clock=tools.clock)

    @property
    def signature(self) -> str:
        """What stands below every answer: the reply form's preview shows it."""
        return self._config.signature

    @property
    def listens(self) -> bool:
        return self._reader is not None

    async def listen(
        self, ledger: Ledger, cursors: Cursors, *, fence: int, alive: Callable[[], Awaitable[None]]
    ) -> None:
        if self._reader is None:
            raise NeedsAttention(f"{self._config.address} has no mailbox to read: set up IMAP.")
        await self._reader.listen(ledger, cursors, Lease(fence, alive))

    def _make_reader(self) -> MailboxReader | None:
        if self._config.imap is None:
            return None
        return MailboxReader(
            self.account,
            self._config.imap,
            user=self._imap_user(),
            secret=self._secret,
            renew=self._tokens.forget if self._tokens else lambda: None,
            size_limit=self._config.max_mail_bytes,
            clock=self._tools.clock,
        )

    def _imap_user(self) -> str:
        return (self._config.imap.username if self._config.imap else "") or self._config.address

    async def _secret(self) -> Secret:
        if self._tokens is not None:
            return Secret(await self._tokens.token(), is_token=True)
        if self._config.imap is None or self._config.imap.password is None:
            raise NeedsAttention(f"{self._config.address}: the mailbox needs a password or OAuth.")
        return Secret(self._config.imap.password.get_secret_value(), is_token=False)

    def _access(self) -> Access:
        smtp = self._config.smtp
        if smtp is None:
            return Access()
        if self._tokens is not None:
            return Access(smtp.username or self._config.address, token=self._tokens.token, renew=self._tokens.forget)
        if smtp.password is None:
            return Access()  # A relay that takes our mail without a sign-in.
        return Access(smtp.username or self._config.address, smtp.password.get_secret_value())

    def _refuse_partial(self, delivery: Delivery) -> None:
        """A mail that the mailbox could not hand over whole is kept as a note: somebody must look at it there."""
        if size := delivery.headers.get(OVERSIZE):
            limit = self._config.max_mail_bytes / 1_048_576
            raise Unreadable(
                f"The mail has {int(size) / 1_048_576:.1f} MB; {limit:.0f} MB are read. Its headers are kept here, "
                f"the whole stands in the mailbox (UID {delivery.headers.get('uid', '?')})."
            )
        if uid := delivery.headers.get(UNFETCHED):
            raise Unreadable(f"The mail server did not hand the mail over (UID {uid}). Look at it in the mailbox.")


DECLARATION = Declaration(
    name="mail",
    channels=(
        Channel(
            name=CHANNEL,
            title={"en": "E-mail", "ja": "メール"},
            icon="email",
            abilities=frozenset({Ability.ATTACHMENTS_IN, Ability.ATTACHMENTS_OUT, Ability.DELIVERY_STATE}),
        ),
    ),
    config=MailConfig,
    operations=(
        Operation(
            OPERATION,
            SendClass.ASK,
            "A mail whose connection breaks after DATA may have left or not; a person decides.",
        ),
    ),
    permissions=("IMAP: read the folder; with after = seen or move also change it", "SMTP: send as the address"),
    connect=MailConnection,
)
