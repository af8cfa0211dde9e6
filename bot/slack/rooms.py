"""Makes sure that no card is shown in a room that people of other companies can read."""

from collections.abc import Callable

from bot.slack.payload import object_of
from bot.slack.workspace import Workspace, is_shared_outside
from routing.errors import NeedsAttention

KEPT_SECONDS = 3600


class Rooms:
    """Remembers for an hour which rooms are ours alone, unless Slack says earlier that one was shared."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._looked: dict[tuple[str, str], tuple[float, bool]] = {}

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

    def forget(self, team: str, place: str) -> None:
        self._looked.pop((team, place), None)
