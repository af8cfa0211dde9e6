"""Short ways to make Web API calls and to name what they refuse."""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.sandbox.slack import AppSettings, HandClock, SlackStandin, running_standin
from tests.sandbox.slack.bolt_app import client_for


@contextlib.asynccontextmanager
async def slack_and_client(
    settings: AppSettings | None = None, clock: HandClock | None = None
) -> AsyncIterator[tuple[SlackStandin, AsyncWebClient]]:
    """A stand-in whose app listens to nothing, and a client with the bot's token."""
    async with running_standin(app=settings, clock=clock) as slack:
        yield slack, client_for(slack)


async def refusal(call: Awaitable[AsyncSlackResponse]) -> str:
    """The error code of a call that must be refused."""
    return str((await refused(call))["error"])


async def refused(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    with pytest.raises(SlackApiError) as raised:
        await call
    response: Any = raised.value.response
    assert isinstance(response, AsyncSlackResponse)
    return response
