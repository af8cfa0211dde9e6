"""Says no in LINE's words, and reads request bodies as strictly as LINE does."""

import json
from typing import Any

from aiohttp import web

from bot.sandbox.customers.line_messages import LARGEST_BODY, Objection, objections_to


class LineRefusal(Exception):
    """LINE's answer to a request that it does not take."""

    def __init__(self, status: int, message: str, objections: list[Objection] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message}
        if objections:
            self.body["details"] = [objection.shown() for objection in objections]


async def read_body(request: web.Request) -> dict[str, Any]:
    """The JSON object in the request; `LineRefusal` if there is none."""
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        raise LineRefusal(413, "Request Entity Too Large")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise LineRefusal(400, "The request body could not be parsed as JSON") from error
    if not isinstance(body, dict):
        raise LineRefusal(400, "The request body could not be parsed as JSON")
    return body


def checked_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages in a body; `LineRefusal` with every objection if LINE would not take them."""
    objections = objections_to(body.get("messages"))
    if objections:
        raise LineRefusal(400, f"The request body has {len(objections)} error(s)", objections)
    messages: list[dict[str, Any]] = body["messages"]
    return messages
