"""Takes a multipart form apart, as browsers and programs write them; pure, and at a loss for nothing but Malformed."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from routing.errors import Malformed

MOST_PARTS = 100
_MOST_HEADERS = 16 * 1024

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")
_PARAMETER = re.compile(rb';[ \t]*(name|filename)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]+))', re.IGNORECASE)
_EXTENDED = re.compile(rb";[ \t]*filename\*[ \t]*=[ \t]*utf-8''([^;\s]+)", re.IGNORECASE)
# What browsers write instead of the characters that would end a quoted name.
_WRITTEN_OUT = {b"%22": b'"', b"%0D": b"\r", b"%0A": b"\n", b'\\"': b'"'}


@dataclass(frozen=True, slots=True)
class Part:
    """One field. `file_name` is None for a field that is no file."""

    name: str
    file_name: str | None
    content: bytes


def boundary_of(content_type: str) -> bytes:
    """Raises Malformed."""
    found = re.search(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))', content_type, re.IGNORECASE)
    boundary = (found[1] or found[2] or "") if found else ""
    if not _BOUNDARY.fullmatch(boundary):
        raise Malformed("a form without a boundary")
    return boundary.encode()


def take_apart(body: bytes, boundary: bytes) -> list[Part]:
    """Raises Malformed for what does not begin, go on and end as a form does."""
    marker = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(marker, MOST_PARTS + 2)
    if len(pieces) > MOST_PARTS + 2:
        raise Malformed("too many fields", status=413)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Malformed("a form without its end")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    line_end, _, rest = piece.partition(b"\r\n")
    head, found, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if line_end.strip(b" \t") or not found or len(head) > _MOST_HEADERS:
        raise Malformed("a field without its head")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            return _named(value, content)
    raise Malformed("a field without a name")


def _named(disposition: bytes, content: bytes) -> Part:
    kind = disposition.partition(b";")[0].strip().lower()
    given = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(disposition)}
    if kind != b"form-data" or b"name" not in given:
        raise Malformed("a field without a name")
    extended = _EXTENDED.search(disposition)
    file_name = unquote_to_bytes(extended[1]) if extended else given.get(b"filename")
    return Part(_plain(given[b"name"]), None if file_name is None else _plain(file_name), content)


def _plain(written: bytes) -> str:
    for sign, meant in _WRITTEN_OUT.items():
        written = written.replace(sign, meant)
    return written.decode("utf-8", "replace")
