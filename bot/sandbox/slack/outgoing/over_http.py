"""Sends payloads to the app's request URL, signed as Slack signs them."""

import hashlib
import hmac
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.outgoing.courier import Kind, Reply, Retry, Unanswered, within_patience
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.wire import JsonObject, compact


def sign(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 signature of a request body."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return "v0=" + digest.hexdigest()


class HttpCourier:
    """One request URL takes events, interactivity and commands alike."""

    def __init__(self, app: AppSettings, clock: Clock, session: aiohttp.ClientSession) -> None:
        self._app = app
        self.request_url = app.request_url
        self._clock = clock
        self._session = session

    async def deliver(self, kind: Kind, payload: JsonObject, retry: Retry | None = None) -> Reply:
        if kind is Kind.EVENT:
            body, content_type = compact(payload), "application/json"
        else:
            fields = payload if kind is Kind.COMMAND else {"payload": compact(payload)}
            body, content_type = urlencode(fields), "application/x-www-form-urlencoded"
        timestamp = str(int(self._clock.now()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._app.signing_secret, timestamp, body),
        }
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        return await within_patience(self._clock, self._send(body, headers))

    async def _send(self, body: str, headers: dict[str, str]) -> Reply:
        if self.request_url is None:
            raise Unanswered("connection_failed")
        try:
            async with self._session.post(self.request_url, data=body.encode(), headers=headers) as response:
                return Reply(
                    response.status,
                    await response.text(errors="replace"),
                    no_retry=response.headers.get("X-Slack-No-Retry") == "1",
                )
        except aiohttp.TooManyRedirects:
            raise Unanswered("too_many_redirects") from None
        except aiohttp.ClientSSLError:
            raise Unanswered("ssl_error") from None
        except (aiohttp.ClientError, OSError):
            raise Unanswered("connection_failed") from None
