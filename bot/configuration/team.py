"""Reads the team's side: the Slack workspaces, and the rooms in them where cards are shown."""

from collections.abc import Mapping

from bot.configuration.problems import Place, names
from bot.configuration.reading import Reader
from bot.configuration.shape import RoomSection, SlackMode, SlackSection, WorkspaceSection
from bot.configuration.values import Server
from bot.slack.workspace import SlackWorkspace
from bot.surface import Room
from routing.ids import RoomId

SLACK = "slack"


def read_slack(reader: Reader, server: Server | None) -> tuple[SlackMode, tuple[SlackWorkspace, ...]]:
    """How Slack talks to us, and every workspace with what that way needs."""
    section = reader.table("slack", SlackSection)
    if section is None:
        return SlackMode.SOCKET, ()
    seen: dict[str, Place] = {}
    workspaces: list[SlackWorkspace] = []
    entries = reader.entries(section.workspaces, ("slack", "workspaces"))
    if not entries:
        reader.problems.error(("slack", "workspaces"), "no_workspace")
    for place, entry in entries:
        one = reader.read(WorkspaceSection, entry, place)
        if one is None:
            continue
        if one.team_id in seen:
            reader.problems.error((*place, "team_id"), "duplicate", name=one.team_id)
        seen[one.team_id] = place
        workspaces.append(_workspace(one))
        _check_tokens(reader, section.mode, workspaces[-1], place)
    if section.mode is SlackMode.HTTP and server is not None and not server.public_url:
        reader.problems.error(("server", "public_url"), "public_url_for_slack")
    return section.mode, tuple(workspaces)


def _workspace(section: WorkspaceSection) -> SlackWorkspace:
    return SlackWorkspace(
        team_id=section.team_id,
        bot_token=section.bot_token.get_secret_value(),
        signing_secret=section.signing_secret.get_secret_value() if section.signing_secret else "",
        app_token=section.app_token.get_secret_value() if section.app_token else "",
        api_base=section.api_base,
    )


def _check_tokens(reader: Reader, mode: SlackMode, workspace: SlackWorkspace, place: Place) -> None:
    if mode is SlackMode.SOCKET and not workspace.app_token:
        reader.problems.error((*place, "app_token"), "app_token_missing")
    if mode is SlackMode.HTTP and not workspace.signing_secret:
        reader.problems.error((*place, "signing_secret"), "signing_secret_missing")
    for name, token, prefix in (
        ("bot_token", workspace.bot_token, "xoxb-"),
        ("app_token", workspace.app_token, "xapp-"),
    ):
        is_reference = reader.secrets.is_pending((*place, name)) or token.startswith(("env:", "file:"))
        if token and not is_reference and not token.startswith(prefix):
            reader.problems.error((*place, name), "token_prefix", name=name, prefix=prefix)


def read_rooms(reader: Reader, workspaces: tuple[SlackWorkspace, ...], language: str) -> Mapping[RoomId, Room]:
    """Every room by its id. With one workspace the rooms need not name it."""
    teams = [one.team_id for one in workspaces]
    found: dict[RoomId, Room] = {}
    places: set[tuple[str, str]] = set()
    entries = reader.list_of("rooms", RoomSection)
    if not reader.document.get("rooms"):
        reader.problems.error(("rooms",), "no_room")
    for place, section in entries:
        workspace = section.workspace or (teams[0] if len(teams) == 1 else "")
        if not workspace and teams:
            reader.problems.error((*place, "workspace"), "room_workspace", known=names(teams))
        if workspace and teams and workspace not in teams:
            reader.problems.error((*place, "workspace"), "unknown_workspace", name=workspace, known=names(teams))
        if section.id in found:
            reader.problems.error((*place, "id"), "duplicate", name=section.id)
        if (workspace, section.channel) in places:
            reader.problems.error((*place, "channel"), "duplicate", name=section.channel)
        places.add((workspace, section.channel))
        room = RoomId(section.id)
        found[room] = Room(
            id=room,
            surface=SLACK,
            workspace=workspace,
            place=section.channel,
            name=section.name or section.id,
            language=section.language or language,
            board=section.board,
            shared=section.shared,
            surge=section.surge,
            thread_messages=section.thread_messages,
        )
    return found
