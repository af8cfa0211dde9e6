"""Generates mails as a help desk gets them, the same ones for the same seed, for the measurements."""

import base64
import random
import textwrap
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

ADDRESS = "support@desk.example"
_SURNAMES = (
    "Smith",
    "Garcia",
    "Müller",
    "Tanaka",
    "Rossi",
    "Novak",
    "Silva",
    "Dubois",
    "Kim",
    "Olsen",
    "Brown",
    "Sato",
)
_GIVEN = ("Alex", "Maria", "Jonas", "Yuki", "Paolo", "Eva", "Carlos", "Léa", "Min-jun", "Ingrid", "Sam", "Hana")
_JAPANESE = ("佐藤", "鈴木", "髙橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤")
_DOMAINS = ("example.com", "example.org", "shop.example.net", "mail.example.jp", "firma.example.de")
_THINGS = ("order", "invoice", "delivery", "password", "coffee machine", "subscription", "refund", "login", "voucher")
THINGS_JA = (
    "ご注文",
    "請求書",
    "配送状況",
    "パスワード",
    "コーヒーメーカー",
    "定期購入",
    "返金",
    "ログイン",
    "クーポン",
)
_WORDS = """
the order arrived late and the box was open when we got it from the courier this morning please tell us what to do next
because our guests come on Saturday and the machine does not start at all after the last update which we made as
described in your manual on page twelve thank you for looking into this as soon as you can also could you send the
invoice again with our new company address and the correct tax number on it
""".split()  # noqa: SIM905  a list of eighty quoted words is no text that anybody reads
SENTENCES_JA = (
    "お世話になっております。",
    "先日注文いたしました商品がまだ届いておりません。",
    "配送状況を確認していただけますでしょうか。",
    "電源を入れてもランプが点灯せず、動作いたしません。",
    "請求書の宛名を①株式会社に変更して再発行をお願いいたします。",
    "お忙しいところ恐れ入りますが、よろしくお願いいたします。",
    "説明書の１２ページのとおりに設定しましたが、うまくいきませんでした。",
    "ご回答をお待ちしております。",
)


def mails(count: int, seed: int = 7) -> list[bytes]:
    """Mails of about 11 KB: 70 % open a conversation, 30 % answer an earlier one; most with an HTML alternative, some
    with a file of 50 KB, some in ISO-2022-JP."""
    chance = random.Random(seed)
    sent: list[tuple[str, str, str, str]] = []
    out: list[bytes] = []
    for number in range(count):
        japanese = chance.random() < 0.2
        earlier = chance.choice(sent) if sent and chance.random() < 0.3 else None
        mail, kept = _mail(chance, number, seed, earlier, japanese=japanese if earlier is None else earlier[3] == "ja")
        out.append(mail)
        if earlier is None:
            sent.append(kept)
    return out


def _mail(
    chance: random.Random, number: int, seed: int, earlier: tuple[str, str, str, str] | None, *, japanese: bool
) -> tuple[bytes, tuple[str, str, str, str]]:
    message_id = f"<{number:06d}.{chance.getrandbits(64):016x}.{seed}@{chance.choice(_DOMAINS)}>"
    if earlier is None:
        name = (
            f"{chance.choice(_JAPANESE)} {number}"
            if japanese
            else f"{chance.choice(_GIVEN)} {chance.choice(_SURNAMES)}"
        )
        sender = f"customer{number}@{chance.choice(_DOMAINS)}"
        thing = chance.choice(THINGS_JA if japanese else _THINGS)
        subject = f"{thing}について（{number}）" if japanese else f"Question about my {thing} ({number})"
    else:
        name, sender, subject = earlier[1].split("|")[0], earlier[1].split("|")[1], "Re: " + earlier[2]
    charset = "iso-2022-jp" if japanese else "utf-8"
    words = _japanese(chance) if japanese else _latin(chance)
    if earlier is not None:
        intro = (
            f"2026/11/20 10:23、サポート <{ADDRESS}>のメール:"
            if japanese
            else f"On Fri, 20 Nov 2026 at 10:23, Support <{ADDRESS}> wrote:"
        )
        old = _japanese(chance) if japanese else _latin(chance)
        words += f"\n\n{intro}\n" + "\n".join(f"> {line}" for line in old.split("\n"))
    when = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(seconds=37 * number)
    head = [
        f"Return-Path: <{sender}>",
        f"Delivered-To: {ADDRESS}",
        *_trace(chance, sender, format_datetime(when)),
        f"From: {_named(name, charset)} <{sender}>",
        f"To: Support <{ADDRESS}>",
        f"Subject: {_named(subject, charset)}",
        f"Date: {format_datetime(when)}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
    ]
    if earlier is not None:
        head += [f"In-Reply-To: {earlier[0]}", f"References: {earlier[0]}"]
    body = _body(chance, words, charset, number, html=chance.random() < 0.75, attached=chance.random() < 0.06)
    raw = ("\n".join(head) + "\n").encode("ascii") + body
    return raw.replace(b"\n", b"\r\n"), (message_id, f"{name}|{sender}", subject, "ja" if japanese else "en")


def _trace(chance: random.Random, sender: str, when: str) -> list[str]:
    """What servers write into a mail on its way."""
    host = f"mx{chance.randint(1, 9)}.example.net"
    address = f"192.0.2.{chance.randint(1, 250)}"
    queue = f"{chance.getrandbits(40):010X}"
    domain = sender.partition("@")[2]
    body_hash = _noise(chance, 32)
    signature = _noise(chance, 192).replace("\n", "\n\t ")
    return [
        (
            f"Received: from {host} (mx.example.net [{address}])\n"
            f"\tby in.desk.example (Postfix) with ESMTPS id {queue}\n\tfor <{ADDRESS}>; {when}"
        ),
        f"Received: by 2002:a05:6402:{chance.getrandbits(16):x} with SMTP id {chance.getrandbits(64):x}; {when}",
        (
            f"Authentication-Results: in.desk.example; dkim=pass header.i=@{domain};\n"
            f"\tspf=pass smtp.mailfrom={sender};\n\tdmarc=pass (p=NONE) header.from={domain}"
        ),
        (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=20251104; t=1795000000;\n"
            f"\th=to:subject:message-id:date:from:mime-version:from:to:cc;\n\tbh={body_hash};\n\tb={signature}"
        ),
    ]


def _body(chance: random.Random, words: str, charset: str, number: int, *, html: bool, attached: bool) -> bytes:
    encoding = "7bit" if charset == "iso-2022-jp" else "base64"
    text = _part("text/plain", words, charset, encoding)
    content = text
    if html:
        page = "".join(
            f'<p style="margin:0 0 12px;font-family:Arial,sans-serif">{line}</p>\n' for line in words.split("\n")
        )
        page = f"<html><head><style>{_CSS}</style></head><body>{page}</body></html>"
        pieces = [text, _part("text/html", page, charset, encoding)]
        content = _multipart("alternative", f"=_alt{number}", pieces)
    if attached:
        kind, name = chance.choice((("application/pdf", "invoice.pdf"), ("image/jpeg", "photo.jpg")))
        file = (
            f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="{name}"\n\n{_noise(chance, 50_000)}\n'
        ).encode("ascii")
        content = _multipart("mixed", f"=_mix{number}", [content, file])
    return content


def _part(kind: str, words: str, charset: str, encoding: str) -> bytes:
    content = words.encode("iso2022_jp_ext" if charset == "iso-2022-jp" else charset, "replace")
    if encoding == "base64":
        content = base64.encodebytes(content)
    head = f"Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode("ascii") + content + b"\n"


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    mark = boundary.encode("ascii")
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode("ascii")
    return head + b"".join(b"--" + mark + b"\n" + part for part in parts) + b"--" + mark + b"--\n"


def _named(text: str, charset: str) -> str:
    if text.isascii():
        return text
    safe = text.replace("髙", "高") if charset == "iso-2022-jp" else text
    return Header(safe, charset, maxlinelen=200).encode(linesep="\n")


def _noise(chance: random.Random, size: int) -> str:
    return base64.encodebytes(chance.randbytes(size)).decode("ascii").strip()


def _latin(chance: random.Random) -> str:
    paragraphs = [
        textwrap.fill(" ".join(chance.choices(_WORDS, k=chance.randint(20, 70))).capitalize() + ".", 72)
        for _ in range(chance.randint(2, 6))
    ]
    return "Hello,\n\n" + "\n\n".join(paragraphs) + "\n\nBest regards\n-- \nA. Customer\nExample Street 1"


def _japanese(chance: random.Random) -> str:
    body = ["".join(chance.choices(SENTENCES_JA, k=chance.randint(2, 4))) for _ in range(chance.randint(3, 8))]
    text = "\n\n".join(body).replace("①", "")
    return f"ご担当者様\n\n{text}\n\n----\n山田商店"


_CSS = " ".join(f".c{n} {{ color:#33{n:02x}44; padding:{n}px }}" for n in range(40))
