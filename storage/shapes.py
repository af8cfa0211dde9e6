"""Turns the domain's frozen values into rows, and rows back into values."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from json.encoder import encode_basestring_ascii as ascii_quoted
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column, Text
from sqlalchemy.types import TypeEngine

K = TypeVar("K")
Encode = Callable[[Any], Any]
Codec = tuple[TypeEngine[Any], Encode | None, Encode | None]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_LONGEST_KEY = 400


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exact; a moment without a time zone is refused by the subtraction."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stored)


def clean(text: str) -> str:
    """The text as every database can keep it: NUL and lone surrogates become U+FFFD."""
    if text.isascii():
        return text if "\0" not in text else text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.translate(_UNSTORABLE)
    return text if "\0" not in text else text.replace("\0", "\ufffd")


def clean_key(text: str) -> str:
    """A foreign name that an index holds. A longer one than an index takes is kept as its beginning and its hash."""
    kept = clean(text)
    if len(kept) <= _LONGEST_KEY:
        return kept
    return f"{kept[:_LONGEST_KEY]}…{sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def write_strings(strings: Sequence[str]) -> str:
    """JSON. Written by hand: setting up an encoder for each value takes several times as long."""
    return f"[{','.join([quoted(clean(text)) for text in strings])}]"


def read_strings(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored)) if stored != "[]" else ()


def write_mapping(mapping: Mapping[str, str]) -> str:
    pairs = [f"{quoted(clean(name))}:{quoted(clean(value))}" for name, value in mapping.items()]
    return f"{{{','.join(pairs)}}}"


def write_exactly(mapping: Mapping[str, str]) -> str:
    """Like `write_mapping`, but every character comes back as it was: JSON in ASCII says even what UTF-8 cannot."""
    pairs = [f"{ascii_quoted(name)}:{ascii_quoted(value)}" for name, value in mapping.items()]
    return f"{{{','.join(pairs)}}}"


def read_mapping(stored: str) -> dict[str, str]:
    return json.loads(stored) if stored != "{}" else {}


def _unless_none(encode: Encode | None) -> Encode | None:
    return encode and (lambda value: None if value is None else encode(value))


def _codec(hint: Any, *, key: bool) -> Codec:
    """How one field is stored. Identifiers (NewType) are minted by ourselves and need no cleaning."""
    if hasattr(hint, "__supertype__"):
        return Text(), None, None
    if get_origin(hint) is tuple:
        return Text(), write_strings, read_strings
    if get_origin(hint) is frozenset:
        return Text(), lambda chosen: write_strings(sorted(chosen)), lambda stored: frozenset(read_strings(stored))
    if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        return Text(), write_mapping, read_mapping
    if hint is datetime:
        return BigInteger(), micros, moment
    if hint is bool:
        return Boolean(create_constraint=False), None, bool
    if hint is int:
        return BigInteger(), None, None
    if hint is str:
        return Text(), clean_key if key else clean, None
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Text(), attrgetter("_value_"), {member.value: member for member in hint}.__getitem__
    raise TypeError(f"no way to store {hint!r}")


class Shape(Generic[K]):
    """How values of one kind stand in their table: a column for each field, in the same order, so that a decoded row
    becomes its value by `Kind(*row)`."""

    def __init__(self, kind: type[K], *, primary: Sequence[str], keys: Sequence[str] = ()) -> None:
        hints = get_type_hints(kind)
        self.kind = kind
        self.names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # every kind is a dataclass
        self.primary = (*primary, "organisation")
        self.identity: Callable[[K], Any] = attrgetter(*self.primary)
        self._values: Callable[[K], tuple[Any, ...]] = attrgetter(*self.names)
        self._encodes: list[tuple[int, Encode]] = []
        self._decodes: list[tuple[int, Encode]] = []
        self.columns: list[Column[Any]] = []
        for place, name in enumerate(self.names):
            hint = hints[name]
            optional = NoneType in get_args(hint)
            if optional:
                (hint,) = (arg for arg in get_args(hint) if arg is not NoneType)
            stored, encode, decode = _codec(hint, key=name in keys)
            if optional:
                encode, decode = _unless_none(encode), _unless_none(decode)
            if encode is not None:
                self._encodes.append((place, encode))
            if decode is not None:
                self._decodes.append((place, decode))
            self.columns.append(Column(name, stored, nullable=optional))

    def spread(self, values: Sequence[K]) -> list[Sequence[Any]]:
        """The values column by column, as the drivers take them."""
        columns: list[Sequence[Any]] = list(zip(*map(self._values, values), strict=True))
        for place, encode in self._encodes:
            columns[place] = list(map(encode, columns[place]))
        return columns

    def read(self, row: Sequence[Any]) -> K:
        values = list(row)
        for place, decode in self._decodes:
            values[place] = decode(values[place])
        return self.kind(*values)
