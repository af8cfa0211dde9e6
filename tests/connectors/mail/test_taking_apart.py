"""Our own splitting of mails does what the standard library's parser does, and its limits hold."""

import email
import time
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mail.mime import Part, normal_lines, split_mail
from connectors.mail.model import DEFAULT_CAPS, Caps
from routing.errors import Unreadable

PAYLOADS = Path(__file__).parent / "payloads"
MAILS = sorted(PAYLOADS.glob("*.eml"))


def ours(raw: bytes, part: Part) -> object:
    if part.children:
        return part.type, [ours(raw, child) for child in part.children]
    return part.type, raw[part.start : part.end]


def theirs(part: Message) -> object:
    kind = part.get_content_type()
    if part.is_multipart() and kind.startswith("multipart/"):
        return kind, [theirs(child) for child in part.get_payload() if isinstance(child, Message)]
    if part.is_multipart():  # They parse mails inside mails; we keep such a mail as a file.
        return kind, None
    payload = part.__dict__["_payload"]  # `get_payload` would decode it, and here bytes are compared.
    content = payload.encode("ascii", "surrogateescape") if isinstance(payload, str) else b""
    return "text/plain" if kind.startswith("multipart/") else kind, content


def same(found: object, expected: object) -> bool:
    match found, expected:
        case (str() as kind, _), (str() as other, None):
            return kind == other
        case (str() as kind, list() as children), (str() as other, list() as others):
            pairs = zip(children, others, strict=False)
            return kind == other and len(children) == len(others) and all(same(one, two) for one, two in pairs)
        case (str() as kind, bytes() as content), (str() as other, bytes() as others):
            # Of a part that is cut off they drop the last line end.
            return kind == other and content.rstrip(b"\n") == others.rstrip(b"\n")
        case _:
            return False


@pytest.mark.parametrize("file", MAILS, ids=[file.stem for file in MAILS])
def test_a_mail_falls_into_the_same_parts(file: Path) -> None:
    raw = normal_lines(file.read_bytes())
    assert same(ours(raw, split_mail(raw, DEFAULT_CAPS)), theirs(email.message_from_bytes(raw)))


@pytest.mark.parametrize("file", MAILS, ids=[file.stem for file in MAILS])
def test_a_mail_has_the_same_headers(file: Path) -> None:
    raw = normal_lines(file.read_bytes())
    found = split_mail(raw, DEFAULT_CAPS).fields
    expected: dict[str, list[bytes]] = {}
    for name, value in email.message_from_bytes(raw).raw_items():
        expected.setdefault(name.lower(), []).append(value.encode("ascii", "surrogateescape").strip())
    assert {name: [value.strip() for value in values] for name, values in found.items()} == expected


LINES = st.sampled_from(
    ["words", "", "--", "--b", "--b0x", "--b00--x", " --b0", "x--b1", "--b2 x", "Header: no", "-- "]
)


@st.composite
def entities(draw: st.DrawFn, depth: int = 0) -> str:
    """A part, perhaps of parts: lines that look like delimiters and are none, ends that are missing."""
    lines = "\n".join(draw(st.lists(LINES, max_size=4)))
    if depth == 3 or draw(st.booleans()):
        return draw(st.sampled_from(["Content-Type: text/plain\n\n", "\n"])) + lines
    boundary = f"b{depth}"
    parts = draw(st.lists(entities(depth + 1), min_size=1, max_size=3))
    spaces = draw(st.sampled_from(["", " ", "\t "]))
    end = draw(st.sampled_from([f"--{boundary}--\n", f"--{boundary}--{spaces}\n{lines}", ""]))
    inside = "".join(f"--{boundary}{spaces}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n{lines}\n{inside}{end}'


@settings(max_examples=400, deadline=None)
@given(text=entities())
def test_multiparts_with_traps_in_them_fall_into_the_same_parts(text: str) -> None:
    raw = text.encode()
    assert same(ours(raw, split_mail(raw, DEFAULT_CAPS)), theirs(email.message_from_bytes(raw)))


def nested(levels: int) -> bytes:
    heads = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)
    )
    return heads + b"\nwords\n" + b"".join(b"--b%d--\n" % level for level in reversed(range(levels)))


def many_parts(count: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * count + b"--b--\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (nested(1_000), "50 levels"),
        (many_parts(1_001), "1000 parts"),
        (many_parts(200_000), "1000 parts"),
        (b"Subject: " + b"x" * 70_000 + b"\n\n", "64 kB"),
        (b"Subject: " + b"x\n " * 30_000 + b"\n\n", "64 kB"),
        (b"".join(b"X-%d: %s\n" % (n, b"y" * 1_000) for n in range(300)), "256 kB"),
    ],
    ids=["nested", "parts", "very many parts", "line", "folded line", "headers"],
)
def test_beyond_a_cap_a_mail_is_unreadable_at_once(raw: bytes, why: str) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable, match=why):
        split_mail(raw, DEFAULT_CAPS)
    assert time.process_time() - began < 2


def test_within_the_caps_a_mail_is_read() -> None:
    raw = nested(49)
    assert split_mail(raw, DEFAULT_CAPS).type == "multipart/mixed"
    raw = many_parts(999)
    assert len(split_mail(raw, DEFAULT_CAPS).children) == 999
    assert len(split_mail(many_parts(3), Caps(parts=4)).children) == 3
