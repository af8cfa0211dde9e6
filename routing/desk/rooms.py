"""What the desk remembers of rooms, and what it tells managers."""

from collections.abc import Mapping
from dataclasses import replace

from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.ids import AccountId, TicketId
from routing.jobs import Alert, Topic
from routing.leases import SHOWN_AFTER
from routing.ports import Tx, Urgency
from routing.postings import PostedEntry, Posting, PostingState


class Rooms(Core):
    """Use cases of the noticeboard."""

    __slots__ = ()

    async def remember(self, posting: Posting, *entries: PostedEntry) -> None:
        """Writes down what a room has now seen. Whether it still shows the ticket is not the noticeboard's to say: a
        transfer that came meanwhile stays."""

        async def work(tx: Tx, _scribe: Scribe) -> None:
            known = (await tx.lock(Posting, [posting.id])).get(posting.id, posting)
            moved = known.state is PostingState.MOVED
            tx.put(replace(posting, state=known.state if moved else posting.state, moved_to=known.moved_to))
            tx.add(*entries)

        await self._act(work, urgency=Urgency.WORK)

    async def writers_changed(self, ticket: TicketId) -> None:
        """Somebody began or stopped writing a reply. The card is looked at a moment later, so that who only glances
        into the form moves nothing."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            tx.ask(Topic.SHOW, ticket, due=scribe.now + SHOWN_AFTER)

        await self._act(work)

    async def room_lost(self, posting_id: str) -> None:
        """The room is not there; what it had seen is remembered for when it comes back."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            posting = (await tx.lock(Posting, [posting_id]))[posting_id]
            if posting.state is PostingState.MOVED:
                return
            tx.put(replace(posting, state=PostingState.GONE, updated_at=scribe.now))

        await self._act(work, urgency=Urgency.WORK)

    async def entry_redrawn(self, entry: PostedEntry) -> None:
        async def work(tx: Tx, _scribe: Scribe) -> None:
            tx.put(entry)

        await self._act(work, urgency=Urgency.WORK)

    async def warn(self, about: str, what: str, values: Mapping[str, str]) -> None:
        """Tells managers the sentence `what`, once a day for what it is about."""

        async def work(tx: Tx, scribe: Scribe) -> None:
            tx.raise_alert(Alert(f"{about}:{scribe.now:%Y-%m-%d}", what, dict(values)))

        await self._act(work, urgency=Urgency.WORK)

    async def alert_told(self, key: str) -> None:
        async def work(tx: Tx, _scribe: Scribe) -> None:
            tx.alert_told(key)

        await self._act(work, urgency=Urgency.WORK)

    async def account_needs_attention(self, account: AccountId, reason: str) -> None:
        """Credentials or set-up of an account are broken: told once a day, as long as it lasts."""
        values = {"account": self.accounts.title(account), "reason": reason}
        await self.warn(f"account:{account}", "alert.account", values)
