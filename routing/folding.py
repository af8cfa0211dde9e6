"""Folds text for comparison: case, width and kana voicing marks, so that ﾊﾞｯｸﾞ equals バッグ."""

import unicodedata


def folded(text: str) -> str:
    """NFKC and case folding: half-width kana, full-width letters and capitals all compare equal."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold()
