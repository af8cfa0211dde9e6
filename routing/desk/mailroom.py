"""What the desk does while replies leave: what may leave now, and what became of it."""

from collections.abc import Callable
from datetime import datetime

from routing.desk import sending
from routing.desk.core import Core
from routing.ids import ConversationId, MessageId
from routing.ports import Urgency
from routing.replies import Sent


class Mailroom(Core):
    """Use cases of those who carry replies out."""

    __slots__ = ()

    async def begin_sending(
        self, conversation: ConversationId, prepare: Callable[[str], sending.Prepare]
    ) -> sending.Leaving | sending.Later | None:
        return await self._act(
            lambda tx, scribe: sending.begin(tx, scribe, self.accounts, conversation, prepare), urgency=Urgency.WORK
        )

    async def sent(self, message: MessageId, fence: int, outcome: Sent) -> None:
        await self._act(lambda tx, scribe: sending.sent(tx, scribe, message, fence, outcome), urgency=Urgency.WORK)

    async def not_sent(self, message: MessageId, fence: int, reason: str, again: datetime) -> None:
        await self._act(
            lambda tx, scribe: sending.not_sent(tx, scribe, message, fence, reason, again), urgency=Urgency.WORK
        )

    async def send_failed(self, message: MessageId, fence: int, reason: str) -> None:
        await self._act(lambda tx, scribe: sending.failed(tx, scribe, message, fence, reason), urgency=Urgency.WORK)

    async def send_unknown(self, message: MessageId, fence: int, reason: str) -> None:
        await self._act(lambda tx, scribe: sending.unknown(tx, scribe, message, fence, reason), urgency=Urgency.WORK)
