"""Is the team: people who press Reply on cards, write into the form and send it, again and again until it is taken."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from bot.sandbox.slack import seed
from tests.crash.crowd import marked
from tests.crash.orders import Place

Json = dict[str, Any]

# Who works in which room, so that nobody answers the same customer at once.
DESKS = {seed.AKI: seed.JAPAN, seed.BEN: seed.SUPPORT, seed.YUI: seed.BILLING}
_REPLIES_A_CARD = {seed.JAPAN: 50, seed.SUPPORT: 1, seed.BILLING: 1}
_DRAWN_WITHIN = 2.0
_TRIES = 60
_NOTES = 0.5
# A program that loses mails leaves some agents with fewer cards than they wanted to answer: they wait no longer.
_PATIENCE = 20.0


@dataclass(slots=True)
class Agent:
    """One person. `wanted` replies at least; while `enough` says no, they go on. `answers` waits for the program."""

    place: Place
    session: aiohttp.ClientSession
    chance: random.Random
    user: str
    wanted: int
    enough: Callable[[], bool]
    answers: Callable[[], Awaitable[None]]
    sent: list[str] = field(default_factory=list)  # tokens of the replies that the form took
    tried: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)  # tokens of what was written under cards, for colleagues
    _with_thread: set[str] = field(default_factory=set)
    _cards: dict[str, str] = field(default_factory=dict)  # ts -> block of the Reply button
    _answered: Counter[str] = field(default_factory=Counter)
    _views: "asyncio.Queue[Json]" = field(default_factory=asyncio.Queue)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _idle_since: float | None = None

    @property
    def room(self) -> str:
        return DESKS[self.user]

    @property
    def _client(self) -> str:
        return f"http://127.0.0.1:{self.place.slack}/client"

    async def live(self) -> None:
        async with self.session.ws_connect(f"{self._client}/ws?user={self.user}", max_msg_size=0) as socket:
            watching = asyncio.create_task(self._watch(socket))
            try:
                while not self.enough() or (len(self.sent) < self.wanted and not self._waits_in_vain()):
                    await self._answer_somebody()
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            self._see(json.loads(frame.data))

    def _see(self, frame: Json) -> None:
        match frame["type"]:
            case "message" | "message_changed" if frame["channel"] == self.room:
                message = frame["message"]
                if message.get("thread_ts") in (None, message["ts"]) and (block := _reply_block(message)):
                    self._cards[message["ts"]] = block
                    if message.get("reply_count"):
                        self._with_thread.add(message["ts"])
                    self._news.set()
            case "view_updated" | "view_closed":
                self._views.put_nowait(frame)

    def _waits_in_vain(self) -> bool:
        return self._idle_since is not None and asyncio.get_running_loop().time() - self._idle_since > _PATIENCE

    async def _answer_somebody(self) -> None:
        most = _REPLIES_A_CARD[self.room]
        cards = [ts for ts in self._cards if self._answered[ts] < most]
        if not cards:
            self._idle_since = self._idle_since or asyncio.get_running_loop().time()
            self._news.clear()
            try:
                async with asyncio.timeout(0.5):
                    await self._news.wait()
            except TimeoutError:
                return
            return
        self._idle_since = None
        card = self.chance.choice(cards)
        self._answered[card] += 1
        token = f"{self.user[2].lower()}{len(self.tried)}x{self._answered[card]}"
        self.tried.append(token)
        if await self._reply(card, f"{marked(token)} Thank you for writing. Here is what we can do."):
            self.sent.append(token)
        if card in self._with_thread and self.chance.random() < _NOTES:
            await self._write_note(card)

    async def _write_note(self, card: str) -> None:
        """Says something under the card. Slack takes it, whether the program lives or not."""
        token = f"{self.user[2].lower()}{len(self.noted)}n0"
        self.noted.append(token)
        answer = await self._ask("post", channel=self.room, thread_ts=card, text=f"{marked(token)} Who knows more?")
        assert answer["ok"], answer

    async def _reply(self, card: str, text: str) -> bool:
        """Presses until the form took the reply; False when the ticket wants something else decided first."""
        for _ in range(_TRIES):
            view = await self._form(card)
            if view is None:
                continue
            if view["callback_id"] != "send":
                await self._ask("close", view_id=view["id"], all=True)
                return False
            if await self._submit(view, text):
                return True
        raise TimeoutError(f"{self.user} could not reply")

    async def _form(self, card: str) -> Json | None:
        """Presses Reply; the view when it stands there in full. None: the program died over it, or is not there."""
        self._forget_views()
        message = {"type": "message", "channel": self.room, "ts": card}
        action = {"action_id": "reply", "block_id": self._cards[card]}
        answer = await self._ask("action", container=message, action=action)
        if not answer["ok"]:
            await self.answers()
            return None
        frame = await self._next_frame(lambda frame: frame["type"] == "view_updated")
        return None if frame is None else frame["view"]

    async def _submit(self, view: Json, text: str) -> bool:
        """Sends the form until it is gone. What it holds stays when the program dies, so it is sent again as it stands.
        False: it was not taken, for something else must be decided first."""
        taken = asked = False
        for _ in range(_TRIES):
            self._forget_views()
            answer = await self._ask("submit", view_id=view["id"], state={"values": _filled(view, text)})
            if answer.get("error") == "view_not_found":
                # A program that is slow says "press again", and closes the form when it took the reply after all:
                # nobody writes the same again who sees the form go.
                return taken or asked
            asked = True
            if not answer["ok"] or answer.get("errors"):
                await self.answers()
                continue
            taken = True
            frame = await self._next_frame(partial(_is_of, view["id"]))
            if frame is None:
                continue
            if frame["type"] == "view_closed":
                return True
            taken, view = False, frame["view"]  # the customer wrote meanwhile: sent all the same
            if view["callback_id"] != "send":
                await self._ask("close", view_id=view["id"], all=True)
                # A slow program tells in the form itself that it took the reply after all, and offers to undo it.
                return any(_offers(block, "undo") for block in view["blocks"])
        raise TimeoutError(f"{self.user} could not send")

    def _forget_views(self) -> None:
        while not self._views.empty():
            self._views.get_nowait()

    async def _next_frame(self, is_meant: Callable[[Json], bool]) -> Json | None:
        """What becomes of a view; a view that gives way to the next one is told of as well, and passed over."""
        try:
            async with asyncio.timeout(_DRAWN_WITHIN):
                while not is_meant(frame := await self._views.get()):
                    continue
                return frame
        except TimeoutError:
            return None

    async def _ask(self, act: str, **body: Any) -> Json:
        async with self.session.post(f"{self._client}/{act}", json={"user": self.user, **body}) as response:
            answer: Json = await response.json()
            return answer


def _is_of(view_id: str, frame: Json) -> bool:
    return bool(frame["view"]["id"] == view_id)


def _reply_block(message: Json) -> str:
    """The block in which a card has its Reply button; '' when it is no card."""
    for block in message.get("blocks", []):
        if _offers(block, "reply"):
            return str(block["block_id"])
    return ""


def _offers(block: Json, action: str) -> bool:
    return block["type"] == "actions" and any(one.get("action_id") == action for one in block["elements"])


def _filled(view: Json, text: str) -> Json:
    """The state of the form with the text in its place."""
    for block in view["blocks"]:
        if block["type"] == "input" and block["block_id"].startswith("text~"):
            action = block["element"]["action_id"]
            return {block["block_id"]: {action: {"type": "plain_text_input", "value": text}}}
    raise LookupError("the form has no place for text")
