"""Starts the stand-in as a process of its own, for tests that kill the program beside it."""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.standin import running_standin


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; 0 picks a free port")
    parser.add_argument("--request-url", help="where the app takes events, interactivity and commands")
    parser.add_argument("--signing-secret", default=AppSettings().signing_secret)
    parser.add_argument("--socket-mode", action="store_true", help="deliver over Socket Mode instead")
    parser.add_argument("--real-limits", action="store_true", help="throttle as Slack does")
    parser.add_argument("--log", type=Path, help="append-only record, one JSON object a line")
    parser.add_argument("--state", type=Path, help="directory that keeps the workspace over restarts")
    asyncio.run(_live(parser.parse_args()))


async def _live(asked: argparse.Namespace) -> None:
    app = replace(
        AppSettings(),
        request_url=asked.request_url,
        signing_secret=asked.signing_secret,
        socket_mode=asked.socket_mode,
        real_limits=asked.real_limits,
    )
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with running_standin(app=app, port=asked.port, log=asked.log, state=asked.state) as slack:
        # The one line that whoever started us waits for.
        sys.stdout.write(json.dumps({"base_url": slack.base_url, "api_url": slack.api_url}) + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
