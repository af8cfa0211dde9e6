"""What people wrote under cards while nobody listened is found, once, however often Slack asks for patience."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.duties import Sources
from bot.sandbox.slack import seed
from routing.ids import TicketId
from routing.jobs import Job, Topic
from routing.messages import Message
from storage.cursors import SqlCursors
from storage.engine import open_database
from tests.bot.team import ROOMS, SUPPORT, Team
from tests.inner import ORGANISATION


async def test_every_thread_is_read_to_the_end_though_slack_asks_for_patience(team: Team, database_url: str) -> None:
    for number in range(1, 4):
        await team.mail(message_id=f"<first{number}@customer.example>")
    await team.work_off()
    team.slack.point_at("http://127.0.0.1:9/nobody")
    for card in team.cards():
        team.slack.say(seed.AKI, SUPPORT.place, "Missed.", thread_ts=card["ts"])
    team.slack.throttle("conversations.replies", times=2, retry_after=30)
    database = open_database(database_url)
    try:
        sources = Sources(
            desk=team.inner.desk,
            connections={},
            ledger=team.inner.ledger,
            cursors=SqlCursors(database, ORGANISATION),
            rooms=ROOMS,
            surfaces=team.surfaces,
            thread_talk=team.router.thread_talk,
            clock=team.inner.clock,
            pause=_moving(team),
        )
        for fence in (1, 2):
            job = Job(Topic.CATCH_UP, f"slack/{seed.TEAM_ID}", 1, 0, fence, team.inner.clock())
            again = await sources.catch_up(job, _alive)
            assert again > team.inner.clock() + timedelta(minutes=10)
    finally:
        await database.close()
    for number in range(1, 4):
        ticket = await team.ticket(number)
        assert await _notes(team, ticket.id) == ["Missed."]


async def _notes(team: Team, ticket: TicketId) -> list[str]:
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket, after=0, limit=50))
    return [one.text for one in said if isinstance(one, Message)][1:]


async def _alive() -> None:
    return None


def _moving(team: Team) -> Callable[[float], Awaitable[None]]:
    async def pause(seconds: float) -> None:
        team.monotonic[0] += seconds

    return pause
