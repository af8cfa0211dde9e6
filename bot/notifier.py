"""Tells people of the team by name what concerns them: directly, below the card, or by mail."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from prometheus_client import Counter

from bot.cards.notices import Links, MailWords, direct_entry, mention_entry, notice_mail
from bot.cards.parts import Reader
from bot.surface import Room, Surface, Who
from routing.agents import Agent
from routing.desk.desk import Desk
from routing.desk.notifying import Parcel, Quiet
from routing.desk.people import Member
from routing.errors import Gone, NeedsAttention, Refused, Rejected, TryLater, Unclear
from routing.ids import AgentId, RoomId, TicketId
from routing.notices import Way

log = logging.getLogger(__name__)

TOLD = Counter("madoguchi_notices_total", "What people were told by name, by way and outcome", ["way", "outcome"])

Mail = Callable[[str, Agent, MailWords], Awaitable[None]]
"""(key, to whom, words): sends one mail to somebody of the team. Raises TryLater, Rejected, NeedsAttention (surely not
sent) or Unclear."""


class _Left(Gone):
    """The user we were about to write to is not of the team any more."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Each parcel is written down as leaving before it leaves and as told after it did. What was interrupted in between
    is looked for where it was to stand; a mail cannot be looked for, and is not sent a second time."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    surfaces: Mapping[str, Surface]
    clock: Callable[[], datetime]
    zone: ZoneInfo
    mail: Mail | None = None

    async def notify(self, agent: AgentId) -> datetime | None:
        """Tells the person everything that is due; returns when there will be more, or None. May be done any number of
        times. Raises TryLater or Unclear when it must be done again."""
        places = {room.id: (room.surface, room.workspace) for room in self.rooms.values()}
        while True:
            step = await self.desk.next_parcel(agent, places)
            match step:
                case None:
                    return None
                case Quiet(until) if until > self.clock():
                    return until
                case Quiet():
                    continue
                case Parcel():
                    await self._tell(step)

    async def _tell(self, parcel: Parcel) -> None:
        try:
            reference = await self._hand_over(parcel)
        except _Left:
            await self.desk.notice_put_back(parcel)
            return
        except (Gone, Rejected) as fault:
            log.info("a notice is refused", extra={"way": parcel.way, "fault": str(fault)})
            TOLD.labels(parcel.way, "refused").inc()
            await self.desk.notice_refused(parcel)
            return
        TOLD.labels(parcel.way, "told").inc()
        await self.desk.notice_told(parcel, reference)

    async def _hand_over(self, parcel: Parcel) -> str:
        """Where it stands now."""
        match parcel.way:
            case Way.DIRECT:
                return await self._direct(parcel)
            case Way.THREAD:
                return await self._below_the_card(parcel)
            case Way.MAIL | Way.NOTHING:
                return await self._by_mail(parcel)

    # --- ways ------------------------------------------------------------------------------------------------------

    async def _direct(self, parcel: Parcel) -> str:
        who = Who(*parcel.address.split("/", 2))
        surface = self._surface(who.surface)
        await self._still_a_member(surface, who)
        reader = self._reader(parcel, who.surface, who.workspace)
        try:
            room = await surface.direct(who, language=reader.language)
            if parcel.interrupted and (found := await self._found(surface, room, "", parcel)):
                return found
            entry = direct_entry(parcel, reader, await self._links(parcel))
            return await surface.post_entry(room, "", entry, key=_key(parcel))
        except NeedsAttention as fault:
            if not parcel.cards:
                raise
            # The app may not write to people as yet: they are told below the card meanwhile, and managers why.
            await self.desk.warn(f"notices:{who.workspace}", "alert.set_up", {"reason": str(fault)})
            raise Rejected(str(fault)) from fault

    async def _below_the_card(self, parcel: Parcel) -> str:
        card = next((one for one in parcel.cards.values() if one.id == parcel.address), None)
        room = self.rooms.get(card.room) if card is not None else None
        if card is None or room is None:
            raise Gone("the card is not shown any more")
        surface = self._surface(room.surface)
        await self._still_a_member(
            surface, Who(room.surface, room.workspace, parcel.user_at(room.surface, room.workspace))
        )
        if parcel.interrupted and (found := await self._found(surface, room, card.reference, parcel)):
            return found
        entry = mention_entry(parcel, Reader(room.language, room.surface, room.workspace, self.zone))
        return await surface.post_entry(room, card.reference, entry, key=_key(parcel))

    async def _by_mail(self, parcel: Parcel) -> str:
        """A mail that may have left is not sent again: nobody can look whether it arrived."""
        if self.mail is None:
            raise Rejected("no account sends mail to the team")
        if parcel.interrupted or not parcel.users:
            log.warning("a notice by mail may not have arrived", extra={"parcel": parcel.id})
            return ""
        try:
            words = await self._mail_words(parcel)
        except (TryLater, NeedsAttention):
            # Nothing has left yet, and that must not be in doubt.
            await self.desk.notice_put_back(parcel)
            raise
        try:
            await self.mail(parcel.id, parcel.agent, words)
        except (TryLater, NeedsAttention) as fault:
            # What cannot leave now is told directly: news of a customer should not wait for a mail server.
            log.warning("a notice cannot leave by mail", extra={"fault": str(fault)})
            raise Rejected(str(fault)) from fault
        except Unclear as fault:
            log.warning("a notice by mail may not have arrived", extra={"parcel": parcel.id, "fault": str(fault)})
        return ""

    async def _mail_words(self, parcel: Parcel) -> MailWords:
        who = next(Who(surface, workspace, user) for (surface, workspace), user in parcel.users.items())
        await self._still_a_member(self._surface(who.surface), who)
        reader = self._reader(parcel, who.surface, who.workspace)
        return notice_mail(parcel, reader, await self._links(parcel))

    # --- what every way needs --------------------------------------------------------------------------------------

    async def _found(self, surface: Surface, room: Room, card: str, parcel: Parcel) -> str | None:
        return await surface.find(room, card, key=_key(parcel), since=parcel.since.timestamp())

    async def _still_a_member(self, surface: Surface, who: Who) -> None:
        """Nobody who left the team is told anything: the desk is told that they left, and judges anew."""
        person = await surface.person(who)
        if person.member:
            return
        with contextlib.suppress(Refused):
            await self.desk.meet(
                Member(who.surface, who.workspace, who.user, person.name, person.email, "", "", allowed=False)
            )
        raise _Left("not of the team any more")

    async def _links(self, parcel: Parcel) -> Links:
        """Where the cards are opened, as far as the surfaces can say."""
        links: dict[TicketId, str] = {}
        for ticket, card in parcel.cards.items():
            room = self.rooms.get(card.room)
            if room is not None:
                with contextlib.suppress(Gone, Rejected, NeedsAttention):
                    links[ticket] = await self._surface(room.surface).link(room, card.reference)
        return {ticket: link for ticket, link in links.items() if link}

    def _reader(self, parcel: Parcel, surface: str, workspace: str) -> Reader:
        return Reader(parcel.agent.language, surface, workspace, self.zone)

    def _surface(self, name: str) -> Surface:
        try:
            return self.surfaces[name]
        except KeyError:
            raise NeedsAttention(f"{name} is not set up, so nobody can be told there") from None


def _key(parcel: Parcel) -> str:
    return f"notice:{parcel.id}"
