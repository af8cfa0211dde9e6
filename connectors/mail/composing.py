"""Writes the mails that leave: headers that nothing can be smuggled into, lines that every relay carries, files."""

import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from connectors.mail.clean import clean_line, clean_text

_ENCODED_BYTES = 45  # an encoded word of that many bytes is 72 characters long
_ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|rif|返信|回复|回覆|답장)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_NO_NAME = re.compile(r'["\\\x00-\x1f\x7f]')
_LONGEST_SUBJECT = 300
_LONGEST_NAME = 200
_TEXT_LINE = 200
_BASE64_LINE = 57


@dataclass(frozen=True, slots=True)
class File:
    """A file with its bytes, ready to leave."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything that one mail says. `automatic`: no person wrote it, and no machine shall answer it (RFC 3834)."""

    message_id: str
    mark: str
    date: datetime
    sender: tuple[str, str]
    to: tuple[str, str]
    copies: tuple[str, ...]
    reply_to: str
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    files: tuple[File, ...]
    automatic: bool = False


def compose(mail: Outgoing, mark_header: str) -> bytes:
    """The mail as bytes with CR LF, no line longer than 998 bytes, all of it ASCII unless an address is not.
    The same values make the same bytes."""
    fields = [
        ("From", _mailbox(*mail.sender)),
        ("To", _mailbox(*mail.to)),
        ("Cc", ",\r\n ".join(_mailbox("", copy) for copy in mail.copies)),
        ("Reply-To", _mailbox(mail.sender[0], mail.reply_to) if mail.reply_to else ""),
        ("Subject", _unstructured(mail.subject, len("Subject: "))),
        ("Date", format_datetime(mail.date)),
        ("Message-ID", _id(mail.message_id)),
        ("In-Reply-To", _id(mail.in_reply_to)),
        ("References", "\r\n ".join(_id(one) for one in mail.references if one)),
        ("Auto-Submitted", "auto-generated" if mail.automatic else ""),
        ("X-Auto-Response-Suppress", "All" if mail.automatic else ""),
        (mark_header, clean_line(mail.mark)),
        ("MIME-Version", "1.0"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    text = _text_part(mail.text)
    if not mail.files:
        return head.encode() + text
    boundary = f"=_{binascii.crc32(mail.message_id.encode()):08x}{mail.mark[-12:]}_="
    boundary = re.sub(r"[^\w=.-]", "_", boundary, flags=re.ASCII)
    lines = [head.encode(), f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode("ascii")]
    for part in (text, *(_file_part(file) for file in mail.files)):
        lines += [f"--{boundary}\r\n".encode("ascii"), part]
    lines.append(f"--{boundary}--\r\n".encode("ascii"))
    return b"".join(lines)


def answer_subject(subject: str, number: int, *, tag: bool) -> str:
    """`Re: …` once, with the ticket's number once."""
    plain = clean_line(subject)[:_LONGEST_SUBJECT]
    mark = f"[#{number}]"
    answer = _ANSWER.match(plain)
    lead, rest = (plain[: answer.end()], plain[answer.end() :].strip()) if answer else ("Re:", plain)
    if tag and mark not in rest:
        rest = f"{mark} {rest}".strip()
    return f"{lead.strip()} {rest}".strip()


def signed_text(text: str, signature: str) -> str:
    """The words of an answer with the account's signature below."""
    words = clean_text(text).strip("\n")
    below = clean_text(signature).strip("\n")
    return f"{words}\n\n-- \n{below}\n" if below else f"{words}\n"


def _id(mail_id: str) -> str:
    plain = "".join(letter for letter in mail_id if "!" <= letter <= "~" and letter not in "<>")
    return f"<{plain}>" if plain else ""


def _mailbox(name: str, address: str) -> str:
    plain = clean_line(address)
    shown = _NO_NAME.sub("", clean_line(name))[:_LONGEST_NAME]
    if not shown:
        return plain
    if shown.isascii() and "=?" not in shown:
        # In quotes, for a comma outside them would make two addresses of "Smith, John".
        return f'"{shown}" <{plain}>'
    return f"{_encoded_words(shown, len('Reply-To: '))}\r\n <{plain}>"


def _unstructured(text: str, used: int) -> str:
    """A header value: plain where it can be, else encoded words, each whole and shorter than a line."""
    text = clean_line(text)
    return _folded(text, used) if text.isascii() and "=?" not in text else _encoded_words(text, used)


def _encoded_words(text: str, used: int) -> str:
    words: list[str] = []
    run, size, room = "", 0, max(12, _ENCODED_BYTES - used)
    for letter in text:
        width = len(letter.encode("utf-8", "replace"))
        if run and size + width > room:
            words.append(_encoded(run))
            run, size, room = "", 0, _ENCODED_BYTES
        run, size = run + letter, size + width
    words.append(_encoded(run))
    return "\r\n ".join(words)


def _encoded(run: str) -> str:
    return f"=?utf-8?B?{binascii.b2a_base64(run.encode('utf-8', 'replace'), newline=False).decode('ascii')}?="


def _folded(text: str, used: int) -> str:
    """Plain text broken at spaces into lines of less than 78 characters; longer words are left whole up to 900."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        for piece in (word[at : at + 900] for at in range(0, max(len(word), 1), 900)):
            if line and used + len(line) + 1 + len(piece) > 76:
                lines.append(line)
                line, used = piece, 1
            else:
                line = f"{line} {piece}" if line else piece
    lines.append(line)
    return "\r\n ".join(lines)


def _text_part(text: str) -> bytes:
    lines = text.split("\n")
    if text.isascii() and all(len(line) <= _TEXT_LINE for line in lines):
        return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + _crlf(lines)
    content = text.encode("utf-8", "replace")
    foreign = sum(1 for byte in content if byte > 0x7F)
    if foreign * 6 > len(content):
        encoding, body = b"base64", _base64(_crlf(lines))
    else:
        printable = binascii.b2a_qp(content, istext=True)
        encoding, body = b"quoted-printable", printable.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return head + (body if body.endswith(b"\r\n") else body + b"\r\n")


def _crlf(lines: Sequence[str]) -> bytes:
    body = "\r\n".join(lines).encode("utf-8", "replace")
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _base64(content: bytes) -> bytes:
    encode = binascii.b2a_base64
    return b"".join(
        encode(content[at : at + _BASE64_LINE], newline=False) + b"\r\n" for at in range(0, len(content), _BASE64_LINE)
    )


def _file_part(file: File) -> bytes:
    kind = file.media_type if re.fullmatch(r"[\w.+-]{1,100}/[\w.+-]{1,100}", file.media_type, re.ASCII) else ""
    if not kind or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    name = _NO_NAME.sub("", clean_line(file.name)) or "file"
    head = "\r\n".join(
        (
            f"Content-Type: {kind};\r\n {_plain_name('name', name)}",
            "Content-Transfer-Encoding: base64",
            f"Content-Disposition: attachment;\r\n {_names(name)}",
        )
    )
    return head.encode("ascii") + b"\r\n\r\n" + _base64(file.content)


def _plain_name(parameter: str, name: str) -> str:
    """The name for old mail programs: an encoded word where it is not ASCII."""
    return f'{parameter}="{name if name.isascii() else _unstructured(name, 0)}"'


def _names(name: str) -> str:
    """The name for today's mail programs: RFC 2231, in sections short enough for a line."""
    if name.isascii() and len(name) <= 60:
        return f'filename="{name}"'
    return ";\r\n ".join(_sections(quote(name.encode("utf-8", "replace"), safe="")))


def _sections(quoted: str) -> Iterable[str]:
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,50}", quoted)
    pieces = [piece for piece in pieces if piece]
    if len(pieces) == 1:
        return [f"filename*=utf-8''{pieces[0]}"]
    return [f"filename*{n}*={'utf-8' + chr(39) * 2 if n == 0 else ''}{piece}" for n, piece in enumerate(pieces)]
