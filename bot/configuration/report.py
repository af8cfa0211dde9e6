"""Tells people what was understood of a configuration, and what is wrong or unwise in it."""

from collections.abc import Iterable

from bot.configuration.machine import database_told
from bot.configuration.problems import Faulty, told
from bot.configuration.values import Settings
from bot.configuration.words import say


def report(outcome: Settings | Faulty) -> str:
    """The text of `madoguchi check`, in the operator's language."""
    return _refused(outcome) if isinstance(outcome, Faulty) else _understood(outcome)


def _refused(faulty: Faulty) -> str:
    head = say(faulty.language, "report", "refused", {"file": faulty.file, "count": len(faulty.problems)})
    return "\n".join([head, "", *told(faulty.problems, faulty.lines, faulty.language)])


def _understood(settings: Settings) -> str:
    speak = _Lines(settings.language)
    speak.add("accepted", file=settings.source.file)
    speak.add("organisation", name=settings.policy.name, id=settings.policy.organisation)
    speak.add("database", database=database_told(settings.storage.database_url))
    speak.add("slack", mode=settings.slack_mode, teams=_list(one.team_id for one in settings.workspaces))
    speak.add("rooms", rooms=_list(f"{room.id} ({room.place})" for room in settings.rooms.values()))
    speak.add("accounts", accounts=_list(f"{one.id} ({one.connector})" for one in settings.accounts))
    for paused in settings.paused:
        speak.add("paused", account=paused.id, reason=paused.reason)
    speak.add("desk", rules=len(settings.policy.rules), templates=len(settings.policy.templates))
    if settings.wanted and not settings.source.vault.known:
        speak.add("wanted", secrets=_list(settings.wanted))
    if settings.warnings:
        speak.lines.append("")
        speak.add("warnings", count=len(settings.warnings))
        speak.lines += told(settings.warnings, settings.source.lines, settings.language)
    return "\n".join(speak.lines)


class _Lines:
    def __init__(self, language: str) -> None:
        self._language = language
        self.lines: list[str] = []

    def add(self, key: str, **values: object) -> None:
        self.lines.append(say(self._language, "report", key, values))


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"
