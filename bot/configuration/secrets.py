"""Replaces references to secrets (`env:NAME`, `file:/path`, `secret:NAME`) by what they stand for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from bot.configuration.problems import Place, Problems

KEYS = "MADOGUCHI_KEYS"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_LONGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Vault:
    """What `secret:` references stand for, as far as the database told: `unreadable` names those that it could not
    give, each with the reason; those in neither were not asked for yet."""

    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Secrets:
    """Fills in the secrets of sections and remembers which the database must give."""

    environ: Mapping[str, str]
    base: Path
    vault: Vault
    problems: Problems
    wanted: dict[Place, str] = field(default_factory=dict)

    def fill(self, section: type[BaseModel], written: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """The section as written, with its secrets in their places. One that the database has not given yet stays a
        reference, so that the rest of the section can be checked already."""
        filled: dict[str, Any] = dict(written)
        for key, annotation in _fields(section):
            if key not in filled:
                continue
            value = filled[key]
            if _has(annotation, SecretStr) and isinstance(value, str):
                filled[key] = self._value(value, (*place, key))
            for inner in _sections(annotation):
                filled[key] = self._inside(inner, value, (*place, key))
        return filled

    def unreadable(self, place: Place) -> str:
        """Why a secret at or below this place cannot be had; empty when all can, or were not asked for yet."""
        for where, name in self.wanted.items():
            if where[: len(place)] == place and name in self.vault.unreadable:
                return self.vault.unreadable[name]
        return ""

    def is_pending(self, place: Place) -> bool:
        return any(where[: len(place)] == place and name not in self.vault.known for where, name in self.wanted.items())

    def _inside(self, section: type[BaseModel], value: Any, place: Place) -> Any:
        if isinstance(value, Mapping):
            return self.fill(section, value, place)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._inside(section, one, (*place, index)) for index, one in enumerate(value)]
        return value

    def _value(self, written: str, place: Place) -> str:
        kind, _, name = written.partition(":")
        name = name.strip()
        match kind:
            case "env":
                return self._from_environment(name, place) or written
            case "file":
                return self._from_file(name, place) or written
            case "secret":
                return self._from_database(name, place) or written
            case _:
                if written:
                    self.problems.warn(place, "plain_secret", name=str(place[-1]))
                return written

    def _from_environment(self, name: str, place: Place) -> str:
        value = self.environ.get(name, "")
        if not value:
            self.problems.error(place, "secret_env", name=name)
        return value

    def _from_file(self, name: str, place: Place) -> str:
        path = self.base / name
        try:
            with path.open("rb") as file:
                value = file.read(_LONGEST_FILE).decode("utf-8").strip()
        except OSError as error:
            self.problems.error(place, "secret_file", path=path, reason=error.strerror or type(error).__name__)
            return ""
        except UnicodeDecodeError:
            self.problems.error(place, "secret_file", path=path, reason="UTF-8?")
            return ""
        if not value:
            self.problems.error(place, "secret_file_empty", path=path)
        return value

    def _from_database(self, name: str, place: Place) -> str:
        if not NAME.fullmatch(name):
            self.problems.error(place, "secret_name", name=name)
            return ""
        self.wanted[place] = name
        return self.vault.known.get(name, "")


def _fields(section: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, one in section.model_fields.items():
        yield one.alias or name, one.annotation


def _has(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_has(part, wanted) for part in get_args(annotation))


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    """The sections that a setting may hold, also within lists and beside None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _sections(part)
