"""Keeps the calls to one workspace within what Slack allows, and says so here instead of asking Slack in vain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.slack.limits import key_of, shares
from bot.urgency import current_urgency
from routing.errors import TryLater
from routing.rates import Rates


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of one workspace, as all processes share them. Unless `limited` only Slack's own words count."""

    rates: Rates
    team: str
    limited: bool = True

    async def keep(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Counts one call. Raises TryLater when there is no room for it now, or while Slack asks for patience."""
        place, urgency = _place(arguments), current_urgency()
        wait = await self.rates.take_all(shares(self.team, method, place, urgency, limited=self.limited))
        if wait:
            raise TryLater(f"slack {method}: our own pace", after=wait)

    async def shut(self, method: str, arguments: Mapping[str, Any], wait: timedelta) -> None:
        """Slack asked for patience: nobody calls this method (to post: in this room) for so long."""
        await self.rates.shut(key_of(self.team, method, _place(arguments)), wait)


def _place(arguments: Mapping[str, Any]) -> str:
    return str(arguments.get("channel") or "")
