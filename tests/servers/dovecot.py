"""A private Dovecot: its own ports, its own folder, its own users, run by whoever runs the tests."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_PATIENCE = 15.0


class NoDovecot(Exception):
    """Dovecot is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """The running server. Every user exists, with the one password."""

    port: int
    tls_port: int
    certificate: Path
    password: str = "dovecots-password"

    @contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A plain session as a person's mail program would have one."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=_PATIENCE) as session:
            session.login(user, self.password)
            yield session

    def put(self, user: str, *mails: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Puts mails into a mailbox as if they had arrived."""
        arrived = imaplib.Time2Internaldate(at or datetime.now(UTC))
        with self.session(user) as session:
            session.create(folder)
            for mail in mails:
                kind, said = session.append(folder, "", arrived, mail)
                assert kind == "OK", said

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """What is marked on each mail of a folder."""
        with self.session(user) as session:
            session.select(folder, readonly=True)
            _, answer = session.fetch("1:*", "(FLAGS)")
            return [line.decode() for line in answer if isinstance(line, bytes)]


@contextmanager
def running_dovecot(certificate: Path, key: Path) -> Iterator[Dovecot]:
    """Runs Dovecot in a folder of its own. Raises NoDovecot."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NoDovecot("Dovecot is not installed (apt-get install dovecot-imapd)")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Dovecot gives up being root before it opens mailboxes.
        (folder / "mail").mkdir()
        if os.getuid() == 0:
            owner = pwd.getpwnam("nobody")
            os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        with _running(program, folder, certificate, key) as server:
            yield server


@contextmanager
def _running(program: str, folder: Path, certificate: Path, key: Path) -> Iterator[Dovecot]:
    server = Dovecot(_free_port(), _free_port(), certificate)
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(server, folder, certificate, key))
    process = subprocess.Popen(
        [program, "-F", "-c", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(server.port, process, folder / "dovecot.log")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        if process.poll() is None:
            process.kill()
            process.wait()


def _configuration(server: Dovecot, folder: Path, certificate: Path, key: Path) -> str:
    # Dovecot's login and mail processes must not be root; who is not root runs everything as himself.
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    group = grp.getgrgid(user.pw_gid).gr_name
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user.pw_name}
default_internal_group = {group}
default_login_user = {user.pw_name}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
auth_failure_delay = 0
mail_max_userip_connections = 100
imap_idle_notify_interval = 2 mins
passdb {{
  driver = static
  args = password={server.password}
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            if connection.recv(4) == b"* OK":
                return
    told = log.read_text() if log.exists() else "it wrote no log"
    raise RuntimeError(f"Dovecot did not start: {told}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
