"""Reads what the desk decides by: rules, templates, people, undo times."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.configuration.accounts import Accounts, read_notices_from
from bot.configuration.own_fields import read_own_fields
from bot.configuration.problems import Place, meant, names
from bot.configuration.reading import Reader
from bot.configuration.shape import (
    LONGEST_UNDO_SECONDS,
    UNDO,
    NotificationsSection,
    OrganisationSection,
    PeopleSection,
    RoutingSection,
    RuleSection,
    TeamSection,
    TemplateSection,
    TicketsSection,
    UndoTime,
)
from bot.surface import Room
from connectors.catalog import Catalog
from routing.folding import folded
from routing.ids import AccountId, OrganisationId, RoomId, TeamId
from routing.policy import Policy
from routing.rules import Rule
from routing.teams import Team
from routing.templates import FIELDS, Template, broken_blank, unknown_blanks

_UNDO = TypeAdapter[timedelta](UndoTime)
_LONGEST_TEXT_FILE = 256 * 1024


def read_policy(
    reader: Reader,
    organisation: OrganisationSection | None,
    rooms: Mapping[RoomId, Room],
    accounts: Accounts,
    catalog: Catalog,
    base: Path,
) -> Policy | None:
    """None when the organisation or its people cannot be read; everything else is judged in any case."""
    routing = reader.table("routing", RoutingSection)
    people = reader.table("people", PeopleSection)
    tickets = reader.table("tickets", TicketsSection)
    known_rooms = _all_rooms(reader, rooms)
    defaults, alerts = _default_rooms(reader, routing, known_rooms)
    language = organisation.language if organisation is not None else "en"
    rules = _rules(reader, accounts, known_rooms, catalog)
    teams = _teams(reader, known_rooms)
    fields = read_own_fields(reader)
    templates = _templates(reader, catalog, language, base)
    undo = _undo_times(reader, catalog)
    notices_from = read_notices_from(reader, reader.table("notifications", NotificationsSection), accounts)
    if organisation is None or people is None or tickets is None:
        return None
    return Policy(
        organisation=OrganisationId(organisation.id),
        name=organisation.name,
        language=organisation.language,
        timezone=organisation.timezone,
        rules=rules,
        default_rooms=defaults,
        alerts_room=alerts,
        templates=templates,
        roles=dict(people.roles),
        default_role=people.default_role,
        colleague_domains=frozenset(people.colleague_domains),
        undo=undo,
        notices_from=notices_from,
        reopens_within=timedelta(days=tickets.reopen_days),
        surge={room.id: room.surge for room in rooms.values() if room.surge},
        teams=teams,
        fields=fields,
    )


def _all_rooms(reader: Reader, rooms: Mapping[RoomId, Room]) -> list[str]:
    """Also the rooms with mistakes in them, so that nobody is told that they do not exist."""
    written = reader.document.get("rooms", [])
    found = [str(one.get("id", "")) for one in written if isinstance(one, Mapping)] if isinstance(written, list) else []
    return [*rooms, *(one for one in found if one and one not in rooms)]


def _teams(reader: Reader, rooms: Sequence[str]) -> dict[TeamId, Team]:
    found: dict[TeamId, Team] = {}
    for place, section in reader.list_of("teams", TeamSection):
        if section.id in found:
            reader.problems.error((*place, "id"), "duplicate", name=section.id)
        _check_known(reader, (*place, "rooms"), section.rooms, rooms, "unknown_room")
        team = TeamId(section.id)
        found[team] = Team(team, section.title, tuple(map(RoomId, dict.fromkeys(section.rooms))))
    return found


def _default_rooms(
    reader: Reader, routing: RoutingSection | None, known: Sequence[str]
) -> tuple[tuple[RoomId, ...], RoomId]:
    """Where tickets go that no rule places, and where alerts are told. A single room needs no [routing]."""
    if routing is None:
        return (), RoomId("")
    defaults = routing.default_rooms or tuple(known[:1] if len(known) == 1 else ())
    if not defaults and known:
        reader.problems.error(("routing", "default_rooms"), "no_default_room", known=names(known))
    _check_known(reader, ("routing", "default_rooms"), defaults, known, "unknown_room")
    alerts = routing.alerts_room or (defaults[0] if defaults else "")
    if routing.alerts_room:
        _check_known(reader, ("routing",), {"alerts_room": alerts}, known, "unknown_room")
    return tuple(map(RoomId, defaults)), RoomId(alerts)


def _check_known(
    reader: Reader, place: Place, written: Sequence[str] | Mapping[str, str], known: Sequence[str], key: str
) -> None:
    steps: list[tuple[str | int, str]] = list(written.items() if isinstance(written, Mapping) else enumerate(written))
    for step, name in steps:
        if name not in known:
            reader.problems.error((*place, step), key, name=name, meant=meant(name, known), known=names(known))


# --- rules ----------------------------------------------------------------------------------------------------------


def _rules(reader: Reader, accounts: Accounts, rooms: Sequence[str], catalog: Catalog) -> tuple[Rule, ...]:
    found: list[Rule] = []
    taken: set[str] = set()
    ended_by = ""
    for place, section in reader.list_of("rules", RuleSection):
        if section.name in taken:
            reader.problems.error((*place, "name"), "duplicate", name=section.name)
        taken.add(section.name)
        when, then = section.when, section.then
        _check_known(reader, (*place, "when", "accounts"), when.accounts, list(accounts.places), "unknown_account")
        _check_known(reader, (*place, "when", "channels"), when.channels, _channels(catalog), "unknown_channel")
        _check_known(reader, (*place, "then", "rooms"), then.rooms, rooms, "unknown_room")
        words = tuple(folded(word) for word in when.words)
        for index, word in enumerate(words):
            if not word.strip():
                reader.problems.error((*place, "when", "words", index), "empty_word")
        if ended_by:
            reader.problems.warn(place, "rule_never_reached", name=section.name, ended_by=ended_by)
        elif then.stop and not (when.accounts or when.channels or words):
            ended_by = section.name
        if not then.rooms and then.priority is None:
            reader.problems.warn((*place, "then"), "rule_without_effect", name=section.name)
        _warn_of_silence(reader, place, section, accounts)
        found.append(
            Rule(
                name=section.name,
                accounts=frozenset(map(AccountId, when.accounts)),
                channels=frozenset(when.channels),
                words=words,
                rooms=tuple(map(RoomId, then.rooms)),
                priority=then.priority,
                stop=then.stop,
            )
        )
    return tuple(found)


def _warn_of_silence(reader: Reader, place: Place, section: RuleSection, accounts: Accounts) -> None:
    """A rule whose channels no account serves (of those that it names, if it names any) never holds."""
    wanted = frozenset(section.when.channels)
    named = [accounts.channels[one] for one in section.when.accounts if one in accounts.channels]
    served = frozenset().union(*named) if section.when.accounts else accounts.served
    if wanted and served and not wanted & served:
        reader.problems.warn((*place, "when", "channels"), "rule_never_holds", name=section.name)


def _channels(catalog: Catalog) -> list[str]:
    return sorted(channel.name for one in catalog.declarations.values() for channel in one.channels)


# --- templates ------------------------------------------------------------------------------------------------------


def _templates(reader: Reader, catalog: Catalog, language: str, base: Path) -> dict[str, Template]:
    found: dict[str, Template] = {}
    for place, section in reader.list_of("templates", TemplateSection):
        if section.id in found:
            reader.problems.error((*place, "id"), "duplicate", name=section.id)
        _check_known(reader, (*place, "channels"), section.channels, _channels(catalog), "unknown_channel")
        texts = {tag: (text, (*place, "text", tag)) for tag, text in section.text.items()}
        for tag, path in section.file.items():
            if tag in texts:
                reader.problems.error((*place, "file", tag), "template_twice", language=tag)
            texts[tag] = (_text_of(reader, base / path, (*place, "file", tag)), (*place, "file", tag))
        if not texts:
            reader.problems.error((*place, "text"), "template_empty", language=language)
        elif language not in texts:
            reader.problems.warn((*place, "text"), "template_language", name=section.id, language=language)
        for text, where in texts.values():
            _check_text(reader, catalog, text, section.channels, where)
        found[section.id] = Template(
            section.id,
            section.title.strip(),
            {tag: text for tag, (text, _) in texts.items()},
            frozenset(section.channels),
        )
    return found


def _text_of(reader: Reader, path: Path, place: Place) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_TEXT_FILE).decode("utf-8").rstrip("\n")
    except OSError as error:
        reader.problems.error(place, "file_unreadable", path=path, reason=error.strerror or type(error).__name__)
    except UnicodeDecodeError:
        reader.problems.error(place, "file_unreadable", path=path, reason="UTF-8?")
    return "?"


def _check_text(reader: Reader, catalog: Catalog, text: str, channels: Sequence[str], place: Place) -> None:
    if not text.strip():
        reader.problems.error(place, "text_empty")
    unknown = unknown_blanks(text)
    for name in dict.fromkeys(unknown):
        reader.problems.error(place, "unknown_blank", name=name, meant=meant(name, FIELDS), known=names(FIELDS))
    if (left := broken_blank(text)) is not None:
        reader.problems.error(place, "broken_blank", blank=left, known=names(FIELDS))
    for channel, limit in _limits(catalog).items():
        if channel in channels and len(text) > limit:
            reader.problems.warn(place, "template_long", length=len(text), channel=channel, limit=limit)


def _limits(catalog: Catalog) -> dict[str, int]:
    return {name: stated.text for entry in catalog.entries.values() for name, stated in entry.channels.items()}


# --- undo -----------------------------------------------------------------------------------------------------------


def _undo_times(reader: Reader, catalog: Catalog) -> dict[str, timedelta]:
    written: Any = reader.document.get(UNDO, {})
    if not isinstance(written, Mapping):
        reader.problems.error((UNDO,), "kind_table")
        return {}
    known = _channels(catalog)
    found: dict[str, timedelta] = {}
    for channel, value in written.items():
        place = (UNDO, channel)
        if channel not in known:
            reader.problems.error(
                place, "unknown_channel", name=channel, meant=meant(channel, known), known=names(known)
            )
            continue
        try:
            found[channel] = _UNDO.validate_python(value)
        except ValidationError:
            reader.problems.error(place, "duration")
            continue
        if found[channel].total_seconds() > LONGEST_UNDO_SECONDS:
            reader.problems.error(place, "number_range", least=0, most=LONGEST_UNDO_SECONDS)
    return found
