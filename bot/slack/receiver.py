"""Hands what came by HTTP or by Socket Mode, already proven to be Slack's, to Bolt in the same way."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.listener import WORKSPACE, Listener
from bot.slack.payload import team_of
from bot.slack.web import LIBRARY_LOG
from bot.slack.workspace import Workspace

log = logging.getLogger(__name__)

_INTERACTIONS = frozenset({"block_actions", "view_submission", "message_action", "shortcut"})
# What Bolt takes for granted of a payload; it stumbles over anything else.
_OBJECTS = ("event", "view", "message", "container", "previous_message")
_OBJECTS_OR_WORDS = ("user", "team", "enterprise", "channel", "item")

Received = tuple[int, dict[str, str], str]
"""Status, headers, body."""


def bolt_app(listener: Listener) -> AsyncApp:
    """Bolt with our one listener. Signatures are verified before it sees anything (see `door`), and Slack is called
    through each workspace's own client, so Bolt's has no token."""

    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
        workspace: Workspace = context[WORKSPACE]
        bot = workspace.bot
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team,
            bot_token=workspace.config.bot_token,
            bot_user_id=bot.user if bot else None,
            bot_id=bot.bot if bot else None,
        )

    app = AsyncApp(
        name="madoguchi",
        logger=LIBRARY_LOG,
        client=AsyncWebClient(logger=LIBRARY_LOG, retry_handlers=[]),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.use(listener)
    return app


class Receiver:
    """Finds the workspace that a payload is about, and lets Bolt have it."""

    def __init__(self, app: AsyncApp, workspaces: Mapping[str, Workspace], count: Callable[[str], None]) -> None:
        self._app = app
        self._workspaces = workspaces
        self._count = count

    async def receive(self, payload: Mapping[str, Any], teams: Collection[str]) -> Received:
        """`teams` are the workspaces whose secret (or socket) vouches for the payload; others are not listened to."""
        if not _is_well_formed(payload):
            self._count("malformed")
            return 400, {}, ""
        team = team_of(payload)
        workspace = self._workspaces.get(team) if team in teams else None
        if workspace is None and payload.get("type") in _INTERACTIONS and len(teams) == 1:
            # Somebody of another company pressed a button in a shared room: the desk refuses them, and notes it.
            workspace = self._workspaces.get(next(iter(teams)))
        if payload.get("type") == "app_rate_limited":
            log.warning("slack: too many events, some were dropped", extra={"workspace": team})
            self._count("rate_limited")
            return 200, {}, ""
        if workspace is None:
            self._count("unknown_workspace")
            return 200, {}, ""
        response = await self._dispatched(payload, workspace)
        if response.status == 200:
            self._count("accepted")
        headers = {name: value for name, value in response.first_headers().items() if name != "content-type"}
        if response.body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if response.status == 500:
            # Slack comes again after a 503 as after a 500, and whoever watches sees that the fault is ours and known.
            self._count("later")
            return 503, {"Retry-After": "5"}, ""
        return response.status, headers, response.body

    async def _dispatched(self, payload: Mapping[str, Any], workspace: Workspace) -> BoltResponse:
        # Bolt's "socket mode" request is one whose origin is proven and whose body is read already: both are so here.
        request = AsyncBoltRequest(body=dict(payload), mode="socket_mode", context={WORKSPACE: workspace})
        return await self._app.async_dispatch(request)


def _is_well_formed(payload: Mapping[str, Any]) -> bool:
    objects = all(isinstance(payload.get(name, {}), dict | None) for name in _OBJECTS)
    either = all(isinstance(payload.get(name, ""), dict | str | None) for name in _OBJECTS_OR_WORDS)
    authorizations = payload.get("authorizations") or []
    listed = isinstance(authorizations, list) and all(isinstance(one, dict) for one in authorizations)
    return objects and either and listed
