"""Knows who and what is in the workspace: users, channels, messages, views, files, and what their ids are."""

import secrets
import string
from collections.abc import Iterable

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.model import Channel, Ephemeral, ResponseUrl, StoredFile, Trigger, View
from bot.sandbox.slack.seed import Seed
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, copied

_ID_LETTERS = string.ascii_uppercase + string.digits
HISTORY_OF_EPHEMERALS = 1000


class Workspace:
    """The one workspace of a stand-in. It decides nothing; it finds things, or refuses as Slack does."""

    def __init__(self, seed: Seed, clock: Clock, *, app_id: str) -> None:
        self._clock = clock
        self._last_ts = 0
        self.app_id = app_id
        self.team = copied(seed.team)
        self.bot_user = seed.bot_user
        self.bot_id = seed.bot_id
        self.users: dict[str, JsonObject] = {user["id"]: copied(user) for user in seed.users}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in seed.channels}
        self.ephemerals: list[Ephemeral] = []
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.files: dict[str, StoredFile] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.usergroups: list[JsonObject] = []
        self.installed_at = int(clock.now())

    @property
    def team_id(self) -> str:
        return str(self.team["id"])

    # Ids and times

    def mint(self, prefix: str) -> str:
        return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(10))

    def mint_ts(self) -> str:
        """A message ts: the present in microseconds, never the same twice, always later than the last."""
        self._last_ts = max(int(self._clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def remember_ts(self, stamps: Iterable[str]) -> None:
        """Keeps new ts later than those of a restored workspace."""
        for ts in stamps:
            seconds, _, micros = ts.partition(".")
            self._last_ts = max(self._last_ts, int(seconds) * 1_000_000 + int(micros or 0))

    # People

    def user(self, user_id: str) -> JsonObject:
        try:
            return self.users[user_id]
        except KeyError:
            raise SlackRefusal("user_not_found") from None

    def bot_profile(self) -> JsonObject:
        bot = self.users[self.bot_user]
        return {
            "id": self.bot_id,
            "deleted": False,
            "name": bot["real_name"],
            "updated": self.installed_at,
            "app_id": self.app_id,
            "user_id": self.bot_user,
            "icons": {size: bot["profile"][size] for size in ("image_48", "image_72")},
            "team_id": self.team_id,
        }

    # Channels and what was said

    def channel(self, channel_id: str) -> Channel:
        try:
            return self.channels[channel_id]
        except KeyError:
            raise SlackRefusal("channel_not_found") from None

    def channel_named(self, name: str) -> Channel | None:
        return next((c for c in self.channels.values() if c.name == name and not c.is_im), None)

    def direct_channel(self, one: str, other: str) -> Channel:
        """The direct conversation of two users, made when they first need it."""
        pair = {one, other}
        for channel in self.channels.values():
            if channel.is_im and set(channel.members) == pair:
                return channel
        channel = Channel(
            id=self.mint("D"),
            name="",
            creator=one,
            created=int(self._clock.now()),
            team_id=self.team_id,
            members=[one, other],
            is_private=True,
            is_im=True,
        )
        self.channels[channel.id] = channel
        return channel

    def message(self, channel: Channel, ts: str) -> JsonObject:
        try:
            return channel.messages[ts]
        except KeyError:
            raise SlackRefusal("message_not_found") from None

    def thread(self, channel: Channel, ts: str) -> list[JsonObject]:
        """The parent and its replies, oldest first; a reply's ts finds its whole thread."""
        message = channel.messages.get(ts)
        if message is None:
            raise SlackRefusal("thread_not_found")
        root = message.get("thread_ts", ts)
        return [m for m in self.in_order(channel) if m["ts"] == root or m.get("thread_ts") == root]

    def top_level(self, channel: Channel) -> list[JsonObject]:
        """What stands in the channel itself, oldest first."""
        return [m for m in self.in_order(channel) if is_top_level(m)]

    def in_order(self, channel: Channel) -> list[JsonObject]:
        """Oldest first: as ts only grow, that is the order in which they were said."""
        return list(channel.messages.values())

    # Views

    def view(self, view_id: str) -> View | None:
        for stack in self.modals.values():
            for view in stack:
                if view.id == view_id:
                    return view
        return next((view for view in self.homes.values() if view.id == view_id), None)

    def view_by_external_id(self, external_id: str) -> View | None:
        everything = [view for stack in self.modals.values() for view in stack] + list(self.homes.values())
        return next((view for view in everything if view.shown["external_id"] == external_id), None)

    # Ephemerals

    def keep_ephemeral(self, ephemeral: Ephemeral) -> None:
        self.ephemerals.append(ephemeral)
        del self.ephemerals[:-HISTORY_OF_EPHEMERALS]

    def ephemeral(self, user: str, ts: str) -> Ephemeral | None:
        return next((e for e in self.ephemerals if e.user == user and e.ts == ts), None)


def is_top_level(message: JsonObject) -> bool:
    return message.get("thread_ts") in (None, message["ts"]) or message.get("subtype") == "thread_broadcast"
