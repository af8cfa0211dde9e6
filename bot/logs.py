"""Structured logs: one JSON object (or one readable line) per event, without secrets and without customers' words."""

import json
import logging
import sys
from datetime import UTC, datetime

from typing_extensions import override

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Libraries that write whole requests, bodies or addresses at these levels.
_TALKATIVE = ("alembic", "slack_bolt", "slack_sdk", "aiohttp.access", "mail.log", "aiosmtplib", "botocore", "asyncio")


class JsonLines(logging.Formatter):
    """The phrase is constant, the details are fields."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": phrase(record),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = trace(record)
        return json.dumps(line, ensure_ascii=False, default=str)


class ReadableLines(logging.Formatter):
    """For a terminal."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        told = "".join(f" {key}={value}" for key, value in fields.items())
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{at} {record.levelname.lower():7} {phrase(record)}{told}"
        if record.exc_info and record.exc_info[0] is not None:
            line += "\n" + trace(record)
        return line


def phrase(record: logging.LogRecord) -> str:
    """What a record says. asyncio writes exceptions out below its first line, and those may hold a customer's words."""
    message = record.getMessage()
    return message.partition("\n")[0] if record.name == "asyncio" else message


def trace(record: logging.LogRecord) -> str:
    """Where an exception came from and of which class it is, but not its message: that may hold a customer's words."""
    kind, _, traceback = record.exc_info or (None, None, None)
    steps = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        steps.append(f"{code.co_filename.rpartition('site-packages/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return " > ".join([*steps, kind.__name__ if kind else "?"])


def start_logging(*, level: str, as_json: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else ReadableLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
