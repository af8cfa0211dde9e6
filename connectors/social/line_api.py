"""Asks LINE's Messaging API: fetches tokens, names retries, and knows what LINE's refusals mean.

https://developers.line.biz/en/reference/messaging-api/#status-codes
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from connectors.http import Answer, Provider, call, download, hosts_of
from connectors.social.line_config import LineConfig
from routing.errors import MadoguchiError, NeedsAttention, Rejected, TryLater

# A token is renewed this long before its end, so that none dies on its way.
_MARGIN = timedelta(seconds=60)


class DeadReplyToken(Rejected):
    """The reply token was used, or is too old: nothing was sent."""


class TokenRefused(NeedsAttention):
    """LINE does not accept the access token."""


def explain(answer: Answer) -> str:
    """LINE's own sentence, with the places it points at."""
    fields = answer.fields()
    message = fields.get("message") or fields.get("error_description") or fields.get("error")
    if not isinstance(message, str):
        return f"request {answer.headers.get('X-Line-Request-Id', 'without id')}"
    details = fields.get("details")
    places = [
        f"{detail.get('property', '')}: {detail.get('message', '')}"
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict)
    ]
    return " ".join(f"{message} {'; '.join(places[:3])}".split())[:300]


def judge(answer: Answer) -> MadoguchiError | None:
    said = explain(answer)
    match answer.status:
        case 400 if "reply token" in said.casefold():
            return DeadReplyToken(f"LINE: {said}")
        case 401:
            return TokenRefused(f"LINE does not accept the access token: {said}")
        case 403:
            return NeedsAttention(f"LINE does not allow this account to do that; check its plan and roles: {said}")
        case 429 if "monthly limit" in said.casefold():
            return Rejected(
                "The monthly number of messages of this LINE account is used up; raise its plan to send more."
            )
    return None


class LineApi:
    """The API as one account may use it."""

    def __init__(self, http: aiohttp.ClientSession, config: LineConfig, clock: Callable[[], datetime]) -> None:
        self._http = http
        self._config = config
        self._clock = clock
        self._provider = Provider("LINE", hosts_of(config.api_base, config.data_base), judge, explain)
        self._fetching = asyncio.Lock()
        self._token = ""
        self._token_ends: datetime | None = None

    async def get(self, path: str) -> Mapping[str, Any]:
        async def ask(headers: Mapping[str, str]) -> Answer:
            url = self._config.api_base + path
            return await call(self._http, self._provider, "GET", url, now=self._clock(), headers=headers)

        return (await self._authorised(ask)).fields()

    async def post(
        self, path: str, body: Mapping[str, Any], *, retry_key: str = "", accept: frozenset[int] = frozenset()
    ) -> Answer:
        async def ask(headers: Mapping[str, str]) -> Answer:
            keyed = {**headers, "X-Line-Retry-Key": retry_key} if retry_key else headers
            url = self._config.api_base + path
            return await call(
                self._http, self._provider, "POST", url, now=self._clock(), headers=keyed, body=body, accept=accept
            )

        return await self._authorised(ask)

    async def content(self, path: str, *, cap: int, accept: frozenset[int]) -> Answer:
        async def ask(headers: Mapping[str, str]) -> Answer:
            url = self._config.data_base + path
            return await download(
                self._http, self._provider, url, now=self._clock(), cap=cap, headers=headers, accept=accept
            )

        return await self._authorised(ask)

    async def _authorised(self, ask: Callable[[Mapping[str, str]], Awaitable[Answer]]) -> Answer:
        token = await self._access_token()
        try:
            return await ask({"Authorization": f"Bearer {token}"})
        except TokenRefused:
            # A refused request had no effect, so it may be made again with a token fetched afresh.
            if self._config.access_token is not None:
                raise
        if token == self._token:
            self._token_ends = None
        return await ask({"Authorization": f"Bearer {await self._access_token()}"})

    async def _access_token(self) -> str:
        """The configured token, or a stateless one: those are fetched with the channel's id and secret, live 15
        minutes, and leave nothing behind that lasts."""
        if self._config.access_token is not None:
            return self._config.access_token.get_secret_value()
        async with self._fetching:
            if self._token_ends is None or self._clock() >= self._token_ends:
                await self._fetch_token()
            return self._token

    async def _fetch_token(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.channel_id,
            "client_secret": self._config.channel_secret.get_secret_value(),
        }
        url = f"{self._config.api_base}/oauth2/v3/token"
        try:
            answer = await call(self._http, self._provider, "POST", url, now=self._clock(), form=form, harmless=True)
        except Rejected as refusal:
            raise NeedsAttention(f"LINE gives no access token for this channel ID and secret: {refusal}") from refusal
        token, lifetime = answer.fields().get("access_token"), answer.fields().get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not isinstance(lifetime, int):
            raise TryLater("LINE answered without an access token")
        self._token = token
        self._token_ends = self._clock() + max(timedelta(0), timedelta(seconds=lifetime) - _MARGIN)
