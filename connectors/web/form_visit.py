"""Answers one request to one form in its language and manner: a page for people, JSON for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from connectors.web.form import FormConnection
from connectors.web.form_assets import version
from connectors.web.form_page import Look
from connectors.web.form_tokens import issue
from connectors.web.form_words import choose_language, say
from connectors.web.html import Html


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to a form that is there."""

    request: web.Request
    form: FormConnection
    language: str
    wants_json: bool

    @property
    def look(self) -> Look:
        embedded = self.request.query.get("embed") == "1"
        config = self.form.config
        return Look(config, f"./{quote(self.form.account)}", version(config.accent), self.language, embedded)

    @property
    def own_key(self) -> str:
        """By which a program itself says which of its posts are the same."""
        key = self.request.headers.get("Idempotency-Key", "")
        plain = key.replace("-", "").replace("_", "")
        return key if len(key) <= 64 and plain.isascii() and plain.isalnum() else ""

    def say(self, key: str, **values: str | int) -> str:
        return say(key, self.language, **values)

    def new_token(self) -> str:
        return issue(self.form.tools.signer, self.form.account, self.form.tools.clock())

    def may_post(self) -> bool:
        """Pages of other sites may post only where the configuration names them. Our own page names our origin, or
        none that can be told; programs that are no browsers name none."""
        origin = self.request.headers.get("Origin", "")
        if not origin or origin in self.form.config.allowed_origins:
            return True
        if origin == "null":
            return not self.wants_json
        return origin.partition("://")[2] in (self.request.host, URL(self.form.tools.public_url).raw_authority)

    def cors(self) -> dict[str, str]:
        origin = self.request.headers.get("Origin", "")
        allowed = origin in self.form.config.allowed_origins
        return {"Vary": "Origin", **({"Access-Control-Allow-Origin": origin} if allowed else {})}

    def json(
        self, told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        fixed = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return web.json_response(told, status=status, headers={**fixed, **self.cors(), **(headers or {})})

    def page(self, page: Html, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        framing = " ".join(("'self'", *self.form.config.allowed_origins))
        policy = (
            "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors {framing}"
        )
        fixed = {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Language, Origin",
        }
        return web.Response(
            status=status, text=page, content_type="text/html", charset="utf-8", headers={**fixed, **(headers or {})}
        )


def visit(request: web.Request, form: FormConnection) -> Visit:
    accepted = request.headers.get("Accept-Language", "")
    language = choose_language(request.query.get("lang", ""), accepted, form.config.language)
    is_json = request.content_type == "application/json"
    return Visit(request, form, language, is_json or "application/json" in request.headers.get("Accept", ""))
