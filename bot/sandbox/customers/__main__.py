"""Starts the customers' side as a process of its own, for tests that kill the program under them."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from bot.sandbox.customers.customers import Customers, CustomersConfig
from bot.sandbox.customers.routes import customer_routes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.customers", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=0, help="where the customers take mail; 0 picks a free port")
    parser.add_argument(
        "--line-port", type=int, default=0, help="where LINE's API is served, and /customers/ beside it"
    )
    parser.add_argument("--smtp-door", help="host:port of the program's SMTP door")
    parser.add_argument("--line-webhook", help="address of the program's LINE webhook")
    parser.add_argument("--line-secret", required=True, help="channel secret, signs the webhooks")
    parser.add_argument("--line-token", required=True, help="channel access token that the program shows")
    parser.add_argument("--line-limit", type=int, help="pushes a month; without it there is no limit")
    parser.add_argument("--support-address", default="support@shop.example", help="whom the customers write to")
    parser.add_argument("--log", type=Path, help="append-only record, one JSON object a line")
    asked = parser.parse_args()
    asyncio.run(_live(asked))


async def _live(asked: argparse.Namespace) -> None:
    config = CustomersConfig(
        line_secret=asked.line_secret,
        line_token=asked.line_token,
        support_address=asked.support_address,
        smtp_port=asked.smtp_port,
        line_port=asked.line_port,
        line_monthly_limit=asked.line_limit,
        journal=asked.log,
    )
    customers = Customers(config)
    door: tuple[str, int] | None = None
    if asked.smtp_door:
        host, _, port = asked.smtp_door.rpartition(":")
        door = (host, int(port))
    customers.knows_program(smtp_door=door, line_webhook=asked.line_webhook)
    await customers.open(more_routes=customer_routes(customers))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    # The one line that whoever started us waits for.
    sys.stdout.write(json.dumps({"smtp_port": customers.smtp_port, "line_port": customers.line_port}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await customers.close()


if __name__ == "__main__":
    main()
