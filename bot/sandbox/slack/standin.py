"""Puts one stand-in of Slack together and runs it on this machine."""

import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.sandbox.slack.clock import Clock, WallClock
from bot.sandbox.slack.doors import Doors
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.keeper import Keeper
from bot.sandbox.slack.outgoing.courier import Courier
from bot.sandbox.slack.outgoing.events import EventSender
from bot.sandbox.slack.outgoing.logged import LoggedCourier
from bot.sandbox.slack.outgoing.over_http import HttpCourier
from bot.sandbox.slack.outgoing.over_socket import SocketCourier
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.playground import Playground
from bot.sandbox.slack.seed import sunrise_coffee
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.stumbles import Stumbles
from bot.sandbox.slack.workspace import Workspace

HOST = "127.0.0.1"
BODY_AT_MOST = 64 * 1024 * 1024


class SlackStandin(Playground):
    """A local Slack with one workspace and one installed app. Use `running_standin`, or mount `routes()` yourself."""

    def __init__(
        self,
        app: AppSettings,
        *,
        base_url: str,
        clock: Clock | None = None,
        log: Path | None = None,
        state: Path | None = None,
    ) -> None:
        """Must be made inside the running event loop; `stop()` ends it. With `state`, a directory, the workspace is
        what it was when the last stand-in that used it ended."""
        clock = clock or WallClock()
        self.journal = Journal(clock, log)
        self.base_url = base_url
        self.clock = clock
        seed = sunrise_coffee(app, base_url=base_url, created=int(clock.now()))
        workspace = Workspace(seed, clock, app_id=app.app_id)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        self.socket_mode = SocketCourier(app, clock)
        self._http = HttpCourier(app, clock, self._session)
        road: Courier = self.socket_mode if app.socket_mode else self._http
        courier = LoggedCourier(road, self.journal)
        feed = Feed()
        self.journal.listen(feed.wake)
        self.events = EventSender(app, clock, workspace, courier)
        super().__init__(
            Platform(
                app=app,
                clock=clock,
                journal=self.journal,
                feed=feed,
                workspace=workspace,
                stumbles=Stumbles(clock, real_limits=app.real_limits),
                courier=courier,
                events=self.events,
                base_url=base_url,
            )
        )
        self._doors = Doors(self.platform, self.socket_mode)
        self._keeper = None if state is None else Keeper(state, workspace, feed, clock, base_url=base_url)
        if self._keeper is not None:
            self._keeper.start()

    @property
    def api_url(self) -> str:
        """What `AsyncWebClient(base_url=…)` wants."""
        return f"{self.base_url}/api/"

    def point_at(self, request_url: str) -> None:
        """Enters the app's request URL, when it is known only now."""
        self._http.request_url = request_url

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return self._doors.routes()

    async def settled(self) -> None:
        """Returns when every event has been delivered (or waits for its next attempt)."""
        await self.events.settled()

    async def stop(self) -> None:
        await self.events.close()
        await self.socket_mode.disconnect("link_disabled")
        await self._doors.close()
        await self._session.close()
        if self._keeper is not None:
            await self._keeper.stop()
        self.journal.close()


@contextlib.asynccontextmanager
async def running_standin(
    *,
    request_url: str | None = None,
    signing_secret: str | None = None,
    app: AppSettings | None = None,
    port: int = 0,
    clock: Clock | None = None,
    log: Path | None = None,
    state: Path | None = None,
    more_routes: Iterable[web.AbstractRouteDef] = (),
) -> AsyncIterator[SlackStandin]:
    """A stand-in that listens on this machine only, until the block ends."""
    settings = app or AppSettings()
    settings = replace(
        settings,
        request_url=request_url or settings.request_url,
        signing_secret=signing_secret or settings.signing_secret,
    )
    listener = socket.create_server((HOST, port))
    slack = SlackStandin(
        settings, base_url=f"http://{HOST}:{listener.getsockname()[1]}", clock=clock, log=log, state=state
    )
    server = web.Application(client_max_size=BODY_AT_MOST)
    server.add_routes([*slack.routes(), *more_routes])
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield slack
    finally:
        await slack.stop()
        await runner.cleanup()
