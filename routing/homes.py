"""What somebody chose to see on their Home, and when they last looked at it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.ids import AgentId, OrganisationId, RoomId
from routing.overview import AT_WORK, Reach, Wanted
from routing.ticket import Priority, Status

WATCHED_FOR = timedelta(minutes=10)


class View(StrEnum):
    """The lists of a Home."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ROOMS = "rooms"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Home:
    """One person's Home on one surface. What is empty is not filtered by. `drawn` names the drawing they see (empty: it
    must be drawn anew)."""

    organisation: OrganisationId
    surface: str
    workspace: str
    user: str
    agent: AgentId
    looked_at: datetime
    view: View = View.MINE
    channel: str = ""
    priority: str = ""
    status: str = ""
    page: int = 0
    drawn: str = ""

    @property
    def key(self) -> str:
        return f"{self.surface}/{self.workspace}/{self.user}"

    def looked(self, *, at: datetime) -> "Home":
        """Somebody opened it, or did something there: it is drawn anew, whatever stood there."""
        return replace(self, looked_at=at, drawn="")

    def choosing(self, **choices: str) -> "Home":
        """With other choices, from the first page on. What is no choice of ours is left as it was."""
        changes: dict[str, object] = {}
        if (view := choices.get("view")) in set(View):
            changes["view"] = View(view)
        if (priority := choices.get("priority")) is not None and priority in {"", *Priority}:
            changes["priority"] = priority
        if (status := choices.get("status")) is not None and status in {"", *AT_WORK}:
            changes["status"] = status
        if "channel" in choices:
            changes["channel"] = choices["channel"][:100]
        page = choices.get("page", "")
        changes["page"] = min(int(page), 10_000) if page.isascii() and page.isdigit() and len(page) < 6 else 0
        return replace(self, **changes)  # type: ignore[arg-type]  # the fields of a home

    def is_watched(self, now: datetime) -> bool:
        return now - self.looked_at < WATCHED_FOR

    def wanted(self, reach: Reach) -> Wanted:
        """The list that the choices make."""
        statuses: tuple[Status, ...] = AT_WORK
        if self.view is View.WAITING:
            statuses = (Status.WAITING,)
        if self.status:
            statuses = tuple(one for one in statuses if one == self.status)
        rooms: frozenset[RoomId] | None = reach.rooms if self.view is View.ROOMS else None
        return Wanted(
            statuses=statuses,
            assignee=self.agent if self.view is View.MINE else None,
            unassigned=self.view is View.UNASSIGNED,
            channel=self.channel,
            priority=Priority(self.priority) if self.priority else None,
            rooms=rooms,
        )
