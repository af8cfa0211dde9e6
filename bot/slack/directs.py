"""Finds where one person is written to directly, and by which address a card is opened; both never change."""

from typing import TypeVar

from bot.slack.payload import object_of, text_of
from bot.slack.workspace import Workspace
from routing.errors import Rejected
from routing.ids import RoomId

ROOM = RoomId("direct")
"""Every direct conversation: no ticket's card is ever posted in one, so no two need telling apart."""
MOST_KEPT = 10_000
K = TypeVar("K")


class Directs:
    """The direct conversations with our bot (https://docs.slack.dev/reference/methods/conversations.open)."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    async def place(self, workspace: Workspace, user: str) -> str:
        """Opening one that is open already gives the same. Raises Rejected or Gone for whoever cannot be written to."""
        key = (workspace.team, user)
        if key not in self._known:
            answer = await workspace.web.call("conversations.open", {"users": user})
            place = text_of(object_of(answer, "channel"), "id")
            if not place:
                raise Rejected("slack conversations.open: no conversation came back")
            _keep(self._known, key, place)
        return self._known[key]


class Links:
    """The addresses of messages (https://docs.slack.dev/reference/methods/chat.getPermalink)."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], str] = {}

    async def link(self, workspace: Workspace, place: str, reference: str) -> str:
        key = (workspace.team, place, reference)
        if key not in self._known:
            arguments = {"channel": place, "message_ts": reference}
            answer = await workspace.web.read("chat.getPermalink", arguments)
            _keep(self._known, key, text_of(answer, "permalink"))
        return self._known[key]


def _keep(known: dict[K, str], key: K, value: str) -> None:
    """The oldest makes room; it can be asked for again."""
    if len(known) >= MOST_KEPT:
        known.pop(next(iter(known)))
    known[key] = value
