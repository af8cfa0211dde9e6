"""What the desk does for group replies: reviewing, confirming, taking back, letting them leave, and their report."""

from collections.abc import Collection, Mapping

from routing.agents import SYSTEM, Actor
from routing.desk import grouping
from routing.desk.looking import Looking
from routing.errors import Gone
from routing.group_reply import MOST_RECIPIENTS, Fate, GroupReply, GroupReport, Recipient
from routing.ids import TicketId
from routing.overview import Reach
from routing.ports import Reads, Urgency
from routing.postings import Posting
from routing.replies import Outbound
from routing.search import Sight

MOST_LINKED = 60
FOUND_AT_ONCE = 100


class GroupReplies(Looking):
    """Use cases of one answer to many."""

    __slots__ = ()

    async def review_group(self, actor: Actor, new: grouping.NewGroup) -> grouping.Review:
        return await self._act(lambda tx, scribe: grouping.review(tx, scribe, self.policy, self.accounts, actor, new))

    async def confirm_group(self, actor: Actor, group: str, typed: str) -> GroupReply:
        """Holds it for its undo time. Confirmed twice it is one; raises Refused unless the right number was typed."""
        return await self._act(lambda tx, scribe: grouping.confirm(tx, scribe, actor, group, typed))

    async def undo_group(self, actor: Actor, group: str) -> GroupReply:
        """Takes all of it back; raises Refused when the first may have left."""
        return await self._act(lambda tx, scribe: grouping.take_back(tx, scribe, actor, group))

    async def place_next(self, group: str, writing: Mapping[TicketId, str]) -> Recipient | grouping.Wait | None:
        """`writing` names who has a ticket's reply form open."""
        return await self._act(
            lambda tx, scribe: grouping.place_next(tx, scribe, self.policy, self.accounts, group, writing),
            urgency=Urgency.WORK,
        )

    async def group_report(self, group: str) -> GroupReport:
        """What became of it so far. Raises Gone when there is none."""

        async def work(reads: Reads) -> GroupReport:
            found = (await reads.get(GroupReply, [group])).get(group)
            if found is None:
                raise Gone(f"group reply {group} does not exist")
            recipients = await reads.recipients_of(group)
            return GroupReport(found, recipients, await reads.get(Outbound, [one.message for one in recipients]))

        return await self.look(work)

    async def group_reported(self, report: GroupReport) -> None:
        counts = {fate.value: str(count) for fate, count in report.counts.items()}
        counts["left_out"] = ", ".join(f"#{one.number} {one.reason}" for one in report.of(Fate.EXCLUDED))
        await self._act(
            lambda tx, scribe: grouping.finish(tx, scribe, SYSTEM, report.group.id, counts), urgency=Urgency.WORK
        )

    async def unsettled(self, report: GroupReport) -> dict[TicketId, Posting]:
        """The cards of those who did not get it, for telling where they are."""
        troubled = report.of(Fate.FAILED, Fate.UNKNOWN, Fate.PENDING, Fate.TAKEN_BACK, Fate.EXCLUDED)

        async def work(reads: Reads) -> dict[TicketId, Posting]:
            found: dict[TicketId, Posting] = {}
            for one in troubled[:MOST_LINKED]:
                posted = [card for card in await reads.postings_of(one.ticket) if card.reference]
                if posted:
                    found[one.ticket] = posted[0]
            return found

        return await self.look(work)

    async def tickets_found(self, reach: Reach, looked_for: str) -> list[TicketId]:
        """What a search finds among the tickets within reach; one more than can be answered when there are more.
        Raises Refused for a search that cannot be understood."""
        query = self.understood(looked_for)
        everything = Sight(reach.agent, everything=True, at=self.clock())
        found: list[TicketId] = []
        before: int | None = None
        if query.is_empty:
            return found  # signs alone would mean every ticket there is

        async def work(reads: Reads) -> int | None:
            page = await reads.find_tickets(query, seen_by=everything, limit=FOUND_AT_ONCE, before_key=before)
            found.extend([hit.ticket.id for hit in page.hits if await reads.may_see(reach, hit.ticket.id)])
            return page.next_key

        while len(found) <= MOST_RECIPIENTS:
            before = await self.look(work)
            if before is None:
                break
        return found

    async def tickets_numbered(self, reach: Reach, numbers: Collection[int]) -> dict[int, TicketId]:
        """Those of these numbers that are within reach; of others nothing is told."""

        async def work(reads: Reads) -> dict[int, TicketId]:
            found = [await reads.ticket_by_number(number) for number in numbers]
            return {one.number: one.id for one in found if one is not None and await reads.may_see(reach, one.id)}

        return await self.look(work)
