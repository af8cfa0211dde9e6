"""Mails made to hang, to swell or to smuggle end in time, in little memory, and harm nobody."""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mail.addresses import read_addresses
from connectors.mail.charsets import codec_of, decode
from connectors.mail.folding import fold
from connectors.mail.headers import decode_header, media_type
from connectors.mail.hypertext import to_text
from connectors.mail.model import DEFAULT_CAPS
from connectors.mail.parsing import parse_mail
from routing.errors import Unreadable
from routing.messages import Received
from tests.connectors.kit import as_json, delivered
from tests.connectors.mail.accounts import mail_account

HEAD = b"From: a@example.com\nTo: support@acme.example\nSubject: x\nMessage-ID: <a@b>\nMIME-Version: 1.0\n"
MILLION = 1_000_000


def body(kind: str, content: bytes, more: bytes = b"") -> bytes:
    return HEAD + f"Content-Type: {kind}\n".encode() + more + b"\n" + content


def nested(levels: int, kind: bytes = b"multipart/mixed") -> bytes:
    return (
        HEAD + b"".join(b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind, n, n) for n in range(levels)) + b"\nx\n"
    )


WORD = b"=?utf-8?b?" + base64.b64encode("件名".encode()) + b"?="
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"

BOMBS: dict[str, bytes] = {
    "nested multiparts": nested(1_000),
    "nested mails": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000,
    "nested alternatives": nested(49, b"multipart/alternative"),
    "two hundred thousand parts": HEAD + MULTIPART + b"--b\n\nx\n" * 200_000,
    "empty parts": HEAD + MULTIPART + b"--b\n" * 900,
    "part names": HEAD + MULTIPART + b'--b\nContent-Type: a/b; name="../../etc/passwd"\n\n' * 900,
    "a subject of 800 kB": b"Subject: " + b"\n ".join([WORD] * 32_000) + b"\n" + HEAD + b"\n",
    "a subject of 60 kB": b"Subject: " + b" ".join([WORD] * 2_400) + b"\n" + HEAD + b"\n",
    "question marks": b"Subject: " + b"=?" * 30_000 + b"\n" + HEAD + b"\n",
    "charset names": b"Subject: " + b"".join(b"=?x%d?q?a?= " % n for n in range(3_000)) + b"\n" + HEAD + b"\n",
    "sections of a parameter": body("text/plain;" + ";".join(f" name*{n}*=a" for n in range(20_000)), b"x"),
    "sections within the cap": body("text/plain;" + ";".join(f" name*{n}*=a" for n in range(4_000)), b"x"),
    "parameters": body("text/plain;" + ";" * 60_000, b"x"),
    "a parameter without end": body('text/plain; name="' + "\\" * 60_000, b"x"),
    "spaces": body("text/plain" + " " * 60_000 + "x", b"x"),
    "a long boundary": body("multipart/mixed; boundary=" + "b" * 60_000, b"--" + b"b" * MILLION),
    "boundaries that are none": body("multipart/mixed; boundary=b", b"\n--b-" * MILLION),
    "brackets in From": b"From: " + b"(" * 60_000 + b"\n" + HEAD + b"\n",
    "angles in From": b"From: " + b"<" * 60_000 + b"\n" + HEAD + b"\n",
    "quotes in From": b"From: " + b'"\\' * 30_000 + b"\n" + HEAD + b"\n",
    "spaces in From": b"From: " + b" x" * 30_000 + b"\n" + HEAD + b"\n",
    "five thousand addresses": b"Cc: " + b",".join(b"a%d@b.cd" % n for n in range(5_000)) + b"\n" + HEAD + b"\n",
    "references": b"References: " + b" <a@b>" * 10_000 + b"\n" + HEAD + b"\n",
    "half references": b"References: " + b"<a@b " * 10_000 + b"\n" + HEAD + b"\n",
    "results": b"Authentication-Results: x; " + b"dmarc=" * 10_000 + b"\n" + HEAD + b"\n",
    "comments in results": b"Authentication-Results: x; " + b"(" * 60_000 + b"\n" + HEAD + b"\n",
    "headers without end": b"".join(b"X-%d: y\n" % n for n in range(200_000)),
    "one header line": b"X: " + b"y" * 20 * MILLION,
    "no line end": b"y" * 20 * MILLION,
    "line ends": b"\r\n" * 10 * MILLION,
    "sixty megabytes": body("a/b", base64.encodebytes(b"x" * 45 * MILLION), b"Content-Transfer-Encoding: base64\n"),
    "twenty megabytes": body("a/b", base64.encodebytes(b"x" * 15 * MILLION), b"Content-Transfer-Encoding: base64\n"),
    "base64 that is none": body("a/b", b"!" * 10 * MILLION, b"Content-Transfer-Encoding: base64\n"),
    "equals signs": body("text/plain", b"=" * 10 * MILLION, b"Content-Transfer-Encoding: quoted-printable\n"),
    "uuencode": body("a/b", b"begin 644 x\n" + b"M" * 5 * MILLION, b"Content-Transfer-Encoding: x-uuencode\n"),
    "escapes": body("text/plain; charset=iso-2022-jp", b"\x1b$B" * MILLION),
    "kana escapes": body("text/plain; charset=iso-2022-jp", b'\x1b$B$"\x1b(I1\x1b(B' * MILLION),
    "punycode": body("text/plain; charset=punycode", b"a-" + b"z" * MILLION),
    "utf-7": body("text/plain; charset=utf-7", b"+AGEAYQBh-" * 500_000),
    "utf-16": body("text/plain; charset=utf-16", b"\xff\xfe" + b"\x00\xd8" * MILLION),
    "emoji": body("text/plain; charset=utf-8", "😀".encode() * MILLION),
    "combining marks": body("text/plain; charset=utf-8", ("a" + "\u0301" * MILLION).encode()),
    "nuls": body("text/plain; charset=utf-8", b"\0" * 5 * MILLION),
    "on on on": body("text/plain", b"On " * 3 * MILLION),
    "on with colons": body("text/plain", b"On 2026-11-20 wrote:\n" * 300_000),
    "colons": body("text/plain", b":" * 5 * MILLION),
    "colon lines": body("text/plain", b"a@b <a@b>:\n" * 500_000),
    "header lines": body("text/plain", b"From: a@b\nTo: x\n" * 500_000),
    "blank lines": body("text/plain", b"\n" * 10 * MILLION),
    "quoted lines": body("text/plain", b"> x\n" * 2 * MILLION),
    "deep quotes": body("text/plain", b">" * 5 * MILLION),
    "dashes": body("text/plain", b"-" * 5 * MILLION + b"\n" + b"--\n" * MILLION),
    "flowed": body("text/plain; format=flowed", b"> x \n" * MILLION),
    "flowed depths": body("text/plain; format=flowed", b"\n".join(b">" * (n % 90) + b" x " for n in range(50_000))),
    "above": body("text/plain", b"reply above " * 500_000),
    "open tags": body("text/html", b"<a " * MILLION),
    "angle brackets": body("text/html", b"<" * 5 * MILLION),
    "open comments": body("text/html", b"<!--" * MILLION),
    "open declarations": body("text/html", b"<!" * MILLION),
    "open styles": body("text/html", b"<style>" * 300_000),
    "open quotes": body("text/html", b'<a href="' * 300_000 + b">" * 300_000),
    "mixed quotes": body("text/html", b"<a b='\">" * 300_000),
    "quotes behind": body("text/html", b'<a b="' + b">" * MILLION + b"'" * MILLION),
    "blockquotes": body("text/html", b"<blockquote>x" * 200_000),
    "lists": body("text/html", b"<ol><li>" * 100_000),
    "links": body("text/html", b'<a href="http://x">' * 200_000 + b"</a>" * 200_000),
    "entities": body("text/html", b"&" * 2 * MILLION + b"&#x110000;&#xd800;&bogus" * 50_000),
    "attributes": body("text/html", b"<a " + b"x=y " * 500_000 + b">"),
    "equal attributes": body("text/html", b"<a " + b"x" * MILLION + b"=" * MILLION + b">"),
    "long tag": body("text/html", b"<" + b"a" * 2 * MILLION + b">"),
    "spaces in html": body("text/html", b" " * 5 * MILLION),
    "preformatted": body("text/html", b"<pre>" + b"\n" * MILLION),
    "a report of many recipients": body(
        "multipart/report; boundary=b",
        b"--b\nContent-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 300_000 + b"--b--\n",
    ),
    "a report of junk": body(
        "multipart/report; boundary=b", b"--b\nContent-Type: message/delivery-status\n\n" + b"\x00" * 5 * MILLION
    ),
    "a bounce of quotes": b"Return-Path: <>\n" + body("text/plain", b"failure " + b"> " * 2 * MILLION + b"Message-ID:"),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_every_bomb_ends_in_a_guarded_child(name: str) -> None:
    async with mail_account() as account:
        delivery = delivered(BOMBS[name])
        began = time.monotonic()
        try:
            items = await account.read_guarded(delivery)
        except Unreadable:
            items = []
        assert time.monotonic() - began < 20  # The child may use 5 s of its own; this machine may be busy.
    for item in items:
        json.dumps(as_json(item), ensure_ascii=False).encode("utf-8")
        for text in (getattr(item, "text", ""), getattr(item, "full_text", ""), getattr(item, "subject", "")):
            assert "\0" not in text
            assert len(text) <= DEFAULT_CAPS.kept


@pytest.mark.parametrize("name", [name for name, raw in BOMBS.items() if len(raw) < 512 * 1024])
async def test_small_bombs_end_quickly_even_unguarded(name: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        parse_mail(BOMBS[name])
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "name",
    ["nested multiparts", "two hundred thousand parts", "a subject of 800 kB", "sixty megabytes", "headers without end",
     "sections of a parameter", "five thousand addresses"],
)  # fmt: skip
async def test_mails_beyond_the_caps_are_unreadable(name: str) -> None:
    async with mail_account() as account:
        with pytest.raises(Unreadable):
            await account.read_guarded(delivered(BOMBS[name]))
        with pytest.raises(Unreadable):
            account.read(delivered(BOMBS[name]))


async def test_more_words_than_anybody_reads_become_a_file() -> None:
    for size, kind, name in (
        (1_500_000, "plain", "message.txt"),
        (6_000_000, "plain", "message-1.txt"),
        (6_000_000, "html", "message-1.html"),
    ):
        words = b"word " * (size // 5)
        async with mail_account() as account:
            [item] = await account.read_guarded(delivered(body(f"text/{kind}", words)))
        assert isinstance(item, Received)
        assert len(item.text) == DEFAULT_CAPS.shown
        assert len(item.full_text) <= DEFAULT_CAPS.kept
        assert [(file.name, (file.content or b"").strip()) for file in item.attachments] == [(name, words.strip())]


async def test_a_bomb_does_not_hold_up_the_others() -> None:
    async with mail_account() as account:
        bombs = [asyncio.create_task(account.read_guarded(delivered(BOMBS["twenty megabytes"]))) for _ in range(2)]
        began = time.monotonic()
        account.read(delivered(HEAD + b"\nwords"))
        assert time.monotonic() - began < 0.2
        await asyncio.gather(*bombs)


def cost(work: Callable[[], object]) -> float:
    """The least CPU time of three runs."""

    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(3))


GROWING: dict[str, Callable[[int], Callable[[], object]]] = {
    "on on on": lambda n: lambda: fold("On " * n),
    "on lines": lambda n: lambda: fold("On 1.1.2026 x wrote:\n" * (n // 8)),
    "blank lines": lambda n: lambda: fold("\n" * n * 4),
    "quoted lines": lambda n: lambda: fold("> x\n" * n),
    "quotes and answers": lambda n: lambda: fold("> x\ny\n" * (n // 2)),
    "header lines": lambda n: lambda: fold("From: x\n" * (n // 4)),
    "colons": lambda n: lambda: fold("x:\n" * (n // 4)),
    "dashes": lambda n: lambda: fold("-- \n" * n),
    "above": lambda n: lambda: fold("please reply above " * n),
    "open tags": lambda n: lambda: to_text("<a " * n),
    "open quotes": lambda n: lambda: to_text('<a b="' * n + ">" * n),
    "comments": lambda n: lambda: to_text("<!--" * n),
    "styles": lambda n: lambda: to_text("<style>" * n),
    "blockquotes": lambda n: lambda: to_text("<blockquote>x" * (n // 8)),
    "links": lambda n: lambda: to_text("<a href=x>" * (n // 4) + "</a>" * (n // 4)),
    "entities": lambda n: lambda: to_text("&" * n * 4),
    "words": lambda n: lambda: decode_header(b" ".join([WORD] * (n // 20))),
    "half words": lambda n: lambda: decode_header(b"=?" * n),
    "parameters": lambda n: lambda: media_type(b"a/b; " + b"x;" * n),
    "addresses": lambda n: lambda: read_addresses(b"<a@b>," * (n // 8)),
    "half addresses": lambda n: lambda: read_addresses(b'"' + b"a <" * n),
    "jis": lambda n: lambda: decode(b'\x1b$B$"' * n, "iso-2022-jp"),
    "bodies": lambda n: lambda: parse_mail(HEAD + b"\n" + b"words and words\n" * n),
}


@pytest.mark.parametrize("name", GROWING)
def test_what_is_longer_takes_longer_only_in_proportion(name: str) -> None:
    make = GROWING[name]
    size = 4_000
    while cost(make(size)) < 0.004 and size < 50_000:
        size *= 2
    # A square would cost 256 times as much. 81 is where growth by the power of 1.58 would stand.
    ratio = cost(make(size * 16)) / max(cost(make(size)), 0.0005)
    assert ratio < 81, f"sixteen times as much took {ratio:.1f} times as long"


PIECES = [
    *("\n", "\n\n", "> ", ">", ":", "-- ", "--", "<a@b.example>", " @ ", "\t", "\r", "On ", " wrote:", "words"),
    *(
        "2026-11-20 10:23",
        "差出人: ",
        "From: ",
        "To: ",
        "Subject: ",
        "-----Original Message-----",
        "Sent from my iPhone",
    ),
]
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join)
TAGS = [
    *("<p>", "</a>", "<blockquote>", "</blockquote>", "&#x;", "<a href='x", '"', "'", ">", "<", "/>", "<!--", "-->"),
    *("<pre>", "<br>", "<style>", "</style>", "words", " ", "\n", "&amp;", "<div class=gmail_quote>"),
]


@settings(max_examples=300, deadline=None)
@given(text=TEXT, marks=st.frozensets(st.integers(0, 30), max_size=3))
def test_folding_shows_a_beginning_of_the_text_or_all_of_it(text: str, marks: frozenset[int]) -> None:
    shown = fold(text, marks)
    assert shown == text or (shown.strip() and shown in text)
    assert bool(shown.strip()) == bool(text.strip())


@settings(max_examples=200, deadline=None)
@given(page=st.lists(st.sampled_from(TAGS), max_size=60).map("".join))
def test_any_page_becomes_text_without_tags_that_act(page: str) -> None:
    text, marks = to_text(page)
    assert all(0 <= mark <= text.count("\n") + 1 for mark in marks)


@settings(max_examples=300, deadline=None)
@given(
    head=st.lists(st.tuples(st.sampled_from(["From", "To", "Subject", "Date", "Content-Type", "References",
                                             "Content-Transfer-Encoding", "Content-Disposition", "Return-Path"]),
                            st.binary(max_size=60)), max_size=8),
    words=st.binary(max_size=300),
)  # fmt: skip
def test_no_mail_makes_reading_crash(head: list[tuple[str, bytes]], words: bytes) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\n" for name, value in head) + b"\n" + words
    try:
        mail = parse_mail(raw)
    except Unreadable:
        return
    for text in (mail.text, mail.full_text, mail.subject, mail.list_id, *(file.name for file in mail.attachments)):
        text.encode("utf-8")
        assert "\0" not in text
    assert not set(mail.subject) & set("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


@settings(max_examples=200, deadline=None)
@given(value=st.binary(max_size=120))
def test_no_header_decodes_to_a_line_break_or_half_a_character(value: bytes) -> None:
    for text in (decode_header(value), decode_header(b"=?utf-8?q?" + value + b"?="), *media_type(value)[1].values()):
        assert len(text.splitlines()) <= 1
        text.encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=120), label=st.one_of(st.text(max_size=20), st.sampled_from(["utf-7", "utf-16", "hz"]))
)
def test_any_bytes_in_any_charset_become_text(content: bytes, label: str) -> None:
    assert isinstance(decode(content, label), str)


@pytest.mark.parametrize("label", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "rot13", "base64", "zip",
                                   "undefined", "mbcs", "unknown-8bit", "x" * 500, "\udcff"])  # fmt: skip
def test_codecs_that_are_no_charsets_are_not_used(label: str) -> None:
    assert codec_of(label) == ""


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        (b"alice@corp.example <eve@evil.example>", ["eve@evil.example"]),
        (b'"alice@corp.example" <eve@evil.example>', ["eve@evil.example"]),
        (b"<eve@evil.example> <alice@corp.example>", ["eve@evil.example"]),
        (b"alice@corp.example (<x@y.example>) <eve@evil.example>", ["eve@evil.example"]),
        (b"=?utf-8?q?alice=40corp=2Eexample=3E?= <eve@evil.example>", ["eve@evil.example"]),
        (b'"a, b" <c@d.example>, e@f.example', ["c@d.example", "e@f.example"]),
        (b"Group: a@b.example, <c@d.example>; , e@f.example", ["a@b.example", "c@d.example", "e@f.example"]),
        (b"undisclosed-recipients:;", []),
        (b"a@b@c.example", []),
        (b"a b@c.example", ["b@c.example"]),
        (b'"a b"@c.example', []),
        (b"a@b.example c@d.example", []),
        (b"<@route.example:a@b.example>", ["a@b.example"]),
        (b'"never closed <a@b.example>', ["a@b.example"]),
        (b"A@B.Example.", ["a@b.example"]),
        (b"a@" + "例え.jp".encode(), ["a@xn--r8jz45g.jp"]),
        (b"<>", []),
        (b"a@-b.example", []),
        (b"a@b..example", []),
        (b"x" * 400 + b"@b.example", []),
        (b"a\r\n b <c@d.example>", ["c@d.example"]),
    ],
)
def test_addresses_are_read_strictly(value: bytes, addresses: list[str]) -> None:
    assert [one.address for one in read_addresses(value)] == addresses
