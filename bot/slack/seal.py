"""Seals what a button or a form carries, so that a value that was edited on its way is not taken."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from routing.errors import BadSignature

Sign = Callable[[str], str]
_LENGTH = 16


class Seal:
    """Short seals made with `sign`. Seals made with one of `older` are still known, so that old cards work on after a
    key was changed."""

    def __init__(self, sign: Sign, *older: Sign) -> None:
        self._sign = sign
        self._older = older

    def close(self, purpose: str, text: str) -> str:
        """`text` with its seal in front."""
        return f"{_short(self._sign(_named(purpose, text)))}.{text}"

    def open(self, purpose: str, sealed: str) -> str:
        """The text that was sealed. Raises BadSignature when it is not exactly that."""
        mark, _, text = sealed.partition(".")
        given = mark.encode("utf-8", "replace")
        for sign in (self._sign, *self._older):
            if hmac.compare_digest(_short(sign(_named(purpose, text))).encode(), given):
                return text
        raise BadSignature("a value was changed on its way")


def packed(value: Any) -> str:
    """JSON that passes through Slack unchanged: ASCII, without the three characters that Slack escapes in texts."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _named(purpose: str, text: str) -> str:
    return f"slack {purpose}\n{text}"


def _short(signature: str) -> str:
    """96 bits of the signature, whatever its form: Slack leaves 150 characters for the value of a menu's choice."""
    digest = hashlib.sha256(signature.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:_LENGTH].decode()
