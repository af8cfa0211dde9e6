"""A stand-in for a provider behind one account: it writes down what it was sent, and fails as told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Delivery, Health
from routing.contacts import Conversation
from routing.ids import AccountId
from routing.messages import Item
from routing.replies import Letter, Limits, Prepared, SendClass, Sent, Window, code_points


@dataclass
class ScriptedConnection:
    """Sends by an operation of the class given. `script` holds what the next attempts raise; None: it is taken."""

    account: AccountId
    reader: object
    send_class: SendClass = SendClass.ASK
    script: list[Exception | None] = field(default_factory=list)
    taken: list[Letter] = field(default_factory=list)
    found: Sent | None = None
    open: bool = True

    def read(self, delivery: Delivery) -> Sequence[Item]:
        return self.reader.read(delivery)  # type: ignore[attr-defined, no-any-return]  # a real connection

    def limits(self, channel: str) -> Limits:
        return Limits(1000, "characters", code_points, attachments=2, attachment_bytes=1_000_000)

    def window(self, conversation: Conversation, now: datetime) -> Window:
        return Window(open=self.open, note="" if self.open else "closed for this test")

    def sender_name(self) -> str:
        return "Acme Support"

    async def probe(self) -> Health:
        return Health(ok=True, summary="fine")

    def prepare(self, letter: Letter, now: datetime) -> Prepared:
        return Prepared("send", self.send_class, (f"<out.{letter.message}@acme.example>",))

    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        outcome = self.script.pop(0) if self.script else None
        if outcome is not None:
            raise outcome
        self.taken.append(letter)
        return Sent()

    async def look(self, letter: Letter, prepared: Prepared) -> Sent | None:
        return self.found
