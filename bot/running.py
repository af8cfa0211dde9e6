"""Runs a house in one process: doors, worker, and a stop that finishes or gives back what was taken."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from aiohttp import web

from bot.app import App, Around, Part, ask_for_sources, open_house, smtp_door, wall_clock
from bot.plan import Plan
from connectors.server import SERVER

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=20)


async def run(
    plan: Plan,
    part: Part,
    *,
    around: Around | None = None,
    more_routes: Sequence[web.AbstractRouteDef] = (),
    opened: Callable[[App], None] = lambda _app: None,
    stop: asyncio.Event | None = None,
    clock: Callable[[], datetime] = wall_clock,
) -> None:
    """Runs until SIGTERM, SIGINT or `stop`. Doors close first, so nothing new is accepted that would be given back."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    async with open_house(plan, around=around, more_routes=more_routes, clock=clock) as app:
        worker: asyncio.Task[None] | None = None
        async with AsyncExitStack() as doors:
            if Part.WEB in part:
                await _open_doors(app, doors)
            elif plan.worker_port:
                await _serve(app.health, plan.host, plan.worker_port, doors)
            if Part.WORK in part:
                if part is Part.ALL and plan.is_embedded:
                    await app.jobs.end_leases()  # whoever held them was this house's only process, and it is gone
                # Only now that the doors are open: what is said between catching up and opening would be missed.
                await ask_for_sources(app)
                worker = asyncio.create_task(app.worker.run(), name="worker")
            opened(app)
            log.info("open", extra={"part": (part.name or "").lower(), "port": plan.port if Part.WEB in part else 0})
            await _until(stop, worker)
        log.info("stopping")
        app.worker.stop()
        if worker is not None:
            try:
                await worker
            finally:
                await app.worker.finish(grace=GRACE)
    log.info("stopped")


async def _until(stop: asyncio.Event, worker: "asyncio.Task[None] | None") -> None:
    """Until we are to stop. A worker that ends by itself ends the process: better restarted than half alive."""
    stopping = asyncio.create_task(stop.wait())
    waits: set[asyncio.Task[object]] = {stopping}
    if worker is not None:
        waits.add(worker)
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


async def _open_doors(app: App, doors: AsyncExitStack) -> None:
    await doors.enter_async_context(smtp_door(app))
    await _serve(app.web, app.plan.host, app.plan.port, doors)
    if app.slack is not None and app.plan.socket_mode:
        await app.slack.start_socket_mode()


async def _serve(served: web.Application, host: str, port: int, doors: AsyncExitStack) -> None:
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=GRACE.total_seconds(), **SERVER)
    await runner.setup()
    doors.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host, port).start()
