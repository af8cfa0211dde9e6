"""The stand-in as a process of its own: its log is the truth, also after a kill."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import running_standin, seed
from bot.sandbox.slack.journal import read_journal
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.receiver import receiver


@contextlib.asynccontextmanager
async def process(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.slack", *options, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    try:
        async with asyncio.timeout(20):
            ready: dict[str, str] = json.loads(await started.stdout.readline())
        yield started, ready
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_what_was_answered_is_in_the_log_even_after_a_kill(tmp_path: Path) -> None:
    log = tmp_path / "slack.jsonl"
    async with process("--log", str(log)) as (started, ready):
        assert ready["base_url"].startswith("http://127.0.0.1:")
        client = AsyncWebClient(token="xoxb-sandbox", base_url=ready["api_url"])
        stamps = [(await client.chat_postMessage(channel=seed.SUPPORT, text=str(n)))["ts"] for n in range(10)]
        started.send_signal(signal.SIGKILL)
        await started.wait()
    posted = [entry for entry in read_journal(log) if entry.get("method") == "chat.postMessage"]
    assert [entry["answer"]["ts"] for entry in posted] == stamps
    assert [entry["args"]["text"] for entry in posted] == [str(n) for n in range(10)]


async def test_it_stops_when_asked_to(tmp_path: Path) -> None:
    async with process("--socket-mode", "--real-limits") as (started, _):
        started.terminate()
        async with asyncio.timeout(10):
            assert await started.wait() == 0


async def test_a_torn_last_line_is_left_out_and_the_log_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "slack.jsonl"
    async with running_standin(log=log) as slack:
        await client_for(slack).auth_test()
    with log.open("a") as file:
        file.write('{"n": 2, "torn')
    async with running_standin(log=log) as slack:
        await client_for(slack).team_info()
        assert [entry["method"] for entry in slack.journal.calls()] == ["auth.test", "team.info"]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["n"] for line in lines] == [1, 2]


async def test_the_log_holds_calls_and_deliveries_in_order_and_no_token(tmp_path: Path) -> None:
    log = tmp_path / "slack.jsonl"
    async with receiver() as app, running_standin(request_url=app.url, log=log) as slack:
        await client_for(slack).chat_postMessage(channel=seed.SUPPORT, text="card")
        await slack.settled()
        assert slack.journal.entries() == read_journal(log)
    kinds = [(entry["kind"], entry.get("method") or entry.get("type")) for entry in read_journal(log)]
    assert kinds == [("call", "chat.postMessage"), ("outgoing", "event_callback")]
    assert "xoxb" not in log.read_text()
    assert os.stat(log).st_size > 0
