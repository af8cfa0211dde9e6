"""Takes everything that Slack sends us through Bolt, in one place: gestures and events alike."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, assert_never

from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from typing_extensions import override

from bot.slack.answers import Answers
from bot.slack.events import (
    BotWords,
    CutOff,
    HomeOpened,
    MembersChanged,
    PersonChanged,
    RoomChange,
    RoomChanged,
    ThreadWords,
    read_event,
)
from bot.slack.gestures import Acknowledgement, Gestures
from bot.slack.kept import NO_TICKET, Origin
from bot.slack.marks import Marks
from bot.slack.payload import Json, object_of, text_of
from bot.slack.phrases import Phrases, phrases
from bot.slack.reader import SURFACE, Asked, Gesture, read_command, read_interaction, read_thread_message, read_words
from bot.slack.seal import Seal
from bot.slack.surface import SlackSurface
from bot.slack.works import report
from bot.slack.workspace import Workspace
from bot.slack.written import mentioned, people_in
from bot.surface import Action, Spoken, ThreadTalk, Who
from routing.errors import BadSignature, Malformed

WORKSPACE = "madoguchi_workspace"
NAMES_PATIENCE = 0.7

RoomNews = Callable[[str, str, RoomChange], Awaitable[None]]
"""(workspace, place, what became of it). Returns once it is kept; raises TryLater."""
MemberNews = Callable[[Who, str, RoomChange], Awaitable[None]]
"""(who, place, whether they joined or left it). Returns once it is kept; raises TryLater."""
PersonNews = Callable[[Who], Awaitable[None]]
"""Something about this person changed: what is known of them is out of date."""
HomeNews = Callable[[Who], Awaitable[None]]
"""This person looks at their own page. Returns once it is sure to be drawn; raises TryLater."""
CutOffNews = Callable[[str, str], Awaitable[None]]
"""(workspace, why): we can do nothing there any more until somebody mends it."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom of ours an event is passed on to."""

    thread_talk: ThreadTalk
    room_changed: RoomNews
    person_changed: PersonNews
    needs_attention: CutOffNews
    home_opened: HomeNews
    member_changed: MemberNews


class Listener(AsyncMiddleware):
    """Bolt walks through its listeners one by one for each request; this is the only one and comes before them all."""

    def __init__(
        self,
        surface: SlackSurface,
        seal: Seal,
        gestures: Gestures,
        listeners: Listeners,
        language: str,
        count: Callable[[str], None],
    ) -> None:
        self._surface = surface
        self._seal = seal
        self._gestures = gestures
        self._listeners = listeners
        self._language = language
        self._count = count
        self._events = Marks()

    @override
    async def async_process(self, *, req: AsyncBoltRequest, **_others: Any) -> BoltResponse:
        workspace: Workspace = req.context[WORKSPACE]
        body = req.body
        try:
            if body.get("type") == "event_callback":
                await self._event(workspace, body)
                return BoltResponse(status=200)
            if body.get("type") is None and body.get("command"):
                return acknowledge(await self._command(workspace, body))
            return acknowledge(await self._interaction(workspace, body))
        except Malformed as fault:
            self._count("malformed")
            return BoltResponse(status=fault.status)
        except Exception as fault:  # noqa: BLE001  the fault is ours, so Slack is asked to come again
            report("request", fault)
            self._count("later")
            return BoltResponse(status=503, headers={"Retry-After": "5"})

    # --- gestures ----------------------------------------------------------------------------------------------------

    async def _command(self, workspace: Workspace, body: Json) -> Acknowledgement:
        names = await self._names(workspace, people_in(text_of(body, "text")))
        return await self._gesture(workspace, read_command(body, workspace.team, names))

    async def _names(self, workspace: Workspace, users: Iterable[str]) -> dict[str, str]:
        return await self._surface.people.names(workspace, users, patience=NAMES_PATIENCE)

    async def _interaction(self, workspace: Workspace, body: Json) -> Acknowledgement:
        names = {}
        if body.get("type") == "message_action":
            wanted = mentioned(object_of(body, "message"))
            names = await self._names(workspace, wanted)
        try:
            asked = read_interaction(body, self._seal, workspace.team, names)
        except BadSignature:
            return self._refuse(workspace, body)
        if asked is None:
            return {}
        return await self._gesture(workspace, asked)

    async def _gesture(self, workspace: Workspace, asked: Asked) -> Acknowledgement:
        if asked.mark in self._gestures.marks:
            self._count("replayed")
        return await self._gestures.answer(self._answers(workspace, asked))

    def _refuse(self, workspace: Workspace, body: Json) -> Acknowledgement:
        """A value that is not as we drew it: nothing is done, and the person is told."""
        self._count("forged_value")
        container = object_of(body, "container")
        thread, message = text_of(container, "thread_ts"), text_of(container, "message_ts")
        who = Who(SURFACE, workspace.team, text_of(object_of(body, "user"), "id"))
        asked = Asked(
            Gesture.PRESS,
            Action("", who, NO_TICKET),
            Origin(text_of(container, "channel_id"), thread, in_thread=bool(thread) and thread != message),
            response_url=text_of(body, "response_url"),
        )
        answers = self._answers(workspace, asked)
        if body.get("type") == "view_submission":
            return {"response_action": "update", "view": answers.words(answers.phrases.not_genuine)}
        if asked.origin.place:
            self._gestures.works.start("refuse a value", answers.say(answers.phrases.not_genuine))
        return {}

    def _answers(self, workspace: Workspace, asked: Asked) -> Answers:
        return Answers(self._surface, self._seal, workspace, asked, self._phrases(workspace, asked.action.who))

    def _phrases(self, workspace: Workspace, who: Who) -> Phrases:
        known = self._surface.people.known(workspace.team, who.user)
        return phrases(known.language if known and known.language else self._language)

    # --- events ------------------------------------------------------------------------------------------------------

    async def _event(self, workspace: Workspace, body: Json) -> None:
        """Returns once the event is kept; only then Slack gets its acknowledgement."""
        mark = text_of(body, "event_id")
        if mark in self._events:
            self._count("replayed")
            return
        event = object_of(body, "event")
        read = read_event(event, workspace.bot)
        match read:
            case ThreadWords(place, user, message, gone):
                await self._thread_words(workspace, place, user, message, gone=gone)
            case BotWords(words=words):
                names = await self._names(workspace, people_in(words))
                await self._gesture(workspace, read_words(read, workspace.team, names))
            case HomeOpened(user):
                await self._listeners.home_opened(Who(SURFACE, workspace.team, user))
            case MembersChanged(place, user, what):
                self._surface.rooms.forget(workspace.team, place)
                await self._listeners.member_changed(Who(SURFACE, workspace.team, user), place, what)
            case RoomChanged(place, what):
                self._surface.rooms.forget(workspace.team, place)
                await self._listeners.room_changed(workspace.team, place, what)
            case PersonChanged(user):
                self._surface.people.forget(workspace.team, user)
                await self._listeners.person_changed(Who(SURFACE, workspace.team, user))
            case CutOff(why):
                await self._listeners.needs_attention(workspace.team, why)
            case None:
                self._count("ignored")
            case _:
                assert_never(read)
        self._events.add(mark)

    async def _thread_words(self, workspace: Workspace, place: str, user: str, message: Json, *, gone: bool) -> None:
        names = await self._names(workspace, mentioned(message))
        written = read_thread_message(message, place, names)
        if gone:
            written = replace(written, spoken=Spoken.DELETED)
        if written.text or written.files:
            await self._listeners.thread_talk(Who(SURFACE, workspace.team, user), written)


def acknowledge(body: Acknowledgement) -> BoltResponse:
    return BoltResponse(status=200, body=dict(body)) if body else BoltResponse(status=200)
