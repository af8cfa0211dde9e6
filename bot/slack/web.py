"""Calls Slack's Web API for one workspace and raises only our own errors."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import refusal, silence
from bot.slack.pace import EDITS, POSTS, Pace, Rate
from routing.errors import MadoguchiError, TryLater

Json = dict[str, Any]
log = logging.getLogger(__name__)

PATIENCE = aiohttp.ClientTimeout(total=20, connect=5, sock_read=15)
PAGE = 200
MOST_PAGES = 50
POSTING_METHODS = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"})
# The libraries log whole requests and answers at DEBUG: customers' words and tokens. Theirs never goes below this.
LIBRARY_LOG = logging.getLogger("madoguchi.slack.library")
LIBRARY_LOG.setLevel(logging.ERROR)


def client_session() -> aiohttp.ClientSession:
    """One session for all calls to Slack."""
    connector = aiohttp.TCPConnector(limit_per_host=30, keepalive_timeout=15)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=PATIENCE)


class Web:
    """The Web API as one workspace's bot sees it."""

    def __init__(
        self, client: AsyncWebClient, monotonic: Callable[[], float], *, posts: Rate = POSTS, edits: Rate = EDITS
    ) -> None:
        self.client = client
        self._pace = Pace(monotonic)
        self._posts = posts
        self._edits = edits

    async def call(self, method: str, arguments: Mapping[str, Any]) -> Json:
        """Does something. A call that may have shown its message without telling us is Unclear."""
        posts = method in POSTING_METHODS
        key = self._within_limits(method, arguments)
        return await self._asked(method, key, posts=posts, verb="POST", json=dict(arguments))

    async def read(self, method: str, arguments: Mapping[str, Any]) -> Json:
        """Reads something; never Unclear."""
        self._pace.check(method)
        return await self._asked(method, method, posts=False, verb="GET", params=dict(arguments))

    async def scopes(self) -> frozenset[str]:
        """The permissions that were granted to the token."""
        try:
            answer = await self.client.api_call("auth.test")
        except SlackApiError as failure:
            raise self._refused("auth.test", "auth.test", failure, posts=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            raise silence("auth.test", failure, posts=False) from failure
        granted = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", "")
        return frozenset(scope.strip() for scope in granted.split(",") if scope.strip())

    async def pages(self, method: str, arguments: Mapping[str, Any], *, items: str) -> AsyncIterator[Json]:
        """Reads a list page by page, each item by itself, and leaves off where nobody would look any further."""
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self.read(method, {**arguments, "limit": PAGE, **({"cursor": cursor} if cursor else {})})
            found = page.get(items)
            for item in found if isinstance(found, list) else []:
                if isinstance(item, dict):
                    yield item
            metadata = page.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return
        log.warning("slack: a list was not read to its end", extra={"method": method, "pages": MOST_PAGES})

    def _within_limits(self, method: str, arguments: Mapping[str, Any]) -> str:
        """Which patience the call falls under; raises TryLater when there is no room for it now."""
        rate: Rate | None = None
        key = method
        if method == "chat.postMessage":
            key, rate = f"{method} {arguments.get('channel')}", self._posts
        elif method == "chat.update":
            rate = self._edits
        self._pace.check(key)
        if rate:
            self._pace.take(key, rate)
        return key

    async def _asked(self, method: str, key: str, *, posts: bool, verb: str, **arguments: Any) -> Json:
        try:
            answer = await self.client.api_call(method, http_verb=verb, **arguments)
        except SlackApiError as failure:
            raise self._refused(method, key, failure, posts=posts) from None
        except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as failure:
            raise silence(method, failure, posts=posts) from failure
        except (ValueError, AttributeError) as failure:
            # What answered was not Slack but something between: the SDK stumbles over answers that are no JSON object.
            raise silence(method, failure, posts=posts) from None
        return answer.data if isinstance(answer.data, dict) else {}

    def _refused(self, method: str, key: str, failure: SlackApiError, *, posts: bool) -> MadoguchiError:
        response = failure.response
        answer = getattr(response, "data", None)
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
        headers = getattr(response, "headers", None) or {}
        fault = refusal(method, answer if isinstance(answer, dict) else {}, status, headers, posts=posts)
        if isinstance(fault, TryLater) and status == 429:
            self._pace.close(key, fault.after)
        return fault
