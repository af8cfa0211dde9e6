"""Chooses what of a mail's parts is read as its words, and what is kept as files."""

import binascii
from dataclasses import dataclass, field

from connectors.mail.charsets import decode
from connectors.mail.clean import clean_text
from connectors.mail.files import default_name, ending_of, has_ending, safe_name, safe_type
from connectors.mail.headers import decode_header, media_type, unbase64
from connectors.mail.hypertext import to_text
from connectors.mail.mime import Part, normal_lines, read_fields
from connectors.mail.model import Caps
from routing.messages import NewAttachment

_MOST_WORDS = 4 * 1024 * 1024
_WORDS = frozenset({"text/plain", "text/html"})


@dataclass(slots=True)
class Body:
    """The words of a mail (with the lines where quoting is known to begin) and its files. `cut` says that a file holds
    words that are not among the texts."""

    texts: list[str] = field(default_factory=list)
    marks: set[int] = field(default_factory=set)
    files: list[NewAttachment] = field(default_factory=list)
    reports: list[tuple[str, bytes]] = field(default_factory=list)
    lines: int = 0
    cut: bool = False

    @property
    def text(self) -> str:
        return "\n\n".join(self.texts)

    def add(self, text: str, marks: frozenset[int]) -> None:
        if not text.strip():
            return
        self.marks.update(mark + self.lines for mark in marks)
        self.lines += text.count("\n") + 2
        self.texts.append(text)


def read_body(raw: bytes, root: Part, caps: Caps) -> Body:
    """The words and files of a mail that was split."""
    body = Body()
    _read(raw, root, body, caps, as_words=True)
    return body


def _read(raw: bytes, part: Part, body: Body, caps: Caps, *, as_words: bool) -> None:
    if part.children:
        _read_children(raw, part, body, caps, as_words=as_words)
        return
    disposition, disposition_params = _disposition(part)
    name = disposition_params.get("filename") or part.params.get("name") or ""
    kind = part.type
    if kind.startswith("multipart/") or kind == "text":
        kind = "text/plain"
    if kind in ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
                "text/rfc822-headers", "message/rfc822-headers"):  # fmt: skip
        body.reports.append((kind, content_of(raw, part)))
        if disposition != "attachment" and not name:
            return
    wordy = kind in _WORDS or (kind.startswith("text/") and not has_ending(kind))
    if as_words and wordy and disposition != "attachment" and not name:
        body.add(*_words(raw, part, kind, body))
        return
    body.files.append(_file(raw, part, kind, disposition, name, body, caps))


def _read_children(raw: bytes, part: Part, body: Body, caps: Caps, *, as_words: bool) -> None:
    if part.type == "multipart/alternative" and as_words:
        _read_alternative(raw, part, body, caps)
        return
    for child in part.children:
        # Beside its root, what is related to it (images, style sheets) is a file.
        related = part.type == "multipart/related" and child is not part.children[0] and child.type != "text/plain"
        _read(raw, child, body, caps, as_words=as_words and not related)


def _read_alternative(raw: bytes, part: Part, body: Body, caps: Caps) -> None:
    """The plain words where there are any, else the page; the other kinds (an invitation) are kept as files."""
    plain = [child for child in part.children if child.type == "text/plain" and not child.children]
    chosen: Part | None = None
    for child in plain:
        text, marks = _words(raw, child, "text/plain", body)
        if text.strip() and not _says_nothing(text, part):
            body.add(text, marks)
            chosen = child
            break
    for child in part.children:
        if child is chosen or child in plain:
            continue
        if child.children:
            # A page with its images: the page only if no plain words were found.
            _read_related(raw, child, body, caps, as_words=chosen is None)
            chosen = chosen or child
        elif child.type == "text/html":
            if chosen is None:
                body.add(*_words(raw, child, "text/html", body))
                chosen = child
        elif child.type not in ("text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html"):
            _read(raw, child, body, caps, as_words=False)


def _read_related(raw: bytes, part: Part, body: Body, caps: Caps, *, as_words: bool) -> None:
    if as_words:
        _read(raw, part, body, caps, as_words=True)
        return
    for child in part.children:
        if child.children:
            _read_related(raw, child, body, caps, as_words=False)
        elif child.type not in _WORDS or child.first("content-disposition").lower().startswith(b"attachment"):
            _read(raw, child, body, caps, as_words=False)


def _says_nothing(text: str, part: Part) -> bool:
    """Plain words that only tell to look at the page ("your mail program cannot show HTML")."""
    return (
        len(text) < 200
        and "html" in text.lower()
        and any(child.type == "text/html" or child.children for child in part.children)
    )


def _words(raw: bytes, part: Part, kind: str, body: Body) -> tuple[str, frozenset[int]]:
    content = content_of(raw, part)
    if len(content) > _MOST_WORDS:
        # Nobody reads so many words in a ticket: they are kept as a file, and their beginning is shown.
        name = f"message-{len(body.files) + 1}{ending_of(kind)}"
        body.files.append(NewAttachment(name=name, media_type=kind, content=content))
        body.cut = True
        content = content[:_MOST_WORDS]
    text = decode(content, part.params.get("charset", ""))
    if kind == "text/html":
        page, marks = to_text(clean_text(text))
        return clean_text(page), marks
    text = clean_text(text)
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.params.get("delsp", "").lower() == "yes")
    return text, frozenset()


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins the soft-broken lines of format=flowed (RFC 3676)."""
    lines: list[str] = []
    parts: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:]
        words = words.removeprefix(" ")
        if open_depth >= 0 and (depth != open_depth or words == "-- "):
            lines.append(_flowed(parts, open_depth))
            parts = []
        soft = words.endswith(" ") and words != "-- "
        parts.append(words[:-1] if soft and delete_space else words)
        if soft:
            open_depth = depth
        else:
            lines.append(_flowed(parts, depth))
            parts, open_depth = [], -1
    if parts:
        lines.append(_flowed(parts, max(open_depth, 0)))
    return "\n".join(lines)


def _flowed(parts: list[str], depth: int) -> str:
    words = "".join(parts)
    return f"{'>' * depth} {words}" if depth else words


def content_of(raw: bytes, part: Part) -> bytes:
    """The content of a part, its transfer encoding undone."""
    content = raw[part.start : part.end]
    encoding = part.first("content-transfer-encoding").strip().lower()
    if encoding.startswith(b"base64"):
        return unbase64(content)
    if encoding.startswith(b"quoted-printable"):
        return binascii.a2b_qp(content)
    if encoding in (b"x-uuencode", b"uuencode", b"uue", b"x-uue"):
        return _unuu(content)
    return content


def _unuu(content: bytes) -> bytes:
    pieces: list[bytes] = []
    started = False
    for line in content.split(b"\n"):
        if not started:
            started = line.startswith(b"begin ")
            continue
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            # Some encoders pad their lines; the first character tells how much of a line counts.
            pieces.append(binascii.a2b_uu(line[: 1 + (((line[0] - 32) & 63) + 2) // 3 * 4]))
        except binascii.Error:
            return content
    return b"".join(pieces) if started else content


def _disposition(part: Part) -> tuple[str, dict[str, str]]:
    stated = part.fields.get("content-disposition")
    if not stated:
        return "", {}
    head, _, _ = stated[0].partition(b";")
    # A disposition has no slash; it is read like a type otherwise.
    _, params = media_type(b"x/" + stated[0].lstrip())
    return head.strip().lower().decode("ascii", "replace"), dict(params)


def _file(raw: bytes, part: Part, kind: str, disposition: str, name: str, body: Body, caps: Caps) -> NewAttachment:
    content = content_of(raw, part)
    if kind == "message/rfc822":
        content = normal_lines(content)
    kind = safe_type(kind)
    if kind == "message/rfc822":
        fields, _ = read_fields(content, 0, len(content), caps)
        body.reports.append((kind, content))
        if not name and (subject := decode_header(fields.get("subject", [b""])[0])):
            name = f"{subject[:80].replace('/', '_')}.eml"
    inline = disposition != "attachment" and (disposition == "inline" or bool(part.fields.get("content-id")))
    return NewAttachment(
        name=safe_name(name, otherwise=default_name(kind, len(body.files) + 1)),
        media_type=kind,
        content=content,
        inline=inline and "image/" in kind,
    )
