"""Reads the bytes of one mail into a `Mail`, within caps and in linear time, believing nothing."""

import hashlib
import re
from collections.abc import Iterable

from connectors.mail.addresses import read_addresses
from connectors.mail.attributions import is_forward_subject
from connectors.mail.body import Body, read_body
from connectors.mail.dates import read_date
from connectors.mail.folding import fold
from connectors.mail.headers import decode_header
from connectors.mail.ids import message_ids, newest_first
from connectors.mail.machines import OWN_HEADER, find_marks
from connectors.mail.mime import Fields, normal_lines, split_mail
from connectors.mail.model import DEFAULT_CAPS, Address, Caps, Mail
from connectors.mail.notices import find_notice
from routing.errors import Unreadable
from routing.messages import NewAttachment

_KANA = re.compile("[\u3041-\u30fe\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "resent-to")


def parse_mail(raw: bytes, caps: Caps = DEFAULT_CAPS) -> Mail:
    """The mail as it says of itself. Raises Unreadable when it is beyond a cap."""
    if len(raw) > caps.size:
        raise Unreadable(f"The mail has {len(raw) / 1_048_576:.1f} MB; {caps.size / 1_048_576:.0f} MB are allowed.")
    lines = normal_lines(raw)
    root = split_mail(lines, caps)
    fields = root.fields
    sender, several = _sender(fields, caps)
    subject = decode_header(root.first("subject"))
    body = read_body(lines, root, caps)
    text, full_text = _shown(body, subject, caps)
    message_id = next(iter(message_ids(fields.get("message-id", ()))), "")
    in_reply_to = message_ids(fields.get("in-reply-to", ()))
    references = message_ids(fields.get("references", ()))
    return Mail(
        message_id=message_id,
        in_reply_to=in_reply_to,
        references=references,
        sender=sender,
        several_senders=several,
        reply_to=_addresses(fields.get("reply-to", ()), caps),
        recipients=_addresses((*fields.get("to", ()), *fields.get("cc", ())), caps),
        delivered_to=tuple(
            one.address for name in _DELIVERED_TO if name in fields for one in _addresses(fields[name], caps)
        ),
        subject=subject,
        date=read_date(root.first("date")),
        marks=find_marks(fields, sender, subject, root.type),
        list_id=decode_header(root.first("list-id")),
        authentication=tuple(decode_header(value) for value in fields.get("authentication-results", ())[:20]),
        own_mark=decode_header(root.first(OWN_HEADER.lower())),
        text=text,
        full_text=full_text,
        attachments=tuple(body.files),
        notice=find_notice(
            fields=fields,
            kind=root.type,
            sender=sender,
            subject=subject,
            text=full_text or text,
            pointers=newest_first(in_reply_to, references),
            reports=body.reports,
            caps=caps,
        ),
        digest=_digest(lines, root.start, message_id, fields),
        language=_language(fields, text),
    )


def _sender(fields: Fields, caps: Caps) -> tuple[Address | None, bool]:
    """Who wrote the mail, and whether several are named as having done so."""
    named = _addresses(fields.get("from", ()), caps)
    if named:
        return named[0], len(named) > 1
    for name in ("sender", "reply-to", "return-path"):
        if name in fields and (named := _addresses(fields[name], caps)):
            return named[0], False
    return None, False


def _addresses(values: Iterable[bytes], caps: Caps) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in values:
        found.extend(read_addresses(value))
    if len(found) > caps.addresses:
        raise Unreadable(f"A header of the mail names more than {caps.addresses} addresses.")
    return tuple(found)


def _shown(body: Body, subject: str, caps: Caps) -> tuple[str, str]:
    """The new words, and the whole when something was folded away; words beyond all measure become a file."""
    whole = body.text.strip("\n")
    if len(whole) > caps.kept:
        # No database row is for this; a file has every word of it.
        if not body.cut:
            content = whole.encode("utf-8", "replace")
            body.files.append(NewAttachment(name="message.txt", media_type="text/plain", content=content))
        whole = whole[: caps.kept]
    cut = whole[: caps.shown]
    if is_forward_subject(subject):
        shown = cut
    else:
        lead = len(body.text) - len(body.text.lstrip("\n"))
        shown = fold(cut, frozenset(mark - lead for mark in body.marks) if lead else body.marks)
    return shown.strip("\n"), "" if len(shown) == len(whole) else whole


def _digest(lines: bytes, start: int, message_id: str, fields: Fields) -> str:
    """Names the content: the Message-ID (others reuse theirs) and every byte of the body. Without a Message-ID, what
    else tells two mails apart."""
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass"))
    if not message_id:
        for name in ("date", "from", "to", "subject"):
            digest.update(b"\0".join(fields.get(name, ())) + b"\n")
    digest.update(b"\n")
    digest.update(memoryview(lines)[start:].tobytes() if start else lines)
    return digest.hexdigest()[:32]


def _language(fields: Fields, text: str) -> str:
    """A guess from the header or from the script; empty when neither tells."""
    if "content-language" in fields:
        stated = _LANGUAGE.match(decode_header(fields["content-language"][0]).lower())
        return stated.group() if stated else ""
    if text.isascii():
        return ""
    if _KANA.search(text):
        return "ja"
    return "ko" if _HANGUL.search(text) else ""
