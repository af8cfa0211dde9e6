"""Knows of rooms who is in them, and that no people of other companies are."""

from collections.abc import Callable

from bot.slack.payload import object_of, text_of
from bot.slack.workspace import Workspace, is_shared_outside
from routing.errors import NeedsAttention

KEPT_SECONDS = 3600
MEMBERS_KEPT_SECONDS = 600
MOST_PAGES = 20


class Rooms:
    """Remembers for an hour which rooms are ours alone, unless Slack says earlier that one was shared."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._looked: dict[tuple[str, str], tuple[float, bool]] = {}
        self._inside: dict[tuple[str, str], tuple[float, frozenset[str]]] = {}

    async def check(self, workspace: Workspace, place: str) -> None:
        """Raises NeedsAttention when the room is shared outside; the errors of the look-up when nobody knows."""
        known = self._looked.get((workspace.team, place))
        if known is None or self._now() - known[0] >= KEPT_SECONDS:
            answer = await workspace.web.read("conversations.info", {"channel": place})
            known = (self._now(), is_shared_outside(object_of(answer, "channel")))
            self._looked[workspace.team, place] = known
        if known[1]:
            raise NeedsAttention(
                f"the room {place} is shared with another company, so no card is shown there: choose another room"
            )

    async def members(self, workspace: Workspace, place: str) -> frozenset[str]:
        """Who is in the room, as Slack said at most ten minutes ago; the errors of the look-up when nobody knows."""
        known = self._inside.get((workspace.team, place))
        if known is None or self._now() - known[0] >= MEMBERS_KEPT_SECONDS:
            known = (self._now(), await self._look_inside(workspace, place))
            self._inside[workspace.team, place] = known
        return known[1]

    async def _look_inside(self, workspace: Workspace, place: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(MOST_PAGES):
            asked = {"channel": place, "limit": 1000, **({"cursor": cursor} if cursor else {})}
            page = await workspace.web.read("conversations.members", asked)
            listed = page.get("members")
            found |= {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
            cursor = text_of(object_of(page, "response_metadata"), "next_cursor")
            if not cursor:
                break
        return frozenset(found)

    def forget(self, team: str, place: str) -> None:
        self._looked.pop((team, place), None)
        self._inside.pop((team, place), None)
