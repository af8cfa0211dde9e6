"""Plays the stories of the sample customers: alone, one after another, or all in a burst."""

import asyncio
from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import islice
from typing import Any

from bot.sandbox.customers.errands import Errands
from bot.sandbox.customers.letters import Enclosure, Letter
from bot.sandbox.customers.line_account import Bubble
from bot.sandbox.customers.mailbox import Mailbox
from bot.sandbox.customers.people import find_person
from bot.sandbox.customers.phone import Phone
from bot.sandbox.customers.samples import SAMPLES, Medium, Sample, find_sample

_PICTURES = files("bot.sandbox.customers") / "pictures"


class Players:
    """`breath` is the pause, in seconds, that a person takes before saying the next thing."""

    def __init__(
        self,
        mailbox: Mailbox,
        phone: Phone,
        errands: Errands,
        *,
        announce: Callable[[Mapping[str, Any]], None],
        breath: float = 2.0,
    ) -> None:
        self._mailbox = mailbox
        self._phone = phone
        self._errands = errands
        self._announce = announce
        self._breath = breath
        self._awaits_answer: dict[tuple[Medium, str], Sample] = {}
        self._cancel_parade: Callable[[], object] | None = None

    def play(self, name: str) -> None:
        """Sets one sample customer going; `KeyError` if there is no such story."""
        self._errands.start(self._tell(find_sample(name)))

    def burst(self, number: int) -> None:
        """Lets that many customers write at once, with the stories taken in turn."""
        for round_number in range(0, number, len(SAMPLES)):
            for sample in islice(SAMPLES, number - round_number):
                self._errands.start(self._tell(sample))

    def start_parade(self) -> None:
        """Plays every story, one after another, with pauses in which a person can work."""
        self.stop_parade()
        self._cancel_parade = self._errands.start(self._all_in_turn())

    def stop_parade(self) -> None:
        if self._cancel_parade is not None:
            self._cancel_parade()
            self._cancel_parade = None
            self._announce({"type": "parade", "running": False})

    @property
    def is_parading(self) -> bool:
        return self._cancel_parade is not None

    def hear_letter(self, letter: Letter) -> None:
        """Lets a person whose mail was answered say the last word of the story."""
        if letter.is_automatic:
            return
        sample = self._awaits_answer.pop((Medium.MAIL, letter.thread), None)
        if sample is not None:
            self._errands.start(self._answer_letter(sample, letter))

    def hear_bubble(self, bubble: Bubble) -> None:
        """The same on the phone."""
        sample = self._awaits_answer.pop((Medium.LINE, bubble.person), None)
        if sample is not None:
            self._errands.start(self._answer_bubble(sample))

    async def _all_in_turn(self) -> None:
        self._announce({"type": "parade", "running": True})
        for sample in SAMPLES:
            self._errands.start(self._tell(sample))
            await asyncio.sleep(self._breath * 4)
        self._cancel_parade = None
        self._announce({"type": "parade", "running": False})

    async def _tell(self, sample: Sample) -> None:
        if sample.medium is Medium.MAIL:
            await self._tell_by_mail(sample)
        else:
            await self._tell_by_line(sample)

    async def _tell_by_mail(self, sample: Sample) -> None:
        enclosures = (_photo(sample.picture),) if sample.picture else ()
        letter = await self._mailbox.send(
            find_person(sample.person), sample.topic, sample.text, enclosures=enclosures, charset=sample.charset
        )
        if sample.answered:
            self._awaits_answer[Medium.MAIL, letter.thread] = sample

    async def _tell_by_line(self, sample: Sample) -> None:
        person = find_person(sample.person)
        said = await self._phone.say(person, sample.text)
        if sample.picture:
            photo = _photo(sample.picture)
            await self._phone.show(person, photo.content_type, photo.content)
        for text in sample.then:
            await asyncio.sleep(self._breath)
            said = await self._phone.say(person, text)
        if sample.takes_back_last:
            await asyncio.sleep(self._breath * 2)
            await self._phone.unsend(person, said.id)
        if sample.answered:
            self._awaits_answer[Medium.LINE, person.key] = sample

    async def _answer_letter(self, sample: Sample, letter: Letter) -> None:
        await asyncio.sleep(self._breath * 2)
        await self._mailbox.send(
            find_person(sample.person), "", sample.answered, in_reply_to=letter.message_id, charset=sample.charset
        )

    async def _answer_bubble(self, sample: Sample) -> None:
        await asyncio.sleep(self._breath * 2)
        person = find_person(sample.person)
        await self._phone.say(person, sample.answered)
        if sample.sticker:
            await self._phone.stick(person, *sample.sticker)


def _photo(name: str) -> Enclosure:
    return Enclosure(name, "image/png", (_PICTURES / name).read_bytes())
