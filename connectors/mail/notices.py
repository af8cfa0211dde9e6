"""Reads bounces, delays and receipts: which mail of ours they are about, and what they say became of it."""

import re

from connectors.mail.clean import clean_line
from connectors.mail.headers import decode_header
from connectors.mail.ids import message_ids
from connectors.mail.machines import is_daemon
from connectors.mail.mime import Fields, normal_lines, read_fields
from connectors.mail.model import Address, Caps, Notice
from routing.errors import Unreadable
from routing.messages import Delivered

_DELAYED = re.compile(
    r"delay(?:ed)?\b|verzögert|retard|demor|遅延|still being retried|will continue to (?:try|be)|warning:.*not.*sent",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"failure|fail(?:ed)?\b|undeliver|returned mail|returned to sender|could not be delivered|not delivered"
    r"|unzustellbar|nicht zugestellt|non remis|no se puede entregar|não entregue|impossibile recapitare|onbestelbaar"
    r"|配信不能|配達不能|配信できません|送信できませんでした|送信エラー|届きませんでした|退信"
    r"|無法傳遞|无法投递|전송 실패|반송",
    re.IGNORECASE,
)
_QUOTED_ID = re.compile(r"^[> \t]*Message-I[dD]:\s*<([^<>\s]{1,990})>", re.MULTILINE | re.IGNORECASE)
_REASON = re.compile(r"^[> \t]{0,20}((?:\S.{0,200}\b)?[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b.{0,300})$", re.MULTILINE)
_SEARCHED = 200_000
_LONGEST_REASON = 500
_STATES = {
    "failed": Delivered.BOUNCED,
    "delayed": Delivered.DELAYED,
    "relayed": Delivered.DELIVERED,
    "delivered": Delivered.DELIVERED,
    "expanded": Delivered.DELIVERED,
}
_WORST_FIRST = (Delivered.BOUNCED, Delivered.DELAYED, Delivered.DELIVERED)


def find_notice(
    *,
    fields: Fields,
    kind: str,
    sender: Address | None,
    subject: str,
    text: str,
    pointers: tuple[str, ...],
    reports: list[tuple[str, bytes]],
    caps: Caps,
) -> Notice | None:
    """The notice that a mail is, if it is one and tells which mail it is about. `pointers` are the ids that its own
    headers name, `reports` its machine-readable parts and the mails attached to it."""
    if not (kind == "multipart/report" or _is_from_machine(fields, sender)):
        return None  # Somebody forwards us a bounce; that is a message like any other.
    for name, content in reports:
        if name in ("message/delivery-status", "message/global-delivery-status"):
            references = _originals(reports, text, caps) or pointers
            state, reason = _delivery_status(normal_lines(content), caps)
            return Notice(state, reason, references) if references else None
        if name == "message/disposition-notification":
            return _receipt(normal_lines(content), caps)
    return _plain_bounce(subject, text, pointers, reports, caps)


def _is_from_machine(fields: Fields, sender: Address | None) -> bool:
    if any(value.strip() == b"<>" for value in fields.get("return-path", ())) or "x-failed-recipients" in fields:
        return True
    return sender is None or is_daemon(sender.address)


def _plain_bounce(
    subject: str, text: str, pointers: tuple[str, ...], reports: list[tuple[str, bytes]], caps: Caps
) -> Notice | None:
    """Bounces without a machine-readable part: qmail, Exchange, old gateways."""
    said = f"{subject}\n{text[:2_000]}"
    if _DELAYED.search(subject):
        state = Delivered.DELAYED
    elif _FAILED.search(said):
        state = Delivered.BOUNCED
    else:
        return None
    references = _originals(reports, text, caps) or pointers
    if not references:
        return None
    line = _REASON.search(text[:_SEARCHED])
    return Notice(state, clean_line(line[1] if line else text[:400])[:_LONGEST_REASON], references)


def _delivery_status(content: bytes, caps: Caps) -> tuple[Delivered, str]:
    """The worst of what is told of the recipients, with its reason (RFC 3464: blocks of fields)."""
    content = content[:_SEARCHED]
    found: dict[Delivered, list[str]] = {}
    at = 0
    while at < len(content):
        fields, behind = read_fields(content, at, len(content), caps)
        at = behind if behind > at else (content.find(b"\n", at) + 1 or len(content))
        action = decode_header(fields.get("action", [b""])[0]).lower().partition(" ")[0]
        if not action:
            continue
        status = decode_header(fields.get("status", [b""])[0])
        state = _STATES.get(action)
        if state is None:
            state = Delivered.DELAYED if status.startswith("4") else Delivered.BOUNCED
        who = fields.get("original-recipient") or fields.get("final-recipient") or [b""]
        told = decode_header((fields.get("diagnostic-code") or [b""])[0]).partition(";")
        address = decode_header(who[0]).rpartition(";")[2].strip()
        found.setdefault(state, []).append(f"{address}: {(told[2] or told[0]).strip() or status}".strip(": "))
    for state in _WORST_FIRST:
        if state in found:
            return state, "; ".join(found[state])[:_LONGEST_REASON]
    return Delivered.BOUNCED, ""


def _receipt(content: bytes, caps: Caps) -> Notice | None:
    fields, _ = read_fields(content, 0, len(content), caps)
    references = message_ids(fields.get("original-message-id", ()))
    said = decode_header(fields.get("disposition", [b""])[0]).lower()
    if not references or "displayed" not in said:
        return None
    return Notice(Delivered.READ, said[:_LONGEST_REASON], references)


def _originals(reports: list[tuple[str, bytes]], text: str, caps: Caps) -> tuple[str, ...]:
    """The Message-IDs of the mails given back: of an attached mail or its headers, else of one quoted in the text."""
    found: list[str] = []
    for name, content in reports:
        if name in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            lines = normal_lines(content).lstrip(b"\n")
            try:
                fields, _ = read_fields(lines, 0, len(lines), caps)
            except Unreadable:
                continue  # The mail given back is beyond our caps; the notice itself is not.
            found.extend(message_ids(fields.get("message-id", ())))
    if not found:
        found.extend(_QUOTED_ID.findall(text[:_SEARCHED]))
    return tuple(dict.fromkeys(found))[:10]
