"""Serves the form's style sheet and scripts, each named with its content's hash so that browsers may keep it."""

import hashlib
from importlib import resources

from aiohttp import web

_FILES = {
    name: resources.files("connectors.web").joinpath(name).read_text(encoding="utf-8")
    for name in ("form.css", "form.js", "embed.js")
}
_TYPES = {"css": "text/css", "js": "text/javascript"}


def version(accent: str) -> str:
    """What the files are kept by: another one whenever any of them is."""
    return hashlib.sha256("".join((accent, *_FILES.values())).encode()).hexdigest()[:12]


def asset(name: str, accent: str, *, kept: bool) -> web.Response:
    """`kept`: asked for by its hash, so it will never change. Raises KeyError for what there is not."""
    content = _FILES[name]
    if name == "form.css":
        content = f":root {{ --accent: {accent}; }}\n{content}"
    lifetime = "public, max-age=31536000, immutable" if kept else "public, max-age=300"
    headers = {"Cache-Control": lifetime, "X-Content-Type-Options": "nosniff"}
    if name == "embed.js":
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return web.Response(text=content, content_type=_TYPES[name.rpartition(".")[2]], charset="utf-8", headers=headers)
