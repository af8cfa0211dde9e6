"""Takes out of foreign text what would lie about it or break what holds it: controls, reading-direction tricks,
halves of characters."""

import re

# Controls but tab and line feed, the embeddings and overrides of reading direction (the marks LRM and RLM may stay:
# honest Arabic and Hebrew need them), the byte order mark and the annotation characters.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_HALVES = re.compile("[\ud800-\udfff]")
_UNWANTED_ASCII = {code: None for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n"}
_LINE_ASCII = dict.fromkeys((*range(0x20), 0x7F), " ")
_BREAKS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def clean_text(text: str) -> str:
    """Text of several lines, with line feeds for line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.translate(_UNWANTED_ASCII)
    if "\x85" in text or "\u2028" in text or "\u2029" in text:
        text = text.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _HALVES.sub("\ufffd", _UNWANTED.sub("", text))


def clean_line(text: str) -> str:
    """Text of one line with single spaces: whatever it was decoded from, it cannot begin a second header."""
    if text.isascii():
        if text.isprintable():
            return " ".join(text.split()) if "  " in text else text.strip()
        return " ".join(text.translate(_LINE_ASCII).split())
    return _HALVES.sub("\ufffd", _UNWANTED.sub("", _BREAKS.sub(" ", text))).strip()
