"""Calls providers' HTTP APIs and says in our own errors what a failed call means.

What a caller needs to know is whether the request may have had an effect. Refused before anything was written (DNS,
connect, TLS) or answered 429: TryLater. Written, but without a clear answer (timeout, reset, 5xx): Unclear, or TryLater
where the call only reads. Answered no: what the provider's own table says, else Rejected.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from yarl import URL

from connectors.guard import REFUSED_ERRNO, guarded_sockets, is_loopback
from routing.errors import Gone, MadoguchiError, NeedsAttention, Rejected, TryLater, Unclear

ANSWER_CAP = 1024 * 1024
PATIENCE = aiohttp.ClientTimeout(total=30, connect=10, sock_read=20)
LONGEST_DOWNLOAD = 300.0
LONGEST_WAIT = timedelta(hours=1)
READING = frozenset({"GET", "HEAD"})


def client_session(*, allow_loopback: bool, patience: aiohttp.ClientTimeout = PATIENCE) -> aiohttp.ClientSession:
    """The one session for all providers: no cookies, no proxies from the environment, no compressed answers (a small
    one can unfold to gigabytes), and no way into our own network. `allow_loopback` is for providers' stand-ins."""
    connector = aiohttp.TCPConnector(
        socket_factory=guarded_sockets(allow_loopback=allow_loopback), limit_per_host=50, keepalive_timeout=15
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=patience,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "madoguchi"},
        max_field_size=16 * 1024,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered. `complete` is false when its body broke off or was longer than we read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True

    def fields(self) -> Mapping[str, Any]:
        """The JSON object in the body; an empty one when there is none, so that a clear status stays clear."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def no_table(_answer: Answer) -> MadoguchiError | None:
    return None


def first_words(answer: Answer) -> str:
    """What an error body says, for people: the beginning of it on one line."""
    return " ".join(answer.body[:300].decode("utf-8", "replace").split())


@dataclass(frozen=True, slots=True)
class Provider:
    """Whom we call: `hosts` are all that may be asked, `judge` knows the provider's own refusals (None leaves an answer
    to the common table), `explain` finds the sentence in an error body."""

    name: str
    hosts: frozenset[str]
    judge: Callable[[Answer], MadoguchiError | None] = no_table
    explain: Callable[[Answer], str] = first_words


def hosts_of(*addresses: str) -> frozenset[str]:
    """The hosts of base addresses that the operator configured."""
    return frozenset(host for address in addresses if (host := URL(address).host))


def secure_base(address: str) -> str:
    """A base address as configured, without its last slash. ValueError unless https, or http to this very machine."""
    url = URL(address)
    if not url.host or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))):
        raise ValueError("must begin with https:// (http:// only for a stand-in on this machine)")
    return address.rstrip("/")


def retry_after(answer: Answer, now: datetime, *, otherwise: timedelta = timedelta(seconds=5)) -> timedelta:
    """How long the provider asks us to wait, in seconds or until a date; never less than a second, never beyond an
    hour, so that a wrong clock on either side cannot stop a queue for days."""
    asked = answer.headers.get("Retry-After", "").strip()
    wait = otherwise
    if asked.isascii() and asked.isdigit():
        wait = timedelta(seconds=min(int(asked[:9]), LONGEST_WAIT.total_seconds()))
    elif asked:
        try:
            until = parsedate_to_datetime(asked)
            wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
        except (ValueError, OverflowError):
            wait = otherwise
    return max(timedelta(seconds=1), min(wait, LONGEST_WAIT))


async def call(
    http: aiohttp.ClientSession,
    provider: Provider,
    method: str,
    url: str,
    *,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    accept: frozenset[int] = frozenset(),
    harmless: bool = False,
    cap: int = ANSWER_CAP,
    patience: aiohttp.ClientTimeout | None = None,
) -> Answer:
    """One request with a JSON or form body. Returns a 2xx answer, or one whose status is in `accept`. `harmless` says
    of a POST that it may be done twice (fetching a token): it is then never Unclear."""
    harmless = harmless or method in READING
    if URL(url).host not in provider.hosts:
        raise Rejected(f"{provider.name}: {URL(url).host} is not one of its hosts")
    try:
        request = http.request(
            method, url, headers=headers, json=body, data=form, allow_redirects=False, timeout=patience or http.timeout
        )
        async with request as response:
            answer = await _read(response, cap)
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        raise _no_answer(failure, provider, harmless=harmless) from failure
    if answer.status in accept or 200 <= answer.status < 300:
        if harmless and not answer.complete:
            raise TryLater(f"{provider.name}: the answer broke off or is longer than {cap} bytes")
        return answer
    raise _judged(answer, provider, now, harmless=harmless)


async def download(
    http: aiohttp.ClientSession,
    provider: Provider,
    url: str,
    *,
    now: datetime,
    cap: int,
    headers: Mapping[str, str] | None = None,
    accept: frozenset[int] = frozenset(),
) -> Answer:
    """A file, read as it comes and never beyond `cap` bytes. Raises Gone for one that is larger, or not there."""
    patience = aiohttp.ClientTimeout(
        total=LONGEST_DOWNLOAD, connect=http.timeout.connect, sock_read=http.timeout.sock_read
    )
    try:
        return await call(
            http, provider, "GET", url, now=now, headers=headers, accept=accept, cap=cap, patience=patience
        )
    except _TooLarge as failure:
        raise Gone(f"{provider.name}: the file is larger than the {cap} bytes we keep") from failure


class _TooLarge(TryLater):
    """The answer is longer than its reader takes."""


async def _read(response: aiohttp.ClientResponse, cap: int) -> Answer:
    """The answer with as much of its body as is there. Once the status has come, the request had its answer: a body
    that breaks off does not make it unclear."""
    if response.ok and (response.content_length or 0) > cap and response.method in READING:
        raise _TooLarge(f"the answer is longer than {cap} bytes")
    chunks: list[bytes] = []
    size = 0
    complete = "Content-Encoding" not in response.headers
    try:
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > cap:
                complete = False
                break
            chunks.append(chunk)
    except (aiohttp.ClientError, TimeoutError, OSError):
        complete = False
    if size > cap:
        response.close()
        if response.ok and response.method in READING:
            raise _TooLarge(f"the answer is longer than {cap} bytes")
    return Answer(response.status, response.headers, b"".join(chunks), complete)


def _no_answer(failure: BaseException, provider: Provider, *, harmless: bool) -> MadoguchiError:
    match failure:
        case aiohttp.ClientConnectorError(os_error=OSError(errno=number)) if number == REFUSED_ERRNO:
            return Rejected(f"{provider.name}: its address leads into a network that may not be called")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return Rejected(f"{provider.name}: the address cannot be called")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return TryLater(f"{provider.name} could not be reached")
        case _ if harmless:
            return TryLater(f"{provider.name} gave no answer")
    return Unclear(f"{provider.name} gave no answer ({type(failure).__name__})")


def _judged(answer: Answer, provider: Provider, now: datetime, *, harmless: bool) -> MadoguchiError:
    if (own := provider.judge(answer)) is not None:
        return own
    said = f"{provider.name} answered {answer.status}: {provider.explain(answer)}"
    match answer.status:
        case 429:
            return TryLater(f"{provider.name} asks to slow down", after=retry_after(answer, now))
        case 401:
            return NeedsAttention(said)
        case status if status >= 500:
            if harmless:
                return TryLater(f"{provider.name} answered {status}", after=retry_after(answer, now))
            return Unclear(f"{provider.name} answered {status}")
        case status if status < 400:
            return Rejected(f"{provider.name} answered {status}, a redirect, which is not followed")
    return Rejected(said)
