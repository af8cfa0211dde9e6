"""Makes foreign text safe to keep: nothing in it that a database, a header or a file name chokes on."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")
# Characters that turn the reading direction: in a file name they make `gpj.exe` look like `exe.jpg`.
_TURNS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NAME_LENGTH = 120


def clean(text: str) -> str:
    """The text with one kind of line end, without control characters, and with lone surrogates replaced."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)))


def one_line(text: str) -> str:
    """The text as a single line with single spaces."""
    return " ".join(clean(text).split())


def file_name(name: str, *, otherwise: str) -> str:
    """The last part of a path, shortened before its ending; `otherwise` when nothing is left."""
    last = _TURNS.sub("", one_line(name)).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    if len(last) > _NAME_LENGTH:
        stem, dot, ending = last.rpartition(".")
        keeps_ending = dot and len(ending) <= 10
        last = f"{stem[: _NAME_LENGTH - 11]}.{ending}" if keeps_ending else last[:_NAME_LENGTH]
    return last or otherwise
