"""Signs what leaves the house (reply addresses, ids, buttons, file links) with keys of its own, kept as secrets."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from routing.errors import Gone
from storage.settings import SqlSettings

_NAME = "madoguchi.signing"
_LENGTH = 16  # 80 bits in 16 characters that survive being written in capitals


class KeyedSigner:
    """The first key signs; the others go on verifying what they signed before."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def sign(self, purpose: str, text: str) -> str:
        """Sixteen characters a–z and 2–7, for use in mail addresses, headers and links."""
        return _signature(self._keys[0], purpose, text)

    def verifies(self, purpose: str, text: str, signature: str) -> bool:
        given = signature.lower().encode("utf-8", "replace")
        # Every key is tried, so that the time tells nothing about which of them fits.
        fits = [hmac.compare_digest(_signature(key, purpose, text).encode(), given) for key in self._keys]
        return any(fits)


def _signature(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.new(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.b32encode(digest)[:_LENGTH].decode().lower()


async def open_signer(settings: SqlSettings) -> KeyedSigner:
    """The organisation's signer; its key is made at the first start. Raises Misconfigured without an encryption key,
    NeedsAttention when the signing keys cannot be decrypted."""
    try:
        kept = await settings.secret(_NAME)
    except Gone:
        await settings.put_if_new(_NAME, secrets.token_hex(32))
        kept = await settings.secret(_NAME)
    return KeyedSigner([bytes.fromhex(one) for one in kept.split(",")])


async def renew_signer(settings: SqlSettings) -> int:
    """Signs with a fresh key from now on; returns how many keys verify. Cards and mails signed before stay good."""
    kept = await settings.secret(_NAME)
    keys = [secrets.token_hex(32), *kept.split(",")]
    await settings.put(_NAME, ",".join(keys))
    return len(keys)
