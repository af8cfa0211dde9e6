"""An IMAP server that answers as odd servers do, on demand."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class OddImap:
    """The running server. `refused` are UIDs whose bodies it refuses, `fatal` those at which it hangs up; `reordered`
    tells the UID behind the mail; `sign_in` is said instead of OK; `token` is the one access token that it takes."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    port: int = 0
    idle: bool = False
    reordered: bool = False
    refused: set[int] = field(default_factory=set)
    fatal: set[int] = field(default_factory=set)
    sign_in: str = ""
    token: str = ""
    heard: list[str] = field(default_factory=list)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        capabilities = f"IMAP4rev1 AUTH=XOAUTH2{' IDLE' if self.idle else ''}"
        writer.write(f"* OK [CAPABILITY {capabilities}] odd\r\n".encode())
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            tag, _, rest = line.partition(" ")
            command = rest.upper()
            if command.startswith("CAPABILITY"):
                writer.write(f"* CAPABILITY {capabilities}\r\n{tag} OK done\r\n".encode())
            elif command.startswith("LOGIN"):
                writer.write(f"{tag} {self.sign_in or 'OK done'}\r\n".encode())
            elif command.startswith("AUTHENTICATE XOAUTH2"):
                writer.write(b"+ \r\n")
                said = base64.b64decode(await reader.readline()).decode()
                writer.write(
                    f"{tag} {'OK done' if f'Bearer {self.token}' in said else 'NO invalid token'}\r\n".encode()
                )
            elif command.startswith("SELECT"):
                writer.write(
                    f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n{tag} OK done\r\n".encode()
                )
            elif command.startswith("UID SEARCH"):
                newest = max(self.mails, default=0)
                first = int(re.findall(r"(\d+):\*", command)[0]) if ":*" in command else 0
                found = [uid for uid in self.mails if uid >= first] or [newest]  # n:* always names the newest
                writer.write(f"* SEARCH {' '.join(map(str, found))}\r\n{tag} OK done\r\n".encode())
            elif command.startswith("UID FETCH"):
                if not await self._fetch(writer, tag, command):
                    return
            elif command == "IDLE":
                # The call comes in the same packet as the answer, as it does when a mail arrives just then.
                writer.write(b"+ idling\r\n* 9 EXISTS\r\n")
                assert await reader.readline() == b"DONE\r\n"
                writer.write(f"{tag} OK done\r\n".encode())
            elif command.startswith("LOGOUT"):
                writer.write(f"* BYE\r\n{tag} OK done\r\n".encode())
            else:
                writer.write(f"{tag} BAD {rest}\r\n".encode())
            await writer.drain()
        writer.close()

    async def _fetch(self, writer: asyncio.StreamWriter, tag: str, command: str) -> bool:
        uids = [int(uid) for uid in command.split()[2].split(",")]
        if "BODY" in command and self.fatal & set(uids):
            writer.transport.abort()
            return False
        if "BODY" in command and self.refused & set(uids):
            writer.write(f"{tag} NO [SERVERBUG] cannot read that message\r\n".encode())
            return True
        for number, uid in enumerate((uid for uid in uids if uid in self.mails), start=1):
            mail = self.mails[uid]
            if "RFC822.SIZE" in command:
                writer.write(f"* {number} FETCH (RFC822.SIZE {len(mail)} UID {uid})\r\n".encode())
                continue
            date = 'INTERNALDATE "20-Nov-2026 10:23:45 +0900"'
            before, behind = (date, f" UID {uid}") if self.reordered else (f"UID {uid} {date}", "")
            writer.write(f"* {number} FETCH ({before} BODY[] {{{len(mail)}}}\r\n".encode() + mail)
            writer.write(f"{behind})\r\n".encode())
        writer.write(f"{tag} OK done\r\n".encode())
        return True

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def odd_imap(mails: dict[int, bytes]) -> AsyncIterator[OddImap]:
    odd = OddImap(mails=mails)
    server = await asyncio.start_server(odd.serve, "127.0.0.1", 0)
    odd.port = server.sockets[0].getsockname()[1]
    try:
        yield odd
    finally:
        server.close()
        odd.hang_up()
