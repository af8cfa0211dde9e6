"""Whatever is wrong with a configuration is told at once: where, what, and what to write instead."""

import re
from pathlib import Path

import pytest

from bot.configuration.words import LANGUAGES, catalogue
from bot.settings import Faulty, load, report
from tests.configuration.conftest import ENVIRON, Write

BLANK = re.compile(r"\{(\w+)\}")


def test_everything_that_is_wrong_is_told_at_once_with_its_line(write: Write) -> None:
    written = write(
        ('timezone = "Asia/Tokyo"', 'timezone = "Tokio"'),
        ("port = 8080", 'port = "eighty"'),
        ('host = "imap.sunrise-coffee.example"', 'hots = "imap.sunrise-coffee.example"'),
        ('rooms = ["billing"]', 'rooms = ["biling"]'),
        ("{{ agent.name }}", "{{ agent.nmae }}"),
    )
    faults = written.faults()
    assert set(faults) == {
        "organisation.timezone",
        "server.port",
        "accounts[1].imap.hots",
        "accounts[1].imap.host",
        "rules[2].then.rooms[1]",
        "templates[1].text.en",
    }
    with pytest.raises(Faulty) as caught:
        written.load()
    text = report(caught.value)
    assert "6 to mend" in text
    lines = written.path.read_text("utf-8").splitlines()
    line = lines.index('hots = "imap.sunrise-coffee.example"') + 1
    assert f"accounts[1].imap.hots (line {line})" in text
    assert 'you may have meant: "billing"' in text
    assert 'you may have meant: "host"' in text
    assert "Name of the mail server" in text


def test_the_same_is_told_in_japanese(write: Write) -> None:
    with pytest.raises(Faulty) as caught:
        write(('timezone = "Asia/Tokyo"', 'timezone = "Tokio"')).load(LANG="ja_JP.UTF-8")
    assert "知らないタイムゾーンです" in str(caught.value)
    with pytest.raises(Faulty) as caught:
        write(('language = "en"', 'language = "ja"'), ('timezone = "Asia/Tokyo"', 'timezone = "Tokio"')).load(LANG="C")
    assert "知らないタイムゾーンです" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("[organisation]", "[organization]", "organization", "no section [organization]"),
        ('id = "main"', 'id = "Main Office"', "organisation.id", "cannot be an id"),
        ('name = "Sunrise Coffee"\nlanguage', "language", "organisation.name", '"name" is missing'),
        ('language = "en"', 'language = "fr"', "organisation.language", "none of the values"),
        ("port = 8080", "port = 80800", "server.port", "outside of what is possible"),
        ('"https://desk.example.com"', '"http://desk.example.com"', "server.public_url", "need https"),
        ('"https://desk.example.com"', '"desk.example.com"', "server.public_url", "others could call"),
        ("trust_proxy = true", 'trust_proxy = "yes"', "server.trust_proxy", "not networks"),
        ("json = true", 'json = "perhaps"', "log.json", "neither true nor false"),
        ('mode = "socket"', 'mode = "sockets"', "slack.mode", "none of the values"),
        ('team_id = "T0123456789"', 'team_id = "acme"', "slack.workspaces[1].team_id", "Slack workspace"),
        ('app_token = "env:SLACK_APP_TOKEN"', "", "slack.workspaces[1].app_token", "app-level token"),
        ('mode = "socket"', 'mode = "http"', "slack.workspaces[1].signing_secret", "signing secret"),
        ('channel = "C0123456702"', 'channel = "#billing"', "rooms[2].channel", "Slack channel"),
        ('channel = "C0123456702"', 'channel = "C0123456701"', "rooms[2].channel", "is there already"),
        ('id = "billing"', 'id = "support"', "rooms[2].id", "is there already"),
        ('channel = "C0123456702"', 'channel = "C1"\nworkspace = "T9"', "rooms[2].channel", "Slack channel"),
        ('name = "#billing"', 'workspace = "T0OTHER"', "rooms[2].workspace", "no workspace"),
        ('default_rooms = ["support"]', "", "routing.default_rooms", "no rule places"),
        ('default_rooms = ["support"]', 'default_rooms = ["sport"]', "routing.default_rooms[1]", "no room"),
        ('alerts_room = "managers"', 'alerts_room = "bosses"', "routing.alerts_room", "no room"),
        ('default_role = "agent"', 'default_role = "boss"', "people.default_role", "none of the values"),
        ('"mio@sunrise-coffee.example" =', '"mio" =', "people.roles.mio", "not a mail address"),
        ('["sunrise-coffee.example"]', '["@"]', "people.colleague_domains[1]", "not a domain"),
        ('connector = "line"', 'connector = "lines"', "accounts[3].connector", "no connector"),
        ('id = "line"', 'id = "support-mail"', "accounts[3].id", "is there already"),
        ('security = "starttls"', 'security = "none"', "accounts[1].smtp", "starttls"),
        ('answer_from = "support-mail"', 'answer_from = "line"', "accounts[2].answer_from", "no mail account"),
        ('answer_from = "support-mail"', 'answer_from = "nobody"', "accounts[2].answer_from", "no mail account"),
        ("plus_addressing = true", "door = true", "accounts[1].door", "but there is none"),
        ('accounts = ["line"]', 'accounts = ["lime"]', "rules[1].when.accounts[1]", "no account"),
        ('accounts = ["line"]', 'channels = ["mail"]', "rules[1].when.channels[1]", "no channel"),
        ('"invoice"', '" "', "rules[2].when.words[1]", "every text contains"),
        ('priority = "high"', 'priority = "highest"', "rules[2].then.priority", "none of the values"),
        ('name = "Money', 'name = "LINE is answered in Japanese" # ', "rules[2].name", "is there already"),
        ("{{ agent.name }}", "{{ agent }}", "templates[1].text.en", "customers would see it"),
        ("{{ agent.name }}", "{{ agent.name", "templates[1].text.en", "customers would see it"),
        ('email = "10s"', 'mail = "10s"', "undo.mail", "no channel"),
        ('email = "10s"', 'email = "soon"', "undo.email", "not a length of time"),
        ('email = "10s"', 'email = "2h"', "undo.email", "outside of what is possible"),
    ],
)
def test_a_mistake_is_told_at_its_place(write: Write, old: str, new: str, place: str, said: str) -> None:
    assert said in write((old, new)).faults()[place]


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ('[database]\nurl = "mysql://db/desk"', "database.url", "not the address of a database"),
        ('[database]\nurl = "postgresql://db"', "database.url", "not the address of a database"),
        ('[redis]\nurl = "127.0.0.1:6379"', "redis.url", "not the address of a Redis server"),
        ("[smtp_door]\nport = 2525", "smtp_door", "no account receives through it"),
        ('[smtp_door]\ntls_certificate = "/nowhere.pem"', "smtp_door.tls_key", "belong together"),
        ("[smtp_door]\nrequire_tls = true", "smtp_door.require_tls", "without a certificate"),
        ('[smtp_door]\nmail_size = "much"', "smtp_door.mail_size", "not a size"),
        ('[[templates]]\nid = "empty"\ntitle = "Empty"', "templates[2].text", "has no text"),
        ('[[templates]]\nid = "x"\ntitle = "X"\nfile.en = "nowhere.txt"', "templates[2].file.en", "cannot be read"),
        ('[notifications]\nmail_account = "line"', "notifications.mail_account", "no mail account with SMTP"),
        ('[notifications]\nmail_account = "nobody"', "notifications.mail_account", "no mail account with SMTP"),
        ('[templats]\nid = "x"', "templats", "no section"),
    ],
)
def test_a_section_with_a_mistake_is_told_at_its_place(write: Write, more: str, place: str, said: str) -> None:
    assert said in write(more=f"\n{more}\n").faults()[place]


def test_two_mailboxes_cannot_have_one_address(write: Write) -> None:
    second = (
        '\n[[accounts]]\nid = "second"\nconnector = "mail"\naddress = "sales@sunrise-coffee.example"\n'
        'aliases = ["Support@Sunrise-Coffee.example"]\n'
    )
    assert 'belongs to the account "support-mail"' in write(more=second).faults()["accounts[4].address"]


def test_line_needs_a_public_address_and_so_does_slack_over_http(write: Write) -> None:
    without = ('public_url = "https://desk.example.com"', "")
    assert "nobody told where" in write(without).faults()["accounts[3]"]
    http = (('mode = "socket"', 'mode = "http"'), ("# signing_secret", "signing_secret"))
    assert "nobody told where" in write(without, *http).faults(SLACK_SIGNING_SECRET="s")["server.public_url"]
    assert write(*http).load(SLACK_SIGNING_SECRET="s").workspaces[0].signing_secret == "s"


def test_http_is_enough_on_this_very_machine(write: Write) -> None:
    local = write(('"https://desk.example.com"', '"http://127.0.0.1:8080/"')).load()
    assert local.server.public_url == "http://127.0.0.1:8080"


def test_with_two_workspaces_every_room_names_its_own(write: Write) -> None:
    second = '\n[[slack.workspaces]]\nteam_id = "T0SECOND"\nbot_token = "xoxb-2"\napp_token = "xapp-2"\n'
    faults = write(more=second).faults()
    assert set(faults) == {f"rooms[{number}].workspace" for number in (1, 2, 3, 4)}


def test_what_refers_to_something_broken_is_not_told_that_it_does_not_exist(write: Write) -> None:
    faults = write(('channel = "C0123456702"', 'channel = "billing"')).faults()
    assert set(faults) == {"rooms[2].channel"}


@pytest.mark.parametrize(
    ("changes", "more", "place", "said"),
    [
        (
            (('when = { accounts = ["line"] }', "when = {}"), ("stop = false", "stop = true")),
            "",
            "rules[2]",
            "never reached",
        ),
        ((('then = { rooms = ["japan"], stop', "then = { stop"),), "", "rules[1].then", "changes nothing"),
        (
            (('accounts = ["line"]', 'accounts = ["line"], channels = ["email"]'),),
            "",
            "rules[1].when.channels",
            "never holds",
        ),
        ((("text.en =", "text.de ="),), "", "templates[1].text", "no text in the organisation's language"),
        ((), '[redis]\nurl = "redis://127.0.0.1"', "redis.url", "Redis is not used"),
        ((), '[database]\nurl = "postgresql://u@db/desk"', "database.url", "only after some seconds"),
    ],
)
def test_what_works_but_is_unwise_is_a_warning(
    write: Write, changes: tuple[tuple[str, str], ...], more: str, place: str, said: str
) -> None:
    assert said in write(*changes, more=f"\n{more}\n").warnings()[place]


def test_a_template_that_is_too_long_for_its_channel_is_warned_of(write: Write) -> None:
    more = f'\n[[templates]]\nid = "long"\ntitle = "Long"\nchannels = ["line"]\ntext.en = "{"x" * 5001}"\n'
    assert "longer than line allows" in write(more=more).warnings()["templates[2].text.en"]


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "madoguchi.toml"
    path.write_text('[organisation]\nname = "Sunrise\n', "utf-8")
    with pytest.raises(Faulty, match="line 2"):
        load(path, ENVIRON)


def test_a_file_that_is_not_there_is_said_to_be_not_there(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="No such file"):
        load(tmp_path / "madoguchi.toml", ENVIRON)


@pytest.mark.parametrize(
    "whole", ["", "rooms = 5", "[rooms]\nid = 1", "accounts = [1, 2]", "[slack]\nworkspaces = 3", "undo = 1"]
)
def test_nothing_written_makes_it_stumble(write: Write, whole: str) -> None:
    assert write(whole=whole).faults()


def test_the_value_of_a_secret_is_never_told(write: Write) -> None:
    written = write(('channel_secret = "secret:line-channel"', 'channel_secrets = "hush-hush"'))
    with pytest.raises(Faulty) as caught:
        written.load(SLACK_BOT_TOKEN="hush-hush", SLACK_APP_TOKEN="hush-hush")
    assert "hush" not in report(caught.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_sentences_with_the_same_blanks_in_every_language(language: str) -> None:
    reference, other = catalogue("en"), catalogue(language)
    assert set(reference["wrong"]) == set(reference["instead"])
    for table in reference:
        assert set(other[table]) == set(reference[table])
        for key, sentence in reference[table].items():
            assert set(BLANK.findall(other[table][key])) == set(BLANK.findall(sentence)), key


def test_every_problem_that_the_code_names_has_a_sentence() -> None:
    root = Path(__file__).parents[2]
    files = [root / "bot" / "settings.py", root / "connectors" / "sizes.py", *(root / "bot/configuration").glob("*.py")]
    code = "".join(path.read_text("utf-8") for path in files)
    named = set(re.findall(r'(?:problems\.(?:error|warn)\((?:\(.*?\)|\w+), |unfit\(|r"[^"]*", )"([a-z_0-9]+)"', code))
    known = set(catalogue("en")["wrong"])
    assert len(named) > 50
    assert named <= known
    written = set(re.findall(r'"([a-z_0-9]+)"', code))
    assert known <= written
