"""What every connector must keep: the shared tests, which a connector's own test module puts to its connection.

A test module subclasses the suites that fit its connector and says who it is: `class TestLineDoor(Doors): …`. What a
suite needs to know is declared at its top. Nothing here knows any provider.
"""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from connectors.contract import Connection, Declaration, Fetches, Request, Sends, Webhooks
from connectors.http import client_session
from connectors.intake import hook_routes
from routing.errors import (
    BadSignature,
    Gone,
    MadoguchiError,
    Malformed,
    NeedsAttention,
    Rejected,
    TryLater,
    Unclear,
    Unreadable,
)
from routing.ids import AccountId
from routing.messages import Item, Skipped
from routing.replies import Letter, SendClass
from tests.connectors.kit import UNABLE, Book, Clock, as_json, delivered, serving, tools
from tests.standins.unwilling import Trouble, nobody_there, unwilling

SHORT = aiohttp.ClientTimeout(total=2, connect=1, sock_read=0.3)
SAID_AT_ONCE = timedelta(seconds=5)

WRONG_VALUES: Sequence[Any] = (None, [], {}, "\ud800\u0000", -1, 10**30, 1e400, True)

# Signatures as other platforms send them: none may open another's door.
FOREIGN_SIGNATURES: Mapping[str, str] = {
    "x-line-signature": "c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2UgZW50aXJlbHk9PT0=",
    "x-hub-signature-256": "sha256=7d38cdd689735b008b3c702edd92eea23791c5f6f6d5b2f8f3a2c4d5e6f70819",
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    "x-slack-request-timestamp": "1790000000",
    "x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    "x-telegram-bot-api-secret-token": "a-secret-of-somebody-else",
    "authorization": "Bearer eyJhbGciOiJub25lIn0.e30.",
}


class Suite(ABC):
    """Who is put to the test."""

    declaration: ClassVar[Declaration]
    account: ClassVar[AccountId]

    @abstractmethod
    def config(self, base: str) -> Mapping[str, Any]:
        """A configuration whose provider answers at `base`."""

    def connect(self, http: aiohttp.ClientSession, base: str = "http://127.0.0.1:9", clock: Clock | None = None) -> Any:
        settings_ = self.declaration.config.model_validate(self.config(base))
        return self.declaration.connect(self.account, settings_, tools(http, clock=clock))

    @pytest.fixture
    async def connection(self) -> Any:
        async with client_session(allow_loopback=True) as http:
            yield self.connect(http)


class Doors(Suite):
    """Who takes webhooks."""

    signature_header: ClassVar[str]
    fresh_for: ClassVar[timedelta | None] = None  # None: the provider signs no time

    @abstractmethod
    def signed(self, body: bytes, *, age: timedelta = timedelta(0)) -> Request:
        """The request as the provider would send it with this body, signed `age` ago where it signs the time."""

    @abstractmethod
    def body(self) -> bytes:
        """A body that holds a message."""

    @pytest.fixture
    async def front(self, connection: Any) -> Any:
        """The door as it stands on the network: client, ledger."""
        book = Book()
        async with serving(hook_routes({self.account: connection}, book, Clock(), patience=0.2)) as client:
            yield client, book

    async def _post(self, client: Any, request: Request, **more: Any) -> tuple[int, str]:
        response = await client.post(f"/hooks/{self.account}", data=request.body, headers=dict(request.headers), **more)
        return response.status, await response.text()

    def _count(self, outcome: str) -> float:
        labels = {"connector": self.declaration.name, "outcome": outcome}
        return REGISTRY.get_sample_value("madoguchi_hooks_total", labels) or 0

    async def test_a_signed_webhook_is_kept_before_it_is_answered(self, front: Any) -> None:
        client, book = front
        before = self._count("kept")
        status, _ = await self._post(client, self.signed(self.body()))
        assert status == 200
        assert [one.body for one in book.kept] == [self.body()]
        assert book.kept[0].account == self.account
        assert self._count("kept") == before + 1

    async def test_the_same_webhook_again_is_answered_well_and_kept_once(self, front: Any) -> None:
        client, book = front
        before = self._count("repeat")
        assert [(await self._post(client, self.signed(self.body())))[0] for _ in range(3)] == [200, 200, 200]
        assert len(book.kept) == 1
        assert self._count("repeat") == before + 2

    async def test_a_wrong_signature_is_refused_whatever_is_wrong_with_it(
        self, front: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        client, book = front
        good = self.signed(self.body())
        before = self._count("bad_signature")
        forged = list(_forgeries(good, self.signature_header))
        with caplog.at_level(logging.DEBUG):
            for request in forged:
                status, said = await self._post(client, request)
                assert status == 401, request.headers
                assert "Traceback" not in said
        assert book.kept == []
        assert self._count("bad_signature") == before + len(forged)
        assert self.body().decode("utf-8", "replace") not in caplog.text

    async def test_a_signature_header_sent_twice_is_refused(self, front: Any) -> None:
        client, book = front
        good = self.signed(self.body())
        twice = [*good.headers.items(), (self.signature_header, good.headers[self.signature_header])]
        response = await client.post(f"/hooks/{self.account}", data=good.body, headers=twice)
        assert response.status == 401
        assert book.kept == []

    async def test_a_signature_of_another_secret_is_refused(self, connection: Webhooks) -> None:
        good = self.signed(self.body())
        assert connection.verify(good).provider_id
        for signature in ("", "=", "\u2603", "None", good.headers[self.signature_header].swapcase(), "é" * 5000):
            with pytest.raises(BadSignature):
                connection.verify(replace(good, headers={**good.headers, self.signature_header: signature}))

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"7", b"{", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 9999]
    )
    async def test_a_signed_body_that_is_nothing_we_take_is_malformed(self, front: Any, body: bytes) -> None:
        client, book = front
        status, said = await self._post(client, self.signed(body))
        assert status == 400
        assert "Traceback" not in said
        assert book.kept == []

    async def test_no_bytes_raise_anything_but_refusals(self, connection: Webhooks) -> None:
        @settings(max_examples=100, deadline=None)
        @given(body=st.binary(max_size=200), header=st.text(max_size=80))
        def anything(body: bytes, header: str) -> None:
            for request in (self.signed(body), replace(self.signed(body), headers={self.signature_header: header})):
                try:
                    connection.verify(request)
                except (BadSignature, Malformed):
                    continue

        anything()

    async def test_what_was_signed_long_ago_is_refused_or_known_again(self, front: Any) -> None:
        """Where the provider signs the time, that decides. Where it does not, an old request has its old id."""
        client, book = front
        if self.fresh_for is None:
            for _ in range(2):
                assert (await self._post(client, self.signed(self.body())))[0] == 200
            assert len({one.provider_id for one in book.kept}) == 1
            return
        second = timedelta(seconds=1)
        for age in (self.fresh_for + second, -self.fresh_for - second, timedelta(days=-9000)):
            assert (await self._post(client, self.signed(self.body(), age=age)))[0] == 401, age
        assert book.kept == []
        for age in (self.fresh_for - second, second - self.fresh_for):
            assert (await self._post(client, self.signed(self.body(), age=age)))[0] == 200, age

    async def test_too_much_is_refused_before_the_signature_is_looked_at(self, front: Any) -> None:
        client, book = front
        limit = (await self._limit(client)) + 1

        async def in_pieces() -> Any:
            for _ in range(limit // 65536 + 1):
                yield b" " * 65536

        response = await client.post(f"/hooks/{self.account}", data=b" " * limit)
        assert response.status == 413
        response = await client.post(f"/hooks/{self.account}", data=in_pieces())
        assert response.status == 413
        assert book.kept == []

    async def _limit(self, client: Any) -> int:
        async with client_session(allow_loopback=True) as http:
            limit: int = self.connect(http).body_limit
        return limit

    async def test_a_compressed_body_is_refused(self, front: Any) -> None:
        client, book = front
        good = self.signed(self.body())
        for encoding in ("gzip", "deflate", "br", "identity"):
            response = await client.post(
                f"/hooks/{self.account}", data=good.body, headers={**good.headers, "Content-Encoding": encoding}
            )
            assert response.status == 415
        assert book.kept == []

    async def test_when_the_fault_is_ours_the_provider_is_asked_to_come_again(
        self, front: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        client, book = front
        for fault in (UNABLE, RuntimeError(f"bug near {self.body().decode('utf-8', 'replace')}")):
            book.fault = fault
            good = self.signed(self.body())
            response = await client.post(f"/hooks/{self.account}", data=good.body, headers=dict(good.headers))
            assert response.status == 503
            assert int(response.headers["Retry-After"]) >= 1
            assert "bug" not in await response.text()
        assert self.body().decode("utf-8", "replace") not in caplog.text
        book.fault = None
        assert (await self._post(client, self.signed(self.body())))[0] == 200

    async def test_an_unknown_account_is_not_there(self, front: Any) -> None:
        client, book = front
        good = self.signed(self.body())
        response = await client.post("/hooks/nobody", data=good.body, headers=dict(good.headers))
        assert response.status == 404
        assert book.kept == []


def _forgeries(good: Request, header: str) -> Iterator[Request]:
    signature = good.headers[header]
    flipped = bytearray(good.body)
    flipped[len(flipped) // 2] ^= 1
    yield replace(good, body=bytes(flipped))
    yield replace(good, body=good.body + b" ")
    for place in (0, len(signature) // 2):
        other = "A" if signature[place] != "A" else "B"
        forged = signature[:place] + other + signature[place + 1 :]
        yield replace(good, headers={**good.headers, header: forged})
    without = {name: value for name, value in good.headers.items() if name != header}
    yield replace(good, headers=without)
    yield replace(good, headers={**without, header: ""})
    yield replace(good, headers={**without, header: "x" * 4000})
    foreign = {name: value for name, value in FOREIGN_SIGNATURES.items() if name != header}
    yield replace(good, headers={**without, **foreign})
    yield replace(good, headers={**without, header: FOREIGN_SIGNATURES["x-hub-signature-256"]})


@dataclass(frozen=True, slots=True)
class Payload:
    """A delivery as a provider sends it, and the items that it must become."""

    body: bytes
    items: list[dict[str, Any]]


def _payload(file: Path) -> Payload:
    return Payload(file.read_bytes(), json.loads(file.with_suffix(".expected.json").read_text(encoding="utf-8")))


class Reading(Suite):
    """Who reads deliveries. Payloads are files, real in shape; what they must become stands beside each."""

    payloads: ClassVar[Path]

    def wreckage(self, body: bytes) -> Iterator[bytes]:
        """Broken variants of a payload that is JSON; a connector of another format gives its own."""
        yield body[: len(body) // 2]
        yield body[:-2]
        yield b""
        payload = json.loads(body)
        for spoilt in _spoilt(payload):
            yield json.dumps(spoilt).encode()

    @staticmethod
    def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
        if "payload" in metafunc.fixturenames and metafunc.cls is not None:
            files = sorted(one for one in metafunc.cls.payloads.iterdir() if not one.name.endswith(".expected.json"))
            metafunc.parametrize("payload", [_payload(one) for one in files], ids=[one.stem for one in files])

    async def test_a_payload_becomes_what_stands_beside_it(self, connection: Connection, payload: Payload) -> None:
        found = [as_json(item) for item in connection.read(delivered(payload.body, account=self.account))]
        assert found == payload.items

    async def test_reading_twice_gives_the_same(self, connection: Connection, payload: Payload) -> None:
        delivery = delivered(payload.body, account=self.account)
        assert connection.read(delivery) == connection.read(delivery)

    async def test_ids_are_not_given_twice(self, connection: Connection, payload: Payload) -> None:
        items = connection.read(delivered(payload.body, account=self.account))
        ids = [item.external_id for item in items]
        assert all(ids)
        assert len(set(ids)) == len(ids)

    async def test_fields_that_nobody_knows_yet_change_nothing(self, connection: Connection, payload: Payload) -> None:
        body = payload.body
        richer = json.dumps(_with_news(json.loads(body))).encode()
        items = connection.read(delivered(body, account=self.account))
        assert _named_by_themselves(connection.read(delivered(richer, account=self.account))) == _named_by_themselves(
            items
        )

    async def test_wreckage_is_unreadable_or_skipped_and_never_a_crash(
        self, connection: Connection, payload: Payload
    ) -> None:
        for body in self.wreckage(payload.body):
            try:
                items = connection.read(delivered(body, account=self.account))
            except Unreadable:
                continue
            assert all(item.external_id for item in items)
            kept = json.dumps([as_json(item) for item in items], ensure_ascii=False)
            kept.encode("utf-8")  # A lone surrogate would fail here, as it would in a database.
            assert "\\u0000" not in kept

    async def test_no_bytes_make_reading_crash(self, connection: Connection) -> None:
        @settings(max_examples=200, deadline=None)
        @given(body=st.binary(max_size=300))
        def anything(body: bytes) -> None:
            try:
                connection.read(delivered(body, account=self.account))
            except Unreadable:
                return

        anything()


def _named_by_themselves(items: Sequence[Item]) -> list[Item]:
    """The items but for those skipped, whose names may come from the bytes they stood in."""
    return [item for item in items if not isinstance(item, Skipped)]


def _with_news(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: _with_news(one) for name, one in value.items()}, "aFieldOfTomorrow": {"x": [1, None]}}
    if isinstance(value, list):
        return [_with_news(one) for one in value]
    return value


def _spoilt(payload: Any) -> Iterator[Any]:
    """The payload with one value replaced by something it should not be, for every place in it."""
    for path in _paths(payload):
        for wrong in WRONG_VALUES:
            yield _replaced(payload, path, wrong)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in pairs:
        yield from _paths(one, (*path, step))


def _replaced(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, step: _replaced(value[step], rest, wrong)}
    return [_replaced(one, rest, wrong) if place == step else one for place, one in enumerate(value)]


def _name_of(value: object) -> str:
    if isinstance(value, Trouble):
        return "hang" if value.hang else "reset" if value.reset else str(value.status)
    return str(value)


class Sending(Suite):
    """Who answers customers by HTTP. The table says what a failure means; `willing` are the paths that answer well all
    the same (a token), and `letters` one letter for each operation."""

    willing: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    refused_token: ClassVar[type[MadoguchiError]] = NeedsAttention
    refused_right: ClassVar[type[MadoguchiError]] = Rejected

    @abstractmethod
    def letters(self) -> Mapping[str, Letter]:
        """Operation name -> a letter for which `prepare` chooses it, at the clock's beginning."""

    def key_of(self, headers: Mapping[str, str], body: bytes) -> str:
        """The idempotency key that a request carries (for operations of class A)."""
        raise NotImplementedError

    @pytest.mark.parametrize(
        ("trouble", "means"),
        [
            (Trouble(status=400), "rejected"),
            (Trouble(status=401), "token"),
            (Trouble(status=403), "right"),
            (Trouble(status=404), "rejected"),
            (Trouble(status=413), "rejected"),
            (Trouble(status=301, headers={"Location": "http://127.0.0.1:1/elsewhere"}), "rejected"),
            (Trouble(status=429, headers={"Retry-After": "42"}), "later 42"),
            (Trouble(status=429, headers={"Retry-After": "Sun, 22 Nov 2026 09:31:30 GMT"}), "later 90"),
            (Trouble(status=429), "later"),
            (Trouble(status=429, headers={"Retry-After": "soon"}), "later"),
            (Trouble(status=500), "unclear"),
            (Trouble(status=502, body=b"<html>\xff bad gateway"), "unclear"),
            (Trouble(status=503, headers={"Retry-After": "5"}), "unclear"),
            (Trouble(hang=True), "unclear"),
            (Trouble(reset=True), "unclear"),
            (Trouble(status=200, body=b"not json"), "sent"),
        ],
        ids=_name_of,
    )
    async def test_every_failure_means_what_the_table_says(self, trouble: Trouble, means: str) -> None:
        for operation, letter in self.letters().items():
            async with unwilling(replace(trouble, willing=self.willing)) as provider:
                outcome = await self._attempt(provider.base, letter, operation)
                self._judge(outcome, means, operation)
                assert provider.heard, f"{operation} asked nobody"

    async def test_what_was_refused_before_it_was_written_may_be_sent_again(self) -> None:
        for operation, letter in self.letters().items():
            self._judge(await self._attempt(nobody_there(), letter, operation), "later", operation)

    async def test_every_operation_is_declared_with_its_class(self, connection: Sends) -> None:
        declared = {one.name: one.send_class for one in self.declaration.operations}
        assert set(self.letters()) == set(declared)
        for operation, letter in self.letters().items():
            prepared = connection.prepare(letter, Clock()())
            assert (prepared.operation, prepared.send_class) == (operation, declared[operation])
            assert connection.prepare(letter, Clock()()) == prepared

    async def test_a_repeat_carries_the_same_key(self) -> None:
        keyed = {one.name for one in self.declaration.operations if one.send_class == SendClass.KEYED}
        for operation in keyed:
            letter = self.letters()[operation]
            async with unwilling(Trouble(willing=self.willing)) as provider:
                for _ in range(3):
                    await self._attempt(provider.base, letter, operation)
                    await self._attempt(
                        provider.base, replace(letter, key="9b2e6c1a-58c3-4f4b-8f53-0d5c1c9d7e11"), operation
                    )
                keys = [self.key_of(heard.headers, heard.body) for heard in provider.heard]
                assert keys == [letter.key, "9b2e6c1a-58c3-4f4b-8f53-0d5c1c9d7e11"] * 3
                bodies = {heard.body for heard in provider.heard}
                assert len(bodies) == 1

    async def test_a_letter_beyond_the_limit_leaves_nothing(self, connection: Connection) -> None:
        for operation, letter in self.letters().items():
            limits = connection.limits(letter.channel)
            too_long = replace(letter, text="a" * (limits.text + 1))
            async with unwilling(Trouble(willing=self.willing)) as provider:
                assert isinstance(await self._attempt(provider.base, too_long, operation), Rejected)
                assert provider.heard == []

    async def _attempt(self, base: str, letter: Letter, operation: str) -> MadoguchiError | None:
        clock = Clock()
        async with client_session(allow_loopback=True, patience=SHORT) as http:
            connection: Sends = self.connect(http, base, clock)
            prepared = connection.prepare(letter, clock())
            assert prepared.operation == operation
            try:
                await connection.send(letter, prepared)
            except MadoguchiError as failure:
                return failure
        return None

    def _judge(self, outcome: MadoguchiError | None, means: str, operation: str) -> None:
        expected: Mapping[str, type[MadoguchiError]] = {
            "rejected": Rejected,
            "token": self.refused_token,
            "right": self.refused_right,
            "unclear": Unclear,
        }
        if means == "sent":
            assert outcome is None, operation
        elif means.startswith("later"):
            assert isinstance(outcome, TryLater), operation
            seconds = int(means.removeprefix("later") or SAID_AT_ONCE.total_seconds())
            assert outcome.after == timedelta(seconds=seconds), operation
        else:
            assert isinstance(outcome, expected[means]), f"{operation}: {outcome!r}"


class Fetching(Suite):
    """Who fetches files that did not come with their message."""

    source: ClassVar[str]
    willing: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    @pytest.mark.parametrize(
        ("trouble", "means"),
        [
            (Trouble(status=200, body=b"\xff\xd8 the file"), None),
            (Trouble(status=404), Gone),
            (Trouble(status=410), Gone),
            (Trouble(status=429, headers={"Retry-After": "7"}), TryLater),
            (Trouble(status=500), TryLater),
            (Trouble(status=301, headers={"Location": "http://127.0.0.1:1/elsewhere"}), Gone),
            (Trouble(hang=True), TryLater),
            (Trouble(reset=True), TryLater),
            (Trouble(status=401), NeedsAttention),
        ],
        ids=_name_of,
    )
    async def test_every_failure_means_what_the_table_says(
        self, trouble: Trouble, means: type[MadoguchiError] | None
    ) -> None:
        async with (
            unwilling(replace(trouble, willing=self.willing)) as provider,
            client_session(allow_loopback=True, patience=SHORT) as http,
        ):
            connection: Fetches = self.connect(http, provider.base)
            if means is None:
                assert await connection.fetch(self.source) == trouble.body
                return
            with pytest.raises(means):
                await connection.fetch(self.source)

    async def test_who_cannot_be_reached_is_asked_later(self) -> None:
        async with client_session(allow_loopback=True, patience=SHORT) as http:
            connection: Fetches = self.connect(http, nobody_there())
            with pytest.raises(TryLater):
                await connection.fetch(self.source)


class Probing(Suite):
    """Who can be asked how it is: everybody."""

    @pytest.mark.parametrize(
        "trouble",
        [
            Trouble(status=400),
            Trouble(status=401),
            Trouble(status=403),
            Trouble(status=429),
            Trouble(status=500),
            Trouble(hang=True),
            Trouble(reset=True),
        ],
        ids=_name_of,
    )
    async def test_a_probe_tells_of_every_trouble_and_how_to_mend_it(self, trouble: Trouble) -> None:
        async with unwilling(trouble) as provider, client_session(allow_loopback=True, patience=SHORT) as http:
            connection: Connection = self.connect(http, provider.base)
            health = await connection.probe()
            assert not health.ok
            assert health.summary
            assert health.mend

    async def test_a_probe_of_nobody_is_no_crash(self) -> None:
        async with client_session(allow_loopback=True, patience=SHORT) as http:
            connection: Connection = self.connect(http, nobody_there())
            assert not (await connection.probe()).ok
