"""Is the customers: they write mail after mail and LINE message after message, also while the program is dead."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.sandbox.customers.people import PEOPLE, Person
from tests.crash.orders import Place

_AT_ONCE = 16
_MAILS_A_THREAD = 4
_MAILS_A_SECOND = 80.0
_PATIENCE = 200.0
_TOKEN = re.compile(r"«([a-z]\d+[nx]\d+)»")
_SUBJECTS = (
    "A question",
    "The grinder makes a noise",
    "Where is my parcel?",
    "Refund, please",
    "An invoice is missing",
)


def marked(token: str) -> str:
    """How a token stands in a text; no token is the beginning of another."""
    return f"«{token}»"


def token_in(text: str) -> str:
    """The first token of a text: what is quoted stands below."""
    found = _TOKEN.search(text)
    return found[1] if found else ""


@dataclass(slots=True)
class Crowd:
    """Everybody who writes. `mails` and `lines` are how many messages at least; while `enough` says no, they go on."""

    place: Place
    session: aiohttp.ClientSession
    chance: random.Random
    mails: int
    lines: int
    enough: Callable[[], bool]
    mailed: list[str] = field(default_factory=list)  # tokens of the mails that were written
    lined: list[str] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)  # token of a mail -> its Message-ID
    _done: set[str] = field(default_factory=set)  # tokens that arrived or were given up
    _answers: dict[str, str] = field(default_factory=dict)  # Message-ID of a mail -> that of the answer to it
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _threads: int = 0
    _next_mail: float = 0.0

    @property
    def _customers(self) -> str:
        return f"http://127.0.0.1:{self.place.customers_line}/customers"

    async def live(self) -> None:
        """Returns when everybody has written enough, and everything has arrived."""
        async with self.session.ws_connect(f"{self._customers}/ws", max_msg_size=0) as socket:
            watching = asyncio.create_task(self._watch(socket))
            try:
                async with asyncio.TaskGroup() as writing:
                    for _ in range(_AT_ONCE):
                        writing.create_task(self._write_mails())
                    for number, person in enumerate(PEOPLE):
                        writing.create_task(self._write_lines(number, person))
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = json.loads(message.data)
            match frame.get("type"):
                case "letter":
                    await self._see(frame["letter"], frame["letter"]["message_id"])
                case "bubble":
                    await self._see(frame["bubble"], "")

    async def _see(self, shown: dict[str, Any], message_id: str) -> None:
        token = token_in(shown["text"])
        async with self._news:
            match shown["direction"], shown["state"]:
                case "sent", "delivered" | "returned":
                    self._ids[token] = message_id
                    self._done.add(token)
                case "received", _ if message_id:
                    self._answers[shown["in_reply_to"]] = message_id
                case _:
                    return
            self._news.notify_all()

    async def _until_done(self, token: str) -> None:
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(lambda: token in self._done)

    async def _write_mails(self) -> None:
        """One thread of mails after the other; each mail follows when the one before has arrived."""
        while len(self.mailed) < self.mails or not self.enough():
            self._threads += 1
            thread, person = self._threads, PEOPLE[self._threads % len(PEOPLE)]
            answered = ""
            for number in range(_MAILS_A_THREAD):
                await self._pace()
                token = f"m{thread}x{number}"
                subject = "" if answered else f"{self.chance.choice(_SUBJECTS)} ({thread})"
                text = f"{marked(token)} Hello, this is what I wanted to say. Thank you!"
                self.mailed.append(token)
                await self._ask("mail", person=person.key, subject=subject, text=text, in_reply_to=answered)
                await self._until_done(token)
                answered = self._answers.get(self._ids[token], self._ids[token])

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        self._next_mail = max(now, self._next_mail + 1 / _MAILS_A_SECOND)
        await asyncio.sleep(self._next_mail - now)

    async def _write_lines(self, number: int, person: Person) -> None:
        written = 0
        while len(self.lined) < self.lines or not self.enough():
            token = f"l{number}x{written}"
            written += 1
            self.lined.append(token)
            await self._ask("line", person=person.key, type="text", text=f"{marked(token)} こんにちは")
            await self._until_done(token)
            await asyncio.sleep(self.chance.uniform(0.3, 0.9))

    async def _ask(self, what: str, **body: str) -> None:
        async with self.session.post(f"{self._customers}/{what}", json=body) as response:
            response.raise_for_status()
