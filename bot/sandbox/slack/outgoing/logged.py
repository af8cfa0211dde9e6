"""Writes into the journal what was sent to the app, and what came of it."""

from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.outgoing.courier import Courier, Kind, Reply, Retry, Unanswered
from bot.sandbox.slack.wire import JsonObject


class LoggedCourier:
    """A courier that keeps a record of every delivery, answered or not."""

    def __init__(self, courier: Courier, journal: Journal) -> None:
        self._courier = courier
        self._journal = journal

    async def deliver(self, kind: Kind, payload: JsonObject, retry: Retry | None = None) -> Reply:
        attempt = 0 if retry is None else retry.number
        type_ = "slash_command" if kind is Kind.COMMAND else payload["type"]
        try:
            reply = await self._courier.deliver(kind, payload, retry)
        except Unanswered as unanswered:
            self._journal.write("outgoing", type=type_, payload=payload, attempt=attempt, reason=unanswered.reason)
            raise
        self._journal.write(
            "outgoing", type=type_, payload=payload, attempt=attempt, status=reply.status, answer=reply.text
        )
        return reply
