"""Decodes header values: encoded words, 8-bit bytes where none should be, and parameters in all their spellings."""

import binascii
import re
from collections.abc import Mapping

from connectors.mail.charsets import codec_of, decode
from connectors.mail.clean import clean_line

# Every repetition is bounded or stops at the next question mark, so the search takes linear time.
_WORD = re.compile(rb"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?([^?]*)\?=")
_UNFOLD = re.compile(rb"\n[ \t]*|\r")
_PARAMETER = re.compile(
    rb"""([^\s=;"]{1,100})\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"?|([^;"]*))""",
    re.DOTALL,
)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
_SIMPLE_TYPE = re.compile(rb"\s*([\w.+-]+/[\w.+-]+)\s*\Z")
_ONE_PARAMETER = re.compile(
    rb"""\s*([\w.+-]+/[\w.+-]+)\s*;\s*([A-Za-z-]+)=(?:"([^"\\]*)"|([^\s;"'*]+))\s*;?\s*\Z""",
)
_MAX_PARAMETERS = 1_000


def unfold(value: bytes) -> bytes:
    return _UNFOLD.sub(b" ", value) if b"\n" in value or b"\r" in value else value


def decode_header(value: bytes) -> str:
    """The text of an unstructured header, or of a display name: one line, free of control characters."""
    if b"=?" not in value:
        if value.isascii() and b"\x1b" not in value:
            return clean_line(value.decode("ascii"))
        return clean_line(decode(unfold(value)))
    value = unfold(value)
    pieces: list[str] = []
    held, held_charset = b"", ""
    at = 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        charset = word[1].decode("ascii", "replace").lower()
        content = _word_content(word[2], word[3])
        joins = held_charset and not between.strip()
        if joins and codec_of(charset) == codec_of(held_charset):
            # Mailers split words inside multibyte characters: words of one charset are joined as bytes.
            held += content
        else:
            if held_charset:
                pieces.append(decode(held, held_charset))
            if not joins:
                pieces.append(decode(between))
            held, held_charset = content, charset
        at = word.end()
    if held_charset:
        pieces.append(decode(held, held_charset))
    pieces.append(decode(value[at:]))
    return clean_line("".join(pieces))


def _word_content(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"bB":
        return unbase64(text)
    return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)


def unbase64(text: bytes) -> bytes:
    """The bytes of base64, also when padding is missing or the end was cut off."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        pass
    # A bad byte in the middle is skipped by the decoder, so only the end can be at fault.
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    usable = len(kept) - (1 if len(kept) % 4 == 1 else 0)
    return binascii.a2b_base64(kept[:usable] + b"=" * (-usable % 4))


def media_type(value: bytes) -> tuple[str, Mapping[str, str]]:
    """The type in lower case and the parameters of a Content-Type or Content-Disposition header."""
    simple = _ONE_PARAMETER.match(value)
    if simple and simple[2].isascii() and b"=?" not in value and value.isascii():
        kind, name, quoted, plain = simple.groups()
        content = quoted if quoted is not None else plain
        return kind.decode().lower(), {name.decode().lower(): clean_line(content.decode())}
    if bare := _SIMPLE_TYPE.match(value):
        return bare[1].decode("ascii", "replace").lower(), {}
    value = unfold(value)
    head, semicolon, rest = value.partition(b";")
    kind_text = clean_line(decode(head)).lower()
    return kind_text, _parameters(rest) if semicolon else {}


def _parameters(rest: bytes) -> Mapping[str, str]:
    """Parameters by name, RFC 2231 sections joined; the extended spelling wins over the plain one."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, bytes]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(rest)):
        if count == _MAX_PARAMETERS:
            break
        name = decode(match[1]).lower()
        quoted = match[2]
        content = re.sub(rb"\\(.)", rb"\1", quoted, flags=re.DOTALL) if quoted is not None else match[3].strip()
        section = _SECTION.match(name)
        if section is None or (section[2] is None and section[3] is None):
            plain.setdefault(name, decode_header(content))
        else:
            extended = section[3] is not None
            sections.setdefault(section[1], {}).setdefault(int(section[2] or 0), (extended, content))
    return plain | {name: _joined(parts) for name, parts in sections.items()}


def _joined(parts: Mapping[int, tuple[bool, bytes]]) -> str:
    charset = ""
    pieces: list[bytes] = []
    for number in sorted(parts):
        extended, content = parts[number]
        if extended and number == min(parts) and content.count(b"'") >= 2:
            label, _, content = content.split(b"'", 2)
            charset = decode(label)
        pieces.append(_unpercent(content) if extended else content)
    whole = b"".join(pieces)
    if not charset and b"=?" in whole:
        return decode_header(whole)
    return clean_line(decode(whole, charset))


_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def _unpercent(content: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), content)
