"""Reads what the page asks for, and finds the things it names."""

from typing import Any

from bot.sandbox.slack.model import Channel, StoredFile, View
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal


class Asked:
    """One request of the page."""

    def __init__(self, platform: Platform, body: JsonObject) -> None:
        self.platform = platform
        self.args = Arguments(body)

    @property
    def user(self) -> str:
        return str(self.platform.workspace.user(self.args.text("user"))["id"])

    def text(self, name: str) -> str:
        return self.args.text(name)

    def typed(self, name: str = "text") -> str:
        return self.args.optional_text(name) or ""

    def thread_ts(self) -> str | None:
        return self.args.optional_text("thread_ts")

    def object(self, name: str) -> JsonObject:
        value: Any = self.args.structure(name)
        return value if isinstance(value, dict) else {}

    def state(self) -> JsonObject:
        """The values typed so far; `state` may be `{values}` or the values themselves."""
        state = self.object("state")
        values = state.get("values", state)
        return values if isinstance(values, dict) else {}

    def channel(self, source: JsonObject | None = None) -> Channel:
        wanted = self.args.text("channel") if source is None else str(source.get("channel", ""))
        channel = self.platform.workspace.channel(wanted)
        if not channel.is_seen_by(self.user):
            raise SlackRefusal("channel_not_found")
        return channel

    def view(self, view_id: str | None = None) -> View:
        view = self.platform.workspace.view(view_id or self.args.text("view_id"))
        if view is None or view.user != self.user:
            raise SlackRefusal("view_not_found")
        return view

    def home(self) -> View:
        home = self.platform.workspace.homes.get(self.user)
        if home is None:
            raise SlackRefusal("view_not_found")
        return home

    def files(self) -> list[StoredFile]:
        """Files uploaded before, by id or as file objects."""
        given = self.args.structure("files") or []
        ids = [one.get("id", "") if isinstance(one, dict) else str(one) for one in given]
        found = [self.platform.workspace.files.get(file_id) for file_id in ids]
        if any(file is None for file in found):
            raise SlackRefusal("file_not_found")
        return [file for file in found if file is not None]
