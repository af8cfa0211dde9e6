"""The door lets in only what Slack has signed, and answers everything else with the right status."""

import asyncio
import contextlib
import gzip
import json
import logging
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.slack import seed
from bot.slack.app import open_slack
from bot.slack.blocks import draw_card
from bot.slack.door import CAP, Door, read_body
from bot.slack.workspace import SlackWorkspace
from routing.errors import Malformed
from tests.slack.payloads import pressed
from tests.slack.samples import SEAL, card, sign
from tests.slack.side import SECRET, TaughtDesk, running, signed

CANARY = "canary-in-the-body"
PING = json.dumps({"type": "url_verification", "challenge": "abc", "note": CANARY}).encode()
FORM = "application/x-www-form-urlencoded"


def press_body(**more: object) -> bytes:
    payload = {**pressed(draw_card(card(), SEAL).blocks, 2), "note": CANARY, **more}
    return urlencode({"payload": json.dumps(payload)}).encode()


async def test_the_address_is_confirmed_to_slack() -> None:
    async with running() as one, one.http.post(one.door, data=PING, headers=signed(PING)) as answer:
        assert answer.status == 200
        assert await answer.json() == {"challenge": "abc"}


async def test_slacks_certificate_check_is_answered() -> None:
    async with running() as one:
        body = b"token=x&ssl_check=1"
        assert await one.post(body, **{"Content-Type": FORM}) == 200


def _forgeries() -> dict[str, dict[str, str]]:
    good = signed(PING)
    mac = good["X-Slack-Signature"]
    other = signed(PING, secret="another secret")
    return {
        "wrong secret": other,
        "one bit of the signature": {**good, "X-Slack-Signature": mac[:-1] + ("0" if mac[-1] != "0" else "1")},
        "body flipped": signed(PING.replace(b"abc", b"abd")),
        "missing signature": {name: good[name] for name in good if "Signature" not in name},
        "missing timestamp": {name: good[name] for name in good if "Timestamp" not in name},
        "empty signature": {**good, "X-Slack-Signature": ""},
        "no digest": {**good, "X-Slack-Signature": "v0="},
        "upper case": {**good, "X-Slack-Signature": mac.upper()},
        "other version": {**good, "X-Slack-Signature": mac.replace("v0=", "v1=")},
        "another platform's": {**good, "X-Slack-Signature": "sha256=" + mac[3:]},
        "not ASCII": {**good, "X-Slack-Signature": "v0=é" + mac[4:]},
        "timestamp not a number": {**good, "X-Slack-Request-Timestamp": "soon"},
        "timestamp negative": {**good, "X-Slack-Request-Timestamp": "-1"},
        "timestamp with a point": {**good, "X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"] + ".0"},
        "timestamp of 5,000 digits": {**good, "X-Slack-Request-Timestamp": "1" * 5000},
        "timestamp in Arabic digits": {**good, "X-Slack-Request-Timestamp": "١٢٣"},
        "timestamp of another second": {
            **good,
            "X-Slack-Request-Timestamp": str(int(good["X-Slack-Request-Timestamp"]) + 1),
        },
    }


@pytest.mark.parametrize("name", list(_forgeries()))
async def test_a_forged_request_is_refused_and_leaves_no_trace_but_a_count(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as one, one.http.post(one.door, data=PING, headers=_forgeries()[name]) as answer:
        assert answer.status == 401
        assert await answer.text() == ""
        assert one.desk.outcomes == {"forged": 1}
    assert CANARY not in caplog.text


async def test_a_header_given_twice_is_refused() -> None:
    good = signed(PING)
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        async with running() as one:
            headers = [*good.items(), (name, good[name])]
            async with one.http.post(one.door, data=PING, headers=headers) as answer:
                assert answer.status == 401


@pytest.mark.parametrize(("age", "status"), [(0, 200), (299, 200), (-299, 200), (301, 401), (-301, 401), (86400, 401)])
async def test_only_what_was_signed_within_five_minutes_is_taken(age: int, status: int) -> None:
    now = time.time()
    async with running(clock=lambda: now) as one:
        async with one.http.post(one.door, data=PING, headers=signed(PING, at=now - age)) as answer:
            assert answer.status == status
        assert one.desk.outcomes == {"accepted" if status == 200 else "stale": 1}


ODD_BODIES: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b'{"type": "\xff\xfe"}', "application/json"),
    "not JSON": (b"{", "application/json"),
    "empty": (b"", "application/json"),
    "a list": (b"[]", "application/json"),
    "a number": (b"1", "application/json"),
    "null": (b"null", "application/json"),
    "a number of 10,000 digits": (b'{"a": ' + b"1" * 10_000 + b"}", "application/json"),
    "100,000 brackets": (b"[" * 100_000, "application/json"),
    "nested objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
    "payload not JSON": (b"payload=%7B", FORM),
    "payload a list": (b"payload=%5B%5D", FORM),
    "payload twice": (b"payload=%7B%7D&payload=%7B%7D", FORM),
    "10,000 fields": (b"&".join(b"f%d=1" % number for number in range(10_000)), FORM),
    "user a number": (b'{"type": "event_callback", "user": 5}', "application/json"),
    "team a list": (b'{"type": "event_callback", "team": [1]}', "application/json"),
    "event a text": (b'{"type": "event_callback", "team_id": "T0SUNRISE", "event": "x"}', "application/json"),
    "authorizations odd": (b'{"type": "event_callback", "authorizations": [1]}', "application/json"),
    "press without action": (
        b'{"type": "block_actions", "team": {"id": "T0SUNRISE"}, "user": {"id": "U1"}}',
        "application/json",
    ),
    "press by nobody": (b'{"type": "block_actions", "team": {"id": "T0SUNRISE"}}', "application/json"),
}


@pytest.mark.parametrize("name", list(ODD_BODIES))
async def test_a_signed_body_that_is_none_of_slacks_is_malformed(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body, kind = ODD_BODIES[name]
    async with running() as one:
        assert await one.post(body, **{"Content-Type": kind}) == 400
        assert one.desk.outcomes == {"malformed": 1}
        assert not one.desk.asked
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=shift_jis",
        "application/json; charset=made-up",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-7",
        "",
    ],
)
async def test_a_content_type_that_is_none_of_slacks_is_refused(kind: str) -> None:
    async with running() as one:
        assert await one.post(PING, **{"Content-Type": kind}) == 415


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", 'application/json;charset="UTF-8"', "Application/JSON"]
)
async def test_slacks_ways_of_writing_a_content_type_are_taken(kind: str) -> None:
    async with running() as one:
        assert await one.post(PING, **{"Content-Type": kind}) == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "made-up"])
async def test_a_compressed_body_is_refused_unread(encoding: str) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    async with running() as one:
        assert await one.post(bomb, **{"Content-Encoding": encoding}) == 415
        assert one.desk.outcomes == {"malformed": 1}


async def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() -> None:
    async with running() as one:
        fits = b'{"type":"url_verification","challenge":"' + b"x" * (CAP - 42) + b'"}'
        assert len(fits) == CAP
        assert await one.post(fits) == 200
        body = b"x" * (CAP + 1)
        assert await one.post(body) == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"x" * 100_000

        async with one.http.post(one.door, data=chunks(), headers=signed(body)) as answer:
            assert answer.status == 413
        assert one.desk.outcomes["too_large"] == 2


async def test_a_body_that_drips_in_is_not_waited_for() -> None:
    async with running() as one:
        quick = Door(one.side.receiver, {seed.TEAM_ID: SECRET}, time.time, one.desk.count, body_patience=0.05)
        server = aiohttp.web.Application()
        server.add_routes([aiohttp.web.post("/slow", quick.answer)])
        runner = aiohttp.web.AppRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(PING).items())
        writer.write(f"POST /slow HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(PING)}\r\n\r\n".encode() + PING[:5])
        await writer.drain()
        assert b" 408 " in await reader.readline()
        writer.close()
        await runner.cleanup()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["application/json", FORM]))
def test_no_body_makes_the_reader_stumble(body: bytes, kind: str) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(read_body(body, kind), dict)


async def test_what_another_workspace_sends_is_acknowledged_and_ignored() -> None:
    async with running() as one:
        foreign = {"type": "event_callback", "team_id": "T0OTHER", "event": {"type": "message", "text": "x"}}
        assert await one.post(json.dumps(foreign).encode()) == 200
        assert one.desk.outcomes == {"unknown_workspace": 1}
        assert not one.desk.talk


async def test_each_workspace_is_vouched_for_by_its_own_secret_alone() -> None:
    desk = TaughtDesk()
    side = await open_slack(
        [
            SlackWorkspace("T0SUNRISE", "xoxb-1", "first", api_base="http://127.0.0.1:9/api/"),
            SlackWorkspace("T0SUNSET", "xoxb-2", "second", api_base="http://127.0.0.1:9/api/"),
        ],
        desk.dispatch,
        desk.thread_talk,
        sign=sign,
        count=desk.count,
    )
    server = aiohttp.web.Application()
    server.add_routes(side.routes())
    runner = aiohttp.web.AppRunner(server)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as http:
            for team, secret, expected in (
                ("T0SUNRISE", "first", 1),
                ("T0SUNSET", "second", 2),
                ("T0SUNRISE", "second", 2),
            ):
                event = {"type": "message", "channel": "C1", "user": "U1", "ts": "2.1", "thread_ts": "1.1", "text": "x"}
                body = json.dumps({"type": "event_callback", "team_id": team, "event": event}).encode()
                url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
                async with http.post(url, data=body, headers=signed(body, secret=secret)) as answer:
                    assert answer.status == 200
                assert len(desk.talk) == expected
        assert [who.workspace for who, _ in desk.talk] == ["T0SUNRISE", "T0SUNSET"]
        assert desk.outcomes["unknown_workspace"] == 1
    finally:
        await runner.cleanup()
        await side.close()


async def test_the_same_press_sent_again_is_done_once() -> None:
    async with running() as one:
        body = press_body()
        for _ in range(2):
            assert await one.post(body, **{"Content-Type": FORM}) == 200
        assert await asyncio.gather(*(one.post(body, **{"Content-Type": FORM}) for _ in range(20))) == [200] * 20
        assert [action.name for action in one.desk.asked] == ["release"]
        assert one.desk.outcomes["replayed"] == 21


async def test_no_word_of_a_request_reaches_the_log_even_when_the_desk_stumbles(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as one:
        one.desk.answers["release"] = RuntimeError("the desk is broken")
        assert await one.post(press_body(), **{"Content-Type": FORM}) == 200
        await one.idle()
        one.desk.refuse_talk.append(RuntimeError("broken"))
        words = {"type": "message", "channel": "C1", "user": "U1", "ts": "2.1", "thread_ts": "1.1", "text": CANARY}
        assert await one.event(words) == 503
    ours = [record for record in caplog.records if record.name.startswith(("bot.slack", "madoguchi", "slack"))]
    assert {record.levelname for record in ours} >= {"ERROR"}
    logged = "\n".join(str(record.__dict__) for record in ours)
    for secret in (CANARY, SECRET, "xoxb-sandbox", "payload="):
        assert secret not in logged
