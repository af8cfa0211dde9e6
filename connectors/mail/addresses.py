"""Reads address headers strictly: the address is what stands in the angle brackets, never what a name pretends."""

import re
from collections.abc import Iterable

from connectors.mail.clean import clean_line
from connectors.mail.headers import decode_header, unfold
from connectors.mail.model import Address

_ATOM = rb"[^\s<>@\"(),;:\\\[\]\x00-\x1f\x7f]"
# The usual spellings of one address, read without the tokenizer.
_USUAL = re.compile(
    rb"(?:(?:\"([^\"\\<>]*)\"[ \t]*|([^<>@\",;:()\\\[\]]*))<(" + _ATOM + rb"+@[A-Za-z0-9.-]+)>|("
    + _ATOM + rb"+@[A-Za-z0-9.-]+))\Z"
)  # fmt: skip
_TOKEN = re.compile(
    rb"""(?P<space>\s+)|"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"?|(?P<angle><[^<>]*>?)|(?P<mark>[,;:()])|(?P<atom>[^\s"<,;:()]+)""",
    re.DOTALL,
)
_BRACKETS = re.compile(rb"<([^<>\s]{1,400}@[^<>\s@]{1,255})>")
_SPEC = re.compile(r"[^\s<>@\"(),;:\\\[\]\x00-\x1f\x7f]+@[^\s<>@\"(),;:\\\[\]\x00-\x1f\x7f]+\Z")
_LOCAL_LIMIT = 128
_LIMIT = 320


def read_addresses(value: bytes) -> list[Address]:
    """The mailboxes of an address header in their order; what is no address is left out."""
    value = value.strip()
    if match := _USUAL.match(value):
        quoted, plain, angle, alone = match.groups()
        found = _address((angle or alone).decode("utf-8", "replace"), quoted if quoted is not None else plain or b"")
        return [found] if found else []
    return _tokenized(unfold(value))


def _tokenized(value: bytes) -> list[Address]:
    found: list[Address] = []
    words: list[bytes] = []
    comments: list[bytes] = []
    angle: bytes | None = None
    depth = 0

    def close() -> None:
        nonlocal angle
        if angle is not None:
            address = _address(_spec_text(angle), b" ".join(words))
        else:
            # Without brackets one word must be the address; two that could be leave it open who is meant.
            specs = [word for word in words if b"@" in word]
            others = [word for word in words if b"@" not in word]
            address = _address(_spec_text(specs[0]), b" ".join(others or comments)) if len(specs) == 1 else None
        if address:
            found.append(address)
        words.clear()
        comments.clear()
        angle = None

    for token in _TOKEN.finditer(value):
        kind, text = token.lastgroup, token.group()
        if kind == "mark" and text == b"(":
            depth += 1
        elif kind == "mark" and text == b")":
            depth = max(0, depth - 1)
        elif depth:
            if kind != "space":
                comments.append(text)
        elif kind == "mark" and text == b":":
            words.clear()  # What stood before it is the name of a group.
        elif kind == "mark":
            close()
        elif kind == "angle":
            # The first brackets count; whoever adds a second pair after them is not believed.
            angle = text.strip(b"<>") if angle is None else angle
        elif kind == "quoted":
            words.append(re.sub(rb"\\(.)", rb"\1", token["quoted"], flags=re.DOTALL))
        elif kind == "atom":
            words.append(text)
    close()
    if not found and (brackets := _BRACKETS.findall(value)):
        # Quotes or comments that never end have swallowed everything: the last brackets name the mailbox.
        rescued = _address(_spec_text(brackets[-1]), b"")
        return [rescued] if rescued else []
    return found


def _spec_text(spec: bytes) -> str:
    """The address inside brackets, without a source route and white space."""
    return re.sub(r"\s+", "", spec.decode("utf-8", "replace").rpartition(":")[2])


def _address(spec: str, name: bytes) -> Address | None:
    address = normal(spec)
    if address is None:
        return None
    shown = decode_header(name).strip("\"' ") if name else ""
    # A name that looks like an address is either the same one again or somebody else's.
    return Address(address, "" if "@" in shown or "＠" in shown else shown[:200])


def normal(spec: str) -> str | None:
    """An address as it is compared: lower case, the domain in ASCII; None when it is none."""
    if not _SPEC.match(spec) or len(spec) > _LIMIT:
        return None
    local, _, domain = spec.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    domain = domain.lower().rstrip(".")
    if not domain or ".." in domain or domain.startswith((".", "-")) or len(local) > _LOCAL_LIMIT:
        return None
    local = local.lower() if local.isascii() else clean_line(local).casefold()
    return f"{local}@{domain}" if local and " " not in local else None


def without_plus(address: str) -> str:
    """`support+1042@example.com` is `support@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local.split('+', 1)[0]}@{domain}" if "+" in local[1:] else address


def is_own(address: str, own: Iterable[str]) -> bool:
    return address in own or without_plus(address) in own
