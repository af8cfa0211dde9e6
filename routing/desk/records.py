"""Writes down what happened: history for people, audit rows for the chain, events for the thread."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing.agents import Actor
from routing.history import AuditRow, HistoryEntry
from routing.ids import MessageId, OrganisationId, TicketId, new_id
from routing.messages import Direction, Kind, Message
from routing.ports import Tx
from routing.ticket import Ticket

# Made once: json.dumps would set up an encoder for every row, which takes longer than writing it.
_as_text = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes for one organisation at one moment."""

    tx: Tx
    organisation: OrganisationId
    now: datetime

    def record(self, actor: Actor, ticket: TicketId, what: str, **values: str) -> None:
        """History and audit row of one act."""
        agent = actor.agent.id if actor.agent else None
        self.tx.add(HistoryEntry(new_id(), self.organisation, ticket, self.now, agent, what, values))
        self.audit(actor, what, ticket, values)

    def audit(self, actor: Actor, action: str, ticket: TicketId | None, details: Mapping[str, str]) -> None:
        agent = actor.agent.id if actor.agent else None
        row_id, salt = new_id(), os.urandom(16).hex()
        content = _as_text(
            [row_id, self.organisation, self.now.isoformat(), agent, actor.surface, action, ticket, dict(details)]
        )
        digest = hashlib.sha256(f"{salt}{content}".encode("utf-8", "surrogatepass")).hexdigest()
        self.tx.add(
            AuditRow(row_id, self.organisation, self.now, agent, actor.surface, action, ticket, details, salt, digest)
        )


def event(ticket: Ticket, sentence: str, values: Mapping[str, str], *, at: datetime, actor: Actor) -> Message:
    """A line in the ticket's thread that nobody wrote, at the ticket's present `seq`."""
    return Message(
        id=MessageId(new_id()),
        organisation=ticket.organisation,
        ticket=ticket.id,
        conversation=ticket.conversation,
        account=ticket.account,
        seq=ticket.seq,
        direction=Direction.EVENT,
        kind=Kind.DM,
        external_id=None,
        identity=None,
        agent=actor.agent.id if actor.agent else None,
        author=actor.agent.name if actor.agent else "",
        subject="",
        text=sentence,
        full_text=json.dumps(dict(values), ensure_ascii=False),
        automatic="",
        verified=True,
        created_at=at,
        sent_at=at,
    )
