"""Knows who the people of a workspace are, and who of them is of the team."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from bot.slack.payload import Json, object_of, text_of
from bot.slack.rich import is_user
from bot.slack.workspace import Workspace
from bot.surface import Person
from routing.errors import Gone

KEPT_SECONDS = 3600
MOST_KEPT = 10_000


class People:
    """Looks people up and keeps what it found for an hour, unless Slack says earlier that somebody changed."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._known: dict[tuple[str, str], tuple[float, Person]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[Person]] = {}

    async def person(self, workspace: Workspace, user: str) -> Person:
        """Raises TryLater or NeedsAttention when Slack does not tell: then nobody may act in their name."""
        if known := self.known(workspace.team, user):
            return known
        key = (workspace.team, user)
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._look_up(workspace, user))
            task.add_done_callback(lambda done: self._asked(key, done))
        return await asyncio.shield(task)

    def known(self, team: str, user: str) -> Person | None:
        """What is known without asking."""
        found = self._known.get((team, user))
        return found[1] if found and self._now() - found[0] < KEPT_SECONDS else None

    async def names(self, workspace: Workspace, users: Iterable[str], *, patience: float) -> dict[str, str]:
        """What people are called, as far as it can be known in so many seconds."""
        tasks = {user: asyncio.ensure_future(self.person(workspace, user)) for user in list(users)[:20]}
        if not tasks:
            return {}
        await asyncio.wait(tasks.values(), timeout=patience)
        names: dict[str, str] = {}
        for user, task in tasks.items():
            if not task.done():
                task.cancel()
            elif not task.cancelled() and not isinstance(task.exception(), Exception):
                names[user] = task.result().name
        return names

    def forget(self, team: str, user: str) -> None:
        self._known.pop((team, user), None)
        # An answer that is on its way may be older than the change.
        self._asking.pop((team, user), None)

    async def _look_up(self, workspace: Workspace, user: str) -> Person:
        if not is_user(user):
            return _nobody(user)
        try:
            answer = await workspace.web.read("users.info", {"user": user, "include_locale": True})
        except Gone:
            return _nobody(user)
        return read_person(object_of(answer, "user"), user, workspace.team)

    def _asked(self, key: tuple[str, str], task: asyncio.Task[Person]) -> None:
        current = self._asking.get(key) is task
        if current:
            del self._asking[key]
        if task.cancelled() or task.exception() is not None or not current:
            return
        if len(self._known) >= MOST_KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[key] = (self._now(), task.result())


def read_person(user: Json, asked: str, team: str) -> Person:
    """A Slack user as the desk sees them. Whoever is not plainly a full member of that workspace is none."""
    profile = object_of(user, "profile")
    named = text_of(profile, "real_name") or text_of(profile, "display_name")
    return Person(
        user=asked,
        name=named or text_of(user, "real_name") or text_of(user, "name") or asked,
        email=text_of(profile, "email"),
        avatar=text_of(profile, "image_72"),
        language=text_of(user, "locale")[:2].lower(),
        member=_is_member(user, asked, team),
        zone=text_of(user, "tz"),
    )


_NO_MEMBER = (
    "deleted",
    "is_bot",
    "is_app_user",
    "is_connector_bot",
    "is_workflow_bot",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "is_invited_user",
)


def _is_member(user: Json, asked: str, team: str) -> bool:
    if text_of(user, "id") != asked or asked == "USLACKBOT":
        return False
    if any(user.get(mark) for mark in _NO_MEMBER):
        return False
    teams: Any = object_of(user, "enterprise_user").get("teams")
    return text_of(user, "team_id") == team or (isinstance(teams, list) and team in teams)


def _nobody(user: str) -> Person:
    return Person(user=user, name=user, email="", avatar="", language="", member=False)
