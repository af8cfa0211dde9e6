"""Lets group replies leave when their undo time is over, and tells their authors what became of each."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards.group_forms import report_entry
from bot.cards.notices import Links
from bot.cards.parts import Reader
from bot.surface import Room, Surface, Who
from bot.worker import Alive
from routing.agents import Agent
from routing.desk.desk import Desk
from routing.desk.grouping import Wait
from routing.errors import Gone, NeedsAttention, Rejected
from routing.group_reply import Fate, GroupReport, GroupState, RecipientState
from routing.ids import RoomId, TicketId
from routing.jobs import Job
from routing.leases import Leases, others_writing

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=5)
PATIENCE = timedelta(hours=1)  # then it is told what still waits: a quota may hold replies back for a day
RENEW_EVERY = 20
LOOKED_FOR = timedelta(hours=1)  # the surface's clock is not ours, and the key is found nowhere else


@dataclass(frozen=True, slots=True)
class GroupSender:
    """Each step is written down by the desk, so the work may be interrupted anywhere and taken up again."""

    desk: Desk
    rooms: Mapping[RoomId, Room]
    surfaces: Mapping[str, Surface]
    clock: Callable[[], datetime]
    zone: ZoneInfo
    leases: Leases

    async def work(self, job: Job, alive: Alive) -> datetime | None:
        """Places what is left to place, waits for the replies to leave, and reports once. Returns when to come back."""
        writing = await self._writing(await self.desk.group_report(job.key))
        placed = 0
        while (step := await self.desk.place_next(job.key, writing)) is not None:
            if isinstance(step, Wait):
                return step.until
            placed += 1
            if placed % RENEW_EVERY == 0:
                await alive()
        report = await self.desk.group_report(job.key)
        if report.group.state is not GroupState.LEAVING:
            return None
        now = self.clock()
        if report.counts[Fate.PENDING] and now < report.group.updated_at + PATIENCE:
            return now + LOOK_AGAIN
        await self._tell(report)
        await self.desk.group_reported(report)
        return None

    async def _writing(self, report: GroupReport) -> dict[TicketId, str]:
        if self.clock() < report.group.held_until:
            return {}
        tickets = [one.ticket for one in report.recipients if one.state is RecipientState.WAITING]
        return await others_writing(self.leases, tickets, report.group.agent)

    async def _tell(self, report: GroupReport) -> None:
        """Directly to its author; where that cannot be, in the room for alerts."""
        group = report.group
        agent = (await self.desk.agents([group.agent])).get(group.agent)
        language = agent.language if agent else self.desk.policy.language
        who = Who(group.surface, group.workspace, group.user)
        try:
            room = await self._surface(who.surface).direct(who, language=language)
            await self._post(report, room)
        except (Gone, Rejected, NeedsAttention) as fault:
            log.warning("an author cannot be told of a group reply", extra={"group": group.id, "fault": str(fault)})
            await self._tell_managers(report, agent)

    async def _tell_managers(self, report: GroupReport, agent: Agent | None) -> None:
        room = self.rooms.get(self.desk.policy.alerts_room)
        if room is None:
            log.error("nobody can be told of a group reply", extra={"group": report.group.id})
            return
        try:
            await self._post(report, room)
        except (Gone, Rejected) as fault:
            log.error(
                "nobody can be told of a group reply",
                extra={"group": report.group.id, "agent": agent.id if agent else "", "fault": str(fault)},
            )

    async def _post(self, report: GroupReport, room: Room) -> None:
        """Whether an earlier attempt posted it is asked first, for a crash may have come in between."""
        surface, key = self._surface(room.surface), f"group:{report.group.id}"
        since = (report.group.reviewed_at - LOOKED_FOR).timestamp()
        if await surface.find(room, "", key=key, since=since) is not None:
            return
        reader = Reader(room.language, room.surface, room.workspace, self.zone)
        await surface.post_entry(room, "", report_entry(report, reader, await self._links(report)), key=key)

    async def _links(self, report: GroupReport) -> Links:
        links: dict[TicketId, str] = {}
        for ticket, card in (await self.desk.unsettled(report)).items():
            room = self.rooms.get(card.room)
            if room is not None:
                with contextlib.suppress(Gone, Rejected, NeedsAttention):
                    links[ticket] = await self._surface(room.surface).link(room, card.reference)
        return {ticket: link for ticket, link in links.items() if link}

    def _surface(self, name: str) -> Surface:
        try:
            return self.surfaces[name]
        except KeyError:
            raise NeedsAttention(f"{name} is not set up, so nobody can be told there") from None
