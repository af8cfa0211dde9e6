"""The HTTP side of a process: every door's routes, health, readiness and metrics."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.proxies import Network, behind_proxies
from routing.errors import TryLater

log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024 * 1024  # each door has its own, lower limit; this one only bounds the server


def web_app(
    routes: Iterable[web.AbstractRouteDef],
    *,
    ready: Callable[[], Awaitable[None]],
    metrics: bool = True,
    trusted_proxies: Sequence[Network] = (),
) -> web.Application:
    """`ready` raises TryLater when this process cannot serve."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_no_traceback, behind_proxies(trusted_proxies)])

    async def health(_request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readiness(_request: web.Request) -> web.Response:
        try:
            await ready()
        except TryLater as fault:
            # Anybody may ask here: why is for the log.
            log.warning("not ready", extra={"fault": fault.reason})
            return web.Response(status=503, text="not ready\n", headers={"Retry-After": "5"})
        return web.Response(text="ready\n")

    async def figures(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", readiness)
    if metrics:
        app.router.add_get("/metrics", figures)
    app.router.add_routes(routes)
    return app


@web.middleware
async def _no_traceback(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A fault of ours is a 503 that providers repeat, never a traceback and never a 4xx that they take for final."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except TryLater as fault:
        return web.Response(status=503, text="try again later\n", headers={"Retry-After": _seconds(fault)})
    except Exception:
        log.exception("request failed", extra={"route": _route(request)})
        return web.Response(status=503, text="try again later\n", headers={"Retry-After": "5"})


def _seconds(fault: TryLater) -> str:
    return str(max(1, round(fault.after.total_seconds())))


def _route(request: web.Request) -> str:
    """The route's pattern, not the address: that may carry a customer's data."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
