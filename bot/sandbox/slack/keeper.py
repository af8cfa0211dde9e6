"""Keeps the workspace in a directory, so that a restarted sandbox shows the same rooms, talk and files."""

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.model import Channel, StoredFile, View
from bot.sandbox.slack.wire import JsonObject, compact
from bot.sandbox.slack.workspace import Workspace

SECONDS_BETWEEN_SAVES = 1.0


class Keeper:
    """Saves soon after changes and at the end. Open modals, triggers and ephemeral messages are not kept: Slack's
    clients lose them too when they start anew."""

    def __init__(self, directory: Path, workspace: Workspace, feed: Feed, clock: Clock, *, base_url: str) -> None:
        self._directory = directory
        self._workspace = workspace
        self._feed = feed
        self._clock = clock
        self._base_url = base_url
        self._saved = -1
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Restores what was kept, then goes on saving in the background."""
        (self._directory / "files").mkdir(parents=True, exist_ok=True)
        if self._state.exists():
            self._restore(self._state.read_text(encoding="utf-8"))
        self._task = asyncio.create_task(self._save_after_changes())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self.save()

    def save(self) -> None:
        """Replaces the kept state in one step: whoever reads sees the old one or the new one."""
        self._saved = self._feed.changes
        for stored in self._workspace.files.values():
            path = self._file(stored.id)
            if stored.complete and not path.exists():
                path.write_bytes(stored.content)
        fresh = self._state.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(compact(self._kept()))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._state)

    async def _save_after_changes(self) -> None:
        while True:
            await self._feed.until(lambda: self._feed.changes != self._saved, timeout=None)
            self.save()
            await self._clock.sleep(SECONDS_BETWEEN_SAVES)

    @property
    def _state(self) -> Path:
        return self._directory / "workspace.json"

    def _file(self, file_id: str) -> Path:
        return self._directory / "files" / file_id

    def _kept(self) -> JsonObject:
        workspace = self._workspace
        return {
            "base_url": self._base_url,
            "users": workspace.users,
            "usergroups": workspace.usergroups,
            "channels": [asdict(channel) for channel in workspace.channels.values()],
            "files": [
                {"shown": stored.shown, "alt_text": stored.alt_text}
                for stored in workspace.files.values()
                if stored.complete
            ],
            "homes": [asdict(home) for home in workspace.homes.values()],
        }

    def _restore(self, text: str) -> None:
        # Addresses inside the state name the port of the run before.
        old_url = json.loads(text)["base_url"]
        kept: dict[str, Any] = json.loads(text.replace(old_url, self._base_url))
        workspace = self._workspace
        workspace.users = kept["users"]
        workspace.usergroups = kept["usergroups"]
        workspace.channels = {one["id"]: Channel(**one) for one in kept["channels"]}
        workspace.homes = {one["user"]: View(**one) for one in kept["homes"]}
        for one in kept["files"]:
            path = self._file(one["shown"]["id"])
            stored = StoredFile(content=path.read_bytes(), complete=True, **one)
            workspace.files[stored.id] = stored
        workspace.remember_ts(ts for channel in workspace.channels.values() for ts in channel.messages)
