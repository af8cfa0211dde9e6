"""Names who does which job: every topic of the to-do list with its worker."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.boards import Boards
from bot.group_sender import GroupSender
from bot.homes import Homes
from bot.noticeboard import Noticeboard
from bot.notifier import Notifier
from bot.rosters import RosterKeeper
from bot.surface import Room, Surface, ThreadTalk
from bot.urgency import Urgency, done_with
from bot.worker import Alive, Duty
from connectors.contract import Connection, Cursors, Ledger, Listens, Pulls
from connectors.fetching import Fetcher
from connectors.ingest import Ingest
from connectors.outbound import Outgoing
from routing.desk.desk import Desk
from routing.errors import Gone, TryLater
from routing.ids import AccountId, AgentId, RoomId, TicketId
from routing.jobs import Job, Topic

PULL_EVERY = timedelta(hours=24)
PULL_BACK = timedelta(hours=36)
CATCH_UP_EVERY = timedelta(minutes=15)
CATCH_UP_OVERLAP = timedelta(minutes=10)
CATCH_UP_FIRST = timedelta(days=3)
CATCH_UP_POSTINGS = 300
CATCH_UP_PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Sources:
    """The long-lived and the regular sources: listening, pulling, and catching up with threads."""

    desk: Desk
    connections: Mapping[AccountId, Connection]
    ledger: Ledger
    cursors: Cursors
    rooms: Mapping[RoomId, Room]
    surfaces: Mapping[str, Surface]
    thread_talk: ThreadTalk
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def listen(self, job: Job, alive: Alive) -> datetime:
        """Holds an account's source until it breaks; then it is taken up again a moment later."""
        connection: object = self.connections.get(AccountId(job.key))
        if not isinstance(connection, Listens):
            raise Gone(f"the account {job.key} has nothing to listen to")
        await connection.listen(self.ledger, self.cursors, fence=job.fence, alive=alive)
        return self.clock() + timedelta(seconds=1)

    async def pull(self, job: Job, alive: Alive) -> datetime:
        """Asks a provider for its history; what we have already is a repeat."""
        connection: object = self.connections.get(AccountId(job.key))
        if not isinstance(connection, Pulls):
            raise Gone(f"the account {job.key} has no history")
        async for delivery in connection.pull(self.clock() - PULL_BACK):
            await self.ledger.accept(delivery)
            await alive()
        return self.clock() + PULL_EVERY

    async def catch_up(self, job: Job, alive: Alive) -> datetime:
        """Reads the threads of open cards for what events missed. Notes known already change nothing."""
        surface, _, workspace = job.key.partition("/")
        began = self.clock()
        name = AccountId(f"catch_up:{job.key}")
        seen = await self.cursors.read(name, "threads")
        since = datetime.fromtimestamp(seen["at"], began.tzinfo) if seen else began - CATCH_UP_FIRST
        for posting in await self.desk.look(lambda reads: reads.open_postings(limit=CATCH_UP_POSTINGS)):
            room = self.rooms.get(posting.room)
            if room is None or (room.surface, room.workspace) != (surface, workspace) or not posting.reference:
                continue
            await self._patiently(room, posting.reference, since - CATCH_UP_OVERLAP)
            await alive()
        await self.cursors.write(name, "threads", {"at": int(began.timestamp())}, fence=job.fence)
        return self.clock() + CATCH_UP_EVERY

    async def _patiently(self, room: Room, card: str, since: datetime) -> None:
        """There are more threads than a surface lets us read in a minute: beginning anew each time that it asks for
        patience would never come to the end."""
        while True:
            try:
                return await self._read_thread(room, card, since)
            except TryLater as fault:
                if fault.after > CATCH_UP_PATIENCE:
                    raise
                await self.pause(fault.after.total_seconds())

    async def _read_thread(self, room: Room, card: str, since: datetime) -> None:
        try:
            said = await self.surfaces[room.surface].thread_since(room, card, f"{since.timestamp():.6f}")
        except Gone:
            return  # the noticeboard finds out and tells
        for who, message in said:
            await self.thread_talk(who, message)


def duties(
    noticeboard: Noticeboard,
    notifier: Notifier,
    boards: Boards,
    groups: GroupSender,
    ingest: Ingest,
    outgoing: Outgoing,
    fetcher: Fetcher,
    sources: Sources,
    forget: Callable[[], Awaitable[datetime | None]],
    homes: Homes,
    rosters: RosterKeeper,
    index: Callable[[], Awaitable[datetime]],
) -> list[Duty]:
    """Every topic with its worker (a test about the house compares this with the topics there are)."""

    async def show(job: Job, _alive: Alive) -> datetime | None:
        ticket = TicketId(job.key)
        try:
            return await noticeboard.show(ticket)
        finally:
            # A room that asks for patience has a board all the same, and the ticket is shown in others too.
            await boards.changed(ticket)

    async def board(job: Job, _alive: Alive) -> datetime:
        return await boards.refresh(job)

    async def catch_up(job: Job, alive: Alive) -> datetime | None:
        with done_with(Urgency.SPARE):
            return await sources.catch_up(job, alive)

    async def wake(job: Job, _alive: Alive) -> datetime | None:
        return await noticeboard.desk.wake_due(TicketId(job.key))

    async def alert(job: Job, _alive: Alive) -> None:
        await noticeboard.tell_alert(job.key)

    async def notify(job: Job, _alive: Alive) -> datetime | None:
        return await notifier.notify(AgentId(job.key))

    async def home(job: Job, _alive: Alive) -> datetime | None:
        return await homes.draw(job)

    async def indexed(_job: Job, _alive: Alive) -> datetime | None:
        return await index()

    async def members(job: Job, alive: Alive) -> datetime | None:
        with done_with(Urgency.SPARE):
            return await rosters.read(job, alive)

    async def let_go(_job: Job, _alive: Alive) -> datetime | None:
        return await forget()

    return [
        Duty(Topic.INGEST, _once(ingest.work), at_once=2),
        Duty(Topic.SHOW, show, at_once=8),
        Duty(Topic.WAKE, wake, at_once=4),
        Duty(Topic.BOARD, board, at_once=2),
        Duty(Topic.SEND, outgoing.work, at_once=8, lease=timedelta(seconds=90)),
        Duty(Topic.FETCH, _once(fetcher.fetch), at_once=4),
        Duty(Topic.PROFILE, _once(fetcher.learn), at_once=2),
        Duty(Topic.ALERT, _once(alert), at_once=1),
        Duty(Topic.GROUP, groups.work, at_once=2),
        Duty(Topic.NOTIFY, notify, at_once=4),
        Duty(Topic.HOME, home, at_once=4),
        Duty(Topic.LISTEN, sources.listen, at_once=200, lease=timedelta(seconds=45)),
        Duty(Topic.PULL, sources.pull, at_once=2),
        Duty(Topic.CATCH_UP, catch_up, at_once=1),
        Duty(Topic.INDEX, indexed, at_once=1),
        Duty(Topic.MEMBERS, members, at_once=1),
        Duty(Topic.FORGET, let_go, at_once=1),
    ]


def _once(
    work: Callable[[Job, Alive], Awaitable[None]],
) -> Callable[[Job, Alive], Awaitable[datetime | None]]:
    """A job that is done when it returns."""

    async def done(job: Job, alive: Alive) -> datetime | None:
        await work(job, alive)
        return None

    return done
