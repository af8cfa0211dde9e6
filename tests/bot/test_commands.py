"""The commands for what could not be read, as somebody on call types them."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import open_house
from bot.configuration.plan import plan_of
from bot.settings import load
from connectors.mail.arriving import delivery_of
from routing.ids import AccountId
from routing.jobs import Topic
from tests.configuration.test_processes import House
from tests.desk.mails import a_mail

NO_SENDER = b"Subject: hello\r\n\r\nWho am I?\r\n"


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> House:
    one = House(tmp_path, sqlite_url)
    one.file.write_text(one.file.read_text("utf-8").replace(', password = "secret:support-mail"', ""), "utf-8")
    return one


async def _alive() -> None:
    return None


async def _receive(house: House, *mails: bytes) -> None:
    """What the program would do with these mails, and then it ends."""
    async with open_house(plan_of(load(house.file, house.environ))) as app:
        for mail in mails:
            await app.ledger.accept(delivery_of(AccountId("support-mail"), mail, datetime.now(UTC), {}))
        (ingest,) = [duty for duty in app.worker.duties if duty.topic is Topic.INGEST]
        for job in await app.jobs.take([Topic.INGEST], limit=100, lease=timedelta(minutes=1)):
            await ingest.work(job, _alive)
            await app.jobs.finish(job)


def _said(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_what_could_not_be_read_is_listed_shown_as_it_came_and_read_again(house: House) -> None:
    await _receive(house, NO_SENDER, a_mail())
    listed = _said(house.say("quarantine", "list"))
    assert "support-mail" in listed
    assert "names no sender" in listed
    assert "Who am I?" not in listed
    identity = listed.split()[0]
    assert _said(house.say("quarantine", "show", identity)).replace("\r\n", "\n") == NO_SENDER.decode().replace(
        "\r\n", "\n"
    )
    unknown = house.say("quarantine", "show", "nonsense")
    assert (unknown.returncode, "not in quarantine" in unknown.stderr) == (1, True)
    assert "items 2 = 1 ticketed" in _said(house.say("figures"))
    assert _said(house.say("quarantine", "retry", identity)) == "1 will be read again.\n"
    assert _said(house.say("quarantine", "list")) == ""
    assert "waiting 1" in _said(house.say("figures"))
    await _receive(house)
    assert identity in _said(house.say("quarantine", "list"))
    assert _said(house.say("quarantine", "retry")) == "1 will be read again.\n"


def test_migrating_twice_says_the_same_and_a_wrong_call_is_told(house: House) -> None:
    first, second = house.say("migrate"), house.say("migrate")
    assert _said(first) == _said(second)
    assert "revision" in first.stdout
    wrong = house.say("quarantine")
    assert wrong.returncode == 2
    assert "usage:" in wrong.stderr


def test_keys_change_and_every_secret_stays_readable(house: House) -> None:
    _said(house.say("secret", "set", "line", given="correct horse\n"))
    fresh = _said(house.say("secret", "new-key")).strip()
    keys = f"{fresh},{house.environ['MADOGUCHI_KEYS']}"
    assert "encrypted with the first key" in _said(house.say("secret", "rotate", MADOGUCHI_KEYS=keys))
    assert "line" in _said(house.say("secret", "list", MADOGUCHI_KEYS=fresh))
    assert "forgotten" in _said(house.say("secret", "remove", "line", MADOGUCHI_KEYS=fresh))
    unknown = house.say("secret", "remove", "lime", MADOGUCHI_KEYS=fresh)
    assert (unknown.returncode, "there is no secret lime" in unknown.stderr) == (1, True)
    empty = house.say("secret", "set", "line", given="")
    assert empty.returncode == 1
    assert "no secret was given" in empty.stderr
