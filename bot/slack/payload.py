"""Takes values out of JSON that others made, whatever stands there."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def object_of(container: Json, name: str) -> Json:
    found = container.get(name)
    return found if isinstance(found, dict) else {}


def text_of(container: Json, name: str) -> str:
    found = container.get(name)
    return found if isinstance(found, str) else ""


def objects_of(container: Json, name: str) -> list[Json]:
    found = container.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def team_of(payload: Json) -> str:
    """The workspace that something from Slack is about. In a room shared with another company the people's own
    workspaces differ from the one where we are installed, which Slack names first."""
    installed = text_of(object_of(payload, "view"), "app_installed_team_id")
    authorized = next((text_of(one, "team_id") for one in objects_of(payload, "authorizations")), "")
    team = text_of(object_of(payload, "team"), "id") or text_of(payload, "team_id")
    return installed or authorized or team or text_of(object_of(payload, "user"), "team_id")
