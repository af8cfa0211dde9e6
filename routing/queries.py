"""Reads what somebody looks for, `status:open tag:refund before:2026-11-01 "cold coffee"`, into a query."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TypeVar

from routing.errors import Refused
from routing.folding import folded
from routing.search_words import Term, term
from routing.ticket import Priority, Status

E = TypeVar("E", bound=StrEnum)

LONGEST_QUERY = 1000
MOST_TERMS = 30
ME, NOBODY = "me", "none"


class Sort(StrEnum):
    """By when tickets were made."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a ticket is asked for. Of several statuses, channels, accounts, assignees, teams, priorities or numbers any
    one is enough; of tags, words and contacts each must be there. Names are folded; `assignees` are `me`, `none`, an
    agent's id, name or mail address."""

    statuses: tuple[Status, ...] = ()
    channels: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    numbers: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[Term, ...] = ()
    contacts: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `wanted`, and nothing of `unwanted`; made or last changed from `…_from` on and before
    `…_before`."""

    wanted: Terms = field(default_factory=Terms)
    unwanted: Terms = field(default_factory=Terms)
    created_from: datetime | None = None
    created_before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    sort: Sort = Sort.NEWEST

    @property
    def is_empty(self) -> bool:
        """Every ticket fits."""
        return replace(self, sort=Sort.NEWEST) == Query()

    @property
    def terms(self) -> tuple[Term, ...]:
        """What to mark in the texts that were found."""
        return (*self.wanted.words, *self.wanted.contacts)


KEYS: Mapping[str, tuple[str, ...]] = {
    "status": ("状態", "ステータス"),
    "channel": ("チャネル", "チャンネル"),
    "account": ("アカウント",),
    "assignee": ("担当", "担当者"),
    "tag": ("タグ",),
    "team": ("チーム",),
    "priority": ("優先度",),
    "from": ("お客様", "差出人"),
    "before": ("以前",),
    "after": ("以降",),
    "updated-before": ("更新以前",),
    "updated-after": ("更新以降",),
    "sort": ("並び順",),
}
_KEYS = {folded(name): key for key, more in KEYS.items() for name in (key, *more)}
_WORDS: Mapping[str, tuple[str, ...]] = {
    Status.NEW: ("新規",),
    Status.OPEN: ("対応中",),
    Status.WAITING: ("お客様の返信待ち", "返信待ち"),
    Status.CLOSED: ("完了",),
    Priority.LOW: ("低",),
    Priority.NORMAL: ("通常",),
    Priority.HIGH: ("高",),
    Priority.URGENT: ("至急",),
    Sort.NEWEST: ("新しい順",),
    Sort.OLDEST: ("古い順",),
    ME: ("自分",),
    NOBODY: ("nobody", "なし", "未定"),
    "email": ("mail", "メール"),
    "form": ("フォーム",),
}
_MEANT = {folded(word): str(value) for value, words in _WORDS.items() for word in (str(value), *words)}

Vocabulary = Mapping[str, str]
"""More words for values, such as those that cards show: folded word -> value."""
NO_MORE_WORDS: Vocabulary = {}

_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』＂", '"') | {"−": "-", "－": "-", "：": ":", "＃": "#", "＊": "*", "　": " "}
)
_PART = re.compile(
    r'(?P<minus>-(?=[^\s-]))?(?:(?P<key>[^\W\d_]+(?:-[^\W\d_]+)?):(?!//))?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))'
)
_NUMBER = re.compile(r"#(\d{1,18})")


def parse_query(text: str, *, today: date, zone: tzinfo, vocabulary: Vocabulary = NO_MORE_WORDS) -> Query:
    """Days are those of `zone`; `before` a day is before it begins, `after` it from its beginning on. Quotes without a
    partner reach to the end.

    Raises Refused with what is wrong and what would be right: `query.unknown_key`, `.unknown_value`, `.bad_date`,
    `.too_long`.
    """
    if len(text) > LONGEST_QUERY:
        raise Refused("query.too_long", limit=str(LONGEST_QUERY))
    reading = _Reading(today, zone, {**_MEANT, **vocabulary})
    for count, part in enumerate(_PART.finditer(text.translate(_QUOTES))):
        if count >= MOST_TERMS:
            raise Refused("query.too_many", limit=str(MOST_TERMS))
        reading.take(part)
    return reading.query()


class _Reading:
    """A query while its parts are being read."""

    def __init__(self, today: date, zone: tzinfo, meant: Vocabulary) -> None:
        self.today, self.zone, self.meant = today, zone, meant
        self.wanted: dict[str, list[object]] = {one.name: [] for one in fields(Terms)}
        self.unwanted: dict[str, list[object]] = {one.name: [] for one in fields(Terms)}
        self.spans: dict[str, datetime] = {}
        self.sort = Sort.NEWEST

    def query(self) -> Query:
        wanted, unwanted = (
            Terms(**{name: tuple(dict.fromkeys(found)) for name, found in gathered.items()})  # type: ignore[arg-type]  # each list holds its field's kind
            for gathered in (self.wanted, self.unwanted)
        )
        return Query(wanted, unwanted, sort=self.sort, **self.spans)

    def take(self, part: re.Match[str]) -> None:
        gathered = self.unwanted if part["minus"] else self.wanted
        value = part["quoted"] if part["quoted"] is not None else part["bare"]
        if part["key"] is None:
            self._words(gathered, value, quoted=part["quoted"] is not None)
            return
        key = _KEYS.get(folded(part["key"]))
        if key is None:
            raise Refused("query.unknown_key", name=part["key"], names=", ".join(KEYS))
        take = _TAKE.get(key)
        if take is None:
            self._day(key, value)
        else:
            take(self, gathered, value)

    def _words(self, gathered: dict[str, list[object]], value: str, *, quoted: bool) -> None:
        number = None if quoted else _NUMBER.fullmatch(folded(value))
        if number is not None:
            gathered["numbers"].append(int(number[1]))
        elif (found := term(value)) is not None:
            gathered["words"].append(found)

    def one_of(self, kind: type[E], key: str, value: str) -> E:
        try:
            return kind(self.means(value))
        except ValueError:
            raise Refused("query.unknown_value", name=key, value=value, values=", ".join(kind)) from None

    def means(self, value: str) -> str:
        name = folded(value).strip()
        return self.meant.get(name, name)

    def _day(self, key: str, value: str) -> None:
        prefix = "updated" if key.startswith("updated") else "created"
        end = "before" if key.endswith("before") else "from"
        self.spans[f"{prefix}_{end}"] = self._begins(value)

    def _begins(self, value: str) -> datetime:
        day = _read_day(folded(value).strip(), self.today)
        if day is None or not 1971 <= day.year <= 2200:
            raise Refused("query.bad_date", value=value, example=self.today.isoformat())
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def set_sort(self, value: str) -> None:
        self.sort = self.one_of(Sort, "sort", value)


def _status(reading: _Reading, gathered: dict[str, list[object]], value: str) -> None:
    gathered["statuses"].append(reading.one_of(Status, "status", value))


def _priority(reading: _Reading, gathered: dict[str, list[object]], value: str) -> None:
    gathered["priorities"].append(reading.one_of(Priority, "priority", value))


def _contact(_reading: _Reading, gathered: dict[str, list[object]], value: str) -> None:
    if (found := term(value)) is not None:
        gathered["contacts"].append(found)


def _sort(reading: _Reading, _gathered: dict[str, list[object]], value: str) -> None:
    reading.set_sort(value)


def _named(name: str) -> Callable[[_Reading, dict[str, list[object]], str], None]:
    def take(reading: _Reading, gathered: dict[str, list[object]], value: str) -> None:
        gathered[name].append(folded(value).strip() if name in ("tags", "teams") else reading.means(value))

    return take


_TAKE: Mapping[str, Callable[[_Reading, dict[str, list[object]], str], None]] = {
    "status": _status,
    "priority": _priority,
    "from": _contact,
    "sort": _sort,
    "channel": _named("channels"),
    "account": _named("accounts"),
    "assignee": _named("assignees"),
    "tag": _named("tags"),
    "team": _named("teams"),
}

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_AGO = re.compile(r"(\d{1,4})(?:d|日前?)")
_BY_NAME = {"today": 0, "今日": 0, "本日": 0, "yesterday": 1, "昨日": 1}


def _read_day(value: str, today: date) -> date | None:
    """A day, the first of a month, or a day told from today; None for what is none."""
    ago = _BY_NAME.get(value)
    if (days := _AGO.fullmatch(value)) is not None:
        ago = int(days[1])
    if ago is not None:
        return today - timedelta(days=ago)
    written = _DAY.fullmatch(value) or _MONTH.fullmatch(value)
    if written is None:
        return None
    try:
        return date(int(written[1]), int(written[2]), int(written[3]) if written.re is _DAY else 1)
    except ValueError:
        return None
