"""Secrets are read from where they are kept, and from nowhere else."""

from pathlib import Path

import pytest

from bot.settings import Faulty, plan_of, report, unlock
from connectors.mail.config import MailConfig
from routing.errors import Gone, NeedsAttention
from tests.configuration.conftest import Write

STORED = {"support-mail": "correct horse", "line-channel": "battery staple"}


async def _stored(name: str) -> str:
    try:
        return STORED[name]
    except KeyError:
        raise Gone(name) from None


async def test_secrets_of_the_database_come_in_once_it_is_open(write: Write) -> None:
    settings = write().load()
    assert settings.wanted == set(STORED)
    unlocked = await unlock(settings, _stored)
    mail = unlocked.accounts[0].config
    assert isinstance(mail, MailConfig)
    assert mail.imap is not None
    assert mail.imap.password is not None
    assert mail.imap.password.get_secret_value() == "correct horse"
    assert plan_of(unlocked).accounts[0].settings["imap"]["password"] == "correct horse"


async def test_an_account_whose_secret_is_not_set_waits_and_the_others_work(write: Write) -> None:
    async def without_line(name: str) -> str:
        if name == "line-channel":
            raise Gone(name)
        return STORED[name]

    unlocked = await unlock(write().load(), without_line)
    assert [one.id for one in unlocked.accounts] == ["support-mail", "contact"]
    (paused,) = unlocked.paused
    assert paused.id == "line"
    assert "madoguchi secret set line-channel" in paused.reason
    assert "line-channel" in report(unlocked)


async def test_with_a_wrong_key_the_program_starts_and_says_which_accounts_it_cannot_read(write: Write) -> None:
    async def wrong_key(name: str) -> str:
        raise NeedsAttention("encrypted with the key k0, which is not in MADOGUCHI_KEYS")

    unlocked = await unlock(write().load(), wrong_key)
    assert [one.id for one in unlocked.paused] == ["support-mail", "line"]
    assert [bool(one.addresses) for one in plan_of(unlocked).paused] == [True, False]
    assert all("k0" in one.reason for one in unlocked.paused)
    assert [one.id for one in unlocked.accounts] == ["contact"]


async def test_without_slacks_token_there_is_nothing_to_start(write: Write) -> None:
    settings = write(("env:SLACK_BOT_TOKEN", "secret:slack-bot")).load()
    with pytest.raises(Faulty, match="madoguchi secret set slack-bot"):
        await unlock(settings, _stored)


async def test_a_token_of_the_wrong_kind_is_found_when_it_comes_out_of_the_database(write: Write) -> None:
    async def user_token(name: str) -> str:
        return {"slack-bot": "xoxp-1"}.get(name) or STORED[name]

    with pytest.raises(Faulty, match="begins with xoxb-"):
        await unlock(write(("env:SLACK_BOT_TOKEN", "secret:slack-bot")).load(), user_token)


def test_a_secret_may_be_all_that_stands_in_a_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "bot-token").write_text("xoxb-from-file\n", "utf-8")
    settings = write(('"env:SLACK_BOT_TOKEN"', f'"file:{tmp_path}/bot-token"')).load()
    assert settings.workspaces[0].bot_token == "xoxb-from-file"


def test_a_file_or_variable_that_is_not_there_is_named(write: Write) -> None:
    written = write(('"env:SLACK_APP_TOKEN"', '"file:/nowhere/token"'))
    faults = written.faults(SLACK_BOT_TOKEN="")
    assert "SLACK_BOT_TOKEN is not set" in faults["slack.workspaces[1].bot_token"]
    assert "/nowhere/token cannot be read" in faults["slack.workspaces[1].app_token"]


def test_a_secret_written_into_the_file_works_and_is_warned_of(write: Write) -> None:
    warnings = write(('"secret:line-channel"', '"hush-hush"')).warnings()
    assert warnings == {"accounts[3].channel_secret": '"channel_secret" stands here for everybody to read.'}


def test_the_databases_own_address_cannot_stand_in_the_database(write: Write) -> None:
    faults = write(more='\n[database]\nurl = "secret:db"\n').faults()
    assert "needed to open the database" in faults["database.url"]


def test_secrets_of_the_database_need_a_key_to_read_them(write: Write) -> None:
    assert "MADOGUCHI_KEYS is not set" in write().faults(MADOGUCHI_KEYS="")[""]


@pytest.mark.parametrize("keys", ["nonsense", "k1:short", "k1:" + "A" * 43 + "=," + "k1:" + "A" * 43 + "="])
def test_keys_that_cannot_be_keys_are_refused(write: Write, keys: str) -> None:
    assert "MADOGUCHI_KEYS" in write().faults(MADOGUCHI_KEYS=keys)[""]
