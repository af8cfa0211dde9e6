"""Loads the configuration: the file `madoguchi.toml` and the environment, checked as a whole before anything starts."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from bot.configuration.accounts import read_accounts
from bot.configuration.desk import read_policy
from bot.configuration.lines import lines_of
from bot.configuration.machine import read_keys, read_log, read_server, read_smtp_door, read_storage
from bot.configuration.plan import plan_of as plan_of
from bot.configuration.problems import Faulty as Faulty
from bot.configuration.problems import Problem, Problems, meant, names
from bot.configuration.reading import Reader
from bot.configuration.report import report as report
from bot.configuration.secrets import Secrets, Vault
from bot.configuration.shape import LISTS, TABLES, UNDO, OrganisationSection
from bot.configuration.team import read_rooms, read_slack
from bot.configuration.values import Account as Account
from bot.configuration.values import Log as Log
from bot.configuration.values import Paused as Paused
from bot.configuration.values import Server as Server
from bot.configuration.values import Settings as Settings
from bot.configuration.values import Source
from bot.configuration.values import Storage as Storage
from bot.configuration.words import language_of
from connectors.catalog import Catalog, load_catalog
from routing.errors import Gone, NeedsAttention

Resolve = Callable[[str], Awaitable[str]]
"""Gives the secret of a name from the database. Raises Gone when it was never set, NeedsAttention when it cannot be
decrypted."""

_SECTIONS = (*TABLES, *LISTS, UNDO)
_LONGEST_FILE = 4 * 1024 * 1024


def load(path: Path, environ: Mapping[str, str], *, catalog: Catalog | None = None) -> Settings:
    """The configuration in the file. Raises Faulty (a Misconfigured) with everything that is wrong, and how to mend it.

    Secrets that stand in the database (`secret:NAME`) are still missing: see `unlock`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_FILE).decode("utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise _unreadable(path, environ, "file_unreadable", reason=error.strerror or type(error).__name__) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(path, environ, "not_toml", reason=str(error)) from error
    source = Source(str(path), document, dict(environ), path.resolve().parent, lines_of(text))
    return _assemble(source, catalog or load_catalog())


def understand(
    document: Mapping[str, Any], environ: Mapping[str, str], base: Path, *, catalog: Catalog | None = None
) -> Settings:
    """The same for a document that stands in no file; relative paths begin at `base`."""
    return _assemble(Source("–", document, dict(environ), base.resolve()), catalog or load_catalog())


async def unlock(settings: Settings, resolve: Resolve, *, catalog: Catalog | None = None) -> Settings:
    """The settings with the secrets of the database in their places. An account whose secret cannot be had is paused;
    without Slack's there is nothing to start: raises Faulty."""
    known: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for name in sorted(settings.wanted):
        try:
            known[name] = await resolve(name)
        except Gone:
            unreadable[name] = f'secret "{name}" is not set: madoguchi secret set {name}'
        except NeedsAttention as fault:
            unreadable[name] = f'secret "{name}": {fault}'
    old = settings.source
    vault = Vault(known, unreadable)
    return _assemble(Source(old.file, old.document, old.environ, old.base, old.lines, vault), catalog or load_catalog())


def _unreadable(path: Path, environ: Mapping[str, str], key: str, *, reason: str) -> Faulty:
    problem = Problem((), key, {"path": path, "reason": reason})
    return Faulty(str(path), [problem], {}, language_of(environ, "en"))


def _check_sections(reader: Reader) -> None:
    for name in reader.document:
        if name not in _SECTIONS:
            reader.problems.error(
                (name,), "unknown_section", name=name, meant=meant(name, _SECTIONS), known=names(_SECTIONS)
            )


def _check_secrets(reader: Reader) -> None:
    """An account can wait for its secret, paused; nothing else can."""
    vault = reader.secrets.vault
    for place, name in reader.secrets.wanted.items():
        if name in vault.unreadable and place[0] != "accounts":
            reader.problems.error(place, "secret_unreadable", reason=vault.unreadable[name])


def _assemble(source: Source, catalog: Catalog) -> Settings:
    problems = Problems()
    secrets = Secrets(source.environ, source.base, source.vault, problems)
    reader = Reader(source.document, secrets, problems)
    organisation = reader.table("organisation", OrganisationSection)
    server = read_server(reader)
    storage = read_storage(reader, source.base)
    log = read_log(reader)
    door = read_smtp_door(reader, source.base)
    mode, workspaces = read_slack(reader, server)
    rooms = read_rooms(reader, workspaces, organisation.language if organisation is not None else "en")
    accounts = read_accounts(reader, catalog, server, door)
    policy = read_policy(reader, organisation, rooms, accounts, catalog, source.base)
    keys = read_keys(reader, source.environ)
    _check_sections(reader)
    _check_secrets(reader)
    language = language_of(source.environ, organisation.language if organisation is not None else _written(source))
    if server is None or storage is None or log is None or policy is None or problems.errors:
        raise Faulty(source.file, problems.errors, source.lines, language)
    return Settings(
        source=source,
        language=language,
        policy=policy,
        slack_mode=mode,
        workspaces=workspaces,
        rooms=rooms,
        server=server,
        storage=storage,
        log=log,
        accounts=accounts.ready,
        paused=accounts.paused,
        smtp_door=door,
        keys=keys,
        wanted=frozenset(secrets.wanted.values()),
        warnings=tuple(problems.warnings),
    )


def _written(source: Source) -> str:
    """The organisation's language as written, also when its section has mistakes."""
    organisation = source.document.get("organisation")
    return str(organisation.get("language", "")) if isinstance(organisation, Mapping) else ""
