"""Takes a mail apart into its headers and nested parts by offsets, in linear time and without recursion.

The splitting follows what `email.feedparser` (compat32) does with well-formed and with broken mails, and a test holds
it to that; but nothing is decoded or copied here, so that a mail costs a fraction of its parsing there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.mail.headers import media_type
from connectors.mail.model import Caps
from routing.errors import Unreadable

Fields = Mapping[str, list[bytes]]

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:[ \t]*((?:[^\n]*\n[ \t])*[^\n]*)\n?")
_BLANK = re.compile(rb"[ \t]*(?:\n|\Z)")
_NO_FIELDS: Fields = {}


@dataclass(slots=True)
class Part:
    """One part: its fields by lower-case name, its type, and where its content stands in the mail."""

    fields: Fields
    type: str
    params: Mapping[str, str]
    start: int
    end: int
    children: list["Part"] = field(default_factory=list)

    def first(self, name: str) -> bytes:
        values = self.fields.get(name)
        return values[0] if values else b""


def normal_lines(raw: bytes) -> bytes:
    """The mail with line feeds for line ends, which is what every function here expects."""
    returns, feeds = raw.count(b"\r"), raw.count(b"\n")
    if returns == feeds:
        raw = raw.translate(None, b"\r")  # Every line ends in CR LF; this is three times as fast as replacing.
    elif returns and feeds:
        raw = raw.replace(b"\r\n", b"\n")
    elif returns:
        raw = raw.replace(b"\r", b"\n")
    return raw[3:] if raw.startswith(b"\xef\xbb\xbf") else raw


def split_mail(raw: bytes, caps: Caps) -> Part:
    """The mail as a tree of parts. Raises Unreadable beyond a cap."""
    root = _open(raw, 0, len(raw), "text/plain", caps)
    waiting = [(root, 1)]
    count = 1
    while waiting:
        part, depth = waiting.pop()
        if not part.type.startswith("multipart/"):
            continue
        boundary = part.params.get("boundary", "").rstrip()
        pieces = _pieces(raw, part.start, part.end, boundary.encode(), caps.parts - count) if boundary else []
        if not pieces:
            part.type = "text/plain"  # A multipart of no parts is read as the text it shows.
            continue
        if depth >= caps.depth:
            raise Unreadable(f"The mail is nested more than {caps.depth} levels deep.")
        count += len(pieces)
        if count > caps.parts:
            raise Unreadable(f"The mail has more than {caps.parts} parts.")
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        part.children = [_open(raw, start, end, default, caps) for start, end in pieces]
        waiting.extend((child, depth + 1) for child in part.children)
    return root


def read_fields(raw: bytes, start: int, end: int, caps: Caps) -> tuple[Fields, int]:
    """The header fields from `start` on, and where the content begins."""
    if raw.startswith((b"From ", b">From "), start):  # the envelope line of an mbox file
        start = raw.find(b"\n", start, end) + 1 or end
    fields: dict[str, list[bytes]] = {}
    match_field = _FIELD.match
    at = start
    while match := match_field(raw, at, end):
        name, value = match.groups()
        at = match.end()
        if len(value) > caps.header_line:
            raise Unreadable(f"A header of the mail is longer than {caps.header_line // 1024} kB.")
        if at - start > caps.headers:
            raise Unreadable(f"The headers of the mail are longer than {caps.headers // 1024} kB.")
        key = name.decode("ascii").lower()
        if key in fields:
            fields[key].append(value)
        else:
            fields[key] = [value]
    blank = _BLANK.match(raw, at, end)
    return fields, blank.end() if blank else at


def _open(raw: bytes, start: int, end: int, default: str, caps: Caps) -> Part:
    fields, content = read_fields(raw, start, end, caps)
    stated = fields.get("content-type")
    if not stated:
        return Part(fields, default, {}, content, end)
    kind, params = media_type(stated[0])
    return Part(fields, kind if kind.count("/") == 1 else "text/plain", params, content, end)


def _pieces(raw: bytes, start: int, end: int, boundary: bytes, most: int) -> list[tuple[int, int]]:
    """Where the parts between the delimiter lines begin and end; one more than `most` shows that there are too many."""
    delimiter = b"--" + boundary
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    at = start if raw.startswith(delimiter, start, end) else _next(raw, delimiter, start, end)
    while at >= 0:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        rest = raw[at + len(delimiter) : line_end].rstrip(b" \t")
        if rest in (b"", b"--"):
            if opened is not None:
                pieces.append((opened, max(opened, at - 1)))
                if len(pieces) > most:
                    return pieces
            opened = min(line_end + 1, end)
            if rest:
                return pieces
        at = _next(raw, delimiter, line_end, end)
    if opened is not None:
        pieces.append((opened, end))
    return pieces


def _next(raw: bytes, delimiter: bytes, at: int, end: int) -> int:
    found = raw.find(b"\n" + delimiter, at, end)
    return found + 1 if found >= 0 else -1
