"""Lets a test arrange the stage: who is in the workspace, and when Slack stumbles."""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.slack import membership
from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.people import Language, Standing, person
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.stumbles import Mode, Stumble
from bot.sandbox.slack.wire import JsonObject, copied
from bot.sandbox.slack.workspace import Workspace


class Backstage:
    """What no single person does: faults on demand, and changes of the workspace that the app is told of."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @property
    def workspace(self) -> Workspace:
        return self.platform.workspace

    def channel(self, name: str) -> Channel:
        named = self.workspace.channel_named(name[1:]) if name.startswith("#") else None
        return named or self.workspace.channel(name)

    # Making Slack stumble

    def throttle(self, method: str, *, times: int = 1, retry_after: int = 1) -> None:
        self.stumble(method, "429", times=times, retry_after=retry_after)

    def fail(self, method: str, *, times: int = 1) -> None:
        """Answers HTTP 500 and does nothing."""
        self.stumble(method, "500", times=times)

    def lose(self, method: str, *, times: int = 1) -> None:
        """Does the work, then closes the connection: the answer is lost."""
        self.stumble(method, "lost", times=times)

    def slow(self, method: str, *, seconds: float, times: int = 1) -> None:
        self.stumble(method, "slow", times=times, latency=seconds)

    def answer_error(self, method: str, error: str, *, times: int = 1) -> None:
        """Answers this error code and does nothing."""
        self.stumble(method, "error", times=times, error=error)

    def stumble(
        self,
        method: str,
        mode: Mode,
        *,
        times: int | None = 1,
        seconds: float | None = None,
        retry_after: int = 1,
        latency: float = 1.0,
        error: str = "fatal_error",
    ) -> None:
        """Any of the above, `times` times or for `seconds` by the stand-in's clock."""
        until = None if seconds is None else self.platform.clock.now() + seconds
        self.platform.stumbles.order(
            Stumble(method, mode, None if seconds is not None else times, until, retry_after, latency, error)
        )

    def recover(self, method: str = "*") -> None:
        self.platform.stumbles.forget(method)

    # Changing the workspace

    def add_user(
        self, id_: str, name: str, real_name: str, *, standing: Standing = "member", language: Language = "en"
    ) -> JsonObject:
        user = person(
            id_,
            team_id=self.workspace.team_id if standing != "stranger" else "T0PARTNER",
            name=name,
            real_name=real_name,
            email=f"{name}@sunrise-coffee.example",
            standing=standing,
            language=language,
            avatar_base=self.platform.base_url,
            updated=int(self.platform.clock.now()),
        )
        self.workspace.users[id_] = user
        self.platform.feed.tell({"type": "user", "user": user})
        return user

    def change_user(self, user_id: str, **changes: Any) -> None:
        """Changes fields of a user object; those of the profile are given as `profile={…}`."""
        user: JsonObject = copied(self.workspace.user(user_id))
        user["profile"] |= changes.pop("profile", {})
        membership.change_user(self.platform, user | changes)

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str],
        is_private: bool = False,
        is_ext_shared: bool = False,
        id_: str | None = None,
    ) -> Channel:
        """A new channel; the first member made it. Include the bot if it should be there."""
        creator, *others = members
        return membership.create_channel(
            self.platform,
            name,
            creator=creator,
            members=tuple(others),
            is_private=is_private,
            is_ext_shared=is_ext_shared,
            id_=id_,
        )

    def join(self, channel: str, user: str, *, inviter: str | None = None) -> None:
        membership.join(self.platform, self.channel(channel), user, inviter=inviter)

    def leave(self, channel: str, user: str) -> None:
        membership.leave(self.platform, self.channel(channel), user)

    def archive(self, channel: str, user: str) -> None:
        membership.archive(self.platform, self.channel(channel), user)

    def unarchive(self, channel: str, user: str) -> None:
        membership.unarchive(self.platform, self.channel(channel), user)

    def rename(self, channel: str, name: str, user: str) -> None:
        membership.rename(self.platform, self.channel(channel), name, user)

    def delete_channel(self, channel: str, user: str) -> None:
        membership.delete_channel(self.platform, self.channel(channel), user)
