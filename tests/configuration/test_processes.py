"""The command starts what a configuration file describes, tells its health, and stops in peace."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from cryptography.fernet import Fernet

PATIENCE = 60.0
ENVIRON = {
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "hush",
    "MADOGUCHI_KEYS": f"k1:{Fernet.generate_key().decode()}",
}
CONFIGURATION = """
[organisation]
name = "Sunrise Coffee"

[server]
port = {port}
worker_port = {worker_port}
public_url = "http://127.0.0.1:{port}"

[database]
url = "env:DATABASE_URL"

[slack]
mode = "http"

[[slack.workspaces]]
team_id = "T0123456789"
bot_token = "env:SLACK_BOT_TOKEN"
signing_secret = "env:SLACK_SIGNING_SECRET"
api_base = "http://127.0.0.1:{nobody}/api/"

[[rooms]]
id = "support"
channel = "C0123456701"

[[accounts]]
id = "support-mail"
connector = "mail"
address = "support@sunrise-coffee.example"
smtp = {{ host = "127.0.0.1", port = {nobody}, security = "none", password = "secret:support-mail" }}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class House:
    """A configuration file in a folder of its own, and the command to run with it."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port, self.worker_port = free_port(), free_port()
        self.file = folder / "madoguchi.toml"
        self.file.write_text(
            CONFIGURATION.format(port=self.port, worker_port=self.worker_port, nobody=free_port()), "utf-8"
        )
        self.environ = ENVIRON | {"DATABASE_URL": database_url}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", "--config", str(self.file), *words]

    def say(self, *words: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            input=given,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @asynccontextmanager
    async def running(self, part: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(*self.command(part), env=self.environ)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def answered(url: str, process: asyncio.subprocess.Process) -> str:
    """What the process says there, once it says anything."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as client:
        while process.returncode is None:
            try:
                async with client.get(url) as answer:
                    assert answer.status == 200
                    return await answer.text()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    raise AssertionError(f"the process ended with {process.returncode}")


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> House:
    return House(tmp_path, sqlite_url)


@pytest.mark.parametrize("part", ["run", "web", "worker"])
async def test_each_process_tells_its_health_and_stops_in_peace(tmp_path: Path, database_url: str, part: str) -> None:
    house = House(tmp_path, database_url)
    port = house.worker_port if part == "worker" else house.port
    async with house.running(part) as process:
        assert await answered(f"http://127.0.0.1:{port}/readyz", process) == "ready\n"
        assert "madoguchi_jobs_total" in await answered(f"http://127.0.0.1:{port}/metrics", process)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


def test_a_secret_that_was_set_is_found_and_never_shown_and_not_read_with_another_key(house: House) -> None:
    kept = house.say("secret", "set", "support-mail", given="correct horse\n")
    checked = house.say("check")
    assert (kept.returncode, checked.returncode) == (0, 0)
    assert "accounts      support-mail (mail)" in checked.stdout
    listed = house.say("secret", "list")
    assert "support-mail" in listed.stdout
    told = [one.stdout + one.stderr for one in (kept, checked, listed)]
    assert not any("paused" in text or "horse" in text for text in told)
    other = house.say("check", MADOGUCHI_KEYS=f"k1:{Fernet.generate_key().decode()}")
    assert "paused        support-mail" in other.stdout
    assert "k1" in other.stdout


def test_check_fails_and_says_what_to_write_instead(house: House) -> None:
    house.file.write_text(house.file.read_text("utf-8").replace("[[rooms]]", "[[room]]"), "utf-8")
    checked = house.say("check", LANG="ja_JP.UTF-8")
    assert checked.returncode == 1
    assert 'room (22 行目): [room] というセクションはありません。\n    → もしかして: "rooms"' in checked.stdout
