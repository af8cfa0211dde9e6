"""Lets a test (or a script) be the people of the workspace: say, press, submit, and look at what they see."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.sandbox.slack.backstage import Backstage
from bot.sandbox.slack.files import keep_file
from bot.sandbox.slack.model import Ephemeral, StoredFile, View
from bot.sandbox.slack.person import forms, pressing, starting, talking
from bot.sandbox.slack.person.outcome import Outcome
from bot.sandbox.slack.values import VALUE_FIELD, elements, find_element
from bot.sandbox.slack.wire import JsonObject, SlackRefusal, copied

Values = Mapping[str, Any]


class Playground(Backstage):
    """What people do and see. Channels are named by id or by `#name`; refusals raise `SlackRefusal`."""

    # Talking

    def say(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Sequence[StoredFile] = (),
    ) -> JsonObject:
        """A message in the text Slack stores: mention the bot as `<@U…>`."""
        place = self.channel(channel)
        return copied_message(talking.say(self.platform, user, place, text, thread_ts=thread_ts, files=list(files)))

    def file(self, user: str, name: str, content: bytes) -> StoredFile:
        """A file to say something with."""
        return keep_file(self.platform, user=user, name=name, content=content)

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        talking.edit(self.platform, user, self.channel(channel), ts, text)

    def delete(self, user: str, channel: str, ts: str) -> None:
        talking.delete(self.platform, user, self.channel(channel), ts)

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Adds a reaction, or takes it back when it is there."""
        talking.toggle_reaction(self.platform, user, self.channel(channel), ts, name)

    # Pressing and filling

    async def press(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        choice: Any = None,
        *,
        block_id: str | None = None,
        ephemeral: bool = False,
        state: JsonObject | None = None,
    ) -> Outcome:
        """Uses an element of a message: a button, or a menu with the chosen option's value (or user, date…)."""
        place = self.channel(channel)
        whispered = self.workspace.ephemeral(user, ts) if ephemeral else None
        message = whispered.message if whispered is not None else place.messages.get(ts, {})
        action = _action(message.get("blocks", []), action_id, block_id, choice)
        return await pressing.press_in_message(self.platform, user, place, ts, action, ephemeral=ephemeral, state=state)

    async def press_in_view(
        self,
        view: View,
        action_id: str,
        choice: Any = None,
        *,
        values: Values | None = None,
        block_id: str | None = None,
    ) -> Outcome:
        action = _action(view.shown["blocks"], action_id, block_id, choice)
        state = fill(view.shown["blocks"], values or {})
        return await pressing.press_in_view(self.platform, view.user, view, action, state=state)

    async def submit(self, view: View, values: Values | None = None) -> Outcome:
        """Sends a form. `values`: by action id or block id, the plain value (text, option value, id, list of these)."""
        return await forms.submit(self.platform, view.user, view, fill(view.shown["blocks"], values or {}))

    async def close_view(self, view: View, *, everything: bool = False) -> Outcome:
        return await forms.close(self.platform, view.user, view, everything=everything)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Outcome:
        """A message shortcut when a message is named, else a global one."""
        if channel is None or ts is None:
            return await starting.global_shortcut(self.platform, user, callback_id)
        return await starting.message_shortcut(self.platform, user, callback_id, self.channel(channel), ts)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        return await starting.command(self.platform, user, self.channel(channel), command, text)

    async def suggest(self, view: View, action_id: str, typed: str) -> list[JsonObject]:
        """The options the app offers in an external menu of a view."""
        blocks, where = view.shown["blocks"], pressing.in_view(view)
        return await pressing.suggest(self.platform, view.user, blocks, where, {"action_id": action_id}, typed)

    def open_home(self, user: str) -> None:
        starting.open_home(self.platform, user)

    # Seeing

    def messages(self, channel: str) -> list[JsonObject]:
        """What stands in a channel, oldest first, without threads."""
        return [copied_message(m) for m in self.workspace.top_level(self.channel(channel))]

    def thread(self, channel: str, ts: str) -> list[JsonObject]:
        """A message and its replies."""
        return [copied_message(m) for m in self.workspace.thread(self.channel(channel), ts)]

    def message(self, channel: str, ts: str) -> JsonObject:
        return copied_message(self.workspace.message(self.channel(channel), ts))

    def ephemerals(self, user: str) -> list[Ephemeral]:
        return [one for one in self.workspace.ephemerals if one.user == user]

    def notices(self, user: str) -> list[str]:
        """What Slack's client told this person when the app did not answer."""
        return [entry["text"] for entry in self.platform.journal.entries("notice") if entry["user"] == user]

    def views(self, user: str) -> list[View]:
        """The person's open modals, the topmost last."""
        return list(self.workspace.modals.get(user, []))

    def open_view(self, user: str) -> View:
        """The modal the person looks at."""
        stack = self.workspace.modals.get(user)
        if not stack:
            raise SlackRefusal("no_view_is_open")
        return stack[-1]

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(user)

    async def until(self, predicate: Callable[[], bool], *, timeout: float = 5.0) -> None:
        """Waits for something to become true; asked again after every change. Raises TimeoutError."""
        await self.platform.feed.until(predicate, timeout=timeout)


def copied_message(message: JsonObject) -> JsonObject:
    return dict(copied(message))


def fill(blocks: list[JsonObject], values: Values) -> JsonObject:
    """Plain values by action id or block id, turned into the state that Slack's client would have."""
    state: JsonObject = {}
    unknown = set(values)
    for placed in elements(blocks):
        name = placed.action_id if placed.action_id in values else placed.block_id
        field = VALUE_FIELD.get(placed.element["type"])
        if name not in values or field is None:
            continue
        unknown.discard(name)
        entry = {"type": placed.element["type"], field: values[name]}
        state.setdefault(placed.block_id, {})[placed.action_id] = entry
    if unknown:
        raise LookupError(f"the form has no {', '.join(sorted(unknown))}")
    return state


def _action(blocks: list[JsonObject], action_id: str, block_id: str | None, choice: Any) -> JsonObject:
    placed = find_element(blocks, action_id, block_id)
    action: JsonObject = {"action_id": action_id, "block_id": block_id}
    if placed is None or choice is None:
        return action
    type_ = placed.element["type"]
    field = "selected_option" if type_ == "overflow" else VALUE_FIELD.get(type_, "value")
    return {**action, field: choice}
