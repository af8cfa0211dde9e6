"""Knows which connectors there are, from manifests/connectors.toml, and makes connections of them.

A new connector is its module, its tests with payload files, and its entry in that file; nothing here changes.
"""

import importlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract import Ability, Connection, Declaration, Tools
from routing.errors import Misconfigured
from routing.ids import AccountId


class Stated(BaseModel):
    """What the manifest states of one channel; a test about the house holds the code to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[str, str]
    icon: str
    abilities: frozenset[Ability] = frozenset()
    text: int
    unit: str
    attachments: int = 0
    attachment_bytes: int = 0


class Entry(BaseModel):
    """One connector's entry in the manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: str
    setup: str
    tests: str
    operations: dict[str, str] = Field(default_factory=dict)
    channels: dict[str, Stated]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every connector by name."""

    entries: Mapping[str, Entry]
    declarations: Mapping[str, Declaration]

    def connect(self, connector: str, account: AccountId, config: Mapping[str, Any], tools: Tools) -> Connection:
        """The connection of one account. Raises Misconfigured, naming the setting and what is wrong with it."""
        declaration = self.declarations.get(connector)
        if declaration is None:
            known = ", ".join(sorted(self.declarations))
            raise Misconfigured(f"account {account}: there is no connector {connector!r}; there are: {known}")
        try:
            settings = declaration.config.model_validate(config)
        except ValidationError as failure:
            raise Misconfigured(f"account {account}: {_told(failure)}") from failure
        return declaration.connect(account, settings, tools)


def read_manifest(text: str) -> Mapping[str, Entry]:
    """The entries of a manifest. Raises Misconfigured."""
    try:
        return {name: Entry.model_validate(entry) for name, entry in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, ValidationError) as failure:
        raise Misconfigured(f"manifests/connectors.toml: {failure}") from failure


def load_catalog(manifest: str | None = None) -> Catalog:
    """The catalog of the manifest that comes with us, or of the text given. Imports every connector's module."""
    if manifest is None:
        manifest = resources.files("manifests").joinpath("connectors.toml").read_text(encoding="utf-8")
    entries = read_manifest(manifest)
    return Catalog(entries, {name: _declaration(name, entry) for name, entry in entries.items()})


def _declaration(name: str, entry: Entry) -> Declaration:
    declaration: object = getattr(importlib.import_module(entry.module), "DECLARATION", None)
    if not isinstance(declaration, Declaration) or declaration.name != name:
        raise Misconfigured(f"manifests/connectors.toml: {entry.module} has no DECLARATION named {name!r}")
    return declaration


def _told(failure: ValidationError) -> str:
    """Every fault as `place: what is wrong`, without the value: it may be a secret."""
    faults: Sequence[str] = [
        f"{'.'.join(str(step) for step in fault['loc']) or 'settings'}: {fault['msg']}" for fault in failure.errors()
    ]
    return "; ".join(faults)
