"""The neutral model of cards, thread entries and forms; each surface draws it, none adds to it.

Every text is a `Line`: a row of spans. A `Plain` span is shown exactly as it is and can never act as markup or ping
anyone, so customers' words may stand in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing.ids import TicketId


@dataclass(frozen=True, slots=True)
class Plain:
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Emphasised; inert like Plain."""

    text: str


@dataclass(frozen=True, slots=True)
class Struck:
    """Crossed out; inert like Plain."""

    text: str


@dataclass(frozen=True, slots=True)
class Emoji:
    """A standard emoji by its Slack short name, for example `envelope`."""

    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the team. `user` is their id on the surface that draws this (empty: only the name is shown).

    `ping`: they are to be notified by it; otherwise only the name is drawn.
    """

    name: str
    user: str = ""
    ping: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, drawn in each reader's own time zone where the surface can, else in the room's. `exact`: with
    its seconds."""

    at: datetime
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Words of ours that open an address of ours or of the surface; never an address that came from outside."""

    text: str
    address: str


Span = Plain | Strong | Struck | Emoji | Person | Moment | Link
Line = tuple[Span, ...]


class Style(StrEnum):
    DEFAULT = "default"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asked before the press counts."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    """A press makes the action `action` on `ticket`. `version` is the card's version it was drawn from.

    `opens_form` says that the handler answers with a form (surfaces must prepare for that in the request).
    `values` come back with the action unchanged.
    """

    action: str
    label: str
    ticket: TicketId
    version: int = 0
    style: Style = Style.DEFAULT
    opens_form: bool = False
    confirm: Confirm | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, set apart as a quotation, line breaks kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket's card. `fallback` is what a notification shows."""

    fallback: str
    title: Line
    facts: tuple[Fact, ...] = ()
    quote: Quote | None = None
    footnotes: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()
    menu: tuple[Button, ...] = ()
    menu_label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in a card's thread, or an answer that only one person sees."""

    fallback: str
    lines: tuple[Line, ...] = ()
    quote: Quote | None = None
    footnotes: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class TextInput:
    id: str
    label: str
    initial: str = ""
    multiline: bool = False
    hint: str = ""
    optional: bool = False
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several. `refreshes`: choosing sends the action `form.<form name>.<id>`, and the form is redrawn."""

    id: str
    label: str
    options: tuple[Option, ...]
    initial: str = ""
    optional: bool = False
    hint: str = ""
    refreshes: bool = False


@dataclass(frozen=True, slots=True)
class Checks:
    """Any of several; comes back as the chosen values joined by commas."""

    id: str
    label: str
    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A member of the workspace; comes back as the surface's user id."""

    id: str
    label: str
    initial: str = ""


@dataclass(frozen=True, slots=True)
class PeopleInput:
    """Any number of members of the workspace, or none; comes back as the surface's user ids joined by commas."""

    id: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DateInput:
    """A day; comes back as YYYY-MM-DD, and so is `initial`."""

    id: str
    label: str
    initial: str = ""
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FilesInput:
    """Files to send along; come back as the surface's file ids joined by commas."""

    id: str
    label: str
    most: int = 5
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Text inside a form: lines, and possibly a quotation."""

    lines: tuple[Line, ...] = ()
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class FormButtons:
    """Buttons inside a form; a press redraws the form with the handler's answer."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class MomentInput:
    """A date and a time of day in the reader's own time zone; comes back as whole seconds since 1970 (UTC)."""

    id: str
    label: str
    initial: datetime | None = None
    hint: str = ""
    optional: bool = False


Field = (
    TextInput | Choice | Checks | PersonInput | PeopleInput | MomentInput | DateInput | FilesInput | Said | FormButtons
)


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog. Submitting it makes the action `name` with the inputs' values; `keep` comes back with it unchanged.

    `submit` empty: a form that only shows something. `tells_close`: closing it without submitting makes the action
    `form.<name>.closed`.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    ticket: TicketId
    submit: str = ""
    cancel: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)
    tells_close: bool = False


def plain(line: Line) -> str:
    """The line's words without any drawing, for notifications and logs of tests."""
    return "".join(_word(span) for span in line)


def _word(span: Span) -> str:
    match span:
        case Plain(text) | Strong(text) | Struck(text) | Link(text):
            return text
        case Emoji(name):
            return f":{name}:"
        case Person(name):
            return f"@{name}"
        case Moment(at):
            return at.isoformat(timespec="minutes")
