"""Shows the desk's answers to the person who asked, each where they are looking."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.cards.model import Entry, Form, Plain
from bot.slack.blocks import draw_entry
from bot.slack.faults import silence, wait_asked
from bot.slack.forms import draw_form, draw_notice, draw_words
from bot.slack.kept import Standing
from bot.slack.payload import object_of, text_of
from bot.slack.phrases import Phrases
from bot.slack.reader import Asked
from bot.slack.rich import Json
from bot.slack.seal import Seal
from bot.slack.surface import SlackSurface
from bot.slack.works import report
from bot.slack.workspace import Workspace
from bot.surface import HOME
from routing.errors import MadoguchiError, Rejected, TryLater


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view of ours on somebody's screen. `hash` names the drawing that an update replaces."""

    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Draws answers for one request."""

    surface: SlackSurface
    seal: Seal
    workspace: Workspace
    asked: Asked
    phrases: Phrases

    async def tell(self, entry: Entry) -> None:
        """Shows the entry to the person alone, where they pressed: in the room for a card, in the thread for an entry.

        Slack hides an ephemeral message in a thread that nobody opened, so an answer to a press on the card itself
        stands in the room. An answer to a press on such a message takes its place, so that nobody presses it again.
        Where the bot may not post, Slack's own address for answering this very press is used.
        """
        if self.asked.whispered and self.asked.response_url:
            try:
                await self._respond(entry, replaces=True)
            except MadoguchiError as fault:
                report("take the place of an answer", fault)
            else:
                return
        await self._whisper(entry)

    async def _tell_at_home(self, entry: Entry) -> None:
        """On a person's own page there is no place for an answer: it is laid over it, or written to them directly."""
        try:
            await self.open(self.notice(entry))
        except MadoguchiError as fault:
            report("lay an answer over a home", fault)
            who = self.asked.action.who
            await self.surface.whisper(who.workspace, who.user, "", who.user, entry)

    async def _whisper(self, entry: Entry) -> None:
        if self.asked.origin.place == HOME:
            await self._tell_at_home(entry)
            return
        origin, who = self.asked.origin, self.asked.action.who
        thread = origin.card if origin.in_thread else ""
        try:
            if not origin.place:
                raise Rejected("nobody knows from which room this was asked")
            await self.surface.whisper(who.workspace, origin.place, thread, who.user, entry)
        except MadoguchiError:
            if not self.asked.response_url:
                raise
            await self._respond(entry, replaces=False)

    async def say(self, words: str) -> None:
        await self.tell(sentence(words))

    async def open(self, view: Json) -> ShownView:
        """Opens a view. Slack takes the press's trigger for three seconds, once."""
        answer = await self.workspace.web.call("views.open", {"trigger_id": self.asked.trigger, "view": view})
        return _shown(answer)

    async def push(self, view: Json) -> None:
        """Lays a view over the one that was pressed in."""
        await self.workspace.web.call("views.push", {"trigger_id": self.asked.trigger, "view": view})

    async def update(self, shown: ShownView, view: Json) -> ShownView:
        """Draws over an open view. Raises Gone when it was closed, Rejected when it was drawn anew meanwhile."""
        arguments: dict[str, Any] = {"view_id": shown.id, "view": view}
        if shown.hash:
            arguments["hash"] = shown.hash
        return _shown(await self.workspace.web.call("views.update", arguments))

    def loading(self) -> Json:
        return self.words(self.phrases.opening)

    def words(self, text: str) -> Json:
        return draw_words(text, self.seal, self.asked.origin, self.phrases)

    def notice(self, entry: Entry) -> Json:
        return draw_notice(entry, self.seal, self.asked.origin, self.phrases)

    def form(self, form: Form, *, over: Standing | None = None) -> Json:
        return draw_form(form, self.seal, self.asked.origin, self.phrases, over=over)

    def ephemeral(self, entry: Entry) -> dict[str, Any]:
        """An answer to a command, as its acknowledgement carries it."""
        drawn = draw_entry(entry, self.seal)
        return {"response_type": "ephemeral", "text": drawn.text, "blocks": drawn.blocks}

    async def _respond(self, entry: Entry, *, replaces: bool) -> None:
        body = {**self.ephemeral(entry), "replace_original": replaces}
        if self.asked.origin.in_thread and not replaces:
            body["thread_ts"] = self.asked.origin.card
        try:
            async with self.workspace.session.post(self.asked.response_url, json=body, allow_redirects=False) as answer:
                if answer.status == 429 or answer.status >= 500:
                    raise TryLater("slack response_url", after=wait_asked(answer.headers))
                if answer.status != 200:
                    raise Rejected(f"slack response_url: status {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            raise silence("response_url", failure, posts=True) from None


def sentence(words: str) -> Entry:
    """One plain sentence as an entry."""
    return Entry(words, lines=((Plain(words),),))


def _shown(answer: Json) -> ShownView:
    view = object_of(answer, "view")
    return ShownView(text_of(view, "id"), text_of(view, "hash"))
