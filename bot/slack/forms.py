"""Draws forms as Slack's modal views, and redraws them without losing what is typed into them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from bot.cards.model import (
    Checks,
    Choice,
    DateInput,
    Entry,
    Field,
    FilesInput,
    Form,
    FormButtons,
    MomentInput,
    Option,
    PeopleInput,
    PersonInput,
    Plain,
    Said,
    TextInput,
)
from bot.slack.blocks import draw_entry, said
from bot.slack.buttons import label, rows
from bot.slack.kept import Kept, Origin, Standing, Typed, metadata
from bot.slack.phrases import Phrases
from bot.slack.rich import Allowance, Json, is_user, quotation
from bot.slack.seal import Seal
from bot.slack.texts import harmless, size, split
from routing.errors import Rejected

MOST_BLOCKS = 100
LONGEST_TITLE = 24
LONGEST_LABEL = 2000
LONGEST_OPTION = 75
LONGEST_INPUT = 3000
MOST_OPTIONS = 100
MOST_CHECKS = 10
MOST_FILES = 10
MOST_TEXT = 30_000
# Slack takes no empty value for an option, but ours may be empty ("no template").
VALUE_MARK = "="
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def draw_form(form: Form, seal: Seal, origin: Origin, phrases: Phrases, *, over: Standing | None = None) -> Json:
    """The form as a view. `over` is the open view that it replaces: a field whose text the answer leaves as it is keeps
    its block, so that keystrokes made meanwhile stay; every other field shows what the answer says."""
    drawing = over.drawing + 1 if over else 0
    kept = Kept(form.name, form.ticket, origin, form.keep, drawing)
    drawer = _Drawer(seal, phrases, over.typed if over else {}, drawing, Allowance(MOST_TEXT))
    blocks = [block for place, one in enumerate(form.fields) for block in drawer.draw(one, place)]
    view: Json = {
        "type": "modal",
        "callback_id": form.name[:255] or "form",
        "title": label(form.title, LONGEST_TITLE),
        "close": label(form.cancel or phrases.close, LONGEST_TITLE),
        "private_metadata": metadata(kept, seal),
        "blocks": blocks[:MOST_BLOCKS],
    }
    if form.tells_close:
        # https://docs.slack.dev/surfaces/modals#close_modal_views
        view["notify_on_close"] = True
    # Slack refuses a view that has inputs but no submit button.
    if form.submit or any(block["type"] == "input" for block in blocks):
        view["submit"] = label(form.submit or phrases.submit, LONGEST_TITLE)
    return view


def draw_notice(entry: Entry, seal: Seal, origin: Origin, phrases: Phrases) -> Json:
    """A view that only tells something."""
    return {
        "type": "modal",
        "callback_id": "notice",
        "title": label(phrases.title, LONGEST_TITLE),
        "close": label(phrases.close, LONGEST_TITLE),
        "private_metadata": metadata(Kept(origin=origin), seal),
        "blocks": draw_entry(_with_words(entry), seal).blocks,
    }


def draw_words(words: str, seal: Seal, origin: Origin, phrases: Phrases) -> Json:
    """A view with one sentence of ours in it."""
    return draw_notice(Entry(words, lines=((Plain(words),),)), seal, origin, phrases)


def _with_words(entry: Entry) -> Entry:
    """A view needs at least one block."""
    return entry if entry.lines or entry.quote else replace(entry, lines=((Plain(entry.fallback),),))


@dataclass(frozen=True, slots=True)
class _Drawer:
    seal: Seal
    phrases: Phrases
    typed: Mapping[str, Typed]
    drawing: int
    allowance: Allowance

    def draw(self, one: Field, place: int) -> list[Json]:
        match one:
            case TextInput():
                return self._texts(one)
            case Choice():
                return self._choice(one)
            case Checks():
                return self._checks(one)
            case PersonInput():
                return [self._person(one)]
            case PeopleInput():
                return [self._people(one)]
            case DateInput():
                return [self._day(one)]
            case MomentInput():
                return [self._moment(one)]
            case FilesInput():
                return [self._files(one)]
            case Said(lines, quote):
                quoted = quotation(quote, self.allowance) if quote else None
                quotes = [{"type": "rich_text", "elements": [quoted]}] if quoted else []
                return [*said(lines, self.allowance), *quotes]
            case FormButtons(buttons):
                return rows(buttons, self.seal, name=f"form{place}.{self.drawing}.")
            case _:
                assert_never(one)

    def _texts(self, one: TextInput) -> list[Json]:
        """Slack's inputs hold 3,000 characters; a longer text is laid out over several, and joined again when read."""
        parts = split(harmless(one.initial), LONGEST_INPUT)
        if len(parts) == 1:
            return [self._text(one, self._block(one.id, one.initial), one.label, parts[0][0], optional=one.optional)]
        blocks = []
        for number, (words, joint) in enumerate(parts):
            block = f"{one.id}~{self.drawing}~{number}{'n' if joint else 's'}"
            title = self.phrases.part.format(label=one.label, number=number + 1, count=len(parts))
            blocks.append(self._text(one, block, title, words, optional=one.optional or number > 0))
        return blocks

    def _text(self, one: TextInput, block: str, title: str, words: str, *, optional: bool) -> Json:
        element: Json = {"type": "plain_text_input", "action_id": _action(one.id), "multiline": one.multiline}
        if words:
            element["initial_value"] = words
        if one.longest and size(words) <= one.longest <= LONGEST_INPUT and "~" not in block[len(one.id) + 1 :]:
            element["max_length"] = one.longest
        return _input(block, title, element, hint=one.hint, optional=optional)

    def _choice(self, one: Choice) -> list[Json]:
        if not one.options:
            return []
        element: Json = {"type": "static_select", "action_id": _action(one.id)}
        options = [_option(option) for option in one.options]
        if len(options) <= MOST_OPTIONS:
            element["options"] = options
        else:
            element["option_groups"] = [
                {
                    "label": label(f"{start + 1}–{min(start + MOST_OPTIONS, len(options))}", LONGEST_OPTION),
                    "options": options[start : start + MOST_OPTIONS],
                }
                for start in range(0, len(options), MOST_OPTIONS)
            ]
        chosen = [drawn for option, drawn in zip(one.options, options, strict=True) if option.value == one.initial]
        if chosen:
            element["initial_option"] = chosen[0]
        block = self._block(one.id, one.initial)
        return [_input(block, one.label, element, hint=one.hint, optional=one.optional, dispatches=one.refreshes)]

    def _checks(self, one: Checks) -> list[Json]:
        if not one.options:
            return []
        few = len(one.options) <= MOST_CHECKS
        element: Json = {"type": "checkboxes" if few else "multi_static_select", "action_id": _action(one.id)}
        element["options"] = [_option(option) for option in one.options[:MOST_OPTIONS]]
        if chosen := [_option(option) for option in one.options[:MOST_OPTIONS] if option.value in one.initial]:
            element["initial_options"] = chosen
        # In the order of the options, as Slack gives them back.
        initial = ",".join(option.value for option in one.options if option.value in one.initial)
        return [_input(self._block(one.id, initial), one.label, element, optional=True)]

    def _person(self, one: PersonInput) -> Json:
        element: Json = {"type": "users_select", "action_id": _action(one.id)}
        if is_user(one.initial):
            element["initial_user"] = one.initial
        return _input(self._block(one.id, one.initial), one.label, element)

    def _day(self, one: DateInput) -> Json:
        element: Json = {"type": "datepicker", "action_id": _action(one.id)}
        if _DAY.fullmatch(one.initial):
            element["initial_date"] = one.initial
        return _input(self._block(one.id, one.initial), one.label, element, hint=one.hint, optional=one.optional)

    def _moment(self, one: MomentInput) -> Json:
        """https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element: seconds of ten digits."""
        element: Json = {"type": "datetimepicker", "action_id": _action(one.id)}
        initial = ""
        if one.initial is not None:
            element["initial_date_time"] = int(one.initial.timestamp())
            initial = str(element["initial_date_time"])
        return _input(self._block(one.id, initial), one.label, element, hint=one.hint, optional=one.optional)

    def _people(self, one: PeopleInput) -> Json:
        element: Json = {"type": "multi_users_select", "action_id": _action(one.id)}
        known = self.typed.get(one.id)
        # Whoever was chosen stays chosen while the block stays.
        block = f"{one.id}~{known.drawing if known else self.drawing}"
        return _input(block, one.label, element, hint=one.hint, optional=True)

    def _files(self, one: FilesInput) -> Json:
        most = max(1, min(one.most, MOST_FILES))
        element: Json = {"type": "file_input", "action_id": _action(one.id), "max_files": most}
        known = self.typed.get(one.id)
        # Files that were already chosen cannot be drawn again by us, so their block always stays.
        block = f"{one.id}~{known.drawing if known else self.drawing}"
        return _input(block, one.label, element, hint=one.hint, optional=True)

    def _block(self, name: str, value: str) -> str:
        known = self.typed.get(name)
        stays = known is not None and known.value == value
        return f"{name}~{known.drawing if known and stays else self.drawing}"


def _input(
    block: str, title: str, element: Json, *, hint: str = "", optional: bool = False, dispatches: bool = False
) -> Json:
    drawn: Json = {
        "type": "input",
        "block_id": block,
        "label": label(title, LONGEST_LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        drawn["hint"] = label(hint, LONGEST_LABEL)
    if dispatches:
        drawn["dispatch_action"] = True
    return drawn


def _option(option: Option) -> dict[str, Any]:
    value = VALUE_MARK + option.value
    if len(value) > 150:
        raise Rejected(f"the choice {option.label!r} has a value of {len(option.value)} characters; Slack takes 149")
    return {"text": label(option.label, LONGEST_OPTION), "value": value}


def _action(name: str) -> str:
    return name[:255] or "field"
