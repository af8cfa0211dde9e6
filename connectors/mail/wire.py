"""Carries a parsed mail from the child that read it: one line of JSON, then the bytes of its files."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from connectors.mail.model import Address, Caps, Mail, Notice
from routing.errors import Unreadable
from routing.messages import Delivered, NewAttachment

UNREADABLE = 3  # the exit status of a child that found a mail unreadable


def to_wire_caps(caps: Caps) -> str:
    return json.dumps(asdict(caps))


def caps_from_wire(text: str) -> Caps:
    return Caps(**json.loads(text))


def to_wire(mail: Mail) -> bytes:
    files = [(file.name, file.media_type, len(file.content or b""), file.inline) for file in mail.attachments]
    fields = asdict(replace(mail, attachments=()))
    fields["attachments"] = files
    fields["date"] = mail.date.isoformat() if mail.date else None
    head = json.dumps(fields).encode("ascii")
    return b"\n".join((head, b"".join(file.content or b"" for file in mail.attachments)))


def from_wire(answer: bytes) -> Mail:
    """The mail of a child's answer. Raises Unreadable when the child was cut off while writing it."""
    head, separator, content = answer.partition(b"\n")
    if not separator:
        raise Unreadable("The process that read the mail stopped in the middle.")
    fields: dict[str, Any] = json.loads(head)
    fields["sender"] = Address(**fields["sender"]) if fields["sender"] else None
    fields["date"] = datetime.fromisoformat(fields["date"]) if fields["date"] else None
    fields["notice"] = _notice(fields["notice"])
    fields["attachments"] = _files(fields["attachments"], content)
    for name in ("reply_to", "recipients"):
        fields[name] = _addresses(fields[name])
    for name in ("in_reply_to", "references", "delivered_to", "marks", "authentication"):
        fields[name] = tuple(fields[name])
    return Mail(**fields)


def _addresses(values: Iterable[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(**value) for value in values)


def _notice(value: dict[str, Any] | None) -> Notice | None:
    if value is None:
        return None
    return Notice(Delivered(value["state"]), value["reason"], tuple(value["references"]))


def _files(listed: Iterable[tuple[str, str, int, bool]], content: bytes) -> tuple[NewAttachment, ...]:
    files: list[NewAttachment] = []
    at = 0
    for name, media_type, size, inline in listed:
        files.append(NewAttachment(name, media_type, content=content[at : at + size], inline=inline))
        at += size
    if at != len(content):
        raise Unreadable("The process that read the mail stopped in the middle.")
    return tuple(files)
