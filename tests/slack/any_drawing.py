"""Makes any card, entry or form that the neutral model allows, filled with words that try to be more than words."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from tests.slack.samples import HOSTILE

LONG = ["長い" * 2_000, "word " * 700, "🙂" * 1_600, "W" * 3_001, " ", "\n", ""]
# Names of actions, fields and emoji are ours and plain; what stands in texts may be anybody's.
_OURS = frozenset({"action", "id", "name", "menu_label", "ticket"})
_ours = st.from_regex(r"[a-z][a-z_.]{0,20}", fullmatch=True)
_words = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(LONG), st.text(max_size=60))
_moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone itself


@cache
def any_of(kind: Any) -> "st.SearchStrategy[Any]":
    """Values of a dataclass of the model, each field filled by its type: a kind that is added is tried by itself."""
    hints = get_type_hints(kind)
    filled = {}
    for one in fields(kind):
        strategy = _of(hints[one.name], one.name)
        required = one.default is MISSING and one.default_factory is MISSING
        filled[one.name] = strategy if required else st.one_of(strategy, _default(one))
    return st.builds(kind, **filled)


def _default(one: Any) -> "st.SearchStrategy[Any]":
    return st.just(one.default) if one.default is not MISSING else st.builds(one.default_factory)


def _of(hint: Any, name: str) -> "st.SearchStrategy[Any]":
    hint = getattr(hint, "__supertype__", hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of([_of(one, name) for one in inner])
    if origin is tuple and inner[-1] is ...:
        return st.lists(_of(inner[0], name), max_size=8).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(_ours, st.text(max_size=40), max_size=3)
    if hint is str:
        return _ours if name in _OURS else _words
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return st.deferred(lambda: any_of(hint))
    return _PLAIN[hint]


_PLAIN: dict[Any, "st.SearchStrategy[Any]"] = {
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers(0, 5_000),
    datetime: _moments,
}
