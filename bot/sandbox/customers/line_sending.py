"""Carries out what a program sends by LINE: replies once per token, pushes once per retry key, within the quota."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.customers.journal import Journal
from bot.sandbox.customers.line_account import Accepted, Bubble, LineAccount
from bot.sandbox.customers.line_refusals import LineRefusal, checked_messages, read_body
from bot.sandbox.customers.people import person_on_line

RETRY_KEY = "X-Line-Retry-Key"
_LARGEST_PICTURE = 10 * 1024 * 1024


class LineSending:
    """`heard` is called with every bubble that reached a phone."""

    def __init__(self, account: LineAccount, journal: Journal) -> None:
        self.heard: Callable[[Bubble], None] = _nobody_listens
        self._account = account
        self._journal = journal

    async def reply(self, request: web.Request) -> web.Response:
        if RETRY_KEY in request.headers:
            raise LineRefusal(400, f"The request header '{RETRY_KEY}' is not supported by this endpoint")
        body = await read_body(request)
        messages = checked_messages(body)
        reply_token = str(body.get("replyToken", ""))
        person = self._account.take_reply_token(reply_token)
        if person is None:
            raise LineRefusal(400, "Invalid reply token")
        sent = self._numbered(messages)
        await self._say(person, messages, sent, kind="line_reply", facts={"reply_token": reply_token})
        return web.json_response({"sentMessages": sent})

    async def push(self, request: web.Request) -> web.Response:
        retry_key = request.headers.get(RETRY_KEY, "").lower()
        if RETRY_KEY in request.headers and not _is_uuid(retry_key):
            raise LineRefusal(400, f"The request header '{RETRY_KEY}' must be a UUID")
        body = await read_body(request)
        messages = checked_messages(body)
        person = person_on_line(str(body.get("to", "")))
        if person is None:
            raise LineRefusal(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        if retry_key and (earlier := self._account.accepted_under(retry_key)) is not None:
            self._journal.record("line_push_repeated", self._account.clock(), to=person.key, retry_key=retry_key)
            return web.json_response(
                {"message": "The retry key is already accepted", "sentMessages": list(earlier.sent)},
                status=409,
                headers={"X-Line-Accepted-Request-Id": earlier.request_id},
            )
        if not self._account.may_push():
            raise LineRefusal(429, "You have reached your monthly limit.")
        # The key is taken before the first await: of two requests at once with one key, only one is carried out.
        sent = self._numbered(messages)
        request_id = str(uuid.uuid4())
        if retry_key:
            self._account.retry_keys[retry_key] = Accepted(request_id, self._account.clock(), tuple(sent))
        self._account.used_this_month += 1
        self._account.announce_account()
        await self._say(person.key, messages, sent, kind="line_push", facts={"retry_key": retry_key})
        return web.json_response({"sentMessages": sent}, headers={"X-Line-Request-Id": request_id})

    async def validate(self, request: web.Request) -> web.Response:
        checked_messages(await read_body(request))
        return web.json_response({})

    def _numbered(self, messages: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [{"id": self._account.next_message_id(), "quoteToken": secrets.token_urlsafe(24)} for _ in messages]

    async def _say(
        self,
        person: str,
        messages: list[dict[str, Any]],
        sent: list[dict[str, str]],
        *,
        kind: str,
        facts: Mapping[str, object],
    ) -> None:
        """Shows the messages on the phone, after they are on record. Who has blocked the account sees nothing."""
        ids = [one["id"] for one in sent]
        self._journal.record(kind, self._account.clock(), to=person, ids=ids, messages=messages, **facts)
        if person in self._account.blocked:
            return
        for message_id, message in zip(ids, messages, strict=True):
            bubble = self._account.keep(await self._draw(message_id, person, message))
            self.heard(bubble)

    async def _draw(self, message_id: str, person: str, message: dict[str, Any]) -> Bubble:
        kind = str(message["type"])
        sender = message.get("sender")
        has_picture = kind in ("image", "video")
        return Bubble(
            id=message_id,
            person=person,
            outgoing=True,
            kind="text" if kind == "textV2" else kind,
            at=self._account.clock(),
            text=str(message.get("text") or message.get("altText") or message.get("title") or ""),
            sticker=(str(message["packageId"]), str(message["stickerId"])) if kind == "sticker" else None,
            picture=await self._fetch_picture(message_id, str(message["previewImageUrl"])) if has_picture else "",
            sender_name=str(sender.get("name") or "") if isinstance(sender, dict) else "",
        )

    async def _fetch_picture(self, message_id: str, url: str) -> str:
        """Fetches a picture from the address in the message, as LINE does; gives where the phone finds it, or nothing.

        Only pictures on this machine are fetched: the sandbox never calls out.
        """
        if not url.startswith("http://"):
            return ""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.get(url, allow_redirects=False) as response,
            ):
                content = await response.content.read(_LARGEST_PICTURE)
                if response.status != 200 or not response.content_type.startswith("image/"):
                    return ""
                self._account.contents[message_id] = (response.content_type, content)
        except (aiohttp.ClientError, TimeoutError):
            return ""
        return f"/customers/line/{message_id}"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _nobody_listens(_bubble: Bubble) -> None:
    pass
