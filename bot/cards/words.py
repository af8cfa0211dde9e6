"""Says things in the reader's language, from the catalogues in `locale/`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from typing_extensions import override

LANGUAGES = ("en", "ja")
FALLBACK = "en"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence of a language, flattened to dotted keys."""
    text = files("bot.cards").joinpath("locale", f"{language}.toml").read_text("utf-8")
    return dict(_flat("", tomllib.loads(text)))


def _flat(prefix: str, tree: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found


def supported(language: str) -> str:
    """The catalogue for a language tag such as `ja-JP`; English for those we do not have."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else FALLBACK


def say(language: str, key: str, **values: object) -> str:
    """The sentence `key` in `language`. Values stand where the catalogue has `{name}`; nothing in a value is looked at
    again. An unknown key is a programming error (a test holds all keys used to the catalogues)."""
    sentence = catalogue(supported(language))[key]
    return sentence.format_map({name: _Inert(value) for name, value in values.items()})


def knows(language: str, key: str) -> bool:
    return key in catalogue(supported(language))


class _Inert(str):
    """A value that format specifications and attribute look-ups cannot reach into."""

    __slots__ = ()

    @override
    def __format__(self, _spec: str) -> str:
        return str(self)
