"""Calls Slack's Web API for one workspace and raises only our own errors."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import AskedForPatience, refusal, silence
from bot.slack.pace import Pace
from routing.errors import MadoguchiError, Rejected

Json = dict[str, Any]
log = logging.getLogger(__name__)

PATIENCE = aiohttp.ClientTimeout(total=20, connect=5, sock_read=15)
PAGE = 200
LONG_PAGE = 1000  # of ids alone
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

    def __init__(self, client: AsyncWebClient, pace: Pace) -> None:
        self.client = client
        self._pace = pace

    async def call(self, method: str, arguments: Mapping[str, Any]) -> Json:
        """Does something. A call that may have shown its message without telling us is Unclear."""
        posts = method in POSTING_METHODS
        return await self._asked(method, arguments, posts=posts, verb="POST", json=dict(arguments))

    async def read(self, method: str, arguments: Mapping[str, Any]) -> Json:
        """Reads something; never Unclear."""
        return await self._asked(method, arguments, posts=False, verb="GET", params=dict(arguments))

    async def scopes(self) -> frozenset[str]:
        """The permissions that were granted to the token."""
        try:
            answer = await self.client.api_call("auth.test")
        except SlackApiError as failure:
            raise self._refused("auth.test", failure, posts=False) from None
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

    async def listed(self, method: str, arguments: Mapping[str, Any], *, items: str) -> list[str]:
        """Reads a list of ids to its end. Raises Rejected without one: half a list would be taken for the whole."""
        found: list[str] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self.read(method, {**arguments, "limit": LONG_PAGE, **({"cursor": cursor} if cursor else {})})
            listed = page.get(items)
            if not isinstance(listed, list):
                raise Rejected(f"slack {method}: an answer without {items}")
            found += [one for one in listed if isinstance(one, str)]
            metadata = page.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return found
        raise Rejected(f"slack {method}: a list of more than {MOST_PAGES} pages")

    async def _asked(
        self, method: str, arguments: Mapping[str, Any], *, posts: bool, verb: str, **carried: Any
    ) -> Json:
        await self._pace.keep(method, arguments)
        try:
            answer = await self.client.api_call(method, http_verb=verb, **carried)
        except SlackApiError as failure:
            fault = self._refused(method, failure, posts=posts)
            if isinstance(fault, AskedForPatience):
                await self._pace.shut(method, arguments, fault.after)
            raise fault from None
        except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as failure:
            raise silence(method, failure, posts=posts) from failure
        except (ValueError, AttributeError) as failure:
            # What answered was not Slack but something between: the SDK stumbles over answers that are no JSON object.
            raise silence(method, failure, posts=posts) from None
        return answer.data if isinstance(answer.data, dict) else {}

    def _refused(self, method: str, failure: SlackApiError, *, posts: bool) -> MadoguchiError:
        response = failure.response
        answer = getattr(response, "data", None)
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
        headers = getattr(response, "headers", None) or {}
        return refusal(method, answer if isinstance(answer, dict) else {}, status, headers, posts=posts)
