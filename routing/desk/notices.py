"""What the desk does for those who carry news to people, and for people who choose how they get it."""

from dataclasses import replace

from routing.agents import Actor, Permission
from routing.desk import notifying
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.desk.working import worker
from routing.errors import Refused
from routing.ids import AgentId
from routing.jobs import Topic
from routing.notices import NoticeSettings, Way
from routing.ports import Tx, Urgency
from routing.quiet import zones


class Notices(Core):
    """Use cases of telling people by name."""

    __slots__ = ()

    async def next_parcel(self, agent: AgentId, places: notifying.Places) -> notifying.Parcel | notifying.Quiet | None:
        """What the agent is to be told next, marked as leaving; or until when not; or None when nothing waits."""
        return await self._act(
            lambda tx, scribe: notifying.next_parcel(tx, scribe, self.policy, agent, places), urgency=Urgency.WORK
        )

    async def notice_told(self, parcel: notifying.Parcel, reference: str) -> None:
        await self._act(lambda tx, scribe: notifying.told(tx, scribe, parcel, reference), urgency=Urgency.WORK)

    async def notice_refused(self, parcel: notifying.Parcel) -> None:
        await self._act(lambda tx, scribe: notifying.refused(tx, scribe, parcel), urgency=Urgency.WORK)

    async def notice_put_back(self, parcel: notifying.Parcel) -> None:
        await self._act(lambda tx, scribe: notifying.put_back(tx, scribe, parcel), urgency=Urgency.WORK)

    async def notice_settings(self, agent: AgentId) -> NoticeSettings:
        return await self.look(lambda reads: notifying.settings_of(reads, self.policy, agent))

    async def has_chosen_notices(self, agent: AgentId) -> bool:
        return bool(await self.look(lambda reads: reads.get(NoticeSettings, [agent])))

    async def choose_notices(self, actor: Actor, chosen: NoticeSettings) -> NoticeSettings:
        """Keeps how an agent wants to be told; the same again writes nothing. What waits is judged anew at once.
        Raises Refused when it is not theirs or cannot be."""

        async def work(tx: Tx, scribe: Scribe) -> NoticeSettings:
            agent = worker(actor, Permission.SEE)
            if chosen.agent != agent.id:
                raise Refused("not_allowed")
            if chosen.zone not in zones():
                raise Refused("notices.zone", zone=chosen.zone)
            if bool(chosen.quiet_begin) != bool(chosen.quiet_end):
                raise Refused("notices.half")
            ways = {chosen.assigned, chosen.mentioned, chosen.customer_wrote, chosen.reply_troubled}
            if Way.MAIL in ways and not (self.policy.mails_notices and agent.email):
                raise Refused("notices.mail")
            wanted = replace(chosen, organisation=scribe.organisation)
            known = (await tx.lock(NoticeSettings, [agent.id])).get(agent.id)
            if known == wanted:
                return wanted
            if known is None:
                tx.add(wanted)
            else:
                tx.put(wanted)
            scribe.audit(actor, "notices.chosen", None, _told(wanted))
            tx.ask(Topic.NOTIFY, agent.id)
            return wanted

        return await self._act(work)


def _told(settings: NoticeSettings) -> dict[str, str]:
    """The choice, as the audit keeps it."""
    return {
        "assigned": settings.assigned,
        "mentioned": settings.mentioned,
        "customer_wrote": settings.customer_wrote,
        "reply_troubled": settings.reply_troubled,
        "quiet": f"{settings.quiet_begin}-{settings.quiet_end}" if settings.quiet_begin else "",
        "days": ",".join(settings.quiet_days),
        "free": ",".join(settings.free_days),
        "zone": settings.zone,
        "urgent_anyway": "yes" if settings.urgent_anyway else "",
    }
