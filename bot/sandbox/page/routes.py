"""Serves the page of the demo workspace and the few things it has to be told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

_STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Form:
    """A hosted contact form: how it is called in the page, and its address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class PageConfig:
    """`first_user` is the Slack id of the person whom a newcomer is at first; `has_home`: the app shows a Home tab;
    `first_room`: the room that is open as long as nothing was written anywhere."""

    first_user: str
    forms: tuple[Form, ...] = ()
    has_home: bool = False
    first_room: str = ""


def page_routes(config: PageConfig) -> list[web.RouteDef]:
    """The page at `/`, its parts below `/sandbox/`. The workspace's and the customers' routes stand beside them."""
    policy = _content_policy(config)
    shown = {
        "first_user": config.first_user,
        "forms": [{"name": form.name, "url": form.url} for form in config.forms],
        "has_home": config.has_home,
        "first_room": config.first_room,
    }

    async def page(_request: web.Request) -> web.Response:
        html = (_STATIC / "index.html").read_text(encoding="utf-8")
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def told(_request: web.Request) -> web.Response:
        return web.json_response(shown, headers={"Cache-Control": "no-cache"})

    return [web.get("/", page), web.get("/sandbox/config.json", told), web.get("/sandbox/static/{path:.+}", _part())]


def _part() -> Callable[[web.Request], Awaitable[web.Response]]:
    """Serves the files that were there at the start, and nothing else: no path of a request touches the disk."""
    parts = {
        path.relative_to(_STATIC).as_posix(): (path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(_STATIC.rglob("*"))
        if path.suffix in _TYPES
    }

    async def part(request: web.Request) -> web.Response:
        found = parts.get(request.match_info["path"])
        if found is None:
            raise web.HTTPNotFound
        body, content_type = found
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        charset = None if content_type == "image/svg+xml" else "utf-8"
        return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)

    return part


def _content_policy(config: PageConfig) -> str:
    """Everything comes from this server; only the contact forms may be framed from where the program serves them."""
    origins = {f"{parts.scheme}://{parts.netloc}" for form in config.forms if (parts := urlsplit(form.url)).netloc}
    frames = " ".join(["'self'", *sorted(origins)])
    return (
        f"default-src 'self'; frame-src {frames}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
