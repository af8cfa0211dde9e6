"""A new connector is three places: here are its tests; its module stands beside them, its manifest entry below."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from connectors.catalog import load_catalog
from connectors.contract import Request
from connectors.http import client_session
from connectors.intake import hook_routes
from routing.ids import AccountId
from routing.messages import Received
from routing.replies import Letter
from tests.connectors import contract
from tests.connectors.kit import START, Book, Clock, delivered, letter, serving, tools
from tests.connectors.toy.connector import DECLARATION, PigeonConnection
from tests.standins.unwilling import Trouble, unwilling

MANIFEST = """
[pigeon]
module = "tests.connectors.toy.connector"
setup = "docs/channels/pigeon.md"
tests = "tests/connectors/toy"
operations = { flight = "A" }

[pigeon.channels.pigeon]
title = { en = "Carrier pigeon", ja = "伝書鳩" }
icon = "bird"
abilities = ["attachments_in"]
text = 140
unit = "characters"
"""
ACCOUNT = AccountId("roof")
PAYLOADS = Path(__file__).parent / "payloads"


class _Pigeon:
    declaration = DECLARATION
    account = ACCOUNT

    def config(self, base: str) -> Mapping[str, Any]:
        return {"secret": "coo", "base": base}


class TestTheDoor(_Pigeon, contract.Doors):
    signature_header = "x-pigeon-seal"
    fresh_for = timedelta(seconds=300)

    @override
    def signed(self, body: bytes, *, age: timedelta = timedelta(0)) -> Request:
        sent = str(int((START - age).timestamp()))
        seal = hmac.new(b"coo", f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"x-pigeon-time": sent, "x-pigeon-seal": seal}
        return Request("POST", f"/hooks/{ACCOUNT}", {}, headers, body, "127.0.0.1")

    @override
    def body(self) -> bytes:
        return (PAYLOADS / "letter.json").read_bytes()


class TestReading(_Pigeon, contract.Reading):
    payloads = PAYLOADS


class TestSending(_Pigeon, contract.Sending):
    @override
    def letters(self) -> Mapping[str, Letter]:
        return {"flight": letter(channel="pigeon", address="north")}

    @override
    def key_of(self, headers: Mapping[str, str], body: bytes) -> str:
        return headers["idempotency-key"]


class TestFetching(_Pigeon, contract.Fetching):
    source = "ring-7"


class TestProbing(_Pigeon, contract.Probing):
    pass


async def test_the_manifest_entry_is_all_that_the_house_must_be_told() -> None:
    """From the catalog to the door, the ledger, reading and answering: nothing knows pigeons but their module."""
    async with client_session(allow_loopback=True) as http, unwilling(Trouble(status=200)) as dovecote:
        catalog = load_catalog(MANIFEST)
        connection = catalog.connect("pigeon", ACCOUNT, {"secret": "coo", "base": dovecote.base}, tools(http))
        assert isinstance(connection, PigeonConnection)
        book = Book()
        request = TestTheDoor().signed((PAYLOADS / "letter.json").read_bytes())
        async with serving(hook_routes({ACCOUNT: connection}, book, Clock())) as client:
            response = await client.post(request.path, data=request.body, headers=dict(request.headers))
            assert response.status == 200
        [item] = connection.read(delivered(book.kept[0].body, account=ACCOUNT))
        assert isinstance(item, Received)
        answer = letter(channel=item.channel, address=item.sender.address, text="Thank you.")
        await connection.send(answer, connection.prepare(answer, START))
        assert json.loads(dovecote.heard[0].body) == {"loft": "north", "words": "Thank you."}
