"""What the desk does for agents: tickets, notes, and their replies until they leave."""

from collections.abc import Mapping
from typing import TypeVar

from routing.agents import Actor, Agent
from routing.desk import people, replying, talking, working
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.errors import Refused
from routing.ids import AgentId, MessageId, TicketId
from routing.messages import Message
from routing.ports import Tx
from routing.ticket import Priority, Ticket

T = TypeVar("T")


class Team(Core):
    """Use cases of the people at work."""

    __slots__ = ()

    async def meet(self, member: people.Member) -> Agent:
        """The agent behind a surface's user; raises Refused for whoever is not a full member."""
        agent = await self._act(lambda tx, scribe: people.meet(tx, scribe, self.policy, member))
        if agent is None:
            raise Refused("not_a_member")
        return agent

    async def note_refusal(self, actor: Actor, ticket: TicketId, details: Mapping[str, str]) -> None:
        """Keeps in the audit that somebody was not allowed what they asked for."""

        async def work(_tx: Tx, scribe: Scribe) -> None:
            scribe.audit(actor, "action.refused", ticket or None, details)

        await self._act(work)

    async def claim(self, actor: Actor, ticket: TicketId) -> Ticket:
        """Atomic: of any number of agents exactly one gets it, the others are told who and when."""
        return await self._act(lambda tx, scribe: working.claim(tx, scribe, actor, ticket))

    async def release(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.release(tx, scribe, actor, ticket))

    async def assign(self, actor: Actor, ticket: TicketId, to: AgentId) -> Ticket:
        return await self._act(lambda tx, scribe: working.assign(tx, scribe, actor, ticket, to))

    async def prioritise(self, actor: Actor, ticket: TicketId, priority: Priority) -> Ticket:
        return await self._act(lambda tx, scribe: working.prioritise(tx, scribe, actor, ticket, priority))

    async def close(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.close(tx, scribe, self.policy, actor, ticket))

    async def reopen(self, actor: Actor, ticket: TicketId) -> Ticket:
        return await self._act(lambda tx, scribe: working.reopen(tx, scribe, actor, ticket))

    async def note(self, actor: Actor, ticket: TicketId, new: working.NewNote) -> Ticket:
        return await self._act(lambda tx, scribe: working.note(tx, scribe, actor, ticket, new))

    async def reply(self, actor: Actor, ticket: TicketId, draft: replying.Draft) -> replying.Held:
        """Keeps a reply for the undo time; submitted twice it is one reply."""
        return await self._act(
            lambda tx, scribe: replying.reply(tx, scribe, self.policy, self.accounts, actor, ticket, draft)
        )

    async def undo(self, actor: Actor, message: MessageId) -> Message:
        return await self._act(lambda tx, scribe: replying.undo(tx, scribe, actor, message))

    async def send_now(self, actor: Actor, message: MessageId) -> replying.Held:
        """A scheduled reply leaves after the undo time instead."""
        return await self._act(
            lambda tx, scribe: replying.send_now(tx, scribe, self.policy, self.accounts, actor, message)
        )

    async def hear_note(self, actor: Actor, ticket: TicketId, said: talking.Said) -> talking.Heard:
        """Keeps a thread message as a note; the same one again is nothing new."""
        return await self._act(lambda tx, scribe: talking.hear_note(tx, scribe, actor, ticket, said))

    async def hear_reply(self, actor: Actor, ticket: TicketId, said: talking.Said) -> talking.Heard:
        """Holds a thread message as a reply; what cannot be sent stays a note."""
        return await self._act(
            lambda tx, scribe: talking.hear_reply(tx, scribe, self.policy, self.accounts, actor, ticket, said)
        )

    async def stay_note(self, actor: Actor, ticket: TicketId, said: talking.Said, why: Refused) -> talking.Heard:
        """Keeps as a note what was to be a reply."""
        return await self._act(lambda tx, scribe: talking.stay_note(tx, scribe, actor, ticket, said, why))

    async def reword(self, actor: Actor, ticket: TicketId, said: talking.Said) -> talking.Changed:
        """A thread message has other words now: so has what was made of it, as far as it can."""
        return await self._act(
            lambda tx, scribe: talking.reword(tx, scribe, self.policy, self.accounts, actor, ticket, said)
        )

    async def retract(self, actor: Actor, ticket: TicketId, said: talking.Said) -> talking.Changed:
        """A thread message was deleted: so is what was made of it, as far as it can."""
        return await self._act(lambda tx, scribe: talking.retract(tx, scribe, actor, ticket, said))

    async def has_heard(self, ticket: TicketId, said: talking.Said) -> bool:
        """Whether a note or a reply was made of the thread message."""
        return await self._act(lambda tx, _scribe: talking.has_heard(tx, ticket, said))

    async def decide(self, actor: Actor, message: MessageId, decision: str) -> Ticket:
        """A person settles a reply whose fate is unknown, or that failed: `arrived`, `again`, `drop`."""
        return await self._act(lambda tx, scribe: replying.decide(tx, scribe, actor, message, decision))
