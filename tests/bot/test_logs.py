"""Logs are for the one on call: no secret and no word of a customer's gets into them, whatever goes wrong (S26)."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import JsonLines, ReadableLines
from bot.sandbox.slack import seed
from routing.errors import MadoguchiError, Rejected
from routing.replies import Letter, Prepared, Sent
from tests.bot.team import Team
from tests.crash.fate import but
from tests.inner import MAIL

CANARY = "canary-7f3a"


@pytest.fixture(params=[JsonLines, ReadableLines])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, down to the last detail, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


async def test_no_word_of_a_customer_is_logged_whatever_breaks(team: Team, written: io.StringIO) -> None:
    words = f"My secret is {CANARY}."
    await team.mail(words, subject=CANARY)
    await team.work_off()
    team.slack.answer_error("chat.postMessage", "invalid_blocks")
    await team.mail(words, number=2, subject=CANARY)
    await team.work_off()
    # A bug in a reader, in the surface and in sending, each with the customer's words in its message.
    connection = team.inner.connections[MAIL]

    def broken(_self: object, _delivery: object) -> None:
        raise ValueError(words)

    team.inner.connections[MAIL] = but(connection, read=broken)
    await team.mail(words, number=3)
    team.inner.connections[MAIL] = connection
    await team.say(words, seed.AKI)
    await team.say(words, seed.GUEST)
    await team.inner.mail(b"\xff" * 200 + CANARY.encode())
    await team.inner.read_everything()
    kept = await team.act("reply")
    await team.act("send", text=words, **getattr(kept, "keep", {}))

    async def refused(_self: object, _letter: Letter, _prepared: Prepared) -> Sent:
        raise Rejected(f"550 {CANARY}@customer.example is unknown")

    team.inner.connections[MAIL] = but(team.inner.connections[MAIL], send=refused)
    await team.later(11)
    assert CANARY not in written.getvalue()
    assert "reader failed" in written.getvalue()


async def test_an_exception_nobody_awaited_is_logged_without_its_message(written: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": ValueError(CANARY)})
    assert "never retrieved" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_a_traceback_names_places_and_classes_but_not_messages(written: io.StringIO) -> None:
    try:
        raise MadoguchiError(CANARY) from ValueError(CANARY)
    except MadoguchiError:
        logging.getLogger("test").exception("it broke", extra={"key": "k1"})
    assert CANARY not in written.getvalue()
    assert "MadoguchiError" in written.getvalue()


def test_json_lines_are_one_object_each() -> None:
    record = logging.makeLogRecord({"msg": "two\nlines", "levelname": "INFO", "odd": object()})
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "two\nlines"
