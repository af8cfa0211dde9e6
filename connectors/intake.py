"""Takes providers' webhooks at /hooks/<account>: genuine ones are on disk before the provider hears 200.

This is the hottest path of the house, so whatever does not change from request to request is looked up once per
account. Nothing is logged here but faults of our own: the counters tell of the rest, and a flood of forged requests
must not become a flood of lines. No log line carries a body or a header.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from math import ceil

from aiohttp import web
from prometheus_client import Counter

from connectors.contract import Connection, Ledger, NewDelivery, Receipt, Request, Verified, Webhooks
from routing.errors import BadSignature, Malformed, TryLater
from routing.ids import AccountId

BODY_LIMIT = 1024 * 1024
SLOWEST_BODY = 10.0

HOOKS = Counter("madoguchi_hooks", "Webhook requests by what became of them", ["connector", "outcome"])

log = logging.getLogger(__name__)


class _Door:
    """What stays the same over all requests of one account."""

    __slots__ = ("body_limit", "connection", "connector", "kept", "pings", "repeats", "verify")

    def __init__(self, connection: Connection, hook: Webhooks) -> None:
        self.connection = connection
        self.connector = hook.connector
        self.verify: Callable[[Request], Verified] = hook.verify
        self.body_limit = hook.body_limit
        self.kept = HOOKS.labels(hook.connector, "kept")
        self.repeats = HOOKS.labels(hook.connector, "repeat")
        self.pings = HOOKS.labels(hook.connector, "ping")


def hook_routes(
    connections: Mapping[AccountId, Connection],
    ledger: Ledger,
    clock: Callable[[], datetime],
    *,
    paused: Collection[AccountId] = (),
    patience: float = SLOWEST_BODY,
) -> list[web.RouteDef]:
    """The routes of all webhook accounts; accounts may be connected and disconnected while they serve. Those `paused`
    are there, but cannot verify anything now."""
    hooks = Hooks(connections, frozenset(paused), ledger, clock, patience)
    return [web.post("/hooks/{account}", hooks.take)]


class Hooks:
    """The webhook doors of all accounts."""

    def __init__(
        self,
        connections: Mapping[AccountId, Connection],
        paused: frozenset[AccountId],
        ledger: Ledger,
        clock: Callable[[], datetime],
        patience: float,
    ) -> None:
        self._connections = connections
        self._paused = paused
        self._ledger = ledger
        self._clock = clock
        self._patience = patience
        self._doors: dict[str, _Door] = {}

    async def take(self, request: web.Request) -> web.Response:
        account = request.match_info["account"]
        door = self._door(account)
        limit = BODY_LIMIT if door is None else door.body_limit
        body = b""
        if "Content-Encoding" in request.headers:
            return self._refuse(door, 415, "compressed", "send the body uncompressed")
        if (request.content_length or 0) > limit:
            return self._refuse(door, 413, "too_large", f"at most {limit} bytes are taken")
        try:
            body = await self._body(request, limit)
        except TimeoutError:
            return self._refuse(door, 408, "slow", "the body did not arrive in time")
        except _TooLong:
            return self._refuse(door, 413, "too_large", f"at most {limit} bytes are taken")
        except (web.RequestPayloadError, ConnectionError):
            return self._refuse(door, 400, "broken_off", "the body broke off")
        # An account that is not there is told of only now, so that asking for it takes as long as for one that is.
        if door is None and account in self._paused:
            self._count(None, "paused")
            return web.Response(status=503, text="come again later", headers={"Retry-After": "300"})
        if door is None:
            return self._refuse(None, 404, "unknown", "there is no such account")
        return await self._keep(AccountId(account), door, request, body)

    async def _keep(self, account: AccountId, door: _Door, request: web.Request, body: bytes) -> web.Response:
        try:
            verified = door.verify(_as_request(request, body))
            if not verified.provider_id:
                door.pings.inc()
                return web.Response()
            receipt = await self._ledger.accept(
                NewDelivery(account, verified.provider_id, verified.lane, verified.headers, body, self._clock())
            )
        except BadSignature:
            return self._refuse(door, 401, "bad_signature", "the signature is not right")
        except Malformed as fault:
            return self._refuse(door, fault.status, "malformed", "this is not what the door takes")
        except TryLater as fault:
            return self._unable(door, account, fault, wait=ceil(fault.after.total_seconds()))
        except Exception as fault:  # noqa: BLE001  whatever is wrong with us, the provider must be asked to come again
            return self._unable(door, account, fault, wait=30)
        (door.kept if receipt is Receipt.KEPT else door.repeats).inc()
        return web.Response()

    def _door(self, account: str) -> _Door | None:
        connection = self._connections.get(AccountId(account))
        door = self._doors.get(account)
        if door is not None and door.connection is connection:
            return door
        if connection is None or not isinstance(connection, Webhooks):
            self._doors.pop(account, None)
            return None
        door = self._doors[account] = _Door(connection, connection)
        return door

    async def _body(self, request: web.Request, limit: int) -> bytes:
        """The whole body; most arrive in the same packets as their headers and cost no waiting and no timer."""
        content = request.content
        if content.is_eof():
            body = content.read_nowait()
            if len(body) > limit:
                raise _TooLong
            return body
        chunks: list[bytes] = []
        size = 0
        async with asyncio.timeout(self._patience):
            while chunk := await content.readany():
                size += len(chunk)
                if size > limit:
                    raise _TooLong
                chunks.append(chunk)
        return b"".join(chunks)

    def _refuse(self, door: _Door | None, status: int, outcome: str, said: str) -> web.Response:
        self._count(door, outcome)
        response = web.Response(status=status, text=said)
        if status in (408, 413, 415):
            # The rest of the body is not worth reading; the connection goes with it.
            response.force_close()
        return response

    def _unable(self, door: _Door, account: AccountId, fault: Exception, *, wait: int) -> web.Response:
        self._count(door, "unable")
        # The place tells the one on call where to look; the fault's own words might quote a customer.
        place = traceback.extract_tb(fault.__traceback__)[-1]
        log.error(
            "a webhook could not be kept",
            extra={"account": account, "fault": type(fault).__name__, "place": f"{place.filename}:{place.lineno}"},
        )
        return web.Response(status=503, text="come again later", headers={"Retry-After": str(max(1, wait))})

    def _count(self, door: _Door | None, outcome: str) -> None:
        HOOKS.labels("none" if door is None else door.connector, outcome).inc()


class _TooLong(Exception):
    """The body goes on beyond the limit."""


def _as_request(request: web.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if len(headers) != len(request.headers):
        # A header sent twice is one with both values, as HTTP has it; a signature given twice then matches nothing.
        headers = {name: ", ".join(request.headers.getall(name)) for name in headers}
    return Request(request.method, request.path, request.query, headers, body, request.remote or "")
