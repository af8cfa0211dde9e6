"""Says what is wrong with a configuration in the operator's language, from the catalogues in `locale/`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "ja")
_BLANK = re.compile(r"\{(\w+)\}")


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every sentence of a language by table and name."""
    text = files("bot.configuration").joinpath("locale", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def say(language: str, table: str, name: str, values: Mapping[str, object]) -> str:
    """The sentence with its blanks filled. What a value contains is never looked at again."""
    sentence = catalogue(language)[table][name]
    return _BLANK.sub(lambda blank: str(values.get(blank[1], blank[0])), sentence)


def language_of(environ: Mapping[str, str], otherwise: str) -> str:
    """Japanese for a Japanese terminal; for every other the language of the organisation."""
    terminal = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if terminal.startswith("ja"):
        return "ja"
    return otherwise if otherwise in LANGUAGES else "en"
