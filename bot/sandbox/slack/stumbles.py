"""Makes Slack stumble: throttling, errors, lost answers and slowness on demand, and its real rate limits if wanted."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.wire import JsonObject, SlackRefusal

Mode = Literal["429", "500", "lost", "slow", "error"]
_MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}

# Calls a minute by method: chat.update is the one that hurts a desk, chat.postMessage has a rule of its own.
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100
_PER_MINUTE = {
    "chat.update": _TIER_3,
    "chat.delete": _TIER_3,
    "chat.postEphemeral": _TIER_4,
    "conversations.list": _TIER_2,
    "conversations.create": _TIER_2,
    "conversations.info": _TIER_3,
    "conversations.history": _TIER_3,
    "conversations.replies": _TIER_3,
    "conversations.open": _TIER_3,
    "conversations.join": _TIER_3,
    "conversations.invite": _TIER_3,
    "conversations.members": _TIER_4,
    "users.list": _TIER_2,
    "users.info": _TIER_4,
    "users.lookupByEmail": _TIER_3,
    "views.open": _TIER_4,
    "views.update": _TIER_4,
    "views.push": _TIER_4,
    "views.publish": _TIER_4,
    "files.getUploadURLExternal": _TIER_4,
    "files.completeUploadExternal": _TIER_4,
    "files.info": _TIER_4,
    "reactions.add": _TIER_3,
    "reactions.remove": _TIER_3,
    "reactions.get": _TIER_3,
    "pins.add": _TIER_2,
    "pins.remove": _TIER_2,
    "pins.list": _TIER_2,
    "usergroups.list": _TIER_2,
}
POST_BURST = 5


def read_mode(word: str) -> Mode:
    try:
        return _MODES[word]
    except KeyError:
        raise SlackRefusal("invalid_mode") from None


@dataclass(slots=True)
class Stumble:
    """One order to stumble; it ends after `times` calls or when `until` has passed."""

    method: str
    mode: Mode
    times: int | None
    until: float | None
    retry_after: int = 1
    latency: float = 0.0
    error: str = "fatal_error"

    def shown(self) -> JsonObject:
        return {
            "method": self.method,
            "mode": self.mode,
            "times": self.times,
            "until": self.until,
            "retry_after": self.retry_after,
            "latency": self.latency,
            "error": self.error,
        }


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Stumbles:
    """Decides for each call whether, and how, it goes wrong."""

    def __init__(self, clock: Clock, *, real_limits: bool) -> None:
        self._clock = clock
        self.real_limits = real_limits
        self._orders: list[Stumble] = []
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def order(self, stumble: Stumble) -> None:
        self._orders.append(stumble)

    def forget(self, method: str) -> None:
        """Takes back the orders for this method, or with `*` all of them."""
        self._orders = [] if method == "*" else [order for order in self._orders if order.method != method]

    def orders(self) -> list[Stumble]:
        self._drop_ended()
        return list(self._orders)

    def for_call(self, method: str) -> Stumble | None:
        """The first order that names this method (or `*`); taking it uses one of its times."""
        self._drop_ended()
        for order in self._orders:
            if order.method in (method, "*"):
                if order.times is not None:
                    order.times -= 1
                return order
        return None

    def wait_demanded(self, method: str, channel: str) -> int | None:
        """Seconds to wait by Slack's real limits, or None when the call may pass; only if they are switched on."""
        if not self.real_limits:
            return None
        if method == "chat.postMessage":
            return self._draw((method, channel), per_second=1.0, burst=POST_BURST)
        per_minute = _PER_MINUTE.get(method)
        if per_minute is None:
            return None
        return self._draw((method, ""), per_second=per_minute / 60, burst=per_minute)

    def _draw(self, key: tuple[str, str], *, per_second: float, burst: int) -> int | None:
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(tokens=burst, filled_at=now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * per_second)
        bucket.filled_at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return None
        return max(1, math.ceil((1 - bucket.tokens) / per_second))

    def _drop_ended(self) -> None:
        now = self._clock.now()
        self._orders = [
            order
            for order in self._orders
            if (order.times is None or order.times > 0) and (order.until is None or order.until > now)
        ]
