"""Serves the customers' side to the sandbox page: one socket to watch, and a few things to ask for."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.sandbox.customers.customers import Customers
from bot.sandbox.customers.letters import Enclosure
from bot.sandbox.customers.mishaps import Door, Mishap
from bot.sandbox.customers.people import Person, find_person

_SHOWABLE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _File(_Asked):
    name: str = Field(min_length=1, max_length=200)
    type: str = Field(pattern=r"^[\w.+-]+/[\w.+-]+$", max_length=100)
    base64: str


class _Mail(_Asked):
    person: str
    subject: str = Field(default="", max_length=900, pattern=r"^[^\r\n]*$")
    text: str = Field(max_length=200_000)
    in_reply_to: str = Field(default="", max_length=900, pattern=r"^[^\r\n]*$")
    attachment: _File | None = None


class _Text(_Asked):
    person: str
    type: Literal["text"]
    text: str = Field(min_length=1, max_length=5_000)


class _Sticker(_Asked):
    person: str
    type: Literal["sticker"]
    package: str = Field(pattern=r"^\d{1,10}$")
    sticker: str = Field(pattern=r"^\d{1,12}$")
    keywords: list[str] = Field(default_factory=list, max_length=15)


class _Image(_Asked):
    person: str
    type: Literal["image"]
    picture: _File


class _Unsend(_Asked):
    person: str
    type: Literal["unsend"]
    message_id: str


class _Edit(_Asked):
    person: str
    type: Literal["edit"]
    message_id: str
    text: str = Field(min_length=1, max_length=5_000)


class _Friendship(_Asked):
    person: str
    type: Literal["follow", "block"]


class _Sample(_Asked):
    """Exactly one of the three: a story by name, a burst of so many, or the parade on or off."""

    name: str | None = None
    burst: int | None = Field(default=None, ge=1, le=1_000)
    parade: bool | None = None


class _Rule(_Asked):
    door: Door
    mode: Mishap
    times: int = Field(ge=0, le=10_000)


_Tapped = Annotated[_Text | _Sticker | _Image | _Unsend | _Edit | _Friendship, Field(discriminator="type")]
_TAPPED: TypeAdapter[Any] = TypeAdapter(_Tapped)


def customer_routes(customers: Customers) -> list[web.RouteDef]:
    """The routes under /customers/, for whatever application serves the page."""
    desk = _CustomersDesk(customers)
    return [
        web.get("/customers/ws", desk.watch),
        web.post("/customers/mail", _asked_from_the_page(desk.mail)),
        web.get("/customers/mail/{id}/{number}", desk.enclosure),
        web.post("/customers/line", _asked_from_the_page(desk.line)),
        web.get("/customers/line/{id}", desk.picture),
        web.post("/customers/sample", _asked_from_the_page(desk.sample)),
        web.get("/customers/rules", desk.rules),
        web.post("/customers/rules", _asked_from_the_page(desk.set_rule)),
    ]


class _CustomersDesk:
    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def watch(self, request: web.Request) -> web.WebSocketResponse:
        if not _comes_from_here(request):
            raise web.HTTPForbidden
        return await self._customers.audience.seat(request, self._customers.snapshot())

    async def mail(self, request: web.Request) -> web.Response:
        asked = _Mail.model_validate_json(await request.read())
        enclosures = (_opened(asked.attachment),) if asked.attachment else ()
        self._customers.start(
            self._customers.mailbox.send(
                find_person(asked.person),
                asked.subject,
                asked.text,
                in_reply_to=asked.in_reply_to,
                enclosures=enclosures,
            )
        )
        return web.json_response({"ok": True})

    async def line(self, request: web.Request) -> web.Response:
        asked = _TAPPED.validate_json(await request.read())
        self._customers.start(self._tapped(asked, find_person(asked.person)))
        return web.json_response({"ok": True})

    def _tapped(self, asked: Any, person: Person) -> Coroutine[Any, Any, Any]:
        phone = self._customers.phone
        match asked:
            case _Text():
                return phone.say(person, asked.text)
            case _Sticker():
                return phone.stick(person, asked.package, asked.sticker, asked.keywords)
            case _Image():
                picture = _opened(asked.picture)
                return phone.show(person, picture.content_type, picture.content)
            case _Unsend():
                phone.own(person, asked.message_id)
                return phone.unsend(person, asked.message_id)
            case _Edit():
                phone.own(person, asked.message_id)
                return phone.edit(person, asked.message_id, asked.text)
            case _Friendship(type="block"):
                return phone.block(person)
            case _:
                return phone.follow(person)

    async def sample(self, request: web.Request) -> web.Response:
        asked = _Sample.model_validate_json(await request.read())
        players = self._customers.players
        if asked.name is not None:
            players.play(asked.name)
        if asked.burst is not None:
            players.burst(asked.burst)
        if asked.parade is True:
            players.start_parade()
        if asked.parade is False:
            players.stop_parade()
        return web.json_response({"ok": True})

    async def enclosure(self, request: web.Request) -> web.Response:
        letter = self._customers.mailbox.letters.get(request.match_info["id"])
        number = request.match_info["number"]
        if letter is None or not number.isdecimal() or int(number) >= len(letter.enclosures):
            raise web.HTTPNotFound
        enclosure = letter.enclosures[int(number)]
        return _served(enclosure.content_type, enclosure.content, enclosure.name)

    async def picture(self, request: web.Request) -> web.Response:
        known = self._customers.account.contents.get(request.match_info["id"])
        if known is None:
            raise web.HTTPNotFound
        return _served(*known, "picture")

    async def rules(self, _request: web.Request) -> web.Response:
        return web.json_response({"rules": self._customers.mishaps.outstanding()})

    async def set_rule(self, request: web.Request) -> web.Response:
        asked = _Rule.model_validate_json(await request.read())
        self._customers.mishaps.expect(asked.door, asked.mode, asked.times)
        rules = self._customers.mishaps.outstanding()
        self._customers.audience.tell({"type": "rules", "rules": rules})
        return web.json_response({"ok": True, "rules": rules})


def _asked_from_the_page(answer: _Handler) -> _Handler:
    """Lets only our own page ask, and answers what cannot be understood with a 400 that says why."""

    async def asked(request: web.Request) -> web.StreamResponse:
        if not _comes_from_here(request):
            raise web.HTTPForbidden
        try:
            return await answer(request)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            return web.json_response({"ok": False, "error": f"{where}: {first['msg']}"}, status=400)
        except KeyError as error:
            return web.json_response({"ok": False, "error": f"unknown: {error.args[0]}"}, status=404)

    return asked


def _comes_from_here(request: web.Request) -> bool:
    """A page of some other site, open in the same browser, must not be able to write as our sample customers."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _opened(file: _File) -> Enclosure:
    try:
        content = base64.b64decode(file.base64, validate=True)
    except binascii.Error as error:
        raise web.HTTPBadRequest(text="the file is not base64") from error
    return Enclosure(file.name, file.type, content)


def _served(content_type: str, content: bytes, name: str) -> web.Response:
    """Pictures are shown; everything else, whoever sent it, can only be saved."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if content_type not in _SHOWABLE:
        content_type = "application/octet-stream"
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(body=content, content_type=content_type, headers=headers)
