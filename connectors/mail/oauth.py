"""Keeps a fresh access token for the mail servers of Google, Microsoft and others (OAuth 2)."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp

from connectors.mail.config import OAuthProvider, OAuthSettings
from routing.errors import NeedsAttention, TryLater

_GOOGLE = "https://oauth2.googleapis.com/token"
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
_MICROSOFT_USER = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
_MICROSOFT_APP = "https://outlook.office365.com/.default"
_MARGIN = timedelta(minutes=2)
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_LONGEST_ANSWER = 64 * 1024


class TokenSource:
    """Gives the access token of one account, and asks for a new one shortly before it runs out."""

    def __init__(self, settings: OAuthSettings, http: aiohttp.ClientSession, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._token = ""
        self._until: datetime | None = None
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """Raises NeedsAttention when the provider refuses us, TryLater when it cannot be asked."""
        async with self._asking:
            if self._until is None or self._clock() >= self._until:
                self._token, self._until = await self._ask()
            return self._token

    def forget(self) -> None:
        """The token was refused: the next one is asked for anew."""
        self._until = None

    async def _ask(self) -> tuple[str, datetime]:
        asked_at = self._clock()
        try:
            async with self._http.post(
                self._url(), data=self._form(), timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                status = response.status
                body = await response.content.read(_LONGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise TryLater(f"The provider of access tokens cannot be reached: {type(failure).__name__}") from failure
        answer = _read(body)
        if status == 429 or status >= 500:
            raise TryLater(f"The provider of access tokens answered {status}.", after=timedelta(minutes=1))
        token, lifetime = answer.get("access_token"), answer.get("expires_in", 3600)
        if status != 200 or not isinstance(token, str) or not token:
            reason = answer.get("error_description") or answer.get("error") or f"status {status}"
            raise NeedsAttention(
                f"The provider of access tokens refuses us: {str(reason)[:300]}. Connect the account anew."
            )
        seconds = float(lifetime) if isinstance(lifetime, int | float | str) and str(lifetime).isdigit() else 3600.0
        return token, asked_at + max(timedelta(seconds=seconds) - _MARGIN, timedelta(seconds=10))

    def _url(self) -> str:
        match self._settings.provider:
            case OAuthProvider.GOOGLE:
                return _GOOGLE
            case OAuthProvider.MICROSOFT:
                return _MICROSOFT.format(tenant=self._settings.tenant)
            case OAuthProvider.CUSTOM:
                return self._settings.token_url

    def _form(self) -> dict[str, str]:
        settings = self._settings
        form = {"client_id": settings.client_id}
        if settings.client_secret is not None:
            form["client_secret"] = settings.client_secret.get_secret_value()
        scope = settings.scope
        if settings.refresh_token is not None:
            form |= {"grant_type": "refresh_token", "refresh_token": settings.refresh_token.get_secret_value()}
            if settings.provider is OAuthProvider.MICROSOFT:
                scope = scope or _MICROSOFT_USER
        else:
            form["grant_type"] = "client_credentials"
            if settings.provider is OAuthProvider.MICROSOFT:
                scope = scope or _MICROSOFT_APP
        return form | ({"scope": scope} if scope else {})


def _read(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
