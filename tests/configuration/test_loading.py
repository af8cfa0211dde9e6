"""A configuration file becomes what the rest of the program is built of."""

import ipaddress
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, load, plan_of, report
from connectors.mail.config import MailConfig
from connectors.web.form_config import FormConfig
from routing.agents import Role
from routing.ids import AccountId, RoomId
from routing.ticket import Priority
from tests.configuration.conftest import ENVIRON, EXAMPLE, Write

SMALLEST = """
[organisation]
name = "Sunrise Coffee"

[[slack.workspaces]]
team_id = "T0123456789"
bot_token = "env:SLACK_BOT_TOKEN"
app_token = "env:SLACK_APP_TOKEN"

[[rooms]]
id = "support"
channel = "C0123456701"
"""


@pytest.fixture
def example() -> Settings:
    return load(EXAMPLE, ENVIRON)


def test_the_example_is_in_order_and_nothing_in_it_is_unwise(example: Settings) -> None:
    assert example.warnings == ()
    assert [one.id for one in example.accounts] == ["support-mail", "contact", "line"]


def test_rules_name_rooms_and_accounts_and_compare_folded_words(example: Settings) -> None:
    first, second = example.policy.rules
    assert first.accounts == {AccountId("line")}
    assert first.rooms == (RoomId("japan"),)
    assert not first.stop
    assert second.words == ("invoice", "refund", "請求", "返金")
    assert second.priority is Priority.HIGH


def test_words_are_folded_as_messages_are(write: Write) -> None:
    settings = write(('"invoice", "refund"', '"ＲＥＦＵＮＤ", "ﾊﾞｯｸﾞ"')).load()
    assert settings.policy.rules[1].words[:2] == ("refund", "バッグ")


def test_people_have_the_roles_that_were_given_to_their_addresses(write: Write) -> None:
    people = write(('"mio@sunrise', '"Mio@Sunrise')).load().policy
    assert people.roles == {"mio@sunrise-coffee.example": Role.MANAGER}
    assert people.default_role is Role.AGENT
    assert people.colleague_domains == {"sunrise-coffee.example"}


def test_a_room_speaks_the_organisations_language_unless_it_has_its_own(example: Settings) -> None:
    languages = {room.id: room.language for room in example.rooms.values()}
    assert languages == {"support": "en", "billing": "en", "japan": "ja", "managers": "en"}
    assert {room.workspace for room in example.rooms.values()} == {"T0123456789"}


def test_an_account_has_the_settings_that_its_connector_declares(example: Settings) -> None:
    config = example.accounts[0].config
    assert isinstance(config, MailConfig)
    assert config.imap is not None
    assert config.imap.port == 993
    assert config.address == "support@sunrise-coffee.example"


def test_times_may_be_written_in_seconds_or_in_words(write: Write) -> None:
    undo = write(('email = "10s"', "email = 2.5"), ('line = "5s"', 'line = "1m"')).load().policy.undo
    assert undo == {"email": timedelta(seconds=2.5), "line": timedelta(minutes=1)}


def test_sizes_may_be_written_in_bytes_or_in_words(write: Write) -> None:
    contact = 'id = "contact"\n'
    loaded = write((contact, contact + 'file_bytes = "2MB"\ntotal_bytes = 5000000\n')).load()
    (form,) = (one for one in loaded.accounts if one.id == "contact")
    assert isinstance(form.config, FormConfig)
    assert (form.config.file_bytes, form.config.total_bytes) == (2 * 1024 * 1024, 5_000_000)


def test_the_smallest_configuration_has_one_room_for_everything(write: Write, tmp_path: Path) -> None:
    settings = write(whole=SMALLEST).load()
    assert settings.policy.default_rooms == (RoomId("support"),)
    assert settings.policy.alerts_room == RoomId("support")
    assert settings.storage.is_embedded
    assert settings.storage.database_url == f"sqlite+aiosqlite:///{tmp_path}/data/madoguchi.db"
    assert settings.server.host == "127.0.0.1"


def test_without_accounts_it_says_that_nothing_will_arrive(write: Write) -> None:
    assert "nothing will arrive" in write(whole=SMALLEST).warnings()["accounts"]


def test_paths_are_beside_the_file_wherever_the_program_starts(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write(('data_dir = "/var/lib/madoguchi"', 'data_dir = "kept"'))
    monkeypatch.chdir("/")
    assert written.load().storage.data_dir == tmp_path / "kept"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_postgresql_may_be_named_as_its_own_tools_name_it(write: Write, scheme: str) -> None:
    database = '\n[database]\nurl = "env:DB"\n[redis]\nurl = "redis://127.0.0.1:6379/0"\nprefix = "desk"\n'
    storage = write(more=database).load(DB=f"{scheme}://desk:secret@db.example.com:5433/desk").storage
    assert storage.database_url == "postgresql+asyncpg://desk:secret@db.example.com:5433/desk"
    assert not storage.is_embedded
    assert (storage.redis_url, storage.redis_prefix) == ("redis://127.0.0.1:6379/0", "desk")


def test_a_template_may_stand_in_a_file_of_its_own(write: Write, tmp_path: Path) -> None:
    (tmp_path / "sorry.txt").write_text("We are sorry, {{ contact.name }}.\n", "utf-8")
    more = '\n[[templates]]\nid = "sorry"\ntitle = "Sorry"\nfile.en = "sorry.txt"\n'
    template = write(more=more).load().policy.templates["sorry"]
    assert template.text("en", "en") == "We are sorry, {{ contact.name }}."


def test_proxies_are_trusted_by_network(write: Write) -> None:
    trusted = write(("trust_proxy = true", 'trust_proxy = ["10.1.0.0/16"]')).load().server.trusted_proxies
    assert trusted == (ipaddress.ip_network("10.1.0.0/16"),)
    private = write().load().server.trusted_proxies
    assert any(ipaddress.ip_address("192.168.1.1") in network for network in private)
    assert not any(ipaddress.ip_address("203.0.113.7") in network for network in private)


def test_the_plan_of_the_house_is_complete(example: Settings) -> None:
    plan = plan_of(example)
    assert plan.socket_mode
    assert [one.connector for one in plan.accounts] == ["mail", "form", "line"]
    assert plan.accounts[0].settings["address"] == "support@sunrise-coffee.example"
    assert str(plan.zone) == "Asia/Tokyo"
    assert not plan.allow_loopback


def test_only_a_stand_in_on_this_machine_may_be_called_by_connectors(write: Write) -> None:
    settings = write(("channel_secret", 'api_base = "http://127.0.0.1:9999"\nchannel_secret')).load()
    assert plan_of(settings).allow_loopback


def test_no_secret_is_shown_when_settings_are_printed(write: Write) -> None:
    settings = write(('password = "secret:support-mail"', 'password = "hush-hush"')).load(SLACK_BOT_TOKEN="xoxb-hush")
    account = settings.accounts[0]
    assert isinstance(account.config, MailConfig)
    assert account.config.imap is not None
    assert account.config.imap.password == SecretStr("hush-hush")
    assert "hush" not in repr(settings)
    assert "hush" not in report(settings)


def test_what_was_understood_is_told_in_the_operators_language(example: Settings) -> None:
    assert "in order" in report(example)
    japanese = report(load(EXAMPLE, ENVIRON | {"LANG": "ja_JP.UTF-8"}))
    assert "問題ありません" in japanese
    assert "support-mail (mail)" in japanese


def test_raw_mails_and_files_may_be_kept_in_s3(write: Write) -> None:
    s3 = """
[storage.s3]
bucket = "desk-blobs"
endpoint = "https://s3.example.com"
prefix = "/kept/"
access_key = "env:S3_KEY"
secret_key = "env:S3_SECRET"
"""
    written = write(('data_dir = "/var/lib/madoguchi"', 'data_dir = "/var/lib/madoguchi"\nblobs = "s3"'), more=s3)
    plan = plan_of(written.load(S3_KEY="key", S3_SECRET="hush"))
    assert plan.s3 is not None
    assert (plan.s3.bucket, plan.s3.prefix, plan.s3.secret_key) == ("desk-blobs", "kept", "hush")
    assert plan.s3.endpoint == "https://s3.example.com"
