"""Reads what was posted to a form, from a page or as JSON, within limits of size, number and time."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.text import clean, file_name
from connectors.web.form_config import FormConfig
from connectors.web.multipart import MOST_PARTS, Part, boundary_of, take_apart
from routing.errors import Malformed

PATIENCE = 120.0
TEXTS_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent."""

    name: str
    size: int
    content: bytes


@dataclass(slots=True)
class Sheet:
    """The form as it was filled in, judged by nobody yet. `too_large` names files beyond the limit of one."""

    values: dict[str, str] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)
    files_total: int = 0


async def read_sheet(request: web.Request, config: FormConfig, *, patience: float = PATIENCE) -> Sheet:
    """Raises Malformed with the status to answer: 400, 408, 413 or 415."""
    if "Content-Encoding" in request.headers:
        raise Malformed("compressed", status=415)
    match request.content_type:
        case "multipart/form-data":
            boundary = boundary_of(request.headers.get("Content-Type", ""))
            # Half as much again as may be kept: who is a little above the limit is told so beside the field, with
            # the words kept.
            most = TEXTS_LIMIT + config.total_bytes * 3 // 2
            return _read_parts(take_apart(await _read_body(request, most, patience), boundary), config)
        case "application/x-www-form-urlencoded":
            return _read_pairs(await _read_body(request, TEXTS_LIMIT, patience))
        case "application/json":
            return _read_json(await _read_body(request, TEXTS_LIMIT, patience))
    raise Malformed("not a form", status=415)


async def _read_body(request: web.Request, most: int, patience: float) -> bytes:
    if (request.content_length or 0) > most:
        raise Malformed("too large", status=413)
    chunks: list[bytes] = []
    total = 0
    try:
        async with asyncio.timeout(patience):
            while chunk := await request.content.readany():
                total += len(chunk)
                if total > most:
                    raise Malformed("too large", status=413)
                chunks.append(chunk)
    except TimeoutError as failure:
        raise Malformed("slow", status=408) from failure
    except (web.RequestPayloadError, ConnectionError) as failure:
        raise Malformed("broken off") from failure
    return b"".join(chunks)


def _read_pairs(body: bytes) -> Sheet:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_PARTS)
    except ValueError as failure:
        raise Malformed("too many fields") from failure
    return Sheet({name: clean(value) for name, value in pairs})


def _read_json(body: bytes) -> Sheet:
    """An object of texts; further questions may also stand in an object of their own, `fields`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as failure:
        raise Malformed("not JSON") from failure
    if not isinstance(found, dict) or len(found) > MOST_PARTS:
        raise Malformed("not an object of a form's fields")
    nested = found.pop("fields", {})
    everything = {**(nested if isinstance(nested, dict) else {}), **found}
    return Sheet({name: clean(_as_text(value)) for name, value in everything.items()})


def _as_text(value: object) -> str:
    match value:
        case str():
            return value
        case True:
            return "yes"
        case int() | float():
            return str(value) if value is not False else ""
        case None:
            return ""
    raise Malformed("a field is neither text nor number")


def _read_parts(parts: Sequence[Part], config: FormConfig) -> Sheet:
    sheet = Sheet()
    for part in parts:
        if part.file_name is None:
            sheet.values[part.name] = clean(part.content.decode("utf-8", "replace"))
        # Browsers send a nameless, empty part for a file field in which nothing was chosen.
        elif part.file_name or part.content:
            name, size = file_name(part.file_name, otherwise="file"), len(part.content)
            sheet.files.append(File(name, size, part.content))
            sheet.files_total += size
            if size > config.file_bytes:
                sheet.too_large.append(name)
    return sheet


def texts_of(sheet: Sheet) -> Mapping[str, str]:
    """What to fill in again when the form is shown once more."""
    return {name: value for name, value in sheet.values.items() if name not in ("token", "website")}
