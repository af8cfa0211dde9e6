"""What the desk tells of many tickets at once: lists, figures, the next one to take, who did what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from routing.agents import Actor, Agent, Permission
from routing.contacts import Contact
from routing.desk import working
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.errors import Refused
from routing.history import AuditRow
from routing.ids import TicketId
from routing.overview import AT_WORK, NEEDS_US, Listed, Overview, Page, Reach, Wanted
from routing.ports import Reads, Tx
from routing.ticket import Ticket

AUDIT_SHOWN = 40
CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did what with a ticket, newest first."""

    ticket: Ticket
    rows: tuple[AuditRow, ...]
    agents: dict[str, Agent]


class Overseeing(Core):
    """Use cases of those who want to see more than one ticket."""

    __slots__ = ()

    async def page(self, reach: Reach, wanted: Wanted, *, start: int, limit: int) -> Page:
        """Part of a list. A page beyond its end is answered with the last one there is."""

        async def work(reads: Reads) -> Page:
            total = await reads.queue_size(reach, wanted)
            first = min(start, max(0, (total - 1) // limit * limit))
            tickets = await reads.queue(reach, wanted, start=first, limit=limit) if total else ()
            return Page(tuple(await listed(reads, tickets)), first, total)

        return await self.look(work)

    async def overview(self, reach: Reach, *, today: datetime) -> Overview:
        """The figures of what this person may see; `today` is when their day began."""

        async def work(reads: Reads) -> Overview:
            return Overview(tuple(await reads.tallies(reach, AT_WORK)), await reads.flow(reach, today))

        return await self.look(work)

    async def take_next(self, actor: Actor, reach: Reach) -> Ticket:
        """Claims the most urgent, oldest ticket of the person's rooms that nobody has. Of people who ask at once no two
        get the same. Raises Refused when there is none."""

        async def work(tx: Tx, scribe: Scribe) -> Ticket:
            agent = working.worker(actor)
            wanted = Wanted(statuses=NEEDS_US, unassigned=True, rooms=reach.rooms)
            tried: set[TicketId] = set()
            while True:
                found = await tx.queue(reach, wanted, start=0, limit=CANDIDATES)
                fresh = [one.id for one in found if one.id not in tried]
                if not fresh:
                    raise Refused("next.nothing")
                for ticket_id in fresh:
                    tried.add(ticket_id)
                    ticket = await working.locked(tx, ticket_id)
                    if ticket.assignee is None and ticket.status in NEEDS_US:
                        changed = ticket.claim(agent.id, at=scribe.now)
                        return await working.change(tx, scribe, actor, ticket, changed, "ticket.claimed")

        return await self._act(work)

    async def ticket_numbered(self, reach: Reach, number: int) -> Ticket:
        """Raises Refused alike for a ticket that is not there and for one that this person may not see."""

        async def work(reads: Reads) -> Ticket | None:
            ticket = await reads.ticket_by_number(number)
            return ticket if ticket is not None and await reads.may_see(reach, ticket.id) else None

        ticket = await self.look(work)
        if ticket is None:
            raise Refused("word.no_ticket", number=str(number))
        return ticket

    async def listing(self, tickets: Sequence[Ticket]) -> Sequence[Listed]:
        """Tickets with what a list tells of them."""
        return await self.look(lambda reads: listed(reads, tickets))

    async def audit(self, actor: Actor, ticket: Ticket) -> Audit:
        """Who did what with the ticket; for those only who may look over others' shoulders."""
        working.worker(actor, Permission.MANAGE)

        async def work(reads: Reads) -> Audit:
            rows = await reads.audit_of(ticket.id, limit=AUDIT_SHOWN)
            agents = await reads.get(Agent, {row.agent for row in rows if row.agent is not None})
            return Audit(ticket, tuple(rows), agents)

        return await self.look(work)


async def listed(reads: Reads, tickets: Sequence[Ticket]) -> list[Listed]:
    contacts = await reads.get(Contact, {ticket.contact for ticket in tickets})
    agents = await reads.get(Agent, {ticket.assignee for ticket in tickets if ticket.assignee is not None})
    cards = await reads.postings_of_all([ticket.id for ticket in tickets])
    return [
        Listed(
            ticket,
            contacts[ticket.contact].name if ticket.contact in contacts else "",
            agents.get(ticket.assignee) if ticket.assignee is not None else None,
            tuple(card for card in cards if card.ticket == ticket.id),
        )
        for ticket in tickets
    ]
