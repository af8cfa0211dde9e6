"""The manifest of connectors and their code say the same, and no connector is without its page, tests and payloads."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.catalog import Entry, load_catalog
from connectors.contract import Connection, Sends
from connectors.http import client_session
from routing.errors import Misconfigured
from routing.ids import AccountId
from routing.replies import SendClass
from tests.connectors.kit import tools

HOUSE = Path(__file__).resolve().parents[2]
CATALOG = load_catalog()


async def connected(name: str) -> Connection:
    example = tomllib.loads((HOUSE / CATALOG.entries[name].tests / "example.toml").read_text(encoding="utf-8"))
    async with client_session(allow_loopback=False) as http:
        return CATALOG.connect(name, AccountId("example"), example, tools(http))


def stated(entry: Entry) -> Mapping[str, Any]:
    return {
        name: {**channel.model_dump(include={"title", "icon", "abilities"})} for name, channel in entry.channels.items()
    }


@pytest.mark.parametrize("name", sorted(CATALOG.entries))
def test_the_manifest_states_what_the_code_declares(name: str) -> None:
    entry, declaration = CATALOG.entries[name], CATALOG.declarations[name]
    assert stated(entry) == {
        one.name: {"title": dict(one.title), "icon": one.icon, "abilities": one.abilities}
        for one in declaration.channels
    }
    assert entry.operations == {one.name: one.send_class for one in declaration.operations}
    assert all(SendClass(one.send_class) for one in declaration.operations)


@pytest.mark.parametrize("name", sorted(CATALOG.entries))
async def test_the_manifest_states_the_limits_that_the_connection_keeps(name: str) -> None:
    connection = await connected(name)
    for channel, said in CATALOG.entries[name].channels.items():
        limits = connection.limits(channel)
        assert (said.text, said.unit) == (limits.text, limits.unit)
        assert (said.attachments, said.attachment_bytes) == (limits.attachments, limits.attachment_bytes)
        assert limits.measure("") == 0


@pytest.mark.parametrize("name", sorted(CATALOG.entries))
async def test_who_declares_no_operation_does_not_send(name: str) -> None:
    assert isinstance(await connected(name), Sends) == bool(CATALOG.declarations[name].operations)


@pytest.mark.parametrize("name", sorted(CATALOG.entries))
def test_every_connector_has_its_page_its_tests_and_its_payloads(name: str) -> None:
    entry = CATALOG.entries[name]
    page = (HOUSE / entry.setup).read_text(encoding="utf-8")
    assert page.startswith("# ")
    required = [key for key, one in CATALOG.declarations[name].config.model_fields.items() if one.is_required()]
    assert [key for key in required if f"`{key}`" not in page] == []
    tests = HOUSE / entry.tests
    assert list(tests.glob("test_*.py"))
    assert list((tests / "payloads").iterdir())


@pytest.mark.parametrize("name", sorted(CATALOG.entries))
def test_every_channel_is_called_something_in_both_languages(name: str) -> None:
    for channel in CATALOG.declarations[name].channels:
        assert all(channel.title.get(language) for language in ("en", "ja"))


def test_a_channel_belongs_to_one_connector() -> None:
    channels = [channel.name for one in CATALOG.declarations.values() for channel in one.channels]
    assert len(set(channels)) == len(channels)


async def test_a_configuration_that_cannot_work_is_told_by_its_place_and_never_by_its_secret() -> None:
    async with client_session(allow_loopback=False) as http:
        wrong = {"channel_id": "1", "channel_secret": "hush", "body_limit": "hush-hush", "colour": "hush"}
        with pytest.raises(Misconfigured) as told:
            CATALOG.connect("line", AccountId("acme-line"), wrong, tools(http))
        with pytest.raises(Misconfigured, match=r"no connector 'lime'; there are: .*line"):
            CATALOG.connect("lime", AccountId("acme-line"), {}, tools(http))
    assert "acme-line" in str(told.value)
    assert "body_limit" in str(told.value)
    assert "colour" in str(told.value)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    "manifest",
    [
        "not toml",
        '[x]\nmodule = "connectors.social.line"',
        '[x]\nmodule = "connectors.social.line"\nsetup = "s"\ntests = "t"\nchannels = {}',
        '[line]\nmodule = "connectors.text"\nsetup = "s"\ntests = "t"\nchannels = {}',
    ],
)
def test_a_manifest_that_is_wrong_stops_the_start(manifest: str) -> None:
    with pytest.raises(Misconfigured, match=r"connectors\.toml"):
        load_catalog(manifest)
