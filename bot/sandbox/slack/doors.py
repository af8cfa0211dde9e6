"""All addresses of the stand-in, and who may use which."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.slack.client.endpoints import ClientDoors
from bot.sandbox.slack.client.files import ClientFiles
from bot.sandbox.slack.client.socket import ClientSocket
from bot.sandbox.slack.file_doors import FileDoors
from bot.sandbox.slack.outgoing.over_socket import SocketCourier
from bot.sandbox.slack.people import avatar
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.web.dispatch import WebApi
from bot.sandbox.slack.web.methods import all_methods

Door = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Doors:
    """Slack's side (/api/, /actions/, /upload/, /files-pri/, /link/) and its client's side (/client/)."""

    def __init__(self, platform: Platform, socket: SocketCourier) -> None:
        self._platform = platform
        self._client_socket = ClientSocket(platform)
        self._socket = socket

    def routes(self) -> Sequence[web.RouteDef]:
        platform = self._platform
        api = WebApi(platform, all_methods(self._socket))
        files, client, client_files = FileDoors(platform), ClientDoors(platform), ClientFiles(platform)
        return [
            web.route("*", "/api/{method}", api.take),
            web.post("/actions/{team}/{key}", ResponseUrls(platform).take),
            web.post("/upload/v1/{key}", files.upload),
            web.get("/files-pri/{team}-{id}/{tail:.+}", files.download),
            web.get("/login", files.login),
            web.get("/link/", self._socket.connect),
            web.get(r"/avatars/{user:\w+}-{size:\d+}.svg", self._avatar),
            web.get("/archives/{channel}/p{stamp:\\d+}", self._permalink),
            web.get("/client/ws", _local(self._client_socket.take)),
            web.get("/client/rules", _local(client.rules)),
            web.get("/client/files/{id}/{name}", _local(client_files.download)),
            web.post("/client/upload", _local(client_files.upload)),
            web.post("/client/{act}", _local(client.take)),
        ]

    async def close(self) -> None:
        await self._client_socket.close()

    async def _avatar(self, request: web.Request) -> web.Response:
        user = self._platform.workspace.users.get(request.match_info["user"])
        if user is None:
            raise web.HTTPNotFound
        return web.Response(text=avatar(user), content_type="image/svg+xml")

    async def _permalink(self, request: web.Request) -> web.Response:
        """A permalink leads to the sandbox's page, where there is one."""
        page = self._platform.app.page_url
        if page is None:
            raise web.HTTPNotFound
        stamp = request.match_info["stamp"]
        raise web.HTTPFound(f"{page}#{request.match_info['channel']}/{stamp[:-6]}.{stamp[-6:]}")


def _local(door: Door) -> Door:
    """Lets in only pages of this machine, so that no website elsewhere can speak for the people in the sandbox."""

    async def take(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        hosts = [urlsplit(f"//{request.host}").hostname]
        if origin is not None:
            hosts.append(urlsplit(origin).hostname)
        if not all(host in _LOCAL for host in hosts):
            raise web.HTTPForbidden(text="only for pages of this machine")
        return await door(request)

    return take
