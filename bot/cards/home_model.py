"""The neutral model of a Home: one person's own page about their tickets, drawn by each surface in its own place."""

from dataclasses import dataclass

from bot.cards.model import Button, Line


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists that can be chosen. Exactly one is open."""

    button: Button
    is_open: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice of one of several; `chosen` counts from 0."""

    label: str
    options: tuple[Button, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket. `address` is where its card is opened (empty: nobody knows)."""

    name: str
    title: Line
    about: Line
    address: str
    open_label: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """Figures on top, what can be begun, then one list with its filters and pages. `empty` stands where the list has
    nothing."""

    title: Line
    figures: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
    tabs: tuple[Tab, ...] = ()
    menus: tuple[Menu, ...] = ()
    rows: tuple[Row, ...] = ()
    empty: Line = ()
    position: Line = ()
    pages: tuple[Button, ...] = ()
