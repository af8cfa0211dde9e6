"""The kinds of value a setting can have, each read strictly and explained when it is something else."""

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from bot.configuration.problems import meant
from bot.proxies import Network
from connectors.guard import is_loopback
from connectors.sizes import Size

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*\.?\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")


def unfit(key: str, **values: object) -> PydanticCustomError:
    """An error whose sentences stand in the catalogues under `key`."""
    return PydanticCustomError(key, "{key}", {"key": key, **values})


def _matching(pattern: str, key: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise unfit(key)
        return value

    return check


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9:
        return timedelta(seconds=value)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or len(match[1]) > 9:
        raise unfit("duration")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


def _host(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not _HOST.match(value):
            raise unfit("host") from None
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        raise unfit("timezone", meant=_zone_like(value)) from None
    return value


def _zone_like(value: str) -> str:
    zones = available_timezones()
    last = value.rpartition("/")[2].casefold()
    for zone in sorted(zones):
        if last and zone.rpartition("/")[2].casefold() == last:
            return f'"{zone}"'
    close = meant(value, zones)
    return close if close.startswith('"') else '"Asia/Tokyo", "Europe/Berlin", "UTC"'


def _public_url(value: str) -> str:
    url = urlsplit(value)
    if not value:
        return value
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
        raise unfit("public_url")
    if url.scheme == "http" and not is_loopback(url.hostname):
        raise unfit("public_url_https")
    return value.rstrip("/")


def _api_base(value: str) -> str:
    url = urlsplit(value)
    if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))):
        raise unfit("api_base")
    return value.rstrip("/") + "/"


def _networks(value: Any) -> Any:
    """`true` trusts proxies on this machine and in private networks; a list names networks or addresses."""
    if value is True:
        return tuple(map(ipaddress.ip_network, _PRIVATE))
    if value is False:
        return ()
    if not isinstance(value, list | tuple):
        raise unfit("networks")
    try:
        return tuple(ipaddress.ip_network(one) for one in value)
    except ValueError:
        raise unfit("networks") from None


_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")


def _mail_address(value: str) -> str:
    name, at, domain = value.strip().rpartition("@")
    if not at or not name or any(one.isspace() for one in name) or not _DOMAIN.match(domain.casefold()):
        raise unfit("mail_address")
    return value.strip().casefold()


def _domain(value: str) -> str:
    folded = value.strip().removeprefix("@").casefold()
    if not _DOMAIN.match(folded):
        raise unfit("domain")
    return folded


Identifier = Annotated[str, AfterValidator(_matching(r"[a-z0-9][a-z0-9_-]{0,62}", "identifier"))]
TeamId = Annotated[str, AfterValidator(_matching(r"T[A-Z0-9]{2,30}", "team_id"))]
PlaceId = Annotated[str, AfterValidator(_matching(r"[CG][A-Z0-9]{2,30}", "place_id"))]
LanguageTag = Annotated[str, AfterValidator(_matching(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "language_tag"))]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
LimitSize = Annotated[Size, Field(ge=1024)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=0, le=65_535)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
ApiBase = Annotated[str, AfterValidator(_api_base)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Language = Literal["en", "ja"]
