"""An SMTP server that takes what we send, and fails in the ways mail servers fail, on demand."""

import asyncio
import base64
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Posted:
    """One mail as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail


@dataclass
class Letterbox:
    """The running server. `answers` maps a step (MAIL, RCPT, an address, DATA, KEPT) to what it says there instead of
    yes; `cut` names the step after which it breaks the connection, `silent` the step that it never answers."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    silent: str = ""
    users: dict[str, str] = field(default_factory=dict)
    connections: int = 0

    async def say(self, session: "_Session", step: str, otherwise: str) -> str:
        if self.silent == step:
            await asyncio.Event().wait()
        if self.cut == step and session.transport is not None:
            assert isinstance(session.transport, asyncio.WriteTransport)
            session.transport.abort()
        return self.answers.get(step, otherwise)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  aiosmtpd's name
        answer = await self.say(server, "MAIL", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  aiosmtpd's name
        answer = self.answers.get(address) or await self.say(server, "RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        answer = self.answers.get("KEPT", "250 2.0.0 queued")
        if answer.startswith("250"):
            self.posted.append(Posted(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
        return await self.say(server, "KEPT", answer)

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, secret: Any) -> AuthResult:
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        known = isinstance(secret, LoginPassword) and self.users.get(secret.login.decode()) == secret.password.decode()
        return AuthResult(success=known, handled=False)

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802  aiosmtpd's name
        answer = await server.challenge_auth("") if len(args) == 1 else base64.b64decode(args[1])
        user, _, token = answer.strip(b"\x01").partition(b"\x01auth=Bearer ")
        known = self.users.get(user.decode().removeprefix("user=")) == token.decode()
        return AuthResult(success=known, handled=False)


class _Session(SMTP):
    def __init__(self, box: Letterbox, **options: Any) -> None:
        super().__init__(box, **options)
        self._box = box

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._box.connections += 1
        super().connection_made(transport)

    @override
    async def smtp_DATA(self, arg: str) -> None:
        if "DATA" in self._box.answers or self._box.cut == "DATA":
            answer = await self._box.say(self, "DATA", "451 no")
            if self.transport is not None:
                await self.push(answer)
            return
        await super().smtp_DATA(arg)


@asynccontextmanager
async def letterbox(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, users: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Letterbox]:
    """A letterbox on a free port; with `tls` by STARTTLS, with `implicit` from the first byte."""
    loop = asyncio.get_running_loop()
    box = Letterbox(users=users or {})
    settings: dict[str, Any] = {"hostname": "box.example", "enable_SMTPUTF8": True, "loop": loop}
    if users is not None:
        settings |= {"authenticator": box.check, "auth_required": True, "auth_require_tls": tls is not None}
    if tls is not None and not implicit:
        settings |= {"tls_context": tls, "require_starttls": True}
    elif implicit:
        settings |= {"auth_require_tls": False}
    sessions: list[_Session] = []

    def session() -> _Session:
        sessions.append(_Session(box, **(settings | options)))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for one in sessions:
            if isinstance(one.transport, asyncio.WriteTransport) and not one.transport.is_closing():
                one.transport.abort()
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1 as files."""

    file: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "server.pem", folder / "server.key")
    made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
