"""Turns the bytes of mails into text, whatever charset they name, wrongly or not at all."""

import codecs
import re
from functools import lru_cache

# What senders write, and the codec that reads what they mean. Supersets stand in for the sets named, for mailers put
# characters into mails that the named set does not have.
_ALIASES = {
    "": "utf-8",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "windows-932": "cp932",
    "ms932": "cp932",
    "euc-jp": "euc_jp",
    "eucjp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "eucjp-ms": "euc_jp",
    "cp51932": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "windows-949": "cp949",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
}
_ISO_2022_JP = "iso-2022-jp"
_JIS_LABELS = frozenset(
    {
        "iso-2022-jp", "csiso2022jp", "iso2022jp", "iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "iso-2022-jp-1",
        "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "jis", "x-jis",
    }
)  # fmt: skip
# Only codecs that take time in proportion to their input and yield text: punycode, idna and the escapes do not.
_PERMITTED = frozenset(
    {
        "ascii", "utf-8", "utf-8-sig", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
        "cp932", "shift_jis", "shift_jisx0213", "shift_jis_2004", "euc_jp", "euc_jisx0213", "euc_jis_2004",
        "gb18030", "gbk", "gb2312", "hz", "big5", "big5hkscs", "cp950", "cp949", "euc_kr", "johab", "iso2022_kr",
        *(f"iso8859-{n}" for n in range(1, 17)), *(f"cp125{n}" for n in range(9)),
        "cp437", "cp850", "cp852", "cp855", "cp857", "cp858", "cp860", "cp862", "cp864", "cp865", "cp866", "cp874",
        "koi8-r", "koi8-u", "koi8-t", "ptcp154", "tis-620", "mac-roman", "mac_roman", "mac-cyrillic", "mac-greek",
        "mac-latin2", "mac-turkish",
    }
)  # fmt: skip

_ESCAPE = re.compile(rb"\x1b(\$\(D|\$\(?[@B]|\([A-Z]|\$A|\.[A-Z])")
_TWO_BYTE = re.compile(rb"[\x21-\x7e]*")


@lru_cache(maxsize=512)
def codec_of(label: str) -> str:
    """The codec that reads what `label` stands for; empty when no such charset is known to us."""
    plain = label.strip().strip("\"'").lower()
    if plain in _JIS_LABELS or plain.startswith("_iso-2022-jp"):
        return _ISO_2022_JP
    if plain in _ALIASES:
        return _ALIASES[plain]
    if len(plain) > 40 or not plain.isascii():
        return ""
    try:
        name = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return ""
    return _ALIASES.get(name, name) if name in _PERMITTED else ""


def decode(content: bytes, label: str = "") -> str:
    """The text of `content`; never fails. What cannot be read at all becomes U+FFFD."""
    codec = codec_of(label) if len(label) <= 80 else ""
    if codec == _ISO_2022_JP:
        return _decode_iso_2022_jp(content)
    if codec in ("utf-8", "cp1252") and b"\x1b$" in content:
        return _decode_iso_2022_jp(content)  # Old Japanese mailers name no charset, or us-ascii, and send JIS.
    try:
        return content.decode("utf-8" if codec == "cp1252" else codec or "utf-8")
    except UnicodeDecodeError:
        pass
    if codec in ("", "utf-8"):
        return _guess(content, codec)
    text = content.decode(codec, "replace")
    if codec != "cp1252" and text.count("\ufffd") * 20 > len(text):
        return _guess(content, codec)
    return text


def _guess(content: bytes, codec: str) -> str:
    if codec == "utf-8":
        # Declared UTF-8 with a few broken bytes is cut-off UTF-8, not another charset.
        text = content.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if broken <= sum(1 for letter in text[:20_000] if letter > "\x7f") - broken:
            return text
    for candidate in ("utf-8", "euc_jp", "cp932"):
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if candidate == "utf-8" or _looks_japanese(text):
            return text
    return content.decode("cp1252", "replace")


def _looks_japanese(text: str) -> bool:
    foreign = [letter for letter in text[:2_000] if letter > "\x7f"]
    kana = sum(1 for letter in foreign if "\u3041" <= letter <= "\u30fe" or letter in "。、・「」")
    return kana * 5 >= len(foreign)


def _steps(shift: int) -> bytes:
    return bytes((code + shift + (1 if shift == 0x1F and code >= 0x60 else 0)) & 0xFF for code in range(256))


# JIS to Shift_JIS by tables: the lead byte, and the trail byte for odd and for even rows.
_LEAD = bytes(((row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)) & 0xFF if row >= 0x21 else row for row in range(256))
_ODD_TRAIL = _steps(0x1F)
_EVEN_TRAIL = _steps(0x7E)
_ODD_MASK = bytes(0xFF if row % 2 else 0x00 for row in range(256))
_HIGH_BIT = bytes(code | 0x80 for code in range(256))


def _shift_jis(cells: bytes) -> bytes:
    """The Shift_JIS bytes of two-byte JIS cells, row arithmetic done for all of them at once."""
    rows, columns = cells[0::2], cells[1::2]
    length = len(rows)
    odd = int.from_bytes(rows.translate(_ODD_MASK), "big")
    trail = (int.from_bytes(columns.translate(_ODD_TRAIL), "big") & odd) | (
        int.from_bytes(columns.translate(_EVEN_TRAIL), "big") & ~odd
    )
    out = bytearray(2 * length)
    out[0::2] = rows.translate(_LEAD)
    out[1::2] = trail.to_bytes(length, "big")
    return bytes(out)


def _decode_iso_2022_jp(content: bytes) -> str:
    """Reads ISO-2022-JP as Windows mailers write it (CP50220, CP50221): with NEC and IBM characters, half-width kana,
    closing escapes forgotten."""
    if b"\x1b" not in content:
        if content.isascii():
            return content.decode("ascii")
        return _guess(content, "")
    pieces = _ESCAPE.split(content)
    texts = [_plain(pieces[0])]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        if not run:
            continue
        if escape in (b"$@", b"$B", b"$(@", b"$(B", b"$(D"):
            match = _TWO_BYTE.match(run)
            cells = match.group() if match else b""
            whole = cells[: len(cells) // 2 * 2]
            if escape == b"$(D":
                euc = b"".join(b"\x8f" + whole[at : at + 2].translate(_HIGH_BIT) for at in range(0, len(whole), 2))
                texts.append(euc.decode("euc_jp", "replace"))
            else:
                texts.append(_shift_jis(whole).decode("cp932", "replace"))
            texts.append(_plain(run[len(cells) :]))
        elif escape == b"(I":
            match = _TWO_BYTE.match(run)
            kana = match.group() if match else b""
            texts.append(kana.translate(_HIGH_BIT).decode("cp932", "replace"))
            texts.append(_plain(run[len(kana) :]))
        elif escape == b"$A":
            match = _TWO_BYTE.match(run)
            cells = match.group() if match else b""
            texts.append(cells.translate(_HIGH_BIT).decode("gb2312", "replace"))
            texts.append(_plain(run[len(cells) :]))
        else:
            texts.append(_plain(run))
    return "".join(texts)


def _plain(run: bytes) -> str:
    """What stands outside the escapes: ASCII, or 8-bit Shift_JIS (half-width kana above all) as Outlook sends it."""
    return run.decode("ascii") if run.isascii() else run.decode("cp932", "replace")
