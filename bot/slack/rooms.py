"""Knows of rooms how they stand: closed, ours alone, or shared with other companies."""

from collections.abc import Callable
from enum import Enum, auto

from bot.slack.payload import Json, object_of
from bot.slack.workspace import Workspace, is_shared_outside
from routing.errors import NeedsAttention, RoomGone

KEPT_SECONDS = 3600


class _Standing(Enum):
    OURS = auto()
    SHARED = auto()
    ARCHIVED = auto()
    NOT_IN = auto()


class Rooms:
    """Remembers for an hour how rooms stand, unless Slack says earlier that one changed."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._looked: dict[tuple[str, str], tuple[float, _Standing]] = {}

    async def check(self, workspace: Workspace, place: str, *, may_be_shared: bool = False) -> None:
        """Raises RoomGone when the room is archived or we are not in it, NeedsAttention when it is shared outside and
        nobody confirmed that; the errors of the look-up when nobody knows."""
        known = self._looked.get((workspace.team, place))
        if known is None or self._now() - known[0] >= KEPT_SECONDS:
            answer = await workspace.web.read("conversations.info", {"channel": place})
            known = (self._now(), _standing(object_of(answer, "channel")))
            self._looked[workspace.team, place] = known
        match known[1]:
            case _Standing.ARCHIVED | _Standing.NOT_IN as standing:
                # What mends it may not be told to us, so it is asked each time.
                self.forget(workspace.team, place)
                what = "is archived" if standing is _Standing.ARCHIVED else "has not invited the app"
                raise RoomGone(f"the room {place} {what}")
            case _Standing.SHARED if not may_be_shared:
                raise NeedsAttention(
                    f"the room {place} is shared with another company, so no card is shown there: choose another room, "
                    "or write shared = true into its [[rooms]] to allow it"
                )
            case _Standing.SHARED | _Standing.OURS:
                return

    def forget(self, team: str, place: str) -> None:
        self._looked.pop((team, place), None)


def _standing(room: Json) -> _Standing:
    if room.get("is_archived"):
        return _Standing.ARCHIVED
    if room.get("is_member") is False:
        return _Standing.NOT_IN
    return _Standing.SHARED if is_shared_outside(room) else _Standing.OURS
