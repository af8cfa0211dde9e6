"""The settings of one mail account, as written in the configuration file or asked for by the set-up form."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from connectors.guard import is_loopback
from connectors.mail.addresses import normal
from connectors.sizes import MEGABYTE, Size


def _one_address(value: object) -> object:
    if not isinstance(value, str):
        return value
    address = normal(value.strip())
    if address is None:
        raise ValueError("write one mail address, such as support@example.com")
    return address


MailAddress = Annotated[str, BeforeValidator(_one_address)]


class Security(StrEnum):
    """How a connection is encrypted."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Server(_Settings):
    """What the settings of every mail server have in common."""

    host: str = Field(min_length=1, title="Server", description="Name of the mail server, such as mail.example.com.")
    port: int = Field(ge=1, le=65_535, title="Port")
    security: Security = Field(
        Security.TLS, title="Encryption", description="tls or starttls; none only for a server on this machine."
    )
    ca_file: Path | None = Field(
        None,
        title="Certificate authority",
        description="File with the certificates to trust, if the server's are not signed by a public authority.",
    )
    insecure: bool = Field(
        default=False,
        title="Trust any certificate",
        description="Only for a server on this machine, for trying things out.",
    )
    username: str = Field("", title="User name", description="Left empty: the account's address.")
    password: SecretStr | None = Field(None, title="Password", description="An app password where there are such.")
    timeout: float = Field(30.0, gt=0, le=600, title="Patience", description="Seconds to wait for each answer.")

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        if is_loopback(self.host):
            return self
        if self.security is Security.NONE:
            raise ValueError("a server on another machine needs security tls or starttls")
        if self.insecure:
            raise ValueError("insecure is only for a server on this machine; name a ca_file instead")
        return self


class AfterKeeping(StrEnum):
    """What happens in the mailbox to a mail that we have kept."""

    LEAVE = "leave"
    SEEN = "seen"
    MOVE = "move"


class ImapSettings(_Server):
    """The mailbox that is read."""

    port: int = Field(993, ge=1, le=65_535, title="Port")
    folder: str = Field("INBOX", min_length=1, title="Folder")
    start: str = Field(
        "new",
        pattern="^(new|all)$",
        title="Begin with",
        description="new: mail that arrives from the first connection on; all: also what is in the folder already.",
    )
    after: AfterKeeping = Field(
        AfterKeeping.LEAVE, title="Afterwards", description="leave, seen (mark as read) or move."
    )
    move_to: str = Field("", title="Move to", description="The folder for mail that we have kept, with after = move.")
    poll: float = Field(
        300.0,
        gt=0,
        le=3_600,
        title="Look every",
        description="Seconds between looks, also while the server would call.",
    )

    @model_validator(mode="after")
    def _has_target(self) -> Self:
        if (self.after is AfterKeeping.MOVE) != bool(self.move_to):
            raise ValueError("after = move and move_to belong together")
        return self


class SmtpSettings(_Server):
    """The server that takes our answers."""

    port: int = Field(465, ge=1, le=65_535, title="Port")
    data_timeout: float = Field(
        300.0,
        gt=0,
        le=1_800,
        title="Patience after sending",
        description="Seconds to wait for the final answer to a mail.",
    )


class OAuthProvider(StrEnum):
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    CUSTOM = "custom"


class OAuthSettings(_Settings):
    """Access without a password: Google, Microsoft, or another provider of OAuth 2."""

    provider: OAuthProvider = Field(title="Provider")
    client_id: str = Field(min_length=1, title="Client id")
    client_secret: SecretStr | None = Field(None, title="Client secret")
    refresh_token: SecretStr | None = Field(
        None, title="Refresh token", description="Left empty: the application itself has access (client credentials)."
    )
    tenant: str = Field(
        "common", pattern=r"^[A-Za-z0-9.-]{1,100}$", title="Tenant", description="Microsoft's tenant id."
    )
    token_url: str = Field("", title="Token address", description="Only with provider = custom.")
    scope: str = Field("", title="Scope", description="Left empty: what the provider needs for IMAP and SMTP.")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        url = urlsplit(self.token_url)
        if (self.provider is OAuthProvider.CUSTOM) != bool(self.token_url):
            raise ValueError("token_url belongs to provider = custom")
        if self.token_url and url.scheme != "https" and not is_loopback(url.hostname or ""):
            raise ValueError("token_url must begin with https://")
        if self.refresh_token is None and self.client_secret is None:
            raise ValueError("a refresh_token or a client_secret is needed")
        return self


class MailConfig(_Settings):
    """One mail address that customers write to."""

    address: MailAddress = Field(
        title="Address", description="The address that customers write to and are answered from."
    )
    display_name: str = Field("", max_length=200, title="Name", description="Shown to customers beside the address.")
    aliases: tuple[MailAddress, ...] = Field(
        (), title="Other addresses", description="Further addresses whose mail arrives in this account."
    )
    imap: ImapSettings | None = Field(None, title="Mailbox (IMAP)")
    smtp: SmtpSettings | None = Field(None, title="Sending (SMTP)")
    oauth: OAuthSettings | None = Field(None, title="OAuth 2", description="Instead of passwords, for both servers.")
    door: bool = Field(
        default=False,
        title="Own SMTP door",
        description="Mail for these addresses is forwarded to Madoguchi's own SMTP port.",
    )
    plus_addressing: bool = Field(
        default=False,
        title="Signed reply addresses",
        description="Answers carry a Reply-To such as support+…@example.com. Switch on if the mail server delivers "
        "such addresses (Gmail and Microsoft 365 do); always on for mail that comes through our own door.",
    )
    subject_tag: bool = Field(default=True, title="Ticket number in subjects", description="[#1042]")
    agent_name: bool = Field(
        default=False, title="Agent's name in From", description='"Aki (Example Support)" instead of the name.'
    )
    signature: str = Field("", max_length=5_000, title="Signature", description="Stands below every answer.")
    authserv_id: str = Field(
        "",
        title="Own mail server's name in Authentication-Results",
        description="Only what this server says of a sender (DMARC) is believed. It must strip such headers of others.",
    )
    max_mail_bytes: Size = Field(25 * MEGABYTE, ge=64 * 1024, le=100 * MEGABYTE, title="Largest mail read")
    max_attachments: int = Field(10, ge=0, le=100, title="Most files in an answer")
    max_attachment_bytes: Size = Field(20 * MEGABYTE, ge=0, le=100 * MEGABYTE, title="Their size together")

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address, *self.aliases)

    @property
    def signs_reply_addresses(self) -> bool:
        return self.plus_addressing or self.door
