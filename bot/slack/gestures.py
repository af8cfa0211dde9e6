"""Answers every gesture in the time that Slack allows, whatever time the desk takes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from bot.cards.model import Form
from bot.slack.answers import Answers, ShownView
from bot.slack.faults import Overtaken
from bot.slack.kept import Standing
from bot.slack.marks import Marks
from bot.slack.reader import Gesture
from bot.slack.rich import Json
from bot.slack.texts import cut, tidy
from bot.slack.works import Works, report
from bot.surface import Action, Answer, Dispatch, Done, FieldErrors
from routing.errors import Gone, MadoguchiError, TryLater

Acknowledgement = Mapping[str, Any]
NOTHING: Acknowledgement = {}
CLOSE: Acknowledgement = {"response_action": "clear"}
LONGEST_ERROR = 500
LONGEST_PAUSE = 5.0
_ATTEMPTS = 3
_MOST_VIEWS = 10_000


@dataclass(slots=True)
class Gestures:
    """One method for each gesture; each returns what its acknowledgement carries.

    `patience` is how many seconds the desk is waited for within the request: Slack gives up after three.
    """

    dispatch: Dispatch
    works: Works
    patience: float = 2.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    marks: Marks = field(default_factory=Marks)
    _last_press: dict[str, str] = field(default_factory=dict)

    async def answer(self, answers: Answers) -> Acknowledgement:
        asked = answers.asked
        if asked.mark in self.marks:
            return CLOSE if asked.gesture is Gesture.SUBMIT else NOTHING
        if asked.gesture is Gesture.SUBMIT:
            return await self._submit(answers)
        self.marks.add(asked.mark)
        match asked.gesture:
            case Gesture.PRESS if not asked.opens_form:
                return await self._press(answers)
            case Gesture.PRESS | Gesture.SHORTCUT:
                deciding = self._decide(asked.action)
                self.works.start("open a form", self._open(answers, deciding))
                return NOTHING
            case Gesture.FORM_PRESS:
                return self._form_press(answers)
            case Gesture.COMMAND:
                return await self._command(answers)
            case Gesture.CLOSE:
                self.works.start("note a closed form", self._decided(asked.action))
                return NOTHING
            case Gesture.WORDS:
                return await self._press(answers)
            case _:
                assert_never(asked.gesture)

    def _decide(self, action: Action) -> asyncio.Task[Answer | None]:
        """Asks the desk. None when it could not be had: the person is told, and may press again."""
        task = asyncio.create_task(self._decided(action), name=f"action {action.name}")
        self.works.keep(task)
        return task

    async def _decided(self, action: Action) -> Answer | None:
        try:
            return await self.dispatch(action)
        except Exception as fault:  # noqa: BLE001  whatever went wrong, a person waits for an answer
            report(f"action {action.name}", fault)
            return None

    async def _press(self, answers: Answers) -> Acknowledgement:
        deciding = self._decide(answers.asked.action)
        await asyncio.wait({deciding}, timeout=self.patience)
        if not deciding.done() or deciding.result() != Done():
            self.works.start("tell the outcome", self._tell_outcome(answers, deciding))
        return NOTHING

    async def _tell_outcome(self, answers: Answers, deciding: asyncio.Task[Answer | None]) -> None:
        match await deciding:
            case None:
                await answers.say(answers.phrases.not_done)
            case Done(tell):
                if tell is not None:
                    await answers.tell(tell)
            case FieldErrors(errors):
                await answers.say("\n".join(errors.values()))
            case Form() as form:
                await self._open_late(answers, form)

    async def _open_late(self, answers: Answers, form: Form) -> None:
        """A form where none was announced: Slack may have closed the door by now."""
        try:
            await answers.open(self._form(answers, form))
        except MadoguchiError as fault:
            report("open a form", fault)
            await answers.say(answers.phrases.not_opened)

    # --- forms that are opened ---------------------------------------------------------------------------------------

    async def _open(self, answers: Answers, deciding: asyncio.Task[Answer | None]) -> None:
        """Opens a view at once, before anybody knows what will stand in it, and draws the answer over it."""
        try:
            shown = await answers.open(answers.loading())
        except MadoguchiError as fault:
            report("open a view", fault)
            answer = await deciding
            told = answer.tell if isinstance(answer, Done) else None
            await (answers.tell(told) if told else answers.say(answers.phrases.not_opened))
            return
        answer = await deciding
        drawn = await self._draw_over(answers, shown, self._view(answers, answer))
        if not drawn and isinstance(answer, Form) and answer.tells_close:
            # It was closed before the form stood in it, and Slack tells nobody of that.
            await self._decided(replace(answers.asked.action, name=f"form.{answer.name}.closed", ticket=answer.ticket))

    def _view(self, answers: Answers, answer: Answer | None) -> Json:
        """A view that shows the answer, whatever it is."""
        match answer:
            case None:
                return answers.words(answers.phrases.not_done)
            case Form() as form:
                return self._form(answers, form)
            case Done(tell):
                return answers.notice(tell) if tell else answers.words(answers.phrases.done)
            case FieldErrors(errors):
                return answers.words("\n".join(errors.values()))

    def _form(self, answers: Answers, form: Form, *, over: Standing | None = None) -> Json:
        try:
            return answers.form(form, over=over)
        except MadoguchiError as fault:
            report("draw a form", fault)
            return answers.words(answers.phrases.not_opened)

    async def _draw_over(self, answers: Answers, shown: ShownView, view: Json) -> bool:
        """Draws over an open view, patiently. False when its person has closed it: there is nothing left to draw on."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await answers.update(shown, view)
            except Gone:
                return False
            except TryLater as fault:
                if attempt == _ATTEMPTS:
                    raise
                await self.sleep(min(fault.after.total_seconds(), LONGEST_PAUSE))
            else:
                return True
        return False

    # --- presses within a form ---------------------------------------------------------------------------------------

    def _form_press(self, answers: Answers) -> Acknowledgement:
        asked = answers.asked
        if asked.view is None:
            return NOTHING
        if len(self._last_press) >= _MOST_VIEWS:
            del self._last_press[next(iter(self._last_press))]
        self._last_press[asked.view.id] = asked.mark
        self.works.start("redraw a form", self._redraw(answers, self._decide(asked.action)))
        return NOTHING

    async def _redraw(self, answers: Answers, deciding: asyncio.Task[Answer | None]) -> None:
        answer = await deciding
        asked = answers.asked
        if asked.view is None or self._last_press.get(asked.view.id) != asked.mark:
            return  # somebody chose again meanwhile, and that answer counts
        match answer:
            case None:
                await self._lay_over(answers, answers.phrases.not_done)
            case FieldErrors(errors):
                await self._lay_over(answers, "\n".join(errors.values()))
            case Done(tell):
                if tell is not None:
                    await self._replace(answers, answers.notice(tell))
            case Form() as form:
                await self._replace(answers, self._form(answers, form, over=asked.view.standing))

    async def _replace(self, answers: Answers, view: Json) -> None:
        """Draws over the pressed view. Overtaken by an earlier press's answer, this later one is drawn over that."""
        if answers.asked.view is None:
            return
        shown = ShownView(answers.asked.view.id, answers.asked.view.hash)
        try:
            await self._draw_over(answers, shown, view)
        except Overtaken:
            await self._draw_over(answers, ShownView(shown.id, ""), view)

    async def _lay_over(self, answers: Answers, words: str) -> None:
        try:
            await answers.push(answers.words(words))
        except MadoguchiError as fault:
            report("lay a view over", fault)
            await answers.say(words)

    # --- submits -----------------------------------------------------------------------------------------------------

    async def _submit(self, answers: Answers) -> Acknowledgement:
        """Without the desk's word there is no closing, so what was written is never lost."""
        deciding = self._decide(answers.asked.action)
        await asyncio.wait({deciding}, timeout=self.patience)
        if not deciding.done():
            self.works.start("show a late answer", self._show_late(answers, deciding))
            return _errors(answers, {"": answers.phrases.not_saved})
        match deciding.result():
            case None:
                return _errors(answers, {"": answers.phrases.not_saved})
            case FieldErrors(errors):
                return _errors(answers, errors)
            case Done(tell):
                self.marks.add(answers.asked.mark)
                if tell is not None:
                    self.works.start("tell the outcome", answers.tell(tell))
                return CLOSE
            case Form() as form:
                return self._next_form(answers, form)

    def _next_form(self, answers: Answers, form: Form) -> Acknowledgement:
        standing = answers.asked.view.standing if answers.asked.view else None
        try:
            return {"response_action": "update", "view": answers.form(form, over=standing)}
        except MadoguchiError as fault:
            report("draw a form", fault)
            return _errors(answers, {"": answers.phrases.not_saved})

    async def _show_late(self, answers: Answers, deciding: asyncio.Task[Answer | None]) -> None:
        """The form still stands there, with "press again": if it was saved after all, it says so."""
        answer = await deciding
        view = answers.asked.view
        if view is None or answer is None or isinstance(answer, FieldErrors):
            return
        if isinstance(answer, Form):
            await self._draw_over(answers, ShownView(view.id, ""), self._form(answers, answer, over=view.standing))
            return
        self.marks.add(answers.asked.mark)
        shown = answers.notice(answer.tell) if answer.tell else answers.words(answers.phrases.saved)
        await self._draw_over(answers, ShownView(view.id, ""), shown)

    # --- commands ----------------------------------------------------------------------------------------------------

    async def _command(self, answers: Answers) -> Acknowledgement:
        deciding = self._decide(answers.asked.action)
        await asyncio.wait({deciding}, timeout=self.patience)
        if deciding.done() and isinstance(answer := deciding.result(), Done):
            return answers.ephemeral(answer.tell) if answer.tell else NOTHING
        self.works.start("tell the outcome", self._tell_outcome(answers, deciding))
        return NOTHING


def _errors(answers: Answers, errors: Mapping[str, str]) -> Acknowledgement:
    """Each text beside its field; what belongs to none stands beside the first."""
    blocks = dict(answers.asked.view.blocks) if answers.asked.view else {}
    if not blocks:
        return {"response_action": "push", "view": answers.words("\n".join(errors.values()))}
    first = next(iter(blocks.values()))
    shown: dict[str, str] = {}
    for name, text in errors.items():
        block = blocks.get(name, first)
        shown[block] = cut(f"{shown[block]} {tidy(text)}" if block in shown else tidy(text), LONGEST_ERROR) or "–"
    return {"response_action": "errors", "errors": shown}
