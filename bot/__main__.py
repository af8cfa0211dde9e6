"""The command `madoguchi`: reads what was asked for on the command line and hands it to `bot.commands`."""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from bot import commands
from bot.logs import start_logging
from routing.errors import MadoguchiError

log = logging.getLogger(__name__)

CONFIG = "madoguchi.toml"


def main() -> None:
    """Exits with 0 when it went well, 1 when something of ours or of the configuration is wrong, 2 for a wrong call."""
    asked = _parser().parse_args()
    os.umask(0o077)  # whatever we write holds customers' words
    start_logging(level="warning" if asked.quiet else "info", as_json=False)
    try:
        sys.exit(asyncio.run(commands.COMMANDS[asked.command](asked)))
    except MadoguchiError as fault:
        sys.stderr.write(f"madoguchi: {fault}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        # Where it happened goes to the log; what exactly it said may be a customer's words.
        log.exception("stopped by a fault")
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="madoguchi",
        description="窓口: a help desk inside Slack. Every customer message becomes a card.",
    )
    parser.add_argument(
        "-c",
        "--config",
        type=Path,
        default=Path(os.environ.get("MADOGUCHI_CONFIG", CONFIG)),
        help=f"the configuration file (default: {CONFIG}, or MADOGUCHI_CONFIG)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="log warnings and errors only")
    parts = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parts.add_parser("run", help="doors and worker in one process")
    parts.add_parser("web", help="only the doors: webhooks, forms, SMTP, Slack")
    parts.add_parser("worker", help="only the worker: reading, cards, replies, mailboxes")
    check = parts.add_parser("check", help="look at the configuration and say what is wrong and how to mend it")
    check.add_argument("--connect", action="store_true", help="also ask Slack, mail servers and LINE")
    parts.add_parser("migrate", help="bring the database's tables up to date")
    demo = parts.add_parser("demo", help="try everything out, without any account")
    demo.add_argument("--port", type=int, default=8480, help="where the page is (default: 8480)")
    demo.add_argument("--language", choices=("en", "ja"), default="", help="default: what LANG says")
    demo.add_argument("--keep", type=Path, help="keep the demo's data in this directory")
    _secret(parts.add_parser("secret", help="secrets that stand encrypted in the database"))
    _quarantine(parts.add_parser("quarantine", help="messages that could not be read"))
    parts.add_parser("figures", help="the ledger's equation: what came in and what became of it")
    return parser


def _secret(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    parts.add_parser("list", help="names of the secrets that are set")
    one = parts.add_parser("set", help="read a secret from standard input and keep it")
    one.add_argument("name")
    gone = parts.add_parser("remove", help="forget a secret")
    gone.add_argument("name")
    parts.add_parser("new-key", help="print a fresh key for MADOGUCHI_KEYS")
    parts.add_parser("renew-signing", help="sign cards, mails and links with a fresh key; older ones stay good")
    parts.add_parser("rotate", help="encrypt everything anew with the first key of MADOGUCHI_KEYS")


def _quarantine(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    parts.add_parser("list", help="the oldest hundred, with the reason of each")
    show = parts.add_parser("show", help="write one as it came to standard output")
    show.add_argument("id")
    retry = parts.add_parser("retry", help="read again (all, or those named)")
    retry.add_argument("ids", nargs="*")


if __name__ == "__main__":
    main()
