"""LINE keeps the contract of all connectors."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from connectors.contract import Request
from connectors.social.line import DECLARATION
from routing.errors import MadoguchiError, NeedsAttention
from routing.replies import Letter
from tests.connectors import contract
from tests.connectors.kit import ACCOUNT, START, letter

PAYLOADS = Path(__file__).parent / "payloads"
SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
HOUSE: Mapping[str, Any] = {"channel_id": "1656789012", "channel_secret": SECRET, "access_token": "long-lived"}


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


class _Line:
    declaration = DECLARATION
    account = ACCOUNT

    def config(self, base: str) -> Mapping[str, Any]:
        return {**HOUSE, "api_base": base, "data_base": base}


class TestTheDoor(_Line, contract.Doors):
    signature_header = "x-line-signature"

    @override
    def signed(self, body: bytes, *, age: timedelta = timedelta(0)) -> Request:
        headers = {"content-type": "application/json; charset=utf-8", "x-line-signature": sign(body)}
        return Request("POST", f"/hooks/{self.account}", {}, headers, body, "127.0.0.1")

    @override
    def body(self) -> bytes:
        return (PAYLOADS / "text.json").read_bytes()


class TestReading(_Line, contract.Reading):
    payloads = PAYLOADS


class TestSending(_Line, contract.Sending):
    refused_right = NeedsAttention

    @override
    def letters(self) -> Mapping[str, Letter]:
        fresh = {"reply_token": "38ef843bde154d9b91c21320ffd17a0f", "to": "U4af4980629f7d8a2c0e4d2f1b9a3c5e7"}
        return {
            "reply": letter(handle=fresh, handle_at=START - timedelta(seconds=20)),
            "push": letter(handle=fresh, handle_at=START - timedelta(seconds=51)),
            "late_push": letter(created_at=START - timedelta(hours=24)),
        }

    @override
    def key_of(self, headers: Mapping[str, str], body: bytes) -> str:
        assert json.loads(body)["messages"]
        return headers["x-line-retry-key"]


class TestSendingWithStatelessTokens(TestSending):
    willing: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "/oauth2/v3/token": {"token_type": "Bearer", "access_token": "stateless", "expires_in": 900}
    }
    refused_token: ClassVar[type[MadoguchiError]] = NeedsAttention

    @override
    def config(self, base: str) -> Mapping[str, Any]:
        return {**super().config(base), "access_token": None}


class TestFetching(_Line, contract.Fetching):
    source = "line-content:325708"


class TestProbing(_Line, contract.Probing):
    pass
